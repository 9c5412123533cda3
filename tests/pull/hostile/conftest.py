"""A repository of somebody who may push, and the action with `pull` for it."""

import shutil
from pathlib import Path

import pytest

from tests.support.action import Run
from tests.support.dvc_repo import DvcRepo
from tests.support.hostile_pulls import MODEL, TAG
from tests.support.pulls import Pull, run_pull


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `repo` has, made once: dvc takes its time."""
    base = tmp_path_factory.mktemp("made")
    repo = DvcRepo(base / "clone", base / "srv/o/r")
    repo.dvc("init")
    repo.dvc("remote", "add", "--default", "store", str(base / "store"))
    repo.write({"dvc.yaml": "artifacts: {m: {path: m.bin}}\n", "m.bin": MODEL})
    repo.dvc("add", "m.bin")
    repo.dvc("push")
    return base


@pytest.fixture
def repo(made: Path, tmp_path: Path) -> DvcRepo:
    """A repository whose artifact `m` is a file of DVC's, with a remote in a folder; nothing is tagged yet."""
    repo = DvcRepo(tmp_path / "clone", tmp_path / "srv/o/r")
    shutil.copytree(made / "clone", repo.path, dirs_exist_ok=True)
    shutil.copytree(made / "store", tmp_path / "store")
    settings = repo.path / ".dvc/config"
    settings.write_text(settings.read_text().replace(str(made), str(tmp_path)))
    return repo


@pytest.fixture
def pull(repo: DvcRepo, workspace: Path, tmp_path: Path) -> Pull:
    def run(tag: str = TAG, **given: str) -> Run:
        found = run_pull(repo, tag, workspace, tmp_path / "run", **given)
        assert "Traceback" not in found.log
        return found

    return run
