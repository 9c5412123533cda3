"""The field `meta` of an artifact: any YAML, converted to JSON that fits in an output."""

import math
from typing import Final

from gto_action.dvc_yaml.interpolation import quoted
from gto_action.dvc_yaml.param_files import Value
from gto_action.dvc_yaml.templating import Resolver, to_text
from gto_action.yaml12.nodes import Mapping, Node, Scalar, Sequence
from gto_action.yaml12.scalars import Kind

# With aliases, a file of 1 MiB can expand to any size.
_MAX_VALUES: Final = 10_000
_MAX_TEXT: Final = 2**17

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


class TooLargeError(ValueError):
    """There are more values or more text than an output should hold."""


class MetaReader:
    """Turns YAML into JSON: resolves templates, and turns values that JSON does not have into text."""

    def __init__(self, resolver: Resolver) -> None:
        """Takes the resolver for `${…}`."""
        self.faults: list[tuple[str, int]] = []
        """Messages, with their lines, about what was left out or changed because DVC refuses it."""
        self._resolver = resolver
        self._values = 0
        self._text = 0

    def read(self, node: Node) -> JsonValue:
        """Converts a tree.

        :raises TooLargeError: if the result is too large.
        :raises TemplateError: if a `${…}` cannot be replaced.
        """
        match node:
            case Scalar(kind=Kind.UNKNOWN | Kind.MERGE):
                self.faults.append((f"{quoted(node.text)} is {node.kind.value}", node.line))
                return self._count(node.text)
            case Scalar(kind=Kind.NUMBER):
                return self._plain(node.value, node.text)
            case Scalar():
                return self._plain(self._resolver.resolve(node))
            case Sequence():
                self._count("")
                return [self.read(item) for item in node.items]
        return self._mapping(node)

    def _mapping(self, node: Mapping) -> JsonValue:
        self._count("")
        result: dict[str, JsonValue] = {}
        seen: set[str] = set()
        for pair in node.pairs:
            key = self._key(pair.key)
            if key is None:
                self.faults.append(("a key is a list or a mapping and is left out", pair.key.line))
            elif key in seen:
                self.faults.append((f"the key {quoted(key)} is repeated and is left out", pair.key.line))
                result.pop(key, None)
            else:
                seen.add(key)
                result[key] = self.read(pair.value)
        return result

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, Scalar):
            return None
        if node.kind is not Kind.TEXT:
            return self._count(node.text)
        value = self._resolver.resolve(node)
        return None if isinstance(value, Scalar | list | dict) else self._count(to_text(value))

    def _plain(self, value: Value, text: str = "") -> JsonValue:
        """A value as JSON; `text` stands in for a number that JSON cannot express."""
        match value:
            case Scalar():
                return self._count(value.text)
            case str():
                return self._count(value)
            case float() if not math.isfinite(value):
                return self._count(text or str(value))
            case list():
                self._count("")
                return [self._plain(each) for each in value]
            case dict():
                self._count("")
                return {self._count(key): self._plain(each) for key, each in value.items()}
        self._count("")
        return value

    def _count(self, text: str) -> str:
        self._values += 1
        self._text += len(text)
        if self._values > _MAX_VALUES:
            raise TooLargeError(f"it has more than {_MAX_VALUES:,} values")
        if self._text > _MAX_TEXT:
            raise TooLargeError(f"it has more than {_MAX_TEXT:,} characters")
        return text
