"""Others who write to the repository at the same time."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.checkout import git
from tests.support.fetch_tags import TOKEN, commits, everything, run
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo


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
        others = subprocess.Popen(["sh", "-c", f"while true; do {loop}; done"], cwd=busy, start_new_session=True)
        try:
            for number in range(4):
                answer = run(tmp_path, server, folder, f"run-{number}")
                assert answer.code == 0, answer.log
        finally:
            os.killpg(others.pid, signal.SIGKILL)  # also the one that removes something just now
            others.wait()
        assert {path.lstat().st_uid for path in folder.rglob("*") if busy not in path.parents} == {1001}


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


def fetches(server: GitServer) -> int:
    return sum("/info/refs" in request.path for request in server.requests)


def test_a_lock_is_waited_for(checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path) -> None:
    with GitServer(srv, token=TOKEN) as server, ThreadPoolExecutor() as pool:
        folder = checked_out(server)
        ends, waits = (folder / ".git" / name for name in ("shallow.lock", "refs/tags/light.lock"))
        ends.write_bytes(b"")  # git ends at once
        waits.write_bytes(b"")  # git itself waits
        action = pool.submit(run, tmp_path, server, folder, GITHUB_REF="refs/heads/main")
        begun = fetches(server)
        while fetches(server) < begun + 2 and not action.done():  # of which the first has met its lock
            time.sleep(0.01)
        ends.unlink()
        time.sleep(2)
        waits.unlink()
        answer = action.result()
        assert answer.code == 0, answer.log
        assert "shallow.lock" in answer.log
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
