"""The workspace has the event's commit, and not all of it is as it was there."""

import subprocess
from pathlib import Path

import pytest

from tests.support.dvc_repo import DvcRepo
from tests.support.hostile_pulls import MODEL, TAG, artifact, config, md5
from tests.support.pulls import Pull, check_out


def git(workspace: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(workspace), *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("change", ["changed", "deleted", "sparse"])
def test_a_file_of_git_that_is_not_as_the_commit_has_it(
    repo: DvcRepo, pull: Pull, workspace: Path, change: str
) -> None:
    artifact(repo, "folder/plain.txt")
    repo.write({"folder/plain.txt": "as committed"})
    repo.commit(TAG)
    check_out(repo, workspace, TAG)
    if change == "sparse":
        git(workspace, "sparse-checkout", "set", "--no-cone", "/dvc.yaml")
    elif change == "deleted":
        (workspace / "folder/plain.txt").unlink()
    else:
        (workspace / "folder/plain.txt").write_text("something else")
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "folder/plain.txt").read_text() == "as committed"


def test_what_dvc_says_is_not_as_the_commit_has_it(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    repo.commit(TAG)
    repo.write({"m.bin": "another model"})
    repo.dvc("add", "m.bin")
    repo.dvc("push")
    check_out(repo, workspace, TAG)
    (workspace / "m.bin.dvc").write_bytes((repo.path / "m.bin.dvc").read_bytes())
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "m.bin").read_bytes() == MODEL
    assert run.document["pull"]["md5"] == md5(MODEL).hexdigest()


def test_data_that_was_there_is_replaced_in_a_checkout_too(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    repo.commit(TAG)
    check_out(repo, workspace, TAG)
    (workspace / "m.bin").write_text("of an earlier step")
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "m.bin").read_bytes() == MODEL


@pytest.mark.parametrize("setting", ["dir = {0}/cache", "type = symlink"])
def test_a_cache_that_later_steps_cannot_use(
    repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path, setting: str
) -> None:
    config(repo, f"[cache]\n    {setting.format(tmp_path)}\n")
    repo.commit(TAG)
    check_out(repo, workspace, TAG)
    run = pull()
    assert run.code == 0, run.log
    assert (workspace / "m.bin").read_bytes() == MODEL
    assert not (workspace / "m.bin").is_symlink()
    assert not list((tmp_path / "cache").rglob("*.bin"))


def test_notes_of_dvc_are_made_where_they_always_are(repo: DvcRepo, pull: Pull, tmp_path: Path) -> None:
    repo.dvc("config", "core.site_cache_dir", f"{tmp_path}/notes")
    repo.commit(TAG)
    assert pull().code == 0
    assert not (tmp_path / "notes").exists()
