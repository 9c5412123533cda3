"""The action with `pull`, in a workspace that holds anything."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.action import Run
from tests.support.naive_pull import TAG, Commit
from tests.support.pulls import Pull, run_pull_at
from tests.support.repo import Repo


@pytest.fixture
def pull(tmp_path: Path, workspace: Path) -> Pull:
    def run(**given: str) -> Run:
        found = run_pull_at(tmp_path / "srv/o/r", TAG, workspace, tmp_path / "run", **given)
        assert "Traceback" not in found.log
        assert not list(workspace.rglob(".gto-action-*"))
        return found

    return run


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Commit], Repo]:
    """Makes a commit in `o/r`, whose remote is `store`."""

    def make(commit: Commit) -> Repo:
        repo = Repo(tmp_path / "srv/o/r")
        commit.make(repo, tmp_path / "store")
        return repo

    return make
