"""The whole program, a real repository, and a server that is held to GitHub's own description."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.action import Run
from tests.support.api_runs import run_beside
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
def deploy(srv: Path, github: GitHubServer, tmp_path: Path) -> Deploy:
    """Runs the action for a pushed tag, with `deployments`."""

    def run(tag: str, **environ: str) -> Run:
        variables = {
            "GITHUB_REF": f"refs/tags/{tag}",
            "INPUT_DEPLOYMENTS": "true",
        }
        found = run_beside(github, srv, tmp_path / "run", variables | environ)
        assert "Traceback" not in found.log
        assert found.outputs, found.log
        assert found.outputs["event"]
        return found

    return run
