"""The input `fetch-tags`: every tag for the workspace's repository, and nothing else there."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from gto_action.git import workspace_tags
from tests.support.action import ENTRYPOINT, Run, run_entrypoint
from tests.support.checkout import CHECKOUTS, Checkout, git, registry_of
from tests.support.git_server import Fault, GitServer
from tests.support.oracle import oracle_python
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs

TAG = "churn#prod#2"
TOKEN = "a-token"
KINDS = {name: checkout for name, checkout in CHECKOUTS.items() if checkout}
DEPTH_1 = [name for name, each in KINDS.items() if each.depth == 1]
SHORT = Checkout()


def environment(server: GitServer) -> dict[str, str]:
    return {
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_REF": f"refs/tags/{TAG}",
        "GITHUB_EVENT_NAME": "push",
        "INPUT_TOKEN": TOKEN,
        "INPUT_FETCH-TAGS": "true",
    }


def run(tmp_path: Path, server: GitServer, workspace: Path, name: str = "run", **more: str) -> Run:
    return run_entrypoint(tmp_path / name, {**environment(server), **more}, cwd=workspace)


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


def test_they_have_no_time_of_their_own(checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        known = refs(folder)
        server.fault(Fault(path="/info/refs", times=3, drip=0.0001))  # two clones, and the files
        server.stall()
        answer = run(tmp_path, server, folder, INPUT_TIMEOUT="4")
        assert (answer.code, answer.outputs) == (1, None), answer.log
        assert refs(folder) == known


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
        for key in (
            *("core.fsmonitor", "credential.helper", "core.askPass", "core.sshCommand", "core.gitProxy"),
            *("core.alternateRefsCommand", "remote.origin.uploadpack", "remote.origin.vcs", "hook.trap.command"),
        ):
            git(folder, "config", key, str(script))
        git(folder, "config", "hook.trap.event", "reference-transaction")
        (tmp_path / "alternate").mkdir()
        git(tmp_path / "alternate", "init", "-q", "--bare")
        (folder / ".git/objects/info/alternates").write_text(f"{tmp_path}/alternate/objects\n")
        for key in ("http.proxy", "http.curloptResolve", "fetch.bundleURI", "http.sslCert"):
            git(folder, "config", key, "http://127.0.0.1:9")
        git(folder, "config", "protocol.allow", "never")
        git(folder, "config", "transfer.fsckObjects", "true")
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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_that_others_remove_meanwhile(
    checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        busy = folder / ".git/objects/busy"
        busy.mkdir()
        for path in (folder, *folder.rglob("*")):
            os.lchown(path, 1001, 1001)
        loop = "for i in 0 1 2 3 4 5 6 7 8 9; do mkdir $i; : > $i/tmp; done; rm -r [0-9]"
        others = subprocess.Popen(["sh", "-c", f"while true; do {loop}; done"], cwd=busy)
        try:
            for number in range(4):
                answer = run(tmp_path, server, folder, f"run-{number}")
                assert answer.code == 0, answer.log
        finally:
            others.kill()
            others.wait()
        assert {path.lstat().st_uid for path in folder.rglob("*") if busy not in path.parents} == {1001}


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
        answer = run(tmp_path, server, folder, INPUT_TIMEOUT="6")
    assert (answer.code, answer.outputs) == (1, None), answer.log
    assert len(answer.told("error")) == 1
    assert sentence in answer.told("error")[0]
    assert "fetch-tags" in answer.told("error")[0]
    assert files(folder) == kept
    assert not known or refs(folder) == known


def everything(folder: Path, repo: Repo) -> None:
    """All tags have come, whole, and nothing is left that hinders who comes next."""
    assert tags(refs(folder)) == tags(refs(repo.path))
    assert list((folder / ".git").rglob("*.lock")) == []
    git(folder, "fsck", "--full", "--strict")


def test_two_at_once_both_bring_them(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path
) -> None:
    with GitServer(srv, token=TOKEN) as server, ThreadPoolExecutor() as pool:
        folder = checked_out(server)
        for number in range(4):
            for each in range(30):
                repo.tag(f"other@v{number}.{each}.0", time=20 + each)
            repo.commit({"data": f"at {number}"}, time=60 + number)
            repo.tag(f"churn@v{number + 3}.0.0", time=70 + number)
            given = {"GITHUB_REF": "refs/heads/main"} if number % 2 else {}  # the fetch alone, or an answer before it
            runs = [pool.submit(run, tmp_path, server, folder, f"run-{each}", **given) for each in range(2)]
            assert [each.result().code for each in runs] == [0, 0], [each.result().log for each in runs]
            everything(folder, repo)


def test_a_fetch_of_somebody_else_meanwhile_loses_nothing(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path
) -> None:
    with GitServer(srv, token=TOKEN) as server, GitServer(srv) as theirs, ThreadPoolExecutor() as pool:
        folder = checked_out(server)
        repo.git("update-ref", "refs/heads/theirs", "main")
        commit = repo.commit({"data": "theirs"}, time=90, ref="refs/heads/theirs")
        server.fault(Fault(asks=b"command=ls-refs", times=1, drip=0.002))  # git has read the boundary by then
        asked = len(server.requests)
        action = pool.submit(run, tmp_path, server, folder, GITHUB_REF="refs/heads/main")
        while len(server.requests) < asked + 2:
            time.sleep(0.01)
        git(folder, "fetch", "-q", "--depth=1", "--no-tags", f"{theirs.url}/o/r", "theirs:refs/remotes/theirs")
        assert not action.done()
        answer = action.result()
        assert answer.code == 0, answer.log
        assert commits(folder, "refs/remotes/theirs") == {commit}
        everything(folder, repo)


def test_a_lock_is_waited_for(checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path) -> None:
    with GitServer(srv, token=TOKEN) as server, ThreadPoolExecutor() as pool:
        folder = checked_out(server)
        locks = [folder / ".git" / name for name in ("shallow.lock", "refs/tags/light.lock")]
        for lock in locks:
            lock.write_bytes(b"")
        action = pool.submit(run, tmp_path, server, folder, GITHUB_REF="refs/heads/main")
        for lock in locks:
            time.sleep(2)
            lock.unlink()
        answer = action.result()
        assert answer.code == 0, answer.log
        assert "shallow.lock" in answer.log
        everything(folder, repo)


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    small = tmp_path / "small"
    small.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(small)], check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.fail("cannot mount") if os.environ.get("CI") else pytest.skip("a full disk: cannot mount one here")
    yield small
    subprocess.run(["umount", "-l", str(small)], check=True)


@pytest.mark.parametrize("left", [0, 4, 8, 24, 48, 96], ids="{} KB".format)
def test_a_full_disk_leaves_nothing_in_the_way(
    small_disk: Path, repo: Repo, srv: Path, tmp_path: Path, left: int
) -> None:
    commit = registry_of(repo, TAG)
    for number in range(40):
        repo.commit({"data": os.urandom(100).hex()}, time=20 + number)
        repo.tag(f"churn@v3.{number}.0", time=100 + number)
    with GitServer(srv, token=TOKEN) as server:
        folder = SHORT.make(small_disk / "w", f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp")
        known = refs(folder)
        filler = small_disk / "filler"
        with filler.open("wb") as file:
            free = os.statvfs(small_disk)
            file.write(bytes(free.f_bavail * free.f_frsize - left * 1024))
        answer = run(tmp_path, server, folder)
        assert (answer.code, answer.outputs) == (1, None), answer.log
        assert re.search("No space left on device|couldn't write '.*[.]lock'", answer.told("error")[0])
        assert "fetch-tags" in answer.told("error")[0]
        assert list((folder / ".git").rglob("*.lock")) == []
        assert refs(folder) == known
        filler.unlink()
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        everything(folder, repo)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", ["while the pack comes", "at any time"])
def test_a_cancelled_run_leaves_nothing_in_the_way(
    checked_out: Callable[[GitServer], Path],
    repo: Repo,
    srv: Path,
    tmp_path: Path,
    moment: str,
    number: signal.Signals,
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        lock = folder / ".git/shallow.lock"
        environ = {**environment(server), "PATH": os.environ["PATH"], "GITHUB_REF": "refs/heads/main"}
        written = []
        for each in range(1 if moment == "while the pack comes" else 12):
            if moment == "while the pack comes":
                # Of the last request, before the end of the pack: by then git has the lock.
                server.fault(Fault(asks=b"0009done\n", times=1, hang=-100))
            process = subprocess.Popen(
                [sys.executable, str(ENTRYPOINT)],
                env={**environ, "GITHUB_OUTPUT": str(tmp_path / "output")},
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            if moment == "while the pack comes":
                while not lock.exists():
                    assert process.poll() is None
                    time.sleep(0.01)
            else:
                time.sleep(0.1 + 0.03 * each)
            process.send_signal(number)
            log = process.communicate(timeout=10)[0]
            assert process.returncode in {0, 128 + number, -number}, log
            if (tmp_path / "output").exists():  # it was done, or as good as
                written.append(parse_outputs((tmp_path / "output").read_bytes()))
                (tmp_path / "output").unlink()
            assert list((folder / ".git").rglob("*.lock")) == []
        server.mend()
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        assert moment == "at any time" or not written
        assert all(each.keys() == (answer.outputs or {}).keys() for each in written)  # whole, if there are any
        everything(folder, repo)


def interrupt(folder: Path, *steps: Callable[[], object]) -> None:
    with suppress(KeyboardInterrupt), workspace_tags.no_lock_left(folder):
        for step in steps:
            step()
        raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["shallow.lock", "packed-refs.lock", "refs/tags/churn#prod#2.lock"])
def test_a_lock_that_git_had_no_time_to_note_is_removed(tmp_path: Path, name: str) -> None:
    """Git that is ended within the call that makes a lock: a moment of microseconds, which no test can wait for."""
    lock, other = tmp_path / name, tmp_path / "refs/tags/other.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    other.parent.mkdir(parents=True, exist_ok=True)
    interrupt(tmp_path, lock.touch, lambda: other.write_text("somebody else's"))
    assert not lock.exists()
    assert other.exists()


def test_the_lock_of_somebody_else_stays(tmp_path: Path) -> None:
    lock = tmp_path / "shallow.lock"
    lock.touch()
    time.sleep(0.3)
    interrupt(tmp_path)  # it was there before
    assert lock.exists()
    lock.unlink()
    timer = threading.Timer(0.2, lock.write_text, args=("0" * 40,))
    interrupt(tmp_path, lock.touch, timer.start)  # it is written to
    timer.join()
    assert lock.exists()


def test_time_that_is_up_leaves_nothing_in_the_way(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        server.fault(Fault(asks=b"0009done\n", times=1, hang=-100))  # the last request, before the end of the pack
        answer = run(tmp_path, server, folder, GITHUB_REF="refs/heads/main", INPUT_TIMEOUT="2")
        assert answer.code == 1, answer.log
        assert "did not answer within 2 seconds" in answer.told("error")[0]
        assert list((folder / ".git").rglob("*.lock")) == []
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        everything(folder, repo)


def test_beside_a_garbage_collection(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path
) -> None:
    with GitServer(srv, token=TOKEN) as server, ThreadPoolExecutor() as pool:
        folder = checked_out(server)
        for number in range(4):
            repo.commit({"data": f"at {number}"}, time=60 + number)
            repo.tag(f"churn@v{number + 3}.0.0", time=70 + number)
            action = pool.submit(run, tmp_path, server, folder, GITHUB_REF="refs/heads/main")
            while not action.done():
                subprocess.run(["git", "-C", folder, "gc", "-q", "--prune=now"], check=False, capture_output=True)
            assert action.result().code == 0, action.result().log
            everything(folder, repo)
