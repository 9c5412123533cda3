"""The whole program, a real repository, and a server that is held to GitHub's own description."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gto_action.answer.document import DEPLOYMENT_NAMES
from tests.support.action import Run
from tests.support.api_runs import run_beside, run_here
from tests.support.deployments import TOKEN, Deploy
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo

DVC_YAML = "artifacts: {churn: {path: churn.pkl, desc: Who leaves, labels: [a], meta: {n: 1}}}"


@pytest.fixture
def registry(repo: Repo) -> Repo:
    repo.commit({"dvc.yaml": DVC_YAML}, time=10)
    repo.tag("churn@v1.0.0", time=11)
    repo.tag("churn#prod#1", time=12)
    repo.tag("other@v1.0.0", time=13)
    repo.tag("other#prod#1", time=14)
    return repo


@pytest.fixture
def github(registry: Repo) -> Iterator[GitHubServer]:
    with GitHubServer(TOKEN) as server:
        server.commits = {"one": registry.git("rev-parse", "main")}
        yield server


@pytest.fixture
def deploy(srv: Path, github: GitHubServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Deploy:
    """Runs the action for a ref, in a hurry: a pushed tag's, if it says no more.

    It is the step before the deploy; with a state, and the number of a deployment, the one after it.
    """

    def run(tag: str, state: str = "", number: int | str = "new", **environ: str) -> Run:
        given = _given(tag, state, number) | environ
        return _checked(run_here(github, srv, tmp_path / "run", given, capfd, action="deployment"))

    return run


@pytest.fixture
def deploy_at_leisure(srv: Path, github: GitHubServer, tmp_path: Path) -> Deploy:
    """The same as a process of its own, which takes its time."""

    def run(tag: str, state: str = "", number: int | str = "new", **environ: str) -> Run:
        given = _given(tag, state, number) | environ
        return _checked(run_beside(github, srv, tmp_path / "run", given, action="deployment"))

    return run


def _given(tag: str, state: str, number: int | str) -> dict[str, str]:
    ref = tag if tag.startswith("refs/") else f"refs/tags/{tag}"
    return {"GITHUB_REF": ref, "INPUT_STATE": state, "INPUT_DEPLOYMENT-ID": str(number)}


def _checked(found: Run) -> Run:
    assert "Traceback" not in found.log
    assert found.summary == ""
    assert found.code in {0, 1}
    assert found.code or found.outputs
    assert found.outputs is None or tuple(found.outputs) == DEPLOYMENT_NAMES
    return found
