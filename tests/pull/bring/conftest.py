"""The action with `pull`, and what real dvc has pushed somewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.action import Run
from tests.support.dvc_artifacts import DVC_YAML, FILES, NEW, OLD
from tests.support.dvc_repo import DvcRepo, s3_server
from tests.support.pulls import Pull, run_pull

NAMES: Final = (
    "churn",
    "folder",
    "part",
    "odd",
    "plain",
    "mixed",
    "gone",
    "outside",
    "away",
    "absolute",
    "lfs",
    "hook",
    "untracked",
)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> DvcRepo:
    """A repository with a DVC repository of its own in `sub`, two versions, and a remote in a folder."""
    base = tmp_path_factory.mktemp("dvc")
    repo = DvcRepo(base / "clone", base / "srv/o/r")
    repo.write(FILES)
    for folder in (".", "sub"):
        repo.dvc("init", *(["--subdir"] if folder == "sub" else []), cwd=folder)
        repo.dvc("remote", "add", "--default", "store", str(base / f"store-{folder.strip('.')}"), cwd=folder)
    repo.dvc("add", "models/churn.pkl", "models/a b é#.pkl", "data/d")
    repo.dvc("add", "models/nlp.pkl", cwd="sub")
    repo.dvc("push")
    repo.dvc("push", cwd="sub")
    repo.commit(*(f"{name}@v1.0.0" for name in NAMES), "sub=nlp@v1.0.0", "sub=up@v1.0.0", "none@v1.0.0")
    repo.write({"models/churn.pkl": NEW})
    repo.dvc("add", "models/churn.pkl")
    repo.dvc("push")
    repo.commit("churn@v2.0.0", "churn#prod#1")
    return repo


@pytest.fixture
def pull(made: DvcRepo, workspace: Path, tmp_path: Path) -> Pull:
    """The action with `pull: true`, in the workspace."""

    def run(tag: str, repo: DvcRepo = made, **given: str) -> Run:
        return run_pull(repo, tag, workspace, tmp_path / "run", **given)

    return run


@pytest.fixture
def one(tmp_path: Path) -> Callable[..., DvcRepo]:
    """Makes a repository with one file, whose remote is at an address."""

    def make(url: str, *settings: tuple[str, str], push: bool = True, **variables: str) -> DvcRepo:
        repo = DvcRepo(tmp_path / "own", tmp_path / "own-srv/o/r", variables)
        repo.dvc("init")
        repo.write({"dvc.yaml": DVC_YAML, "models/churn.pkl": OLD})
        if url:
            repo.dvc("remote", "add", "--default", "store", url)
        for name, value in settings:
            repo.dvc("remote", "modify", "store", name, value)
        repo.dvc("add", "models/churn.pkl")
        if push:
            repo.dvc("push")
        repo.commit("churn@v1.0.0")
        return repo

    return make


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    with s3_server("bucket") as url:
        yield url
