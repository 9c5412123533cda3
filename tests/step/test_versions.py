"""A version that the input `artifact` asks for."""

import pytest

from tests.support.action import EMPTY, Action
from tests.support.repo import Repo


@pytest.mark.parametrize("selector", ["churn@v3.0.0", "models:churn@latest", "models:churn#eu/prod"])
def test_the_scope_of_a_version(registry: Repo, action: Action, selector: str) -> None:
    assert registry.git("rev-parse", "main")
    every = action("refs/heads/main", INPUT_ARTIFACT=selector)
    own = action("refs/heads/main", INPUT_ARTIFACT=selector, INPUT_SHOW="false", INPUT_HISTORY="false")
    assert own.outputs
    assert own.outputs == every.outputs


NO_REF = ["../x:churn", "./m:churn", "a//b:churn", "/m:churn", ".:churn", "a..b:churn", "a.lock/b:churn", ".a/b:churn"]


@pytest.mark.parametrize("name", NO_REF)
def test_the_scope_of_what_no_tag_can_be_named(registry: Repo, action: Action, name: str) -> None:
    assert registry.git("rev-parse", "main")
    every = action("refs/heads/main", INPUT_ARTIFACT=f"{name}@latest")
    own = action("refs/heads/main", INPUT_ARTIFACT=f"{name}@latest", INPUT_SHOW="false", INPUT_HISTORY="false")
    assert (own.code, own.outputs) == (every.code, every.outputs)
    assert own.told("error") == every.told("error")


# what is asked for, and the version, the stage and the tag of the answer
VERSIONS = [
    ("models:churn@latest", "v1.0.0", "", "models=churn@v1.0.0"),
    ("models=churn@greatest", "v1.0.0", "", "models=churn@v1.0.0"),
    ("models:churn@v1.0.0", "v1.0.0", "", "models=churn@v1.0.0"),
    ("models:churn#eu/prod", "v1.0.0", "eu/prod", "models=churn@v1.0.0"),
    ("other@latest", "", "", "other#dev"),
    ("other#dev", "", "dev", "other#dev"),
    ("third@latest", "", "", "third#dev!"),
]


@pytest.mark.parametrize(("artifact", "version", "stage", "tag"), VERSIONS, ids=[row[0] for row in VERSIONS])
@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/churn@v3.0.0", ""])
def test_a_version_that_is_asked_for(
    registry: Repo, action: Action, ref: str, artifact: str, version: str, stage: str, tag: str
) -> None:
    run = action(ref, INPUT_ARTIFACT=artifact)
    assert run.code == 0, run.log
    assert run.outputs is not None
    commit = registry.git("rev-parse", f"refs/tags/{tag}^{{commit}}")
    expected = {"event": "", "version": version or commit, "stage": stage, "tag": tag, "sha": commit}
    assert run.outputs | expected == run.outputs
    assert run.outputs["path"] == ("models/churn.pkl" if version else "")
    assert run.document["current"] == {"version": version or commit, "sha": commit, "tag": tag}


@pytest.mark.parametrize(
    "artifact", ["churn@latest", "models:churn@v9.9.9", "models:churn#dev", "nobody@latest", "models:nobody#prod"]
)
def test_a_version_that_is_not_there(registry: Repo, action: Action, artifact: str) -> None:
    run = action("refs/heads/main", INPUT_ARTIFACT=artifact)
    assert (run.code, run.outputs) == (0, EMPTY), run.log
    assert repr(artifact) in run.told("notice")[0]
    strict = action("refs/heads/main", INPUT_ARTIFACT=artifact, INPUT_STRICT="true")
    assert (strict.code, strict.outputs) == (1, None)
