"""Runs that are cancelled, or whose time is up, leave nothing in the way."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from gto_action.git.locks import no_lock_left
from tests.support.action import ENTRYPOINT
from tests.support.fetch_tags import TOKEN, environment, everything, refs, run
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs


def test_they_have_no_time_of_their_own(checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        known = refs(folder)
        server.fault(Fault(path="/info/refs", times=3, drip=0.0001))  # two clones, and the files
        server.stall()
        answer = run(tmp_path, server, folder, INPUT_TIMEOUT="4")
        assert (answer.code, answer.outputs) == (1, None), answer.log
        assert refs(folder) == known


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
            log = process.communicate(timeout=60)[0]
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
    with suppress(KeyboardInterrupt), no_lock_left(folder):
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
