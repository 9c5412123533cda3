"""Whole workflows on a real runner: judged by what the gated steps and jobs did."""

from collections.abc import Callable

import pytest

from tests.e2e.act import Act
from tests.e2e.conftest import TOKEN
from tests.support.git_server import GitServer

pytestmark = pytest.mark.container

_ROWS = [
    pytest.param(
        "refs/tags/churn@v1.1.0",
        {
            "event": "registration",
            "name": "churn",
            "version": "v1.1.0",
            "stage": "",
            "previous-version": "v1.0.0",
            "current-version": "v2.0.0",
            "is-current": "true",
            "matched": "false",
        },
        {"build churn v1.1.0"},
        id="registration",
    ),
    pytest.param(
        "refs/tags/churn#prod#2",
        {
            "event": "assignment",
            "name": "churn",
            "version": "v1.1.0",
            "stage": "prod",
            "path": "models/churn.pkl",
            # unassigned since
            "previous-version": "",
            "current-version": "",
            "is-current": "false",
            "matched": "true",
        },
        {"deploy churn v1.1.0"},
        id="assignment",
    ),
    pytest.param(
        "refs/tags/churn#dev#1",
        {"event": "assignment", "name": "churn", "version": "v1.1.0", "stage": "dev"},
        set(),
        id="assignment to another stage",
    ),
    pytest.param(
        "refs/tags/churn#prod!#3",
        {"event": "unassignment", "name": "churn", "version": "v1.1.0", "stage": "prod"},
        {"withdraw churn v1.1.0", 'from v1.1.0 to , {"dev": "v1.1.0"}'},
        id="unassignment",
    ),
    pytest.param(
        "refs/tags/models=churn#prod#2",
        {"event": "assignment", "name": "models:churn", "version": "v0.2.0", "path": "models/churn.onnx"},
        {"deploy models:churn v0.2.0", "tell models/churn.onnx", 'from  to v0.2.0, {"prod": "v0.2.0"}'},
        id="monorepo assignment",
    ),
    pytest.param(
        "refs/tags/legacy@deprecated",
        {"event": "deprecation", "name": "legacy", "version": "", "stage": ""},
        {"archive legacy "},
        id="deprecation",
    ),
    pytest.param(
        "refs/tags/old@v1.0.0!",
        {"event": "deregistration", "name": "old", "version": "v1.0.0", "stage": ""},
        {"archive old v1.0.0"},
        id="deregistration",
    ),
    pytest.param("refs/tags/release-2026-11", {"event": "", "name": "", "version": ""}, set(), id="no GTO tag"),
    pytest.param("refs/heads/main", {"event": "", "name": "", "version": ""}, set(), id="branch"),
]


@pytest.mark.parametrize(("ref", "outputs", "done"), _ROWS)
def test_gated(act: Act, figure: Callable[[str], None], ref: str, outputs: dict[str, str], done: set[str]) -> None:
    run = act.push(ref, token=TOKEN)
    assert run.code == 0, run.log
    assert run.done == done
    assert {name: run.outputs.get(name) for name in outputs} == outputs
    assert run.marks["before"] == run.marks["after"]
    assert run.marks["latest"] == " models:churn v0.2.0 models/churn.onnx"
    figure(f"act, {ref}: {run.seconds:.1f} s")


@pytest.mark.parametrize(("version", "kind"), [("v4", "commit"), ("v6", "tag")])
def test_after_checkout(act: Act, version: str, kind: str) -> None:
    """The annotation that checkout up to v6.0.1 loses is not missed, and its repository stays as it left it."""
    run = act.push("refs/tags/churn#prod#2", token=TOKEN, checkout=version)
    assert run.code == 0, run.log
    assert run.marks["checkout"].strip() == kind
    assert run.done == {"deploy churn v1.1.0"}
    assert ".git/shallow" in run.marks["before"]
    assert run.marks["before"] == run.marks["after"]


def test_bad_token(act: Act, server: GitServer) -> None:
    """A step that fails leaves no outputs, so nothing that is gated runs."""
    run = act.push("refs/tags/churn#prod#2", token="ghs_expired")
    assert run.code != 0, run.log
    assert run.marks["outcome"] == "failure"
    assert run.outputs == {}
    assert run.done == set()
    assert "contents: read" in run.log
    assert {request.status for request in server.requests} == {401}
    assert "ghs_expired" not in run.log
