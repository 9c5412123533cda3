"""What is said of a dvc.yaml that is wrong, or too much."""

from typing import Any

import pytest

from gto_action.errors import Level
from tests.support.annotations import HEAD, fields, read
from tests.support.effort import effort

MISSING: dict[str, tuple[dict[str, str | bytes], str, str, tuple[str, str]]] = {
    "no file": ({}, "churn", "", ("no file 'dvc.yaml'", "an entry 'churn'")),
    "no file in the directory": ({"dvc.yaml": ""}, "churn", "m", ("no file 'm/dvc.yaml'", "Add the file")),
    "outside": ({"../dvc.yaml": "artifacts: {churn: {path: x}}"}, "churn", "..", ("no file '../dvc.yaml'", "Add")),
    "an empty file": ({"dvc.yaml": ""}, "churn", "", ("'dvc.yaml' has no artifact 'churn'", "under 'artifacts:'")),
    "no artifacts": ({"dvc.yaml": "stages: {}"}, "churn", "", ("has no artifact 'churn'", "under 'artifacts:'")),
    "empty artifacts": ({"dvc.yaml": "artifacts: {}"}, "churn", "", ("has no artifact 'churn'", "Add an entry")),
    "another case": ({"dvc.yaml": "artifacts: {x: , Churn: }"}, "churn", "", ("no artifact", "It has 'Churn'")),
    "similar": ({"dvc.yaml": "artifacts: {churm: }"}, "churn", "", ("no artifact", "It has 'churm'")),
    "only others": ({"dvc.yaml": "artifacts: {[a]: , '${': , x: }"}, "churn", "", ("no artifact", "Add an entry")),
    "a template for another": (
        {"dvc.yaml": "artifacts: {'${n}': {path: x}, '${l}': , '${d}': }", "params.yaml": "{n: x, l: [], d: {}}"},
        "churn",
        "",
        ("no artifact", "Add an entry"),
    ),
}


@pytest.mark.parametrize(("files", "name", "directory", "texts"), MISSING.values(), ids=MISSING)
def test_missing(files: dict[str, str | bytes], name: str, directory: str, texts: tuple[str, str]) -> None:
    annotation, (problem,) = read(files, name, directory)
    assert annotation is None
    assert (problem.level, problem.fails_strict) == (Level.NOTICE, True)
    assert texts[0] in problem.message
    assert texts[1] in problem.hint


REFUSED: dict[str, tuple[dict[str, str | bytes], str, str, int | None]] = {
    "not UTF-8": ({"dvc.yaml": b"a: 1\nb: \xff"}, "'dvc.yaml' is not UTF-8, so nothing", "dvc.yaml", 2),
    "not YAML": ({"dvc.yaml": "a: 1\nb: c: d"}, "is not YAML: mapping values", "dvc.yaml", 2),
    "too large": ({"dvc.yaml": b"a" * 10_000_000}, "is larger than", "dvc.yaml", None),
    "too deep": ({"dvc.yaml": "[" * 100_000}, "more than 100 levels", "dvc.yaml", 1),
    "recursive": ({"dvc.yaml": "a: &a [*a]"}, "contains itself", "dvc.yaml", 1),
    "a list": ({"dvc.yaml": "- a"}, "is not a mapping", "dvc.yaml", 1),
    "a text": ({"dvc.yaml": "a"}, "is not a mapping", "dvc.yaml", 1),
    "artifacts: []": ({"dvc.yaml": "a: 1\nartifacts: []"}, "has an 'artifacts' that is not", "dvc.yaml", 2),
    "artifacts: null": ({"dvc.yaml": "artifacts:\n"}, "has an 'artifacts' that is not", "dvc.yaml", 1),
    "artifacts twice": ({"dvc.yaml": "artifacts: {}\nartifacts: {}"}, "has 'artifacts' twice", "dvc.yaml", 2),
    "the artifact twice": (
        {"dvc.yaml": HEAD + "    path: x\n  churn: {path: y}\n"},
        "has 'churn' more than once, on lines 2 and 4",
        "dvc.yaml",
        4,
    ),
    "the artifact twice, by a template": (
        {"dvc.yaml": HEAD + "    path: x\n  ${n}: {path: y}\n", "params.yaml": "n: churn"},
        "has 'churn' more than once, on lines 2 and 4",
        "dvc.yaml",
        4,
    ),
    "bare text": ({"dvc.yaml": "artifacts:\n  churn: m.pkl"}, "'churn' in 'dvc.yaml' is not a mapping", "dvc.yaml", 2),
    "null": ({"dvc.yaml": "artifacts: {churn: }"}, "'churn' in 'dvc.yaml' is not a mapping", "dvc.yaml", 1),
    "template": ({"dvc.yaml": HEAD + "    path: ${x}\n"}, "'${x}' has no value", "dvc.yaml", 3),
    "template in labels": ({"dvc.yaml": HEAD + "    labels: ['${x}']\n"}, "'${x}' has no value", "dvc.yaml", 3),
    "template in meta": ({"dvc.yaml": HEAD + "    meta: {a: '${x}'}\n"}, "'${x}' has no value", "dvc.yaml", 3),
    "template in a name": ({"dvc.yaml": "artifacts:\n  ${x}: {path: y}"}, "'${x}' has no value", "dvc.yaml", 2),
    "params.yaml": ({"dvc.yaml": HEAD + "    path: ${x}\n", "params.yaml": "x:\n\t1"}, "is not YAML", "params.yaml", 2),
    "vars": ({"dvc.yaml": "vars: [my.py]\n" + HEAD + "    path: ${x}\n", "my.py": "x = 1"}, "Python", "my.py", None),
}


@pytest.mark.parametrize(("files", "message", "file", "line"), REFUSED.values(), ids=REFUSED)
def test_refused(files: dict[str, str | bytes], message: str, file: str, line: int | None) -> None:
    annotation, (problem,) = read(files)
    assert annotation is None
    assert message in problem.message
    assert problem.hint
    assert (problem.level, problem.fails_strict) == (Level.WARNING, True)
    assert (problem.file, problem.line) == (file, line)


FAULTS: dict[str, tuple[str, dict[str, Any], list[tuple[str, int]]]] = {
    "unknown key": ("path: x\n    stage: prod\n", {"path": "x"}, [("The key 'stage'", 4)]),
    "a number as key": ("path: x\n    1: prod\n", {"path": "x"}, [("The key '1'", 4)]),
    "a list as key": ("path: x\n    [a]: b\n", {"path": "x"}, [("The key ''", 4)]),
    "no path": ("type: model\n", {"type": "model"}, [("The 'path' of 'churn' in 'dvc.yaml' is missing", 2)]),
    "empty path": ("path: ''\n", {}, [("The 'path' of 'churn' in 'dvc.yaml' is missing", 2)]),
    "null path": ("path:\n", {}, [("The 'path' of 'churn' in 'dvc.yaml' is null, not text", 3)]),
    "leaves": ("path: ../x\n", {"path": "../x"}, [("leaves the repository: '../x'", 2)]),
    "is left": ("path: ..\n", {"path": ".."}, [("leaves the repository: '..'", 2)]),
    "path twice": ("path: x\n    path: y\n", {}, [("'path' of 'churn' in 'dvc.yaml' appears more than once", 4)]),
    "type twice": (
        "path: x\n    type: a\n    'type': b\n",
        {"path": "x"},
        [("on lines 4 and 5, so all are ignored", 5)],
    ),
    "a number": ("path: x\n    desc: 42\n", {"path": "x", "description": "42"}, [("is a whole number, not text", 4)]),
    "a decimal": ("path: x\n    type: 1.10\n", {"path": "x", "type": "1.10"}, [("is a number, not text", 4)]),
    "a boolean": ("path: x\n    type: true\n", {"path": "x", "type": "true"}, [("is a boolean, not text", 4)]),
    "a date": ("path: x\n    desc: 2024-01-01\n", {"path": "x", "description": "2024-01-01"}, [("is a date", 4)]),
    "equals": ("path: x\n    desc: =\n", {"path": "x", "description": "="}, [("of a type that DVC does not", 4)]),
    "a tag": ("path: x\n    desc: !foo y\n", {"path": "x", "description": "y"}, [("of a type that DVC does not", 4)]),
    "a tagged list": ("path: x\n    desc: !foo [y]\n", {"path": "x"}, [("of a type that DVC does not", 4)]),
    "a null": ("path: x\n    type: ~\n", {"path": "x"}, [("is null, not text", 4)]),
    "a list": ("path: x\n    type: [a]\n", {"path": "x"}, [("is a list, not text", 4)]),
    "a mapping": ("path: x\n    desc: {a: b}\n", {"path": "x"}, [("is a mapping, not text", 4)]),
    "path: a NUL": (
        'path: "secrets.env\\0.onnx"\n    type: model\n',
        {"type": "model"},
        [("The 'path' of 'churn' in 'dvc.yaml' has a NUL character and is left out.", 3)],
    ),
    "desc: a NUL": ('path: x\n    desc: "a\\0b"\n', {"path": "x"}, [("has a NUL character", 4)]),
    "labels: a text": ("path: x\n    labels: a\n", {"path": "x"}, [("The 'labels' of 'churn' in 'dvc.yaml' is", 4)]),
    "labels: null": ("path: x\n    labels:\n", {"path": "x"}, [("is null, not a list of texts", 4)]),
    "labels: a mapping": ("path: x\n    labels: {a: b}\n", {"path": "x"}, [("is a mapping, not a list", 4)]),
    "labels: bad ones": (
        "path: x\n    labels: [a, 1, [b], {c: d}, , e, ~]\n".replace(" ,", ""),
        {"path": "x", "labels": ("a", "e")},
        [("A label", 4)] * 4,
    ),
    "labels: too much": (
        f"path: x\n    labels: [&l {'x' * 10_000}{', *l' * 9}]\n",
        {"path": "x"},
        [("more than 65,536 characters", 4)],
    ),
    "meta: a tag": ("path: x\n    meta: {a: !f b}\n", {"path": "x", "meta": {"a": "b"}}, [("'b' is of a type", 4)]),
    "meta: a key twice": (
        "path: x\n    meta: {a: 1, b: 2,\n      a: 3, 2: x, '2': y}\n",
        {"path": "x", "meta": {"b": 2}},
        [("the key 'a' is repeated", 5), ("the key '2' is repeated", 5)],
    ),
    "meta: a list as key": ("path: x\n    meta: {[a]: b}\n", {"path": "x", "meta": {}}, [("a list or a mapping", 4)]),
    "meta: twice": ("path: x\n    meta: 1\n    meta: 1\n", {"path": "x"}, [("'meta' of 'churn' in 'dvc.yaml'", 5)]),
    "meta: too many": (f"path: x\n    meta: [{'a,' * 10_000}]\n", {"path": "x"}, [("more than 10,000 values", 4)]),
    "meta: too long": (f"path: x\n    meta: {'a' * 300_000}\n", {"path": "x"}, [("more than 131,072 characters", 4)]),
    "two merges": (
        "path: x\n    <<: {type: a}\n    <<: {type: b}\n",
        {"path": "x"},
        [("The key '<<'", 4), ("The key '<<'", 5)],
    ),
    "many": (
        "path: x\n" + "".join(f"    k{n}: x\n" for n in range(1_000)),
        {"path": "x"},
        [*[(f"'k{n}'", n + 4) for n in range(10)], ("990 more problems", 2)],
    ),
}


@pytest.mark.parametrize(("text", "expected", "faults"), FAULTS.values(), ids=FAULTS)
def test_faults_of_the_entry(text: str, expected: dict[str, Any], faults: list[tuple[str, int]]) -> None:
    annotation, problems = read(f"{HEAD}    {text}")
    assert annotation is not None
    assert {"meta": None, **fields(annotation)} == {"meta": None, **expected}
    assert len(problems) == len(faults)
    for problem, (message, line) in zip(problems, faults, strict=True):
        assert message in problem.message
        assert problem.hint
        assert (problem.level, problem.fails_strict) == (Level.WARNING, True)
        assert (problem.file, problem.line) == ("dvc.yaml", line)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("description", "Write 'desc'."),
        ("Path", "Write 'path'."),
        ("label", "Write 'labels'."),
        ("stage", "Put it under 'meta:', or remove it."),
    ],
)
def test_hint_for_an_unknown_key(key: str, hint: str) -> None:
    _, (problem,) = read(f"{HEAD}    path: x\n    {key}: y\n")
    assert problem.hint == hint


def test_what_is_quoted_in_a_hint_can_be_written() -> None:
    _, (problem,) = read(f"{HEAD}    path: x\n    type: 1.10\n")
    assert problem.hint == "Quote it, as in type: '1.10'."


@pytest.mark.parametrize("name", ["1", "2024-01-01", "true", "null"])
def test_a_name_that_is_not_text(name: str) -> None:
    annotation, (problem,) = read(f"artifacts:\n  {name}: {{path: x}}", name)
    assert fields(annotation) == {"path": "x"}
    assert (problem.level, problem.line, problem.fails_strict) == (Level.WARNING, 2, True)
    assert f"The name {name!r} in 'dvc.yaml' is" in problem.message


BOMBS = {
    "aliases in meta": "  churn:\n    path: x\n    meta: *b40\n",
    "aliases by a template": "  churn:\n    path: x\n    meta: ${b40}\n",
    "aliases in labels": "  churn:\n    path: x\n    labels: *b1\n",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_bombs(text: str) -> None:
    bomb = "\n".join(f"b{n + 1}: &b{n + 1} [*b{n}, *b{n}]" for n in range(40))
    bomb = f"b0: &b0 x\n{bomb}\n"
    with effort(2):
        annotation, problems = read({"dvc.yaml": f"{bomb}artifacts:\n{text}", "params.yaml": bomb})
    assert annotation is not None
    assert (annotation.path, annotation.meta) == ("x", None)
    assert len(problems) == (0 if "labels" in text else 1)


def test_many_names_cost_little() -> None:
    names = "".join(f"  a{n}: {{path: x}}\n" for n in range(40_000))
    with effort(30):
        _, (problem,) = read(f"artifacts:\n{names}")
    assert "no artifact 'churn'" in problem.message
