"""A run that is ended leaves nothing."""

import http.server
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support import workspaces
from tests.support.action import ROOT
from tests.support.delivered import COMMITS, RNG, delivered
from tests.support.naive_pull import TAG, Commit
from tests.support.pulls import Pull, content, pull_environ
from tests.support.repo import Repo
from tests.support.workspaces import OTHER


def started(workspace: Path, tmp_path: Path, **given: str) -> "subprocess.Popen[bytes]":
    """The action, while it waits for a remote that does not answer."""
    environ = pull_environ(tmp_path / "srv/o/r", TAG) | given
    environ |= {"GITHUB_OUTPUT": str(tmp_path / "output"), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [str(ROOT / ".venv/bin/python"), str(ROOT / "entrypoint.py")]
    return subprocess.Popen(command, cwd=workspace, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def workers() -> dict[int, int]:
    """The DVC workers that run, each with the process that has started it."""
    found: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may have ended; a bare machine has no `ps`
            if b"gto_action/pull/worker.py" in (place / "cmdline").read_bytes():
                found[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    return found


class _Silent(http.server.BaseHTTPRequestHandler):
    asked = threading.Event()

    def do_GET(self) -> None:
        self.asked.set()
        time.sleep(60)

    do_HEAD = do_GET  # noqa: N815 - its name for the standard library


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nothing(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, number: int
) -> None:
    commit = COMMITS["a folder of DVC's"]
    workspaces.clean(workspace, commit, made(commit).path, RNG)
    (workspace / "m").mkdir()
    (workspace / "m/old").write_bytes(OTHER)
    before = content(workspace)
    _Silent.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Silent) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        own = workspace / ".dvc/config.local"
        own.write_text(f"['remote \"store\"']\n    url = http://127.0.0.1:{server.server_address[1]}\n")
        (listed,) = (tmp_path / "store").rglob("*.dir")
        (workspace / ".dvc/cache/files/md5" / listed.parent.name).mkdir(parents=True)
        shutil.copy(listed, workspace / ".dvc/cache/files/md5" / listed.parent.name)
        run = started(workspace, tmp_path)
        assert _Silent.asked.wait(120)
        (worker,) = (pid for pid, parent in workers().items() if parent == run.pid)
        run.send_signal(number)
        run.wait(300)
        for _ in range(1200):
            if worker not in workers():
                break
            time.sleep(0.1)
        assert worker not in workers()
        server.shutdown()
    left = list(workspace.glob(".gto-action-*"))
    assert len(left) == (1 if number == signal.SIGKILL else 0)
    assert {name: data for name, data in content(workspace).items() if not name.startswith(".gto-action-")} == before
    own.unlink()
    delivered(pull(), workspace, commit)  # and `pull` looks for what is left
