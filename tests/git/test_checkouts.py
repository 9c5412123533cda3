"""Whatever actions/checkout has left in the workspace: the same answer, and the workspace as it was."""

import json
from pathlib import Path

import pytest

from tests.support.action import run_entrypoint
from tests.support.checkout import CHECKOUTS, fingerprint, registry_of
from tests.support.git_server import GitServer
from tests.support.repo import Repo

TAG = "churn#prod#2"
TOKEN = "a-token"


@pytest.mark.parametrize("name", CHECKOUTS)
def test_the_same_answer_and_the_workspace_as_it_was(name: str, repo: Repo, srv: Path, tmp_path: Path) -> None:
    commit = registry_of(repo, TAG)
    checkout = CHECKOUTS[name]
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    answers = []
    with GitServer(srv, token=TOKEN) as server:
        environ = {
            "GITHUB_SERVER_URL": server.url,
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_REF": f"refs/tags/{TAG}",
            "GITHUB_SHA": commit,
            "GITHUB_EVENT_NAME": "push",
            "INPUT_TOKEN": TOKEN,
        }
        answers.append(run_entrypoint(tmp_path / "bare", environ))  # in a folder that is no workspace
        if checkout:
            checkout.make(workspace, f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp")
        before = fingerprint(workspace)
        of_checkout = len(server.requests)
        environ |= {"GITHUB_WORKSPACE": str(workspace), "RUNNER_TEMP": str(tmp_path / "temp")}
        answers.append(run_entrypoint(tmp_path / "run", environ, cwd=workspace))
        assert {request.status for request in server.requests[of_checkout:]} <= {200, 401}
        assert all(len(request.authorizations) <= 1 for request in server.requests[of_checkout:])
    assert fingerprint(workspace) == before
    assert bool(before) == (checkout is not None)
    document = answers[1].document
    assert (document["version"], document["path"], document["sha"]) == ("v1.0.0", "at-7", commit)
    assert answers[0].outputs == answers[1].outputs
    assert json.loads((answers[1].outputs or {})["stages"]) == {"prod": "v1.0.0"}
