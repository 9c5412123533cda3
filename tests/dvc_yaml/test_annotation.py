"""What dvc.yaml says of an artifact."""

from typing import Any

import pytest

from gto_action.dvc_yaml.annotation import Annotation, read_annotation
from gto_action.dvc_yaml.places import dvc_yaml_of
from gto_action.gto.names import ArtifactName
from tests.support.annotations import HEAD, fields, read

GOOD: dict[str, tuple[str, dict[str, Any]]] = {
    "a path": ("    path: m.pkl\n", {"path": "m.pkl"}),
    "everything": (
        "    path: m.pkl\n    type: model\n    desc: Who leaves.\n    labels: [a, b]\n    meta: {k: [1, 2.5, null]}\n",
        {
            "path": "m.pkl",
            "type": "model",
            "description": "Who leaves.",
            "labels": ("a", "b"),
            "meta": {"k": [1, 2.5, None]},
        },
    ),
    "YAML 1.2 text": ("    {path: on, type: no, desc: 1:30}\n", {"path": "on", "type": "no", "description": "1:30"}),
    "normalised": ("    path: ./a//b/../m.pkl/\n", {"path": "a/m.pkl"}),
    "the directory itself": ("    path: .\n", {"path": "."}),
    "URL": ("    path: s3://b//x/../y\n", {"path": "s3://b//x/../y"}),
    "absolute": ("    path: /mnt/../m.pkl\n", {"path": "/mnt/../m.pkl"}),
    "Windows": ("    path: C:\\m.pkl\n", {"path": "C:\\m.pkl"}),
    "a colon is no URL": ("    path: a:b/../c\n", {"path": "c"}),
    "hostile text": (
        '    path: "a\\nb"\n    desc: "::error::x\\n\\e[31mred\\a"\n',
        {"path": "a\nb", "description": "::error::x\n\x1b[31mred\a"},
    ),
    "merged": ("    <<: &d {type: model, path: x}\n    path: y\n", {"type": "model", "path": "y"}),
    "meta: a text": ("    path: x\n    meta: t\n", {"path": "x", "meta": "t"}),
    "meta: a list": ("    path: x\n    meta: [a, [b]]\n", {"path": "x", "meta": ["a", ["b"]]}),
    "meta: no JSON": (
        "    path: x\n    meta: {1: .nan, 2024-01-01: -.INF, null: 2024-01-01, true: on, ~: !!binary aGk=}\n",
        {
            "path": "x",
            "meta": {"1": ".nan", "2024-01-01": "-.INF", "null": "2024-01-01", "true": "on", "~": "aGk="},
        },
    ),
    "labels: none": ("    path: x\n    labels: []\n", {"path": "x"}),
}


@pytest.mark.parametrize(("text", "expected"), GOOD.values(), ids=GOOD)
def test_good(text: str, expected: dict[str, Any]) -> None:
    annotation, problems = read(HEAD + text)
    assert problems == ()
    assert fields(annotation) == expected


def test_where_it_is_written() -> None:
    annotation, _ = read({"models/dvc.yaml": "stages: {}\nartifacts:\n\n  churn: {path: m.pkl}\n"}, directory="models")
    assert annotation == Annotation(path="models/m.pkl", file="models/dvc.yaml", line=4)


@pytest.mark.parametrize(
    ("directory", "file"),
    [
        ("", "dvc.yaml"),
        ("models", "models/dvc.yaml"),
        ("models/", "models/dvc.yaml"),
        ("models/.", "models/dvc.yaml"),
        ("./models", "models/dvc.yaml"),
        ("a//b", "a/b/dvc.yaml"),
        ("a/../b", "b/dvc.yaml"),
        (".", "dvc.yaml"),
        ("a/..", "dvc.yaml"),
        ("/models", "models/dvc.yaml"),
        ("//models", "models/dvc.yaml"),
        ("/", "dvc.yaml"),
        ("dvc.yaml", "dvc.yaml"),
        ("models/dvc.yaml", "models/dvc.yaml"),
        ("models/dvc.yaml/", "models/dvc.yaml"),
        ("models/dvc.yaml.d", "models/dvc.yaml.d/dvc.yaml"),
        ("..", "../dvc.yaml"),
        ("../x", "../x/dvc.yaml"),
    ],
)
def test_file_of(directory: str, file: str) -> None:
    assert dvc_yaml_of(ArtifactName("churn", directory)) == file


@pytest.mark.parametrize(
    ("path", "expected"),
    [("m.pkl", "a/b/m.pkl"), ("../m.pkl", "a/m.pkl"), ("../../m.pkl", "m.pkl"), ("..", "a"), ("s3://b/x", "s3://b/x")],
)
def test_path_is_relative_to_the_dvc_yaml(path: str, expected: str) -> None:
    annotation, problems = read({"a/b/dvc.yaml": f"{HEAD}    path: {path}\n"}, directory="a/b/")
    assert annotation is not None
    assert (annotation.path, problems) == (expected, ())


def test_a_slash_in_the_name_is_not_a_directory() -> None:
    annotation, _ = read("artifacts: {a/b: {path: x}}", "a/b")
    assert fields(annotation) == {"path": "x"}


@pytest.mark.parametrize(
    "fault",
    [
        "  other: null\n",
        "  other: {}\n",
        "  other: {path: 1}\n",
        "  other: {path: x, path: y}\n",
        "  other: {path: '${missing}'}\n",
        "  ${missing}: {path: y}\n",
        "  1: {}\n",
        "  other: !foo x\n",
        "  other: {path: x, type: =}\n",
        "  other: {<<: 3}\n",
        "  other: {}\n  other: {}\n",
        "stages: 3\nstages: 4\nfoo: [\n  1]\n",
        "vars: 3\n",
    ],
)
def test_the_faults_of_others_do_not_matter(fault: str) -> None:
    annotation, problems = read(f"{HEAD}    path: x\n{fault}")
    assert problems == ()
    assert fields(annotation) == {"path": "x"}


TEMPLATES: dict[str, tuple[str, dict[str, Any], int]] = {
    "values and names": ("  ${n}: {path: '${p}/m.pkl', type: '${t}'}\n", {"path": "d/m.pkl", "type": "model"}, 0),
    "escaped": ("  churn: {path: x, desc: '\\${n}'}\n", {"path": "x", "description": "${n}"}, 0),
    "a number": ("  churn: {path: x, desc: '${f}'}\n", {"path": "x", "description": "1.1"}, 0),
    "a boolean": ("  churn: {path: '${b}'}\n", {"path": "true"}, 0),
    "null": ("  churn: {path: x, desc: '${z}'}\n", {"path": "x"}, 1),
    "a list": ("  churn: {path: '${l}'}\n", {}, 1),
    "labels": (
        "  churn: {path: x, labels: ['${n}', '${f}', '${l}', '${z}']}\n",
        {"path": "x", "labels": ("churn", "1.1")},
        2,
    ),
    "meta": (
        "  churn: {path: x, meta: {'${n}': '${m}', b: ['${l}', '${inf}', '${z}'], '${f}': 1, '${l}': 2}}\n",
        {"path": "x", "meta": {"churn": {"k": 1, "day": "2024-01-01"}, "b": [["a"], "inf", None], "1.1": 1}},
        1,
    ),
    "URL": ("  churn: {path: '${u}/x'}\n", {"path": "s3://b/x"}, 0),
}


@pytest.mark.parametrize(("text", "expected", "count"), TEMPLATES.values(), ids=TEMPLATES)
def test_templates(text: str, expected: dict[str, Any], count: int) -> None:
    params = "{n: churn, p: d, t: model, f: 1.10, b: true, z: null, l: [a], m: {k: 1, day: 2024-01-01}, inf: .inf, "
    annotation, problems = read({"dvc.yaml": f"artifacts:\n{text}", "params.yaml": f"{params}u: s3://b}}"})
    assert fields(annotation) == expected
    assert len(problems) == count


def test_no_other_file_is_read_without_a_template() -> None:
    calls = []

    def reader(path: str) -> bytes:
        calls.append(path)
        return b"vars: [my.yaml]\nartifacts: {churn: {path: x}}"

    read_annotation(ArtifactName("churn"), reader)
    assert calls == ["dvc.yaml"]
