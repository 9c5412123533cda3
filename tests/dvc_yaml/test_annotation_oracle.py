"""The real dvc, asked the same: where it has an answer ours is the same, where it refuses we say what is wrong."""

import pytest

from gto_action.dvc_yaml.annotation import read_annotation
from gto_action.errors import Level
from gto_action.gto.names import ArtifactName
from tests.support.dvc_answers import PARAMS, Ask, agree, both


def entry(text: str, **files: str) -> dict[str, str]:
    return {"dvc.yaml": f"artifacts:\n  churn:\n    path: x\n    {text}\n", "params.yaml": PARAMS, **files}


def with_vars(variables: str, **files: str) -> dict[str, str]:
    named = {path.replace("_", "."): text for path, text in files.items()}
    return {"dvc.yaml": f"vars: {variables}\nartifacts:\n  churn: {{path: '${{x}}'}}\n", **named}


SAME: dict[str, tuple[dict[str, str], str]] = {
    **{f"desc: {text}": (entry(f"desc: {text}"), "read") for text in ("on", "no", "1:30", "v1.0", "é")},
    **{
        f"desc: {text}": (entry(f"desc: {text}"), "refused")
        for text in ("42", "1.10", "true", "~", "2024-01-01", "010", "=", "<<", "!foo x", "[a]", "{a: b}", ".nan", "._")
    },
    **{
        f"desc: '{text}'": (entry(f"desc: '{text}'"), "read")
        for text in (
            *("${name}", "${ name }", "${n}", "${f}", "${yes}", "${list[0]}", "${list[-2]}", "${list.1}"),
            *("${list[2].c}", "${map.a}", "${map[3]}", "${odd key}", "${template}", "${escaped}", "x ${escaped}"),
            *("v${f}", "v${yes}", "v${none}", "v${e}", "${name}-${n}", "\\${name}", "\\${name} ${name}", "\\\\${name}"),
            *("$name", "${name", "$${name}", "${name}}", "\\${missing}"),
        )
    },
    **{
        f"desc: '{text}'": (entry(f"desc: '{text}'"), "refused")
        for text in ("${missing}", "a${name.b}", "${list[9]}", "${list.x}", "${}", "${a..b}", "${a[}", "${${name}}")
    },
    "labels": (entry("labels: [a, '${name}', 'x${n}', '${n}']"), "read"),
    "labels: text": (entry("labels: a"), "refused"),
    "labels: null": (entry("labels:"), "refused"),
    "labels: mapping": (entry("labels: {a: b}"), "refused"),
    "labels: a number": (entry("labels: [a, 1]"), "refused"),
    "meta": (entry("meta: {a: [1, 2.5, null, on, true], b: {c: d}, 1: x, e: .inf, f: -.inf}"), "read"),
    "meta: date": (entry("meta: {a: 2024-01-01}"), "read"),
    "meta: template": (entry("meta: {'${name}': '${map}', b: ['${list}', '${none}', '${f}'], c: '\\${x}'}"), "read"),
    "meta: text": (entry("meta: a"), "read"),
    "meta: tag": (entry("meta: {a: !foo b}"), "refused"),
    "meta: a key twice": (entry("meta: {a: 1, a: 2}"), "refused"),
    "unknown key": (entry("stage: prod"), "refused"),
    "unknown key, by a template": (entry("${name}: prod"), "refused"),
    "a field twice": (entry("path: y"), "refused"),
    "merge": (entry("<<: {type: model, path: y}"), "read"),
    "merge of a list": (entry("<<: [{type: a}, {type: b, desc: c}]"), "read"),
    "two merges": (entry("<<: {type: a}\n    <<: {desc: b}"), "refused"),
    "no path": ({"dvc.yaml": "artifacts: {churn: {type: a}}"}, "refused"),
    "null": ({"dvc.yaml": "artifacts: {churn: }"}, "refused"),
    "bare text": ({"dvc.yaml": "artifacts: {churn: x}"}, "refused"),
    "artifacts: []": ({"dvc.yaml": "artifacts: []"}, "refused"),
    "artifacts: null": ({"dvc.yaml": "artifacts:"}, "refused"),
    "the artifact twice": ({"dvc.yaml": "artifacts: {churn: {path: a}, churn: {path: b}}"}, "refused"),
    "no file": ({"x": ""}, "missing"),
    "an empty file": ({"dvc.yaml": ""}, "missing"),
    "no artifacts": ({"dvc.yaml": "stages: {}"}, "missing"),
    "another artifact": ({"dvc.yaml": "artifacts: {Churn: {path: a}}"}, "missing"),
    "a text": ({"dvc.yaml": "a"}, "refused"),
    "not YAML": ({"dvc.yaml": "a: b: c"}, "refused"),
    "two documents": ({"dvc.yaml": "a: 1\n---\nb: 2"}, "refused"),
    "CRLF": ({"dvc.yaml": "artifacts:\r\n  churn:\r\n    path: x\r\n"}, "read"),
    "BOM": ({"dvc.yaml": "\ufeffartifacts: {churn: {path: x}}"}, "read"),
    "NUL": ({"dvc.yaml": "artifacts: {churn: {path: 'x\0'}}"}, "refused"),
    "tab": ({"dvc.yaml": "artifacts:\n\tchurn: {path: x}"}, "refused"),
    "YAML 1.2": ({"dvc.yaml": "%YAML 1.2\n---\nartifacts: {churn: {path: x, type: on}}"}, "read"),
    "alias": ({"dvc.yaml": "artifacts: {a: &a {path: x, meta: {b: c}}, churn: *a}"}, "read"),
    "a name by a template": ({"dvc.yaml": "artifacts: {'${name}': {path: x}}", "params.yaml": PARAMS}, "read"),
    "a name by a template, in part": (
        {"dvc.yaml": "artifacts: {'ch${x}': {path: x}}", "params.yaml": "x: urn"},
        "read",
    ),
    "a name that is no text": ({"dvc.yaml": "artifacts: {'${n}': {path: x}}", "params.yaml": PARAMS}, "refused"),
    "vars: inline": (with_vars("[{x: 1a}]"), "read"),
    "vars: merged": (
        {"dvc.yaml": "vars: [{x: {a: 1}}, {x: {b: 2}}]\nartifacts: {churn: {path: x, meta: '${x}'}}"},
        "read",
    ),
    "vars: yaml": (with_vars("[my.yaml]", my_yaml="x: a"), "read"),
    "vars: no suffix": (with_vars("[my]", my="x: a"), "read"),
    "vars: json": (with_vars("[my.json]", my_json='{"x": "a"}'), "read"),
    "vars: toml": (with_vars("[my.toml]", my_toml="x = 'a'"), "read"),
    "vars: keys": (with_vars("['my.yaml:x,y']", my_yaml="x: a\ny: b\nz: c"), "read"),
    "vars: keys, in turn": (with_vars("['my.yaml:x', 'my.yaml:y']", my_yaml="x: a\ny: b"), "read"),
    "vars: params.yaml again": (with_vars("[params.yaml, ./params.yaml]", params_yaml="x: a"), "read"),
    "vars: empty files": (with_vars("[e.yaml, e.json, e.toml, {x: a}]", e_yaml="", e_json="[]", e_toml=""), "read"),
    "vars: missing file": (with_vars("[my.yaml]"), "refused"),
    "vars: missing key": (with_vars("['my.yaml:x,q']", my_yaml="x: a"), "refused"),
    "vars: defined twice": (with_vars("[{x: b}]", params_yaml="x: a"), "refused"),
    "vars: defined twice, the same": (with_vars("[{x: a}]", params_yaml="x: a"), "refused"),
    "vars: params.yaml in part": (with_vars("['params.yaml:x']", params_yaml="x: a"), "refused"),
    "vars: a key twice": (with_vars("['m.yaml:x', 'm.yaml:x']", m_yaml="x: a"), "refused"),
    "vars: first a part": (with_vars("['m.yaml:x', m.yaml]", m_yaml="x: a"), "refused"),
    "vars: a template": (with_vars("['${x}.yaml']", params_yaml="x: a"), "refused"),
    "vars: a template inside": (with_vars("[{a: ['${x}']}]", params_yaml="x: a"), "refused"),
    "vars: a number": (with_vars("[1]", params_yaml="x: a"), "refused"),
    "vars: not a list": (with_vars("x", params_yaml="x: a"), "refused"),
    "params.yaml: a list": (with_vars("[]", params_yaml="[a]"), "refused"),
    "params.yaml: a key twice": (with_vars("[]", params_yaml="x: a\nx: b"), "refused"),
    "params.yaml: not YAML": (with_vars("[]", params_yaml="x: ["), "refused"),
    "params.yaml: a date": (with_vars("[]", params_yaml="x: 2024-01-01"), "refused"),
    "params.yaml: a number as key": (with_vars("[]", params_yaml="1: b\nx: a"), "read"),
}


@pytest.mark.parametrize(("files", "verdict"), SAME.values(), ids=SAME)
def test_same_as_dvc(ask: Ask, files: dict[str, str], verdict: str) -> None:
    assert agree(ask, files) == verdict


@pytest.mark.parametrize(
    "directory", ["", "models", "models/", "models/.", "./models", "a//b", "models/dvc.yaml", "/models"]
)
@pytest.mark.parametrize("path", ["m.pkl", "./a//b/../m.pkl", "d/", "../m.pkl", "${dir}/m.pkl", "."])
def test_same_place_as_dvc(ask: Ask, directory: str, path: str) -> None:
    below = directory.removesuffix("/dvc.yaml").strip("/.").replace("//", "/")
    prefix = f"{below}/" if below else ""
    files = {f"{prefix}dvc.yaml": f"artifacts: {{churn: {{path: '{path}'}}}}", f"{prefix}params.yaml": PARAMS}
    answer, annotation, _ = both(ask, files, "churn", below)
    assert answer.get("path"), answer
    ours, _ = read_annotation(ArtifactName("churn", directory), {p: t.encode() for p, t in files.items()}.get)
    assert annotation is not None
    assert ours is not None
    assert ours.path == annotation.path == answer["path"]


# Where we differ, each with the reason. dvc refuses the whole file for any fault in it, and it reads the values for
# templates even if there are none; we answer for what is not concerned (X14).
TOLERATED: dict[str, dict[str, str]] = {
    "another entry is wrong": {"dvc.yaml": "artifacts: {churn: {path: x}, other: }"},
    "another entry is there twice": {"dvc.yaml": "artifacts: {churn: {path: x}, o: {path: a}, o: {path: b}}"},
    "another entry has a template without value": {"dvc.yaml": "artifacts: {churn: {path: x}, o: {path: '${q}'}}"},
    "another entry's name is a number": {"dvc.yaml": "artifacts: {churn: {path: x}, 1: {path: y}}"},
    "another entry has a tag": {"dvc.yaml": "artifacts: {churn: {path: x}, o: !foo y}"},
    "stages are wrong": {"dvc.yaml": "stages: []\nartifacts: {churn: {path: x}}"},
    "an unknown section": {"dvc.yaml": "foo: 1\nartifacts: {churn: {path: x}}"},
    "a section twice": {"dvc.yaml": "params: []\nparams: []\nartifacts: {churn: {path: x}}"},
    "params.yaml is wrong, and not needed": {"dvc.yaml": "artifacts: {churn: {path: x}}", "params.yaml": "["},
    "vars are wrong, and not needed": {"dvc.yaml": "vars: [my.yaml]\nartifacts: {churn: {path: x}}"},
    "a date among the values, and not needed": {
        "dvc.yaml": "artifacts: {churn: {path: '${x}'}}",
        "params.yaml": "x: x\nday: 2024-01-01",
    },
    "a tab that changes nothing": {"dvc.yaml": "artifacts: {churn: {path: x}}\t"},
}


@pytest.mark.parametrize("files", TOLERATED.values(), ids=TOLERATED)
def test_read_though_dvc_refuses(ask: Ask, files: dict[str, str]) -> None:
    answer, annotation, problems = both(ask, files, "churn", "")
    assert "error" in answer
    assert annotation is not None
    assert (annotation.path, problems) == ("x", ())


# X15, what dvc reads and we refuse, with a warning: each is a file that says something that cannot be meant.
REFUSED: dict[str, dict[str, str]] = {
    "two entries get one name by a template: dvc takes the last": {
        "dvc.yaml": "artifacts: {churn: {path: x}, '${name}': {path: y}}",
        "params.yaml": PARAMS,
    },
    "a list in a text: dvc writes it as Python": entry("desc: 'x ${list}'"),
    "a mapping in a text: dvc writes it as command line options": entry("desc: 'x ${map}'"),
    "a list for a text": entry("desc: '${list}'"),
    "a list as key in meta": entry("meta: {[a]: b}"),
    "no path, by a template": {"dvc.yaml": "artifacts: {churn: {path: '${none}'}}", "params.yaml": PARAMS},
    "an empty path": {"dvc.yaml": "artifacts: {churn: {path: ''}}"},
    "null for a text, by a template": entry("type: '${none}'"),
    "values in Python": with_vars("[my.py]", my_py="x = 'a'"),
    "YAML 1.1": {"dvc.yaml": "%YAML 1.1\n---\nartifacts: {churn: {path: x}}"},
    "a line separator": {"dvc.yaml": "artifacts: {churn: {path: 'x\u2028y'}}"},
    "an empty key": {"dvc.yaml": "artifacts:\n  churn:\n    path: x\n    meta:\n      : a\n"},
}


@pytest.mark.parametrize("files", REFUSED.values(), ids=REFUSED)
def test_refused_though_dvc_reads(ask: Ask, files: dict[str, str]) -> None:
    answer, _, problems = both(ask, files, "churn", "")
    assert "error" not in answer
    assert [(problem.level, problem.fails_strict) for problem in problems] == [(Level.WARNING, True)]


def test_an_url_is_not_mangled(ask: Ask) -> None:
    """D4: dvc joins it with the directory."""
    files = {"s/dvc.yaml": "artifacts: {churn: {path: s3://b/x}}"}
    answer, annotation, problems = both(ask, files, "churn", "s")
    assert annotation is not None
    assert (answer["path"], annotation.path, problems) == ("s/s3:/b/x", "s3://b/x", ())


def test_a_list_at_the_top_is_an_empty_file_for_dvc(ask: Ask) -> None:
    answer, annotation, (problem,) = both(ask, {"dvc.yaml": "[]"}, "churn", "")
    assert (answer, annotation) == ({"artifact": None, "path": None}, None)
    assert problem.level is Level.WARNING
