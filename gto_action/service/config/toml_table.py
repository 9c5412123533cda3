"""TOML, taken key by key: what is wrong is told with its line, and what nobody has taken is wrong."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, TypeVar

from gto_action.errors import InputError

_MOST: Final = 2**20
_Value = TypeVar("_Value")
_SHAPES: Final[dict[type, str]] = {str: "a text", bool: "true or false", int: "a whole number", dict: "a table"}


class TomlText:
    """A file of TOML."""

    def __init__(self, file: str, text: str) -> None:
        """Parses it.

        :raises InputError: if it is not TOML; tomllib says in which line.
        """
        self.file = file
        self._lines = text[:_MOST].splitlines()
        try:
            self.document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{file} is not TOML: {error}.", file=file) from error

    def line_of(self, path: tuple[str, ...]) -> int:
        """The line in which a key is first there, counted from 1: tomllib does not say, so it is asked again.

        The beginnings of a file that are TOML themselves have more and more of its keys.
        """
        begin = 0
        for end in range(1, len(self._lines) + 1):
            try:
                found: Any = tomllib.loads("\n".join(self._lines[:end]))
            except tomllib.TOMLDecodeError:  # in the middle of a value
                continue
            for key in path:
                found = found.get(key) if isinstance(found, dict) else None
            if found is not None:
                return next((n for n in range(begin, end) if self._says_something(n)), begin) + 1
            begin = end
        return 1

    def _says_something(self, number: int) -> bool:
        return bool(self._lines[number].strip()) and not self._lines[number].lstrip().startswith("#")


class Table:
    """A table of it."""

    def __init__(self, text: TomlText, path: tuple[str, ...] = (), values: Mapping[str, Any] | None = None) -> None:
        """The whole document, or one of its tables.

        Args:
            text: the file.
            path: the keys that lead to the table.
            values: what it has.
        """
        self._text, self._path = text, path
        self._left = dict(text.document if values is None else values)
        self._known: list[str] = []

    @property
    def name(self) -> str:
        """The last of its keys."""
        return self._path[-1]

    @property
    def keys(self) -> tuple[str, ...]:
        """Those that have not been taken."""
        return tuple(self._left)

    def has(self, key: str) -> bool:
        """Whether a key is there, and has not been taken."""
        self._known.append(key)
        return key in self._left

    def take(self, key: str, parse: Callable[[str], _Value], default: _Value | None = None) -> _Value:
        """What is made of a text; without a default it must be there.

        :raises InputError: if it cannot be used; `parse` says why.
        """
        return self._parsed(key, self._of(str, key, default is None), parse, default)

    def boolean(self, key: str, *, default: bool) -> bool:
        """True or false."""
        found = self._of(bool, key, needed=False)
        return default if found is None else found

    def number(self, key: str, least: int, most: int, default: int) -> int:
        """A whole number."""
        found = self._of(int, key, needed=False)
        if found is None:
            return default
        if not least <= found <= most:
            self.fail(key, f"{key!r} cannot be {found!r}", f"Use a number from {least} to {most}.")
        return found

    def texts(self, key: str, parse: Callable[[str], _Value], *, needed: bool = False) -> tuple[_Value, ...]:
        """What is made of each text of a list."""
        found = self._of(list, key, needed=needed)
        if found is not None and not all(isinstance(each, str) for each in found):
            self.fail(key, f"{key!r} must be a list of texts")
        return tuple(self._parsed(key, each, parse, None) for each in found or ())

    def named(self, key: str, parse: Callable[[str], _Value]) -> tuple[tuple[str, _Value], ...]:
        """What is made of each text of a table, with its key."""
        table = self.table(key)
        return tuple((name, table.take(name, parse)) for name in table.keys) if table else ()

    def table(self, key: str) -> "Table | None":
        """A table in it; None if there is none."""
        found = self._of(dict, key, needed=False)
        return None if found is None else Table(self._text, (*self._path, key), found)

    def tables(self, key: str) -> list["Table"]:
        """The tables of a table."""
        table = self.table(key)
        names = table.keys if table else ()
        return [each for name in names if table and (each := table.table(name))]

    def done(self) -> None:
        """Says that all keys have been taken.

        :raises InputError: if one has not: a typo would silently count for nothing.
        """
        for key in self._left:
            known = ", ".join(sorted({*self._known}))
            self.fail(key, f"the key {key!r}{self._where} is unknown", f"Known are: {known}.")

    def fail(self, key: str, why: str, hint: str = "") -> NoReturn:
        """Says what is wrong with a key, or with the table if the key is empty.

        :raises InputError: always.
        """
        line = self._text.line_of((*self._path, key) if key and key in self._source() else self._path)
        raise InputError(f"{self._text.file}:{line}: {why}.", hint, file=self._text.file, line=line)

    @property
    def _where(self) -> str:
        path = ".".join(self._path)
        return f" in [{path}]" if path else ""

    def _source(self) -> Mapping[str, Any]:
        found: Any = self._text.document
        for key in self._path:
            found = found[key]
        return dict(found)

    def _of(self, shape: type[_Value], key: str, needed: bool) -> _Value | None:  # noqa: FBT001 - of this class only
        self._known.append(key)
        if key not in self._left:
            if needed:
                self.fail("", f"{key!r} is missing{self._where}")
            return None
        found = self._left.pop(key)
        if not isinstance(found, shape) or (shape is int and isinstance(found, bool)):
            self.fail(key, f"{key!r} must be {_SHAPES.get(shape, 'a list')}")
        return found

    def _parsed(self, key: str, text: str | None, parse: Callable[[str], _Value], default: _Value | None) -> _Value:
        if text is None:
            assert default is not None  # noqa: S101 - else it was needed
            return default
        try:
            return parse(text)
        except InputError as error:
            self.fail(key, f"{key!r}: {error.message.rstrip('.')}", error.hint)
