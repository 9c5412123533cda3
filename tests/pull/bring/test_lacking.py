"""What there must be for a pull: DVC, a remote, the data in it, room for it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.support.dvc_artifacts import NEW, failed
from tests.support.dvc_repo import DvcRepo
from tests.support.pulls import Pull, check_out
from tests.support.small_disk import small_disk


def test_no_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    failed(pull("churn@v1.0.0", one("", push=False)), workspace, "DVC has no remote. Add one with 'dvc remote add'")


def test_no_dvc(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    repo = one("", push=False)
    shutil.rmtree(repo.path / ".dvc")
    repo.commit("churn@v2.0.0")
    failed(pull("churn@v2.0.0", repo), workspace, "It is neither in git nor in a DVC repository")


def test_nobody_has_pushed(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path) -> None:
    repo = one(str(tmp_path / "store"), push=False)
    failed(pull("churn@v1.0.0", repo), workspace, "The remote does not have the data. Run 'dvc push'")


def test_nobody_has_pushed_from_a_checkout(
    pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path
) -> None:
    repo = one(str(tmp_path / "store"), push=False)
    check_out(repo, workspace, "churn@v1.0.0")
    run = pull("churn@v1.0.0", repo)
    assert run.code == 1
    assert "The remote does not have the data" in run.told("error")[0]
    assert not (workspace / "models/churn.pkl").exists()


def test_data_that_was_changed(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path) -> None:
    repo = one(str(tmp_path / "store"))
    (stored,) = (each for each in (tmp_path / "store").rglob("*") if each.is_file())
    stored.chmod(0o644)
    stored.write_bytes(NEW)
    failed(
        pull("churn@v1.0.0", repo),
        workspace,
        "The data does not match the checksum that DVC recorded|does not have the data",
    )


def test_a_full_disk(pull: Pull, tmp_path: Path, made: DvcRepo) -> None:
    with small_disk(tmp_path / "workspace", "64k") as full:
        failed(pull("churn@v1.0.0"), full, "The disk is full|cannot be written: No space left on device")


def test_dvc_that_cannot_be_installed(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    dead = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    cache = tmp_path / "cache"
    run = pull("churn@v1.0.0", XDG_CACHE_HOME=str(cache), PIP_RETRIES="0", **dead)
    failed(run, workspace, "DVC cannot be installed. The runner must reach a package index")
    assert list((cache / "gto-action").iterdir()) == []


def test_a_scheme_that_nobody_knows(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    repo = one("hdfs://example.invalid/x", push=False)
    failed(pull("churn@v1.0.0", repo), workspace, "hdfs")
