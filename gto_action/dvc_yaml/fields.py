"""The fields of one artifact's entry in `dvc.yaml`; a fault in one does not affect the others (D1)."""

import difflib
import posixpath
import re
from typing import Final

from gto_action.dvc_yaml.interpolation import quoted
from gto_action.dvc_yaml.meta import JsonValue, MetaReader, TooLargeError
from gto_action.dvc_yaml.templating import Resolver, to_text
from gto_action.errors import Level, Problem
from gto_action.yaml12.nodes import Mapping, Node, Pair, Scalar, Sequence
from gto_action.yaml12.scalars import Kind

_FIELDS: Final = ("path", "type", "desc", "labels", "meta")
_MAX_TEXT: Final = 2**16
_MAX_LABELS_TEXT: Final = 2**16
_MAX_PROBLEMS: Final = 10

# D4, X16: paths that are not relative to the dvc.yaml: `s3://…`, `/mnt/…`, `C:\…`.
_absolute = re.compile(r"(?: [A-Za-z][A-Za-z0-9+.-]*:// | / | [A-Za-z]:[\\/] ) .*", re.ASCII | re.DOTALL | re.VERBOSE)


class Fields:
    """Reads the fields of an entry. Read each field once, then call `problems()`."""

    def __init__(self, name: str, file: str, pair: Pair, entry: Mapping, resolver: Resolver) -> None:
        """Takes the artifact's name, its dvc.yaml, its key and value there, and the resolver for `${…}`."""
        self._file = file
        self._line = pair.key.line
        self._where = f"of {name!r} in {file!r}"
        self._entry = entry
        self._resolver = resolver
        self._problems: list[Problem] = []
        if isinstance(pair.key, Scalar) and pair.key.kind is not Kind.TEXT:
            message = f"The name {name!r} in {file!r} is {pair.key.kind.value}, not text"
            self._warn(message, f"Quote it: {name!r}", self._line)
        for field in entry.pairs:
            self._check_known(field)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the entry, at most as much as a person will read."""
        if len(self._problems) <= _MAX_PROBLEMS:
            return tuple(self._problems)
        more = len(self._problems) - _MAX_PROBLEMS
        message = f"There are {more} more problems with the entry {self._where}."
        summary = Problem(Level.WARNING, message, "Correct the entry.", self._file, self._line, fails_strict=True)
        return (*self._problems[:_MAX_PROBLEMS], summary)

    def path(self) -> str:
        """The path from the repository's root; a URL or an absolute path is unchanged (D4); "" if there is none."""
        before = len(self._problems)
        path = self.text("path")
        if not path:
            if len(self._problems) == before:
                self._warn(f"The 'path' {self._where} is missing", "Add 'path: …'", self._line)
            return ""
        if _absolute.fullmatch(path):
            return path
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(self._file), path))
        if joined == ".." or joined.startswith("../"):
            message = f"The 'path' {self._where} leaves the repository: {quoted(path)}"
            self._warn(message, "Write it relative to the directory of the dvc.yaml", self._line)
        return joined

    def text(self, name: str) -> str:
        """A text field; as written in the file if YAML reads another type; "" if there is none."""
        node = self._field(name)
        if node is None:
            return ""
        if isinstance(node, Scalar) and node.kind is not Kind.TEXT and node.kind is not Kind.NULL:
            self._warn_type(name, node, "text, and DVC refuses it", f"Quote it, as in {name}: {quoted(node.text)}")
            return self._fit(name, node.text, node.line)
        value = self._resolver.resolve(node) if isinstance(node, Scalar) else None
        if value is None or isinstance(value, Scalar | list | dict):
            self._warn_type(name, node, "text", f"Write '{name}: …' with text, or remove it")
            return ""
        return self._fit(name, to_text(value), node.line)

    def _fit(self, name: str, text: str, line: int) -> str:
        if "\0" in text:  # it would silently cut the text short in a later step's variable
            self._warn(f"The {name!r} {self._where} has a NUL character and is left out", "Remove it", line)
            return ""
        if len(text) <= _MAX_TEXT:
            return text
        self._warn(f"The {name!r} {self._where} has more than {_MAX_TEXT:,} characters", "Shorten it", line)
        return ""

    def labels(self) -> tuple[str, ...]:
        """The labels that are text."""
        node = self._field("labels")
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self._warn_type("labels", node, "a list of texts", "Write 'labels: [first, second]'")
            return ()
        labels: list[str] = []
        size = 0
        for item in node.items:
            value = self._resolver.resolve(item) if isinstance(item, Scalar) and item.kind is Kind.TEXT else None
            if value is None or isinstance(value, Scalar | list | dict):
                message = f"A label {self._where} is {_describe(item)}, not text, and is left out"
                self._warn(message, "Quote it, or remove it", item.line)
                continue
            labels.append(to_text(value))
            size += len(labels[-1])
            if size > _MAX_LABELS_TEXT:
                message = f"The 'labels' {self._where} have more than {_MAX_LABELS_TEXT:,} characters"
                self._warn(message, "Use fewer labels", node.line)
                return ()
        return tuple(labels)

    def meta(self) -> JsonValue:
        """The field `meta` as JSON; None if there is none or it is too large."""
        node = self._field("meta")
        if node is None:
            return None
        reader = MetaReader(self._resolver)
        try:
            value = reader.read(node)
        except TooLargeError as error:
            self._warn(f"The 'meta' {self._where} is left out: {error}", "Keep large data in a file", node.line)
            return None
        for message, line in reader.faults:
            self._warn(f"In the 'meta' {self._where}, {message}", "Correct it", line)
        return value

    def _field(self, name: str) -> Node | None:
        found = self._entry.get(name)
        if len(found) > 1:
            lines = " and ".join(str(pair.key.line) for pair in found[:5])
            message = f"{name!r} {self._where} appears more than once, on lines {lines}, so all are ignored"
            self._warn(message, "Keep one of them", found[1].key.line)
            return None
        return found[0].value if found else None

    def _check_known(self, field: Pair) -> None:
        if any(field.is_named(name) for name in _FIELDS):
            return
        key = field.key.text if isinstance(field.key, Scalar) else ""
        similar = "desc" if key.lower().startswith("desc") else ""
        similar = similar or next(iter(difflib.get_close_matches(key[:20].lower(), _FIELDS, n=1)), "")
        hint = f"Write {similar!r}" if similar else "Put it under 'meta:', or remove it"
        self._warn(f"The key {quoted(key)} {self._where} means nothing to DVC", hint, field.key.line)

    def _warn_type(self, name: str, node: Node, wanted: str, hint: str) -> None:
        self._warn(f"The {name!r} {self._where} is {_describe(node)}, not {wanted}", hint, node.line)

    def _warn(self, message: str, hint: str, line: int) -> None:
        self._problems.append(
            Problem(Level.WARNING, f"{message}.", f"{hint}.", self._file, line, fails_strict=True),
        )


def _describe(node: Node) -> str:
    match node:
        case Scalar(kind=Kind.TEXT):
            return f"the template {quoted(node.text)}"
        case Scalar():
            return node.kind.value
        case Sequence():
            return "a list"
    return "a mapping"
