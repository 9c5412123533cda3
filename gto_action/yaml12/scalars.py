"""What a YAML scalar means, by the rules of YAML 1.2 as DVC applies them."""

import enum
import re
from typing import Final

TYPE_PREFIX: Final = "tag:yaml.org,2002:"

# The longest text that is read as a number: Python refuses to print a whole number with more than 4,300 digits.
_MAX_DIGITS: Final = 1_000

# https://yaml.org/spec/1.2.2/#103-core-schema, and what DVC's YAML library accepts beyond it: "_" between digits,
# binary numbers, signed ".inf", and dates. The first character counts: "_1" is text.
_integer = re.compile(
    r"""
    (?=[-+0-9])[-+]?
    (?: 0b[01_]+
      | 0o[0-7_]+
      | 0x[0-9a-fA-F_]+
      | [0-9_]+          # "010" is ten: octal numbers are written 0o10
    )
    """,
    re.ASCII | re.VERBOSE,
)
_number = re.compile(
    r"""
    [-+]?
    (?: [0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
      | [0-9][0-9_]*[eE][-+]?[0-9]+
      | \.[0-9_]+(?:[eE][-+][0-9]+)?
      | \.(?:inf|Inf|INF)
    )
  | \.(?:nan|NaN|NAN)
    """,
    re.ASCII | re.VERBOSE,
)
_date = re.compile(
    r"""
    [0-9]{4}-[0-9]{2}-[0-9]{2}
  | [0-9]{4}-[0-9]{2}?-[0-9]{2}?
    (?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
    (?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?
    """,
    re.ASCII | re.VERBOSE,
)
_boolean = re.compile(r"true|True|TRUE|false|False|FALSE", re.ASCII)
_null = re.compile(r"~|null|Null|NULL|", re.ASCII)
_surrogate = re.compile("[\ud800-\udfff]")

# Only after an explicit `!!bool`.
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on", "y"), True),
    **dict.fromkeys(("false", "no", "off", "n"), False),
}
_BASES: Final = {"0b": 2, "0o": 8, "0x": 16}

Plain = None | bool | int | float | str


class Kind(enum.Enum):
    """The type of a scalar; the value completes the sentence "it is …"."""

    TEXT = "text"
    NULL = "null"
    BOOLEAN = "a boolean"
    INTEGER = "a whole number"
    NUMBER = "a number"
    DATE = "a date"
    BINARY = "binary data"
    MERGE = "a merge key"
    UNKNOWN = "of a type that DVC does not know"


def resolve_scalar(text: str, tag: str | None, *, plain: bool) -> tuple[Kind, Plain]:
    """The type of a scalar, and its value; if JSON cannot express the value, its text.

    Args:
        text: as the parser returns it: without quotes, folded.
        tag: the explicit tag, in full (`!!int` is `tag:yaml.org,2002:int`), or None.
        plain: whether the text decides the type, because the scalar has neither quotes nor a tag.

    >>> resolve_scalar("on", None, plain=True), resolve_scalar("1.10", None, plain=True)
    ((<Kind.TEXT: 'text'>, 'on'), (<Kind.NUMBER: 'a number'>, 1.1))
    """
    kind = _kind_of(text) if plain else _kind_by_tag(tag)
    try:
        return kind, _value(kind, text)
    except ValueError:  # such as "._" or `!!int x`, which makes DVC fail
        return Kind.UNKNOWN, text


def is_printable(value: int | str) -> bool:
    """Whether a value from a file can be written out: it has no lone surrogates and is not a huge number."""
    if isinstance(value, str):
        return _surrogate.search(value) is None
    return value.bit_length() <= 4 * _MAX_DIGITS


def _kind_by_tag(tag: str | None) -> Kind:
    if tag is None:
        return Kind.TEXT
    return _KINDS_BY_TAG.get(tag.removeprefix(TYPE_PREFIX), Kind.UNKNOWN)


def _kind_of(text: str) -> Kind:
    if text == "<<":
        return Kind.MERGE
    if text == "=":  # "the default value" of YAML 1.1, which makes DVC fail
        return Kind.UNKNOWN
    for kind, grammar in _GRAMMARS:
        if grammar.fullmatch(text):
            return kind
    return Kind.TEXT


def _value(kind: Kind, text: str) -> Plain:
    match kind:
        case Kind.NULL:
            return None
        case Kind.BOOLEAN if text.lower() in _BOOLEANS:
            return _BOOLEANS[text.lower()]
        case Kind.INTEGER if len(text) <= _MAX_DIGITS:
            return _to_integer(text.replace("_", ""))
        case Kind.NUMBER if len(text) <= _MAX_DIGITS:
            return _to_number(text.replace("_", "").lower())
        case Kind.BOOLEAN | Kind.INTEGER | Kind.NUMBER:
            raise ValueError(text)
        case _:
            if not is_printable(text):
                raise ValueError(text)
            return text


def _to_integer(text: str) -> int:
    digits = text.removeprefix("-").removeprefix("+") if text[:1] in {"-", "+"} else text
    value = int(digits[2:], _BASES[digits[:2]]) if digits[:2] in _BASES else int(digits)
    return -value if text.startswith("-") else value


def _to_number(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_KINDS_BY_TAG: Final = {
    "str": Kind.TEXT,
    "null": Kind.NULL,
    "bool": Kind.BOOLEAN,
    "int": Kind.INTEGER,
    "float": Kind.NUMBER,
    "timestamp": Kind.DATE,
    "binary": Kind.BINARY,
}
_GRAMMARS: Final = (
    (Kind.NULL, _null),
    (Kind.BOOLEAN, _boolean),
    (Kind.INTEGER, _integer),
    (Kind.NUMBER, _number),
    (Kind.DATE, _date),
)
