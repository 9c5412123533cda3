"""What the outputs say of each event."""

import json

import pytest

from gto_action.answer import document
from tests.support.action import Action
from tests.support.built import build
from tests.support.churn import DVC_YAML
from tests.support.repo import Repo

# tag, event, name, version, stage, path, description
EVENTS = [
    ("churn@v3.0.0", "registration", "churn", "v3.0.0", "", "models/churn.pkl", "Who leaves"),
    ("churn@v3.1.0", "registration", "churn", "v3.1.0", "", "models/churn.pkl", "They leaves"),
    ("churn#prod#4", "assignment", "churn", "v3.1.0", "prod", "models/churn.pkl", "They leaves"),
    ("churn#prod!#5", "unassignment", "churn", "v3.1.0", "prod", "models/churn.pkl", "They leaves"),
    ("churn@v3.1.0!#6", "deregistration", "churn", "v3.1.0", "", "models/churn.pkl", "They leaves"),
    ("churn@deprecated#7", "deprecation", "churn", "", "", "models/churn.pkl", "They leaves"),
    ("models=churn@v1.0.0", "registration", "models:churn", "v1.0.0", "", "models/churn.pkl", "of the monorepo"),
    (
        "models=churn#eu/prod#2",
        "assignment",
        "models:churn",
        "v1.0.0",
        "eu/prod",
        "models/churn.pkl",
        "of the monorepo",
    ),
]


@pytest.mark.parametrize(("tag", "event", "name", "version", "stage", "path", "description"), EVENTS, ids=[row[0] for row in EVENTS])  # fmt: skip
def test_event(
    registry: Repo,
    action: Action,
    tag: str,
    event: str,
    name: str,
    version: str,
    stage: str,
    path: str,
    description: str,
) -> None:
    run = action(f"refs/tags/{tag}")
    assert run.code == 0, run.log
    assert run.outputs is not None
    assert list(run.outputs) == list(document.NAMES)
    commit = registry.git("rev-parse", f"refs/tags/{tag}^{{commit}}")
    expected = {
        "event": event,
        "name": name,
        "version": version,
        "stage": stage,
        "path": path,
        "description": description,
    }
    assert run.outputs | expected | {"tag": tag, "sha": commit} == run.outputs
    assert {key: run.document[key] for key in (*expected, "tag", "sha")} == expected | {"tag": tag, "sha": commit}
    sentence = run.log.splitlines()[-1]
    assert sentence.startswith(f"{name} ")
    assert sentence.endswith(f"(tag {tag}, commit {commit[:7]})")
    assert run.told("error") == run.told("warning") == []


@pytest.mark.parametrize("ref", [*(row[0] for row in EVENTS), "other#dev", "third#dev!"])
def test_the_scope_changes_no_output(registry: Repo, action: Action, ref: str) -> None:
    assert registry.git("rev-parse", ref)
    every = action(f"refs/tags/{ref}")
    own = action(f"refs/tags/{ref}", INPUT_SHOW="false", INPUT_HISTORY="false")
    assert every.outputs
    assert own.outputs == every.outputs
    assert "::group::Registry" in every.log
    assert "::group::Registry" not in own.log
    assert "::group::History" not in own.log


def test_the_json_document_has_everything(registry: Repo, action: Action) -> None:
    assert action("refs/tags/churn@v3.0.0").document == {
        "schema_version": 1,
        "event": "registration",
        "name": "churn",
        "version": "v3.0.0",
        "stage": "",
        "type": "model",
        "path": "models/churn.pkl",
        "description": "Who leaves",
        "tag": "churn@v3.0.0",
        "sha": registry.git("rev-parse", "churn@v3.0.0^{commit}"),
        "author": "Ada Lovelace",
        "author_email": "ada@example.com",
        "created_at": "1970-01-01T00:00:11+00:00",
        "message": "the first\n\nwith a body",
        "labels": ["tabular", "two words"],
        "meta": {"threshold": 0.5},
        "directory": "",
        "pulled": False,
        "pull": None,
        "semver": {"major": 3, "minor": 0, "patch": 0, "prerelease": "", "build": ""},
        "ambiguous": False,
        "candidates": [],
        "previous_version": "",
        "previous": None,
        "current_version": "",
        "current": None,
        "latest_version": "",
        "latest": None,
        "is_current": False,
        "stages": {},
        "matched": True,
        "deleted": None,
    }


def test_the_version_of_an_unregistered_commit_is_the_commit(registry: Repo, action: Action) -> None:
    run = action("refs/tags/other#dev")
    commit = registry.git("rev-parse", "main")
    assert run.outputs is not None
    assert (run.outputs["version"], run.document["semver"]) == (commit, None)
    assert run.told("notice") != []  # no dvc.yaml


@pytest.mark.parametrize("count", [2_000, 4_000, 25_000])
def test_thousands_of_stages(repo: Repo, action: Action, count: int) -> None:
    lines = "".join(f"churn#stage-{number} A 3\n" for number in range(count))
    build(repo.path, f"churn@v1.0.0 A 1\nchurn#prod A 2\n{lines}")
    repo.git("pack-refs", "--all")
    run = action("refs/tags/churn#prod", INPUT_HISTORY="false")
    if count > 10_000:
        assert (run.code, run.outputs) == (1, None)
        assert run.told("error")[0].endswith("Unassign the artifact's stages that are no longer used.")
        return
    assert run.outputs
    assert len(json.loads(run.outputs["stages"])) == count + 1
    assert run.document["current_version"] == "v1.0.0"
    if count > 3_000:
        assert run.document["stages"] is None
        (warning,) = run.told("warning")
        assert warning.startswith(f"The output 'json' has no room for the artifact's {count + 1:,} stages, ")
    else:
        assert len(run.document["stages"]) == count + 1
        assert run.told("warning") == []


def test_several_versions_at_the_commit(repo: Repo, action: Action) -> None:
    repo.commit({"dvc.yaml": DVC_YAML})
    for number, name in enumerate(("churn@v1.0.0", "churn@v1.1.0", "churn#prod")):
        repo.tag(name, time=number)
    run = action("refs/tags/churn#prod")
    assert (run.document["version"], run.document["ambiguous"]) == ("v1.1.0", True)
    assert run.document["candidates"] == ["v1.0.0", "v1.1.0"]
    assert "(v1.0.0, v1.1.0); v1.1.0 was chosen" in run.told("warning")[0]
    strict = action("refs/tags/churn#prod", INPUT_STRICT="TRUE")
    assert (strict.code, strict.outputs) == (1, None)
    assert "v1.1.0 was chosen" in strict.told("error")[0]


def test_what_was_and_what_is(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4")
    assert run.outputs is not None
    names = ("previous-version", "current-version", "latest-version", "is-current", "stages", "matched")
    assert [run.outputs[name] for name in names] == ["", "", "", "false", "{}", "true"]  # deprecated since
    run = action("refs/tags/models=churn#eu/prod#2", INPUT_EVENTS="assignment", INPUT_STAGES="prod")
    assert run.outputs is not None
    stages = '{"eu/prod": "v1.0.0"}'
    assert [run.outputs[name] for name in names] == ["", "v1.0.0", "v1.0.0", "true", stages, "false"]
    commit = registry.git("rev-parse", "models=churn@v1.0.0^{commit}")
    held = {"version": "v1.0.0", "sha": commit, "tag": "models=churn@v1.0.0"}
    assert (run.document["current"], run.document["stages"]) == (held, {"eu/prod": held})
