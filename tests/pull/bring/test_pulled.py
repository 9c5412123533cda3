"""What real dvc has pushed somewhere is in the workspace, right."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.dvc_artifacts import CHECKOUTS, DVC_YAML, FOLDER, NEW, OLD, as_bytes
from tests.support.dvc_repo import DvcRepo
from tests.support.pulls import Pull, check_out, content

# the tag, and what is in the workspace then
PULLED: Final = {
    "churn@v1.0.0": {"models/churn.pkl": OLD},
    "churn@v2.0.0": {"models/churn.pkl": NEW},
    "churn#prod#1": {"models/churn.pkl": NEW},
    "folder@v1.0.0": FOLDER,
    "part@v1.0.0": as_bytes("data/d/s/2.txt", "data/d/s/deep/3.txt"),
    "odd@v1.0.0": as_bytes("models/a b é#.pkl"),
    "plain@v1.0.0": as_bytes("models/readme.md"),
    "sub=nlp@v1.0.0": as_bytes("sub/models/nlp.pkl"),
    "sub=up@v1.0.0": as_bytes("models/churn.pkl"),
}


@pytest.mark.parametrize("checkout", CHECKOUTS)
@pytest.mark.parametrize("tag", PULLED)
def test_pulled(made: DvcRepo, pull: Pull, workspace: Path, tag: str, checkout: str) -> None:
    if checkout != "none":
        other = "churn@v1.0.0" if tag.startswith("churn") and "v1" not in tag else "churn@v2.0.0"
        check_out(made, workspace, tag if checkout == "the same commit" else other)
    before = content(workspace)
    run = pull(tag)
    assert run.code == 0, run.log
    assert content(workspace) == before | PULLED[tag]
    assert run.outputs
    assert run.outputs["pulled"] == "true"
    found = run.document["pull"]
    assert found["path"] == run.outputs["path"]
    assert found["commit"] == run.outputs["sha"]
    assert found["size"] == sum(map(len, PULLED[tag].values()))
    assert found["count"] == len(found["files"]) == len(PULLED[tag])
    if len(PULLED[tag]) == 1 and not tag.startswith("plain"):
        (data,) = PULLED[tag].values()
        assert found["md5"] == found["files"][0]["md5"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
    if tag == "folder@v1.0.0":
        assert found["md5"].endswith(".dir")
        assert [each["path"] for each in found["files"]] == ["1.txt", "s/2.txt", "s/deep/3.txt"]


@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_a_folder_of_both(made: DvcRepo, pull: Pull, workspace: Path, checkout: str) -> None:
    if checkout != "none":
        check_out(made, workspace, "mixed@v1.0.0")
    run = pull("mixed@v1.0.0")
    assert run.code == 0, run.log
    of_git = {"models/.gitignore", "models/a b é#.pkl.dvc", "models/churn.pkl.dvc"}
    expected = as_bytes("models/churn.pkl", "models/a b é#.pkl", "models/readme.md")
    there = {name: data for name, data in content(workspace).items() if name.startswith("models/")}
    assert there.keys() == expected.keys() | of_git
    assert expected.items() <= there.items()


def test_what_was_there_before_is_replaced_as_a_whole(pull: Pull, workspace: Path) -> None:
    (workspace / "data/d").mkdir(parents=True)
    (workspace / "data/d/stale.txt").write_text("stale")
    (workspace / "data/other.txt").write_text("other")
    assert pull("folder@v1.0.0").code == 0
    assert content(workspace) == FOLDER | {"data/other.txt": b"other"}


def test_a_file_in_the_place_of_a_folder_is_replaced(pull: Pull, workspace: Path) -> None:
    (workspace / "data").mkdir()
    (workspace / "data/d").write_text("a file")
    assert pull("folder@v1.0.0").code == 0
    assert content(workspace) == FOLDER


def test_a_version_that_is_asked_for(pull: Pull, workspace: Path) -> None:
    run = pull("", GITHUB_REF="refs/heads/main", INPUT_ARTIFACT="churn@v1.0.0")
    assert run.code == 0, run.log
    assert content(workspace) == {"models/churn.pkl": OLD}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_what_is_pulled_belongs_to_the_owner_of_the_workspace(
    made: DvcRepo, pull: Pull, workspace: Path, checkout: str
) -> None:
    if checkout != "none":
        check_out(made, workspace, "folder@v1.0.0")
    for each in (workspace, *workspace.rglob("*")):
        os.chown(each, 1001, 1001, follow_symlinks=False)
    run = pull("folder@v1.0.0")
    assert run.code == 0, run.log
    assert [each for each in workspace.rglob("*") if each.stat().st_uid != 1001] == []


@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_an_import(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path, checkout: str) -> None:
    source = DvcRepo(tmp_path / "source", tmp_path / "source-srv/o/source")
    source.dvc("init")
    source.dvc("remote", "add", "--default", "store", str(tmp_path / "source-store"))
    source.write({"data/model.bin": NEW})
    source.dvc("add", "data/model.bin")
    source.dvc("push")
    source.commit()
    repo = one(str(tmp_path / "store"))
    (repo.path / "models/churn.pkl").unlink()
    (repo.path / "models/churn.pkl.dvc").unlink()
    repo.dvc("import", str(source.origin), "data/model.bin", "-o", "models/churn.pkl")
    repo.commit("churn@v2.0.0")
    if checkout != "none":
        check_out(repo, workspace, "churn@v2.0.0")
    run = pull("churn@v2.0.0", repo)
    assert run.code == 0, run.log
    assert content(workspace)["models/churn.pkl"] == NEW


def test_large_folders_are_listed_in_part(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "own", tmp_path / "own-srv/o/r")
    repo.dvc("init")
    repo.write({"dvc.yaml": DVC_YAML, **{f"data/d/{number:04}": str(number) for number in range(1_000)}})
    repo.dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    repo.dvc("add", "data/d")
    repo.dvc("push")
    repo.commit("folder@v1.0.0")
    found: dict[str, Any] = pull("folder@v1.0.0", repo).document["pull"]
    assert (found["count"], len(found["files"])) == (1_000, 500)
    assert len(content(workspace)) == 1_000
    shutil.rmtree(workspace / "data")


def test_long_names_of_files_leave_room_in_the_output(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "own", tmp_path / "own-srv/o/r")
    folder = "/".join(["d" * 250] * 5)
    repo.write({"dvc.yaml": DVC_YAML, **{f"data/d/{folder}/{number:04}": "" for number in range(200)}})
    repo.commit("folder@v1.0.0")
    run = pull("folder@v1.0.0", repo)
    found: dict[str, Any] = run.document["pull"]
    listed = [each["path"] for each in found["files"]]
    assert found["count"] == len(content(workspace)) == 200
    assert listed == [f"{folder}/{number:04}" for number in range(len(listed))]
    assert len(listed) == 100_000 // len(f"{folder}/0000")
