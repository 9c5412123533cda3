"""YAML as DVC reads it, and hostile YAML."""

import math
from typing import Any

import pytest
import yaml

from gto_action.yaml12 import parser as yaml12
from gto_action.yaml12.nodes import Mapping, Node, Pair, Scalar, Sequence
from gto_action.yaml12.parser import MAX_BYTES, YamlError, parse_yaml
from gto_action.yaml12.scalars import Kind, is_printable
from tests.support.effort import effort


@pytest.fixture(params=["with C", "without C"], autouse=True)
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without C":
        monkeypatch.setattr(yaml12, "_LOADER", yaml.SafeLoader)


def shape(node: Node) -> Any:  # noqa: ANN401 - any YAML
    """The tree as Python has it, to compare with."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [shape(item) for item in node.items]
        case Mapping():
            return {shape(key): shape(value) for key, value in node.pairs}


SCALARS = [
    *[(text, Kind.TEXT, text) for text in ("on", "no", "yes", "y", "Off", "tRUE", "churn", "v1.2.3", "1.2.3", "1:30")],
    *[(text, Kind.TEXT, text) for text in ("_", "_1", "+", ".", "1e", "0o8", "0x", "0X1F", ".e3", "2024-1-1", "--1")],
    *[(text, Kind.NULL, None) for text in ("~", "null", "Null", "NULL", "")],
    *[(text, Kind.BOOLEAN, True) for text in ("true", "True", "TRUE", "!!bool yes", "!!bool 'on'")],
    *[(text, Kind.BOOLEAN, False) for text in ("false", "False", "FALSE", "!!bool n")],
    *[("0", Kind.INTEGER, 0), ("010", Kind.INTEGER, 10), ("0o10", Kind.INTEGER, 8), ("0b11", Kind.INTEGER, 3)],
    *[("+1", Kind.INTEGER, 1), ("-0x1F", Kind.INTEGER, -31), ("1_000", Kind.INTEGER, 1000), ("08", Kind.INTEGER, 8)],
    *[("! 42", Kind.INTEGER, 42), ("!!int '42'", Kind.INTEGER, 42), ("-7", Kind.INTEGER, -7)],
    *[("1.10", Kind.NUMBER, 1.1), ("1e3", Kind.NUMBER, 1000.0), ("1.", Kind.NUMBER, 1.0), ("-.5", Kind.NUMBER, -0.5)],
    *[(".inf", Kind.NUMBER, math.inf), ("-.INF", Kind.NUMBER, -math.inf), ("!!float 1", Kind.NUMBER, 1.0)],
    *[("1e400", Kind.NUMBER, math.inf), ("1_0.5", Kind.NUMBER, 10.5), (".5e+3", Kind.NUMBER, 500.0)],
    *[(text, Kind.DATE, text) for text in ("2024-01-01", "2001-12-14t21:59:43.10-05:00", "2024-01-01 00:00:00")],
    *[("!!binary aGk=", Kind.BINARY, "aGk="), ("!!timestamp x", Kind.DATE, "x")],
    *[("!!str 42", Kind.TEXT, "42"), ("!<tag:yaml.org,2002:str> 3", Kind.TEXT, "3"), ("!!null x", Kind.NULL, None)],
    *[('"42"', Kind.TEXT, "42"), ("'on'", Kind.TEXT, "on"), ('"a\\tb"', Kind.TEXT, "a\tb"), ("''", Kind.TEXT, "")],
    *[("=", Kind.UNKNOWN, "="), ("<<", Kind.MERGE, "<<"), ("!foo x", Kind.UNKNOWN, "x"), ("._", Kind.UNKNOWN, "._")],
    *[("!!int x", Kind.UNKNOWN, "x"), ("!!bool maybe", Kind.UNKNOWN, "maybe"), ("+_", Kind.UNKNOWN, "+_")],
    *[("!!int ''", Kind.UNKNOWN, ""), ("!!float 1:30", Kind.UNKNOWN, "1:30"), ("!foo [a]", Kind.UNKNOWN, "")],
    *[("!!set {a}", Kind.UNKNOWN, ""), ("!!str [a]", Kind.UNKNOWN, ""), ("!foo {a: 1}", Kind.UNKNOWN, "")],
]


@pytest.mark.parametrize(("text", "kind", "value"), SCALARS, ids=[repr(row[0]) for row in SCALARS])
def test_scalar(text: str, kind: Kind, value: object) -> None:
    scalar = shape_of_a(f"a: {text}")
    assert (scalar.kind, scalar.value) == (kind, value)
    assert type(scalar.value) is type(value)


def shape_of_a(text: str) -> Scalar:
    document = parse_yaml(f"{text}\n".encode())
    assert isinstance(document, Mapping)
    (pair,) = document.get("a")
    assert isinstance(pair.value, Scalar)
    return pair.value


def test_nan() -> None:
    assert math.isnan(float(shape_of_a("a: .nan").value or 0))


@pytest.mark.parametrize("text", ["1.10", "on", "010", "2024-01-01", "0x1F", "1_000", "~", "TRUE"])
def test_what_is_written_is_kept(text: str) -> None:
    assert shape_of_a(f"a: {text}").text == text


@pytest.mark.parametrize("text", ["1" * 5000, "0x" + "f" * 5000, "1." + "0" * 5000])
def test_a_number_too_long_to_print_is_none(text: str) -> None:
    scalar = shape_of_a(f"a: {text}")
    assert (scalar.kind, scalar.value) == (Kind.UNKNOWN, text)


DOCUMENTS = {
    "nothing": (b"", None),
    "a comment": (b"# c\n", None),
    "an empty document": (b"---\n...\n", None),
    "BOM": (b"\xef\xbb\xbfa: 1", {"a": 1}),
    "CRLF": (b"a: 1\r\nb: [x,\r\n y]\r\n", {"a": 1, "b": ["x", "y"]}),
    "block text": (b"a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    "alias": (b"a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    "an anchor given twice": (b"a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
    "an anchor given again inside": (b"a: &x [&x 1, *x]\nb: *x", {"a": [1, 1], "b": 1}),
    "merge": (b"x: &x {a: 1, b: 1}\ny: {<<: *x, a: 2}", {"x": {"a": 1, "b": 1}, "y": {"a": 2, "b": 1}}),
    "merge of two": (b"x: &x {a: 1}\nz: &z {a: 3}\ny: {<<: [*x, *z]}", {"x": {"a": 1}, "z": {"a": 3}, "y": {"a": 1}}),
    "merge, quoted": (b"y: {'<<': {a: 1}}", {"y": {"<<": {"a": 1}}}),
    "merge of a number": (b"y: {<<: 3}", {"y": {"<<": 3}}),
    "merge of a list of numbers": (b"y: {<<: [3]}", {"y": {"<<": [3]}}),
    "YAML 1.2": (b"%YAML 1.2\n---\na: on\n", {"a": "on"}),
    "a flow key without value": (b"{a, b: 1}", {"a": None, "b": 1}),
    "not Latin": ("a: é😀".encode(), {"a": "é😀"}),
    "a set of tags": (b"!!map {a: !!seq [1]}", {"a": [1]}),
}


@pytest.mark.parametrize(("data", "expected"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_document(data: bytes, expected: object) -> None:
    assert shape(parse_yaml(data)) == expected


_LAUGHS = "\n".join(f"l{n + 1}: &l{n + 1} [{', '.join([f'*l{n}'] * 9)}]" for n in range(60))
_CHAIN = "\n".join(f"l{n + 1}: &l{n + 1} [*l{n}]" for n in range(1_000))
_MERGES = "\n".join(f"l{n}: {{<<: *l}}" for n in range(1_000))

REFUSED = {
    "10 MB": (b"a" * 10_000_000, "is larger than 1,048,576 bytes", None),
    "one byte too many": (b" " * (MAX_BYTES + 1), "is larger than", None),
    "latin-1": ("a: 1\nb: é".encode("latin-1"), "is not UTF-8", 2),
    "UTF-16": ("a: 1".encode("utf-16"), "is not UTF-8", 1),
    "UTF-16 without BOM": ("a: 1".encode("utf-16-le"), r"the character '\\x00'", 1),
    "NUL": (b"a: 1\nb: \x00", r"the character '\\x00'", 2),
    "ANSI": (b"a: \x1b[31m", r"the character '\\x1b'", 1),
    "line separator": ("a: 1\u2028b: 2".encode(), r"the character '\\u2028'", 1),
    "next line": ("a: 1\x85b: 2".encode(), r"the character '\\x85'", 1),
    "a second BOM": ("a: 1\n\ufeffb: 2".encode(), r"the character '\\ufeff'", 2),
    "100,000 brackets": (b"[" * 100_000, "more than 100 levels", 1),
    "500,000 brackets": (b"[" * 500_000, "more than 100 levels", 1),
    "closed brackets": (b"[" * 100_000 + b"]" * 100_000, "more than 100 levels", 1),
    "braces": (b"{a: " * 100_000, "more than 100 levels", 1),
    "- - -": (b"- " * 500_000, "more than 100 levels", 1),
    "? ? ?": (b"? " * 500_000, "more than 100 levels", 1),
    "a chain of aliases": (f"l0: &l0 [x]\n{_CHAIN}".encode(), "more than 100 levels", 99),
    "too many merges": (f"l: &l {{{', '.join(map(str, range(1_000)))}}}\n{_MERGES}".encode(), "merges more than", 102),
    "recursive list": (b"a: &a [*a]", "alias 'a', which contains itself", 1),
    "recursive mapping": (b"a: &a\n  b: *a", "alias 'a', which contains itself", 2),
    "recursive merge": (b"a: &a {<<: *a}", "alias 'a', which contains itself", 1),
    "unknown alias": (b"a: *b", "alias 'b', which has no anchor", 1),
    "tab": (b"a:\n\tb: 1", "is not YAML: found character", 2),
    "two documents": (b"a: 1\n---\nb: 1\n", "more than one document", 2),
    "YAML 1.1": (b"%YAML 1.1\n---\na: on\n", "asks for YAML 1.1, but only 1.2", 1),
    "YAML 2.0": (b"%YAML 2.0\n---\na: on\n", "is not YAML: found incompatible", 1),
    "no YAML": (b"a: b: c", "is not YAML: mapping values are not allowed", 1),
    "not closed": (b"a: [1,\nb", "is not YAML", None),
    "no such character": (b'a: "\\UFFFFFFFF"', "is not YAML", None),
    "template in flow": (b"a: {b: ${x}}", "is not YAML", 1),
    "merge conflict": (b"a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", "is not YAML", None),
}


@pytest.mark.parametrize(("data", "message", "line"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, message: str, line: int | None) -> None:
    with effort(20), pytest.raises(YamlError, match=message) as caught:
        parse_yaml(data)
    assert line is None or caught.value.line == line


def test_an_alias_bomb_costs_nothing() -> None:
    with effort(2):
        document = parse_yaml(f"l0: &l0 lol\n{_LAUGHS}".encode())
    assert isinstance(document, Mapping)
    assert len(document.pairs) == 61


def test_half_a_character_is_refused_or_unknown() -> None:
    try:
        scalar = shape_of_a('a: "\\uD800"')
    except YamlError:
        return  # libyaml
    assert scalar.kind is Kind.UNKNOWN


def test_repeated_keys_are_kept_with_their_lines() -> None:
    document = parse_yaml(b"a: 1\nb: 2\na: 3\n")
    assert isinstance(document, Mapping)
    assert [(pair.key.line, shape(pair.value)) for pair in document.get("a")] == [(1, 1), (3, 3)]


def test_two_merges_are_a_repeated_key() -> None:
    document = parse_yaml(b"{<<: {a: 1}, <<: {b: 1}}")
    assert isinstance(document, Mapping)
    assert [pair.identity for pair in document.pairs] == [(Kind.MERGE, "<<")] * 2


@pytest.mark.parametrize(
    ("keys", "same"),
    [
        ("1: , 1.0: ", True),
        ("true: , 1: ", True),
        ("null: , ~: ", True),
        ("1: , '1': ", False),
        ("[a]: , [a]: ", False),
    ],
)
def test_the_same_key(keys: str, same: bool) -> None:
    document = parse_yaml(f"{{{keys}}}".encode())
    assert isinstance(document, Mapping)
    first, second = document.pairs
    assert (first.identity == second.identity) is same


def test_a_number_is_not_the_key_of_its_text() -> None:
    assert not Pair(Scalar(1, "1", Kind.INTEGER, 1), Scalar(1, "", Kind.NULL, None)).is_named("1")
    assert not Pair(Sequence(1, ()), Sequence(1, ())).is_named("1")


def test_lines_count_from_1() -> None:
    document = parse_yaml(b"\n# c\na:\n  - x\n  - {y: z}\n")
    assert isinstance(document, Mapping)
    (pair,) = document.pairs
    assert isinstance(pair.value, Sequence)
    assert (document.line, pair.key.line, [item.line for item in pair.value.items]) == (3, 3, [4, 5])


@pytest.mark.parametrize(
    ("value", "printable"), [("é😀\n", True), ("\ud800", False), (10**300, True), (2**9999, False)]
)
def test_printable(value: str | int, printable: bool) -> None:
    assert is_printable(value) is printable
