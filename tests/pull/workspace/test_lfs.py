"""Git LFS."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import workspaces
from tests.support.delivered import MODEL, RNG, refused
from tests.support.naive_pull import FILE, TAG, Commit, pointer
from tests.support.pulls import Pull
from tests.support.repo import Repo
from tests.support.workspaces import git


def checked_out_with_lfs(workspace: Path, origin: Path, contents: Path) -> None:
    """What `lfs: true` leaves: a filter whose program there is no more, and files in the second of the index."""
    git(workspace, "init", "-q")
    smudge = workspace.parent / "git-lfs"
    smudge.write_text(f"#!/bin/sh\nread _; read _ oid; cat {contents}/${{oid#sha256:}}\n")
    smudge.chmod(0o755)
    for name in ("clean", "smudge"):
        git(workspace, "config", f"filter.lfs.{name}", f"{smudge} {name}")
    git(workspace, "config", "filter.lfs.required", "true")
    git(workspace, "fetch", "-q", origin.as_uri(), f"refs/tags/{TAG}")
    git(workspace, "checkout", "-q", "FETCH_HEAD")
    smudge.unlink()


@pytest.mark.parametrize("path", ["m.onnx", "m"])
def test_the_advice_for_git_lfs_helps(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, path: str
) -> None:
    name = "m.onnx" if path == "m.onnx" else "m/a.onnx"
    attributes = {".gitattributes": (FILE, b"*.onnx filter=lfs diff=lfs merge=lfs -text\n")}
    commit = Commit(path, git=attributes | {"other": (FILE, b"")}, lfs={name: MODEL}, roots=())
    repo = made(commit)
    refused(pull(), f"'{name}' is stored with Git LFS.* in an earlier step, with actions/checkout and 'lfs: true'")
    assert list(workspace.iterdir()) == []
    workspaces.clean(workspace, commit, repo.path, RNG)
    refused(pull(), f"'{name}' is stored with Git LFS")
    assert (workspace / name).read_bytes() == pointer(MODEL)
    shutil.rmtree(workspace)
    workspace.mkdir()
    (tmp_path / "contents").mkdir()
    (tmp_path / "contents" / re.findall(rb"sha256:(\w+)", pointer(MODEL))[0].decode()).write_bytes(MODEL)
    checked_out_with_lfs(workspace, repo.path, tmp_path / "contents")
    assert (workspace / name).read_bytes() == MODEL
    assert pull().code == 0
    assert (workspace / name).read_bytes() == MODEL
    (workspace / name).write_bytes(MODEL[::-1])
    refused(pull(), f"'{name}' is stored with Git LFS")
    assert (workspace / name).read_bytes() == MODEL[::-1]
