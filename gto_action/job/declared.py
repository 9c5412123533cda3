"""Declares and reads the inputs of an action: in one place, typed and checked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, Protocol, TypeVar, cast

_Value = TypeVar("_Value")


class IsInputs(Protocol):
    """A dataclass whose fields are declared with `given`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_Inputs = TypeVar("_Inputs", bound=IsInputs)


@dataclass(frozen=True, slots=True)
class Input:
    """An input, as `action.yml` declares it."""

    name: str
    default: str
    """Its text if it is not set; may be an expression, which the runner fills in."""
    text: str
    """What it is for, in one line."""
    parse: Callable[[str, str], Any]
    """Turns name and text into the value; raises InputError."""
    may_be_empty: bool
    """Whether an empty text differs from the default."""


def given(default: str, parse: Callable[[str, str], _Value], text: str, *, may_be_empty: bool = False) -> _Value:
    """Declares an input as a field of a dataclass; the input has the field's name, with hyphens for underscores."""
    metadata = {"default": default, "parse": parse, "text": text, "may_be_empty": may_be_empty}
    return cast("_Value", field(metadata=metadata))


def inputs_of(kind: type[IsInputs]) -> Iterator[Input]:
    """The inputs that a dataclass declares, in order."""
    for each in fields(kind):
        yield Input(name=each.name.replace("_", "-"), **each.metadata)


def read(kind: type[_Inputs], texts: Mapping[str, str]) -> _Inputs:
    """Reads inputs from their texts; an empty or missing one gets its default, or "" if that is an expression.

    :raises InputError: if the text of an input is not allowed.
    """
    values = {}
    for each in inputs_of(kind):
        text = texts.get(each.name)
        if text is None or not (text.strip() or each.may_be_empty):
            text = "" if is_expression(each.default) else each.default
        values[each.name.replace("-", "_")] = each.parse(each.name, text.strip())
    return kind(**values)


def is_expression(default: str) -> bool:
    """Whether a default is an expression, which the runner fills in."""
    return "${{" in default
