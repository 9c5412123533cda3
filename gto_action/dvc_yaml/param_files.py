"""Reads values for templates from YAML, JSON and TOML files."""

import json
import posixpath
import re
from typing import Final

from gto_action.yaml12.nodes import Mapping, Node, Scalar, Sequence
from gto_action.yaml12.parser import MAX_BYTES, MAX_LEVELS, YamlError, parse_yaml
from gto_action.yaml12.scalars import Kind, is_printable

# Python's TOML parser takes minutes for a key with about 50,000 parts.
_MAX_DOTS: Final = 100
_decimal = re.compile(r"(?<![.\w])[-+]?[0-9_]++\.[0-9_]++(?:[eE][-+]?[0-9_]++)?(?![.\w])", re.ASCII)

# A Scalar stands for what JSON cannot express, such as a date.
Value = None | bool | int | float | str | Scalar | list["Value"] | dict[str, "Value"]


class TemplateError(ValueError):
    """A `${…}` cannot be replaced, or the values for it cannot be read."""

    def __init__(self, message: str, hint: str, file: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file
        self.line = line


def parse_values(path: str, data: bytes) -> dict[str, Value]:
    """The values in a file, whose suffix tells its format, as in DVC; an empty file has none.

    :raises TemplateError: if it cannot be read, is too large or too deep, repeats a key, or is not a mapping.
    """
    suffix = posixpath.splitext(path)[1].lower()
    if suffix == ".py":
        message = f"{path!r} has values for templates in Python, which gto-action does not read."
        raise TemplateError(message, "Move them to a YAML, JSON or TOML file.", path)
    try:
        if suffix in {".json", ".toml"}:
            values: Value = _parse_text(suffix, data)
        else:
            values = Converter(path).value(parse_yaml(data))
    except YamlError as error:
        message = f"{path!r} has values for templates, but it {error}."
        raise TemplateError(message, "Correct the file.", path, error.line) from error
    values = values or {}
    if not isinstance(values, dict):
        raise TemplateError(f"{path!r} has values for templates, but it is not a mapping.", "Correct the file.", path)
    return values


def _parse_text(suffix: str, data: bytes) -> Value:
    if len(data) > MAX_BYTES:
        raise YamlError(f"is larger than {MAX_BYTES:,} bytes")
    name = suffix.removeprefix(".").upper()
    try:
        text = data.decode()
        parsed = json.loads(text) if suffix == ".json" else _parse_toml(text)
    except RecursionError as error:
        raise YamlError(f"is nested more than {MAX_LEVELS} levels deep") from error
    except YamlError:
        raise
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise YamlError(f"is not {name}: {error}", line) from error
    return _from_python(parsed, 1)


def _parse_toml(text: str) -> object:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MAX_DOTS and _decimal.sub("", line).count(".") > _MAX_DOTS:
            raise YamlError(f"has a line with more than {_MAX_DOTS} dots", number)
    import tomllib  # noqa: PLC0415 - rarely needed

    return tomllib.loads(text)


def _from_python(value: object, level: int) -> Value:
    if level > MAX_LEVELS:
        raise YamlError(f"is nested more than {MAX_LEVELS} levels deep")
    match value:
        case dict():
            return {key: _from_python(each, level + 1) for key, each in value.items() if is_printable(key)}
        case list():
            return [_from_python(each, level + 1) for each in value]
        case None | bool() | float():
            return value
        case int() | str() if is_printable(value):
            return value
        case int() | str():
            return Scalar(1, "", Kind.UNKNOWN, "")
    return Scalar(1, str(value), Kind.DATE, str(value))  # TOML's dates and times


class Converter:
    """Turns YAML trees into values; nodes shared through aliases stay shared."""

    def __init__(self, file: str) -> None:
        """Takes the file's path, for messages."""
        self._file = file
        self._done: dict[int, Value] = {}

    def value(self, node: Node) -> Value:
        """The value of a node.

        :raises TemplateError: if a key is repeated.
        """
        if id(node) not in self._done:
            self._done[id(node)] = self._convert(node)
        return self._done[id(node)]

    def _convert(self, node: Node) -> Value:
        match node:
            case Scalar(kind=Kind.DATE | Kind.BINARY | Kind.MERGE | Kind.UNKNOWN):
                return node
            case Scalar():
                return node.value
            case Sequence():
                return [self.value(item) for item in node.items]
        return self.mapping(node)

    def mapping(self, node: Mapping) -> dict[str, Value]:
        """The values of a mapping; keys that are not text are dropped, as no template can name them."""
        seen = set()
        result: dict[str, Value] = {}
        for pair in node.pairs:
            if pair.identity in seen:
                message = f"{self._file!r} repeats a key among the values for templates."
                raise TemplateError(message, "Keep one of them.", self._file, pair.key.line)
            seen.add(pair.identity)
            if isinstance(pair.key, Scalar) and pair.key.kind is Kind.TEXT:
                result[pair.key.text] = self.value(pair.value)
        return result
