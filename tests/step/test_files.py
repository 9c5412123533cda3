"""What `dvc.yaml` and `.gto` say at the commit, and what is said when they cannot be read."""

import re

import pytest

from tests.support.action import Action
from tests.support.churn import DVC_YAML
from tests.support.repo import Repo


@pytest.mark.parametrize("path", ["p blob", "p blob missing", "p blob 3", "blob", "commit 7"])
def test_a_file_that_is_missing_whatever_it_is_called(repo: Repo, action: Action, path: str) -> None:
    repo.commit({"dvc.yaml": f"vars: ['{path}']\nartifacts: {{churn: {{path: '${{q}}'}}}}\n"})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["version"] == "v1.0.0"
    assert "Traceback" not in run.log


# a dvc.yaml that nobody can read, and what the warning says
UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "latin-1": ("artifacts: {churn: {path: caf\xe9}}".encode("latin-1"), "not UTF-8"),
    "not YAML": ("artifacts:\n  churn: [", "is not YAML"),
    "a list of artifacts": ("artifacts: []", "not a mapping"),
    "10 MB": ("#" * 10_000_000, "too large|larger than|long"),
    "an alias bomb": (
        "a: &a [x,x]\n" + "".join(f"{b}: &{b} [*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True))
        + "artifacts: {churn: {path: x, meta: *l}}", "meta",
    ),
    "100,000 brackets": ("artifacts: " + "[" * 100_000, "deep|nest"),
    "a value that cannot be resolved": (DVC_YAML.replace("models/churn.pkl", "${nowhere}"), "nowhere"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_dvc_yaml_that_cannot_be_read(repo: Repo, action: Action, case: str) -> None:
    content, warning = UNREADABLE[case]
    repo.commit({"dvc.yaml": content})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log
    assert run.outputs is not None
    assert (run.outputs["event"], run.outputs["type"] in {"", "model"}) == ("registration", True)
    (told,) = run.told("warning")
    assert re.search(warning, told)
    line = "" if case == "10 MB" else r",line=\d+"
    assert re.search(rf"^::warning title=gto-action,file=dvc\.yaml{line}::", run.log, re.MULTILINE)
    strict = action("refs/tags/churn@v1.0.0", INPUT_STRICT="true")
    assert (strict.code, strict.outputs) == (1, None)
    assert re.search(warning, strict.told("error")[0])


@pytest.mark.parametrize(
    ("files", "notice"),
    [
        ({"README.md": "x"}, "no file 'dvc.yaml' at this commit"),
        ({"dvc.yaml": "stages: {}"}, "no artifact 'churn'"),
        ({"dvc.yaml": "artifacts: {Churn: {path: x}}"}, "It has 'Churn'"),
    ],
    ids=["no dvc.yaml", "no artifacts", "another spelling"],
)
def test_a_missing_annotation(repo: Repo, action: Action, files: dict[str, str], notice: str) -> None:
    repo.commit(files)
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert (run.code, run.document["path"], run.document["meta"]) == (0, "", None)
    assert notice in run.told("notice")[0]
    assert action("refs/tags/churn@v1.0.0", INPUT_STRICT="true").code == 1


def test_templates_are_resolved_at_the_commit(repo: Repo, action: Action) -> None:
    files = {
        "m/dvc.yaml": "vars: [{kind: model}, more.yaml]\nartifacts: {'${who}': {path: '${dir}/x', type: '${kind}', desc: 'v${major}'}}",
        "m/params.yaml": "who: churn\nmajor: 3",
        "m/more.yaml": "dir: ../data",
    }
    repo.commit(files, time=1)
    repo.tag("m=churn@v1.0.0", time=2)
    repo.commit(files | {"m/params.yaml": "who: somebody"}, time=3)
    document = action("refs/tags/m=churn@v1.0.0").document
    assert [document[key] for key in ("path", "type", "description")] == ["data/x", "model", "v3"]


def test_stages_that_are_not_allowed(repo: Repo, action: Action) -> None:
    repo.commit({".gto": "stages: [dev, prod]", "dvc.yaml": DVC_YAML})
    repo.tag("churn#qa", time=1)
    repo.tag("churn#dev", time=2)
    assert action("refs/tags/churn#dev").told("warning") == []
    run = action("refs/tags/churn#qa")
    assert run.document["stage"] == "qa"  # GTO honours it
    assert "'qa' is not among those" in run.told("warning")[0]
    assert action("refs/tags/churn#qa", INPUT_STRICT="true").code == 1
    assert action("refs/tags/churn#qa", GTO_STAGES='["qa"]').told("warning") == []


def test_a_gto_file_that_cannot_be_read(repo: Repo, action: Action) -> None:
    repo.commit({".gto": "stages: [", "dvc.yaml": DVC_YAML})
    repo.tag("churn#qa")
    run = action("refs/tags/churn#qa")
    assert run.document["stage"] == "qa"
    assert "'.gto' is not YAML" in run.told("warning")[0]
    assert "file=.gto,line=" in run.log


def test_what_is_too_long_in_a_dvc_yaml_is_left_out(repo: Repo, action: Action) -> None:
    fields = {name: "\u00e9" * size for name, size in {"path": 60_000, "type": 70_000, "desc": 60_000}.items()}
    entry = "".join(f"    {name}: {text}\n" for name, text in fields.items())
    labels, meta = ("[" + "\u00e9" * size + "]" for size in (60_000, 130_000))
    repo.commit({"dvc.yaml": f"artifacts:\n  churn:\n{entry}    labels: {labels}\n    meta: {meta}\n"})
    repo.tag("churn@v1.0.0", message="\u00e9" * 60_000)
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log[-1000:]
    assert (len(run.document["path"]), run.document["type"], len(run.document["description"])) == (60_000, "", 60_000)
    assert "'type'" in run.told("warning")[0]
    assert len(run.summary) < 20_000
