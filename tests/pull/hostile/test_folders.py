"""Folders that git has, alone or in part."""

from pathlib import Path

import pytest

from tests.support.dvc_repo import DvcRepo
from tests.support.hostile_pulls import TAG, artifact, refused
from tests.support.pulls import Pull, content


def test_folders_that_git_has_in_part(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    artifact(repo, "folder")
    repo.write({"folder/readme.md": "read me", "folder/w.bin": "version https://git-lfs.github.com/spec/v1\noid x\n"})
    repo.commit("m@v1.0.0")
    refused(pull("m@v1.0.0"), workspace, "'folder/w.bin' is stored with Git LFS, and its pointer is damaged")
    (repo.path / "folder/w.bin").unlink()
    repo.run("git", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.origin), "folder/module")
    repo.commit("m@v1.1.0")
    refused(pull("m@v1.1.0"), workspace, "The path 'folder' holds a submodule, which is not pulled")
    repo.run("git", "rm", "-qf", "folder/module")
    repo.write({"folder/inner/i.bin": "inner"})
    repo.dvc("init", "--subdir", cwd="folder/inner")
    repo.dvc("add", "i.bin", cwd="folder/inner")
    repo.commit("m@v1.2.0")
    refused(pull("m@v1.2.0"), workspace, "The path 'folder' holds another DVC repository, 'folder/inner'")
    (repo.path / "folder/inner/.dvc/config").unlink(missing_ok=True)


def test_a_folder_of_git_alone_has_no_remote(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "folder")
    repo.write({"folder/readme.md": "read me"})
    repo.commit(TAG)
    run = pull()
    assert content(workspace) == {"folder/readme.md": b"read me"}
    assert run.document["pull"]["remote"] == ""


def test_a_folder_of_git_where_dvc_has_no_remote(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "folder")
    repo.write({"folder/readme.md": "read me", ".dvc/config": ""})
    repo.commit(TAG)
    found = pull().document["pull"]  # which fits its schema
    assert content(workspace) == {"folder/readme.md": b"read me"}
    assert (found["remote"], found["count"], found["size"]) == ("", 1, 7)


@pytest.mark.parametrize("name", ["old", "new"])
def test_a_folder_called_as_one_of_ours(repo: DvcRepo, pull: Pull, workspace: Path, name: str) -> None:
    artifact(repo, name)
    repo.write({f"{name}/a.txt": "a"})
    repo.commit("m@v1.0.0")
    (workspace / name).mkdir()
    (workspace / name / "before.txt").write_text("of another version")
    assert pull("m@v1.0.0").code == 0
    assert content(workspace) == {f"{name}/a.txt": b"a"}
    (repo.path / name / "a.txt").unlink()
    (repo.path / name).rmdir()
    repo.write({name: "a file"})
    repo.commit("m@v1.1.0")
    assert pull("m@v1.1.0").code == 0
    assert content(workspace) == {name: b"a file"}
