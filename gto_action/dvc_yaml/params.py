"""The values for `${…}` in a `dvc.yaml`: from `params.yaml` and from its top-level `vars:`."""

import posixpath
from typing import Final, NamedTuple, Protocol

from gto_action.dvc_yaml.interpolation import find_templates
from gto_action.dvc_yaml.param_files import Converter, TemplateError, Value, parse_values
from gto_action.dvc_yaml.places import DEFAULT_PARAMS
from gto_action.yaml12.nodes import Mapping, Node, Scalar, Sequence
from gto_action.yaml12.scalars import Kind

# Merging two trees copies them; aliases could make that exponential.
_MAX_MERGED: Final = 100_000


class FileReader(Protocol):
    """Reads a file of the repository at one commit."""

    def __call__(self, path: str, /) -> bytes | None:
        """Returns a file's content; None if there is no such file. The path is from the repository's root, with `/`."""


def read_params(file: str, document: Mapping, read: FileReader) -> dict[str, Value]:
    """The values for the templates in one `dvc.yaml`, merged as in DVC: nothing may be defined twice (D3).

    Args:
        file: the path of the dvc.yaml; files in `vars:` are relative to its directory.
        document: the dvc.yaml.
        read: reads files of the same commit.

    :raises TemplateError: if a file is missing or unreadable, or a value is defined twice.
    """
    params = _Params(file, read)
    params.load_default()
    found = document.get("vars")
    if len(found) > 1:
        raise TemplateError("The key 'vars' appears twice.", "Keep one of them.", file, found[1].key.line)
    if found:
        variables = found[0].value
        if not isinstance(variables, Sequence):
            raise TemplateError("'vars' is not a list.", _SHAPE, file, variables.line)
        for item in variables.items:
            params.load(item)
    return params.values


_SHAPE: Final = "Write a list of file names and mappings."


class _Loaded(NamedTuple):
    keys: set[str] | None
    """The keys taken from a file; None if the whole file was loaded."""


class _Params:
    def __init__(self, file: str, read: FileReader) -> None:
        self.values: dict[str, Value] = {}
        self._file = file
        self._read = read
        self._loaded: dict[str, _Loaded] = {}
        self._parsed: dict[str, dict[str, Value] | None] = {}
        self._merged = 0

    def load_default(self) -> None:
        path = posixpath.join(posixpath.dirname(self._file), DEFAULT_PARAMS)
        values = self._values_of(path)
        if values is not None:
            self._merge_file(path, values, None, 1)

    def load(self, item: Node) -> None:
        """Loads one item of `vars:`: a mapping, or a file name with or without keys."""
        if _holds_template(item, set()):
            raise TemplateError("'vars' has a template.", "DVC allows none there.", self._file, item.line)
        match item:
            case Mapping():
                self._merge(Converter(self._file).mapping(item), item.line, "'vars'")
            case Scalar(kind=Kind.TEXT):
                self._load_file(item)
            case _:
                raise TemplateError(
                    "An item of 'vars' is neither a file name nor a mapping.", _SHAPE, self._file, item.line
                )

    def _load_file(self, item: Scalar) -> None:
        name, _, names = item.text.partition(":")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._file), name))
        keys = [key for key in names.split(",") if key] if names else None
        if path in self._loaded:
            before = self._loaded[path].keys
            if not keys and before is None:
                return  # a whole file may be named twice
            if not keys or before is None or before & set(keys):
                hint = "Name each file, or each key of a file, once; DVC loads 'params.yaml' by itself."
                raise TemplateError(f"'vars' loads {item.text!r} twice.", hint, self._file, item.line)
        values = self._values_of(path)
        if values is None:
            message = f"'vars' names the file {name!r}, but there is no {path!r} in the repository at this commit."
            raise TemplateError(message, "Commit the file, or remove it from 'vars'.", self._file, item.line)
        if keys:
            missing = [key for key in keys if key not in values]
            if missing:
                message = f"'vars' names the key {missing[0]!r}, but {path!r} does not have it."
                raise TemplateError(message, "Define it, or remove it from 'vars'.", self._file, item.line)
            values = {key: values[key] for key in keys}
        self._merge_file(path, values, keys, item.line)

    def _values_of(self, path: str) -> dict[str, Value] | None:
        """The values in a file, which is read only once, even if `vars:` names many keys; None if there is no file."""
        if path not in self._parsed:
            data = None if path.startswith(("../", "/")) else self._read(path)
            self._parsed[path] = None if data is None else parse_values(path, data)
        return self._parsed[path]

    def _merge_file(self, path: str, values: dict[str, Value], keys: list[str] | None, line: int) -> None:
        self._merge(values, line, repr(path))
        before = self._loaded.get(path, _Loaded(set())).keys or set()
        self._loaded[path] = _Loaded(None if keys is None else before | set(keys))

    def _merge(self, values: dict[str, Value], line: int, source: str) -> None:
        self.values = self._merge_into(self.values, values, line, source)

    def _merge_into(self, into: dict[str, Value], values: dict[str, Value], line: int, source: str) -> dict[str, Value]:
        result = dict(into)  # a copy, because aliases may share a dict
        self._merged += len(into) + len(values)
        if self._merged > _MAX_MERGED:
            message = f"There are more than {_MAX_MERGED:,} values for templates."
            raise TemplateError(message, "Load fewer files in 'vars'.", self._file, line)
        for key, value in values.items():
            old = result.get(key)
            if isinstance(old, dict) and isinstance(value, dict):
                result[key] = self._merge_into(old, value, line, source)
            elif key in result:
                message = f"{source} defines {key!r}, which is already defined."
                raise TemplateError(message, "Define each value for templates once.", self._file, line)
            else:
                result[key] = value
        return result


def _holds_template(node: Node, seen: set[int]) -> bool:
    if id(node) in seen:  # an alias, already checked
        return False
    seen.add(id(node))
    match node:
        case Scalar():
            return bool(find_templates(node.text))
        case Sequence():
            return any(_holds_template(item, seen) for item in node.items)
    return any(_holds_template(each, seen) for pair in node.pairs for each in pair)
