"""The input `fetch-tags`: every tag for the workspace's repository, and nothing else there."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.action import Run, run_entrypoint
from support.checkout import CHECKOUTS, Checkout, git, registry_of
from support.git_server import GitServer
from support.oracle import oracle_python
from support.repo import Repo

TAG = "churn#prod#2"
TOKEN = "a-token"
KINDS = {name: checkout for name, checkout in CHECKOUTS.items() if checkout}
DEPTH_1 = [name for name, each in KINDS.items() if each.depth == 1]
SHORT = Checkout()


def run(tmp_path: Path, server: GitServer, workspace: Path, **more: str) -> Run:
    environ = {
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_REF": f"refs/tags/{TAG}",
        "GITHUB_EVENT_NAME": "push",
        "INPUT_TOKEN": TOKEN,
        "INPUT_FETCH-TAGS": "true",
        **more,
    }
    return run_entrypoint(tmp_path / "run", environ, cwd=workspace)


def files(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that must stay: the work tree, and of .git all but objects, tags and the boundary."""
    kept = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        changes = (".git/objects", ".git/refs/tags", ".git/shallow", ".git/packed-refs")
        if path.is_file() and not name.startswith(changes):
            kept[name] = (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
    return kept


def refs(folder: Path) -> dict[str, str]:
    lines = git(folder, "for-each-ref", "--format=%(refname) %(objectname) %(objecttype)").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def tags(found: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in found.items() if name.startswith("refs/tags/")}


def commits(folder: Path, *of: str) -> set[str]:
    return set(git(folder, "rev-list", *of).split())


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


def shallow(folder: Path) -> set[str]:
    path = folder / ".git/shallow"
    return set(path.read_text().split()) if path.exists() else set()


@pytest.fixture
def checked_out(repo: Repo, srv: Path, tmp_path: Path) -> Callable[[GitServer], Path]:
    commit = registry_of(repo, TAG)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return lambda server: SHORT.make(workspace, f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp")


def test_a_second_run_changes_nothing(checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        assert run(tmp_path, server, folder).code == 0
        known = refs(folder), shallow(folder), files(folder)
        assert run(tmp_path, server, folder).code == 0
        assert (refs(folder), shallow(folder), files(folder)) == known


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


def test_nothing_of_the_workspace_runs_or_steers(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\necho run >> {trap}\n")
    script.chmod(0o755)
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        (folder / ".git/hooks").mkdir(exist_ok=True)
        for hook in ("reference-transaction", "post-checkout", "pre-auto-gc"):
            (folder / ".git/hooks" / hook).write_text(script.read_text())
            (folder / ".git/hooks" / hook).chmod(0o755)
        url = f"{server.url}/o/r"
        for key in ("core.fsmonitor", "credential.helper", "core.askPass", "core.sshCommand"):
            git(folder, "config", key, str(script))
        for key in ("fetch.prune", "fetch.pruneTags", "remote.origin.prune", "fetch.writeCommitGraph"):
            git(folder, "config", key, "true")
        git(folder, "config", f"remote.{url}.fetch", "+refs/heads/*:refs/heads/*")
        git(folder, "config", "url.http://127.0.0.1:9/.insteadOf", server.url)
        git(folder, "config", "remote.origin.tagOpt", "--tags")
        kept = files(folder)
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        assert not trap.exists()
        assert files(folder) == kept
        assert tags(refs(repo.path)) == tags(refs(folder))


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


def broken_none(folder: Path) -> None:
    subprocess.run(["rm", "-r", folder / ".git"], check=True)


def broken_other(folder: Path) -> None:
    git(folder, "remote", "set-url", "origin", "https://example.com/other/model.git")


def broken_lock(folder: Path) -> None:
    (folder / ".git/shallow.lock").write_bytes(b"")


def broken_conflict(folder: Path) -> None:
    git(folder, "update-ref", "refs/tags/light/mine", "HEAD")


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        pytest.param(broken_none, "There is no git repository with a remote 'origin'", id="no repository"),
        pytest.param(broken_other, "is a clone of 'https://example.com/other/model.git', not of", id="another one"),
        pytest.param(broken_lock, "File exists", id="somebody else writes"),
        pytest.param(broken_conflict, "light/mine", id="a local tag in the way"),
    ],
)
def test_what_cannot_be_done_is_an_error_without_outputs(
    breaks: Callable[[Path], None],
    sentence: str,
    checked_out: Callable[[GitServer], Path],
    srv: Path,
    tmp_path: Path,
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        breaks(folder)
        known = refs(folder) if (folder / ".git").exists() else {}
        kept = files(folder)
        answer = run(tmp_path, server, folder)
    assert (answer.code, answer.outputs) == (1, None), answer.log
    assert len(answer.told("error")) == 1
    assert sentence in answer.told("error")[0]
    assert "fetch-tags" in answer.told("error")[0]
    assert files(folder) == kept
    assert not known or refs(folder) == known
