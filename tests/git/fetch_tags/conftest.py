"""A workspace as actions/checkout leaves it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.checkout import registry_of
from tests.support.fetch_tags import SHORT, TAG, TOKEN
from tests.support.git_server import GitServer
from tests.support.repo import Repo


@pytest.fixture
def checked_out(repo: Repo, srv: Path, tmp_path: Path) -> Callable[[GitServer], Path]:
    commit = registry_of(repo, TAG)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return lambda server: SHORT.make(workspace, f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp")
