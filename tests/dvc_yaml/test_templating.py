"""`${…}` in a dvc.yaml, and the files with its values."""

from typing import Any

import pytest

from gto_action.dvc_yaml.interpolation import find_templates, parse_expression, quoted
from gto_action.dvc_yaml.param_files import TemplateError, Value
from gto_action.dvc_yaml.templating import Resolver
from gto_action.yaml12.nodes import Mapping, Scalar
from gto_action.yaml12.parser import parse_yaml
from gto_action.yaml12.scalars import Kind
from tests.support.effort import effort

PARAMS = """
name: churn
n: 3
f: 1.10
yes: true
no: false
none: null
list: [a, b, {c: deep}]
map: {a: 1, 2: two, "3": three}
day: 2024-01-01
escaped: '\\${name}'
template: ${name}
odd key: spaced
e: 1e22
"""


def resolve(text: str, files: dict[str, bytes], document: str = "{}", file: str = "dvc.yaml") -> Value:
    tree = parse_yaml(document.encode())
    assert isinstance(tree, Mapping)
    return Resolver(file, tree, files.get).resolve(Scalar(7, text, Kind.TEXT, text))


WHOLE: dict[str, Any] = {
    "no template": "no template",
    "${name}": "churn",
    "${ name }": "churn",
    "${n}": 3,
    "${f}": 1.1,
    "${yes}": True,
    "${none}": None,
    "${list}": ["a", "b", {"c": "deep"}],
    "${list[0]}": "a",
    "${list[-2]}": "b",
    "${list.1}": "b",
    "${list[2].c}": "deep",
    "${map}": {"a": 1, "3": "three"},
    "${map.a}": 1,
    "${map[3]}": "three",
    "${odd key}": "spaced",
    "${template}": "${name}",
    "${escaped}": "\\${name}",
    "x ${escaped}": "x ${name}",
    "v${f}": "v1.1",
    "v${yes}/${no}": "vtrue/false",
    "v${none}": "vNone",
    "v${e}": "v1e+22",
    "${name}-${n}": "churn-3",
    "\\${name}": "${name}",
    "\\${name} ${name}": "${name} churn",
    "\\\\${name}": "\\${name}",
    "$name": "$name",
    "${name": "${name",
    "${na\nme}": "${na\nme}",
    "${name}\n": "churn\n",
    "$${name}": "$churn",
    "${name}}": "churn}",
}


@pytest.mark.parametrize(("text", "expected"), WHOLE.items(), ids=[repr(text) for text in WHOLE])
def test_resolved(text: str, expected: Value) -> None:
    value = resolve(text, {"params.yaml": PARAMS.encode()})
    assert value == expected
    assert type(value) is type(expected)


NOT_RESOLVED = {
    "${missing}": "there is no 'missing'",
    "a ${name.b}": "there is no 'b'",
    "${list[9]}": "there is no '9'",
    "${list.x}": "there is no 'x'",
    "${map.2}": "there is no '2'",
    "${}": "does not name a value",
    "${a..b}": "does not name a value",
    "${a[}": "does not name a value",
    "${[0]}": "does not name a value",
    "${${name}}": "no '\\$\\{name'",
    "${day}": "'\\$\\{day\\}' is a date",
    "x ${day}": "is a date",
    "x ${list}": "is a list, inside a text",
    "x ${map}": "is a mapping, inside a text",
    "${\x1b}": r"no '\\x1b'",
    "${" + "x" * 1_000 + "}": "x…'",
}


@pytest.mark.parametrize(("text", "message"), NOT_RESOLVED.items(), ids=[repr(text[:20]) for text in NOT_RESOLVED])
def test_not_resolved(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message) as caught:
        resolve(text, {"params.yaml": PARAMS.encode()})
    assert (caught.value.file, caught.value.line) == ("dvc.yaml", 7)
    assert caught.value.hint


def test_what_is_not_text_is_no_template() -> None:
    assert Resolver("dvc.yaml", Mapping(1, ()), lambda _: None).resolve(Scalar(1, "${x}", Kind.DATE, "${x}")) == "${x}"


def test_no_file_is_read_without_a_template() -> None:
    def read(path: str) -> bytes:
        raise AssertionError(path)

    resolver = Resolver("dvc.yaml", Mapping(1, ()), read)
    assert resolver.resolve(Scalar(1, "\\${x} $y {z} ${", Kind.TEXT, "\\${x} $y {z} ${")) == "${x} $y {z} ${"


def test_files_are_read_once() -> None:
    calls: list[str] = []

    def read(path: str) -> None:
        calls.append(path)

    resolver = Resolver("a/dvc.yaml", Mapping(1, ()), read)
    for _ in range(2):
        with pytest.raises(TemplateError):
            resolver.resolve(Scalar(1, "${x}", Kind.TEXT, "${x}"))
    assert calls == ["a/params.yaml"]


VARS: dict[str, tuple[str, dict[str, str], Value]] = {
    "inline": ("vars: [{x: 1}]", {}, 1),
    "inline, without params.yaml": ("vars: [{x: {y: 2}}, {x: {z: 3}}]", {}, {"y": 2, "z": 3}),
    "yaml": ("vars: [my.yaml]", {"my.yaml": "x: 1"}, 1),
    "no suffix is yaml": ("vars: [my]", {"my": "x: 1"}, 1),
    "json": (
        "vars: [my.json]",
        {"my.json": '{"x": {"a": [1, null, 1.5, true, "t"]}}'},
        {"a": [1, None, 1.5, True, "t"]},
    ),
    "toml": ("vars: [my.TOML]", {"my.TOML": "[x]\na = 1.0\n"}, {"a": 1.0}),
    "keys": ("vars: ['my.yaml:x,y']", {"my.yaml": "x: 1\ny: 2\nz: 3"}, 1),
    "keys, one after another": ("vars: ['my.yaml:x', 'my.yaml:y']", {"my.yaml": "x: 1\ny: 2\nz: 3"}, 1),
    "params.yaml named again": ("vars: [params.yaml, ./params.yaml]", {"params.yaml": "x: 1"}, 1),
    "merged with params.yaml": ("vars: [{x: {b: 2}}]", {"params.yaml": "x: {a: 1}"}, {"a": 1, "b": 2}),
    "an empty file": ("vars: [e.yaml, e.json, {x: 1}]", {"e.yaml": "", "e.json": "[]"}, 1),
    "parent directory": ("vars: [d/../my.yaml]", {"my.yaml": "x: 1"}, 1),
    "shared by an alias": ("vars: [{a: &a {k: 1}, x: *a}, {a: {l: 2}}]", {}, {"k": 1}),
    "TOML, many decimals": ("vars: [m.toml]", {"m.toml": f"x = 1\ny = [{', '.join(['0.5'] * 200)}]"}, 1),
}


@pytest.mark.parametrize(("document", "files", "expected"), VARS.values(), ids=VARS)
def test_vars(document: str, files: dict[str, str], expected: Value) -> None:
    assert resolve("${x}", {path: text.encode() for path, text in files.items()}, document) == expected


def test_files_are_beside_the_dvc_yaml() -> None:
    files = {"params.yaml": b"x: root", "a/b/params.yaml": b"x: here", "a/up.yaml": b"y: 1"}
    assert resolve("${x}", files, "vars: [../up.yaml]", "a/b/dvc.yaml") == "here"


BAD_VARS: dict[str, tuple[str, dict[str, str], str, str]] = {
    "not a list": ("vars: x", {}, "'vars' is not a list", "dvc.yaml"),
    "twice": ("vars: []\nvars: []", {}, "'vars' appears twice", "dvc.yaml"),
    "a number": ("vars: [1]", {}, "neither a file name nor a mapping", "dvc.yaml"),
    "a list": ("vars: [[a]]", {}, "neither a file name nor a mapping", "dvc.yaml"),
    "a template": ("vars: ['${x}.yaml']", {}, "'vars' has a template", "dvc.yaml"),
    "a template as key": ("vars: [{a: [{'${x}': 1}]}]", {}, "'vars' has a template", "dvc.yaml"),
    "missing file": ("vars: [my.yaml]", {}, "there is no 'my.yaml'", "dvc.yaml"),
    "outside": ("vars: [../my.yaml]", {"../my.yaml": "x: 1"}, "there is no '../my.yaml'", "dvc.yaml"),
    "absolute": ("vars: [/etc/passwd]", {"/etc/passwd": "x: 1"}, "there is no '/etc/passwd'", "dvc.yaml"),
    "missing key": ("vars: ['my.yaml:x,q']", {"my.yaml": "x: 1"}, "the key 'q'", "dvc.yaml"),
    "defined twice": ("vars: [{x: 2}]", {"params.yaml": "x: 1"}, "defines 'x', which is already", "dvc.yaml"),
    "defined twice, deep": ("vars: [{x: {y: 2}}, {x: {y: 2}}]", {}, "defines 'y'", "dvc.yaml"),
    "params.yaml in part": ("vars: ['params.yaml:x']", {"params.yaml": "x: 1"}, "' twice", "dvc.yaml"),
    "a key twice": ("vars: ['m.yaml:x', 'm.yaml:x']", {"m.yaml": "x: 1"}, "' twice", "dvc.yaml"),
    "first a part": ("vars: ['m.yaml:x', m.yaml]", {"m.yaml": "x: 1"}, "' twice", "dvc.yaml"),
    "no keys": ("vars: ['m.yaml:,', m.yaml]", {"m.yaml": ""}, "' twice", "dvc.yaml"),
    "python": ("vars: [p.py]", {"p.py": "x = 1"}, "in Python, which gto-action does not read", "p.py"),
    "not a mapping": ("vars: [m.yaml]", {"m.yaml": "[1]"}, "not a mapping", "m.yaml"),
    "not YAML": ("", {"params.yaml": "x: ["}, "it is not YAML", "params.yaml"),
    "a key twice in a file": ("", {"params.yaml": "x: 1\nx: 1"}, "repeats a key", "params.yaml"),
    "not JSON": ("vars: [m.json]", {"m.json": "{\n'"}, "it is not JSON", "m.json"),
    "JSON with a BOM": ("vars: [m.json]", {"m.json": "\ufeff{}"}, "it is not JSON", "m.json"),
    "not TOML": ("vars: [m.toml]", {"m.toml": "x"}, "it is not TOML", "m.toml"),
    "TOML bomb": ("vars: [m.toml]", {"m.toml": "a\n" + "a." * 500_000 + "a=1"}, "more than 100 dots", "m.toml"),
    "deep TOML": ("vars: [m.toml]", {"m.toml": "a = " + "[" * 100_000}, "levels deep", "m.toml"),
    "deep JSON": ("vars: [m.json]", {"m.json": "[" * 500_000}, "levels deep", "m.json"),
    "JSON of 101 levels": ("vars: [m.json]", {"m.json": "[" * 101 + "]" * 101}, "levels deep", "m.json"),
    "large JSON": ("vars: [m.json]", {"m.json": " " * 2**21}, "larger than", "m.json"),
    "a number without end": ("vars: [m.json]", {"m.json": f'{{"x": {"1" * 5000}}}'}, "it is not JSON", "m.json"),
}


@pytest.mark.parametrize(("document", "files", "message", "file"), BAD_VARS.values(), ids=BAD_VARS)
def test_bad_vars(document: str, files: dict[str, str], message: str, file: str) -> None:
    with effort(5), pytest.raises(TemplateError, match=message) as caught:
        resolve("${x}", {path: text.encode() for path, text in files.items()}, document or "{}")
    assert caught.value.file == file
    assert caught.value.hint


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("m.json", b'{"x": "\\ud800"}'),
        ("m.toml", b"x = 2024-01-01"),
        ("m.toml", b"x = 0x" + b"f" * 5000),
        ("m.yaml", b"x: !foo y"),
    ],
)
def test_values_that_cannot_be_written(path: str, content: bytes) -> None:
    with pytest.raises(TemplateError, match=r"'\$\{x\}' is (a date|of a type)"):
        resolve("${x}", {path: content}, f"vars: [{path}]")


def test_half_characters_in_keys_are_left_out() -> None:
    assert resolve("${x}", {"m.json": b'{"x": {"\\ud800": 1, "a": 2}}'}, "vars: [m.json]") == {"a": 2}


def test_not_utf8_params() -> None:
    with pytest.raises(TemplateError, match="is not UTF-8"):
        resolve("${x}", {"params.yaml": b"x: \xff"})


def test_a_text_that_grows_without_end() -> None:
    params = f"x: {'x' * 100_000}".encode()
    with pytest.raises(TemplateError, match="grows to more than 1,048,576 characters"):
        resolve("${x}" * 100_000, {"params.yaml": params})


def test_merging_an_alias_bomb() -> None:
    bomb = "b0: &b0 {}\n" + "\n".join(f"b{n + 1}: &b{n + 1} {{l: *b{n}, r: *b{n}}}" for n in range(40))
    with pytest.raises(TemplateError, match="more than 100,000 values"):
        resolve("${x}", {"params.yaml": bomb.encode(), "m.yaml": bomb.encode()}, "vars: [m.yaml]")


def test_looking_for_templates_in_an_alias_bomb() -> None:
    bomb = "vars: [{b0: &b0 x," + ",".join(f"b{n + 1}: &b{n + 1} [*b{n}, *b{n}]" for n in range(40)) + "}, {x: 1}]"
    assert resolve("${x}", {}, bomb) == 1


@pytest.mark.parametrize(
    "text", ["${" * 500_000, "${\n" * 300_000 + "}", "${a" * 300_000 + "}", "${a[" * 200_000 + "}"]
)
def test_finding_templates_is_linear(text: str) -> None:
    with effort(10):
        for template in find_templates(text):
            parse_expression(template.inner)


def test_a_long_expression_is_parsed_in_linear_time() -> None:
    with effort(2):
        assert parse_expression("a" + "[0] " * 200_000 + "]") is None


def test_quoted() -> None:
    assert quoted("a'\n\x1b") == '"a\'\\n\\x1b"'
    assert quoted("x" * 100) == repr("x" * 80 + "…")
