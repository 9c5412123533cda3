"""The tree of a YAML file: scalars, lists and mappings, with line numbers."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from gto_action.yaml12.scalars import Kind, Plain


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A single value: a text, a number, a date."""

    line: int
    text: str
    """As written in the file, without quotes."""
    kind: Kind
    value: Plain
    """What it means; its text if JSON cannot express it, such as a date."""


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """Keys and values in the file's order, including repeated keys; merge keys are already resolved."""

    line: int
    pairs: tuple["Pair", ...]

    def get(self, name: str) -> tuple["Pair", ...]:
        """All pairs with this text as key; several if the key is repeated."""
        return tuple(pair for pair in self.pairs if pair.is_named(name))


Node = Scalar | Sequence | Mapping


class Pair(NamedTuple):
    """A key and its value."""

    key: Node
    value: Node

    def is_named(self, name: str) -> bool:
        """Whether the key is this text; the number `1` is not the text `"1"`."""
        return isinstance(self.key, Scalar) and self.key.kind is Kind.TEXT and self.key.value == name

    @property
    def identity(self) -> Hashable:
        """Equal for keys that DVC considers the same: `1` and `1.0`, but not `1` and `"1"`."""
        match self.key:
            case Scalar(kind=Kind.DATE | Kind.BINARY | Kind.MERGE | Kind.UNKNOWN):
                return (self.key.kind, self.key.text)
            case Scalar():
                return self.key.value
        return id(self.key)
