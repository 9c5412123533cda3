"""A registry on a server, and a workspace in which jobs run."""

import subprocess
from pathlib import Path

import pytest

from tests.support.repo import Repo


@pytest.fixture
def registry(repo: Repo) -> Repo:
    first = repo.commit(
        {"dvc.yaml": "artifacts: {churn: {path: models/churn.pkl, type: model, desc: Who will leave?}}"}
    )
    repo.tag("churn@v1.0.0", first, time=1001)
    repo.tag("churn#prod#1", first, time=1002)
    second = repo.commit(
        {"dvc.yaml": "artifacts: {churn: {path: models/churn.pkl, type: model, desc: Who will leave?}}", "a": "2"},
        time=2000,
    )
    repo.tag("churn@v1.1.0", second, time=2001)
    repo.tag("churn#prod#2", second, time=2002)
    repo.tag("other@v9.9.9", second, time=2003)
    repo.lightweight("churn@v2.0.0", second)
    return repo


@pytest.fixture
def job(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace, in which the test now is; not a clone."""
    monkeypatch.chdir(workspace)
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "COLUMNS", "GTO_STAGES", "CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return workspace


@pytest.fixture
def clone(job: Path) -> Path:
    """The workspace as a clone in which nothing has been fetched."""
    subprocess.run(["git", "init", "-q", str(job)], check=True)
    return job
