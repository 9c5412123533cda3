"""The whole program, and a repository with every kind of event."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.action import Action, Run, run_entrypoint
from tests.support.churn import DVC_YAML
from tests.support.git_server import GitServer
from tests.support.repo import Repo


@pytest.fixture
def action(srv: Path, tmp_path: Path) -> Action:
    """Runs the action on `o/r` for a ref, over file:// unless told otherwise."""

    def run(ref: str, *, cwd: Path | None = None, **environ: str) -> Run:
        given = {"GITHUB_SERVER_URL": f"file://{srv}", "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": ref, **environ}
        given = {name.replace("PRINT_OUTPUTS", "PRINT-OUTPUTS"): value for name, value in given.items()}
        return run_entrypoint(tmp_path / "run", given, cwd=cwd)

    return run


@pytest.fixture
def registry(repo: Repo) -> Repo:
    """Every kind of event, and what is around them."""
    repo.commit({"dvc.yaml": DVC_YAML}, time=10)
    repo.tag("churn@v3.0.0", time=11, message="the first\n\nwith a body\n")
    monorepo = "artifacts: {churn: {path: churn.pkl, desc: of the monorepo}}"
    repo.commit({"dvc.yaml": DVC_YAML.replace("Who", "They"), "models/dvc.yaml": monorepo}, time=20)
    repo.tag("churn@v3.1.0", time=21)
    repo.tag("models=churn@v1.0.0", time=22)
    repo.tag("churn#prod#4", time=30)
    repo.tag("models=churn#eu/prod#2", time=31)
    repo.tag("churn#prod!#5", time=40)
    repo.tag("churn@v3.1.0!#6", time=50)
    repo.tag("churn@deprecated#7", time=60)
    repo.commit({"README.md": "no dvc.yaml here"}, time=70)
    repo.tag("other#dev", time=71)
    repo.tag("v1.0.0", time=72)
    repo.tag("third#dev!", time=73)
    return repo


@pytest.fixture
def http(srv: Path) -> Callable[..., GitServer]:
    return lambda **options: GitServer(srv, **options)
