"""Every tag comes to the workspace's repository, and nothing else there changes."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.checkout import CHECKOUTS, git, registry_of
from tests.support.fetch_tags import SHORT, TAG, TOKEN, commits, everything, files, refs, run, shallow, tags
from tests.support.git_server import GitServer
from tests.support.oracle import oracle_python
from tests.support.repo import Repo

KINDS = {name: checkout for name, checkout in CHECKOUTS.items() if checkout}
DEPTH_1 = [name for name, each in KINDS.items() if each.depth == 1]


def gto(folder: Path, *arguments: str) -> str:
    program = Path(oracle_python()).with_name("gto")
    done = subprocess.run([program, *arguments, "--json", "-r", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", KINDS)
def test_every_tag_comes_and_nothing_else_changes(name: str, repo: Repo, srv: Path, tmp_path: Path) -> None:
    commit = registry_of(repo, TAG)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with GitServer(srv, token=TOKEN) as server:
        folder = KINDS[name].make(workspace, f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp")
        git(folder, "branch", "mine", commit)
        git(folder, "tag", "mine", commit)
        kept, known, boundary = files(folder), refs(folder), shallow(folder)
        history = commits(folder, "--all")
        before = len(server.requests)
        answer = run(tmp_path, server, workspace)
        assert answer.code == 0, answer.log
        assert all(len(request.authorizations) <= 1 for request in server.requests[before:])
        remote = tags(refs(repo.path))
        assert len(remote) == 6
        assert refs(folder) == known | remote
        assert files(folder) == kept
        assert history <= commits(folder, "--all")
        assert commits(folder, commit) == commits(folder, "mine")
        assert boundary <= shallow(folder)
        assert git(folder, "status", "--porcelain") == ""
        server.answer(500)  # nothing is missing that is not the partial clone's way
        git(folder, "fsck", "--full", "--strict")
        assert (len(commits(folder, "--all")) == 4) == (name in DEPTH_1)  # four commits have tags
    full = tmp_path / "full"
    git(tmp_path, "clone", "-q", str(repo.path), str(full))
    assert gto(folder, "show") == gto(full, "show")
    assert gto(folder, "history", "churn") == gto(full, "history", "churn")


def test_a_second_run_changes_nothing(checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        assert run(tmp_path, server, folder).code == 0
        known = refs(folder), shallow(folder), files(folder)
        assert run(tmp_path, server, folder).code == 0
        assert (refs(folder), shallow(folder), files(folder)) == known


def test_they_come_whatever_triggered_the_run(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        answer = run(tmp_path, server, folder, GITHUB_REF="refs/heads/main")
        assert answer.code == 0, answer.log
        assert answer.outputs
        assert set(answer.outputs.values()) == {""}
        assert tags(refs(folder)) == tags(refs(repo.path))


def test_sha256(srv: Path, tmp_path: Path) -> None:
    repo = Repo(srv / "o/r", object_format="sha256")
    commit = registry_of(repo, TAG)
    with GitServer(srv, token=TOKEN) as server:
        folder = SHORT.make(
            tmp_path / "workspace", f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp"
        )
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        assert tags(refs(folder)) == tags(refs(repo.path))


# Git knows tables of refs since version 2.45; the image's does, which `tests/e2e/test_image_git.py` runs this with.
_GIT = tuple(map(int, re.findall(r"[0-9]+", subprocess.check_output(["git", "version"], text=True))[:2]))
_STORES = {"files": (), **({"reftable": ("--ref-format=reftable",)} if _GIT >= (2, 45) else {})}


@pytest.mark.parametrize("options", _STORES.values(), ids=_STORES)
def test_refs_as_the_workspace_keeps_them(repo: Repo, srv: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    registry_of(repo, TAG)
    folder = tmp_path / "workspace"
    folder.mkdir()
    git(folder, "init", "-q", *options)
    with GitServer(srv) as server:
        git(folder, "remote", "add", "origin", f"{server.url}/o/r")
        git(folder, "fetch", "-q", "--depth=1", "--no-tags", "origin", f"+refs/tags/{TAG}:refs/tags/{TAG}")
        answer = run(tmp_path, server, folder, INPUT_TOKEN="")
        assert answer.code == 0, answer.log
        everything(folder, repo)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_of_the_repository_owns_what_comes(
    checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        for path in (folder, *folder.rglob("*")):
            os.lchown(path, 1001, 1001)
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        assert {path.lstat().st_uid for path in folder.rglob("*")} == {1001}
        assert {path.lstat().st_gid for path in folder.rglob("*")} == {1001}


@pytest.mark.parametrize("shared", ["group", "0660", "world"])
def test_what_comes_is_as_shared_as_the_repository(
    checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path, shared: str
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        git(folder, "config", "core.sharedRepository", shared)
        before = {*(folder / ".git/objects").rglob("*")}
        mask = os.umask(0o077)  # without the setting, nobody else may read
        try:
            answer = run(tmp_path, server, folder)
        finally:
            os.umask(mask)
        assert answer.code == 0, answer.log
        new = [path for path in (folder / ".git/objects").rglob("*") if path not in before]
        assert new
        others = 0o004 if shared == "world" else 0
        for path in (*new, folder / ".git/packed-refs"):
            if path.exists():
                mode = path.stat().st_mode
                assert mode & 0o044 == 0o040 | others, (path, oct(mode))


@pytest.mark.parametrize("origin", ["old", "new"])
@pytest.mark.parametrize("ref", [f"refs/tags/{TAG}", "refs/heads/main"])
def test_a_renamed_repository(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path, origin: str, ref: str
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        shutil.move(repo.path, srv / "o/new")
        if origin == "new" and ref.startswith("refs/tags/"):  # else nobody knows the new name yet
            git(folder, "remote", "set-url", "origin", f"{server.url}/o/new")
        there = f"{server.url}/o/new/info/refs?service=git-upload-pack"
        server.answer(301, headers={"Location": there}, path="/o/r/")
        answer = run(tmp_path, server, folder, GITHUB_REF=ref)
        assert answer.code == 0, answer.log
        everything(folder, Repo(srv / "o/new"))
        assert f"The repository has moved to {server.url}/o/new" in answer.log
