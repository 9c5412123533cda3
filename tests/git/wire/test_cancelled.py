"""A run that is cancelled ends at once and leaves nothing."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.action import ENTRYPOINT
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs
from tests.support.wire import EXPECTED, PLACES, TAG, ended, within


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("place", ["advertisement", "answer", "a pause"])
def test_a_run_that_is_cancelled(srv: Path, registry: Repo, tmp_path: Path, place: str, number: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    output = tmp_path / "output"
    with GitServer(srv) as server:
        if place == "a pause":
            server.answer(503, headers={"Retry-After": "60"})
        else:
            server.stall(path=PLACES[place])
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{TAG}"}
        environ |= {"PATH": os.environ["PATH"], "TMPDIR": str(temporary), "GITHUB_OUTPUT": str(output)}
        process = subprocess.Popen(
            [sys.executable, str(ENTRYPOINT)], env=environ, stdout=subprocess.PIPE, start_new_session=True
        )
        assert process.stdout
        log = b""
        while b"Trying again in" not in log and not any(request.status == 0 for request in server.requests):
            if select.select([process.stdout], [], [], 0.02)[0]:
                log += os.read(process.stdout.fileno(), 1 << 16)
            assert process.poll() is None
        process.send_signal(number)
        with within(30):
            process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert list(temporary.iterdir()) == []
    assert not output.exists()
    assert ended(server.url)


@pytest.mark.parametrize("signals", [1, 2])
@pytest.mark.parametrize("answers", [True, False])
def test_a_run_that_is_cancelled_at_any_moment(
    srv: Path, registry: Repo, tmp_path: Path, answers: bool, signals: int
) -> None:
    assert registry.git("rev-parse", TAG)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    cancelled = 0
    with GitServer(srv) as server:
        if not answers:
            server.stall()
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{TAG}"}
        environ |= {"PATH": os.environ["PATH"], "TMPDIR": str(temporary)}
        for moment in range(30):
            output = tmp_path / f"output-{moment}"
            process = subprocess.Popen(
                [sys.executable, str(ENTRYPOINT)],
                env={**environ, "GITHUB_OUTPUT": str(output)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            time.sleep(0.04 + 0.006 * moment)
            for number in (signal.SIGTERM, signal.SIGINT)[:signals]:
                process.send_signal(number)
                time.sleep(0.002)
            log, _ = process.communicate(timeout=60)
            # before the run begins and after it has ended nothing is there to be left, and Python ends at the signal
            sent = (signal.SIGTERM, signal.SIGINT)[:signals]
            assert process.returncode in {0, *(-each for each in sent), *(128 + each for each in sent)}, log
            cancelled += process.returncode != 0
            assert "Traceback" not in log or process.returncode < 0
            assert "bug" not in log
            assert list(temporary.iterdir()) == []
            assert ended(server.url)
            if output.exists():
                written = parse_outputs(output.read_bytes())
                assert written | EXPECTED == written
    assert cancelled > 5
