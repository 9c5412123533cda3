"""What every bad input gets, and what a bug and a cancelled run leave."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gto_action.step.main import main
from tests.support.action import ENTRYPOINT, Action
from tests.support.git_server import GitServer
from tests.support.repo import Repo

# what is wrong, and what the one error says
FAILURES = {
    "no such tag": ({"GITHUB_REF": "refs/tags/churn#prod#99"}, "has no tag 'churn#prod#99'.*Push the tag"),
    "no such repository": ({"GITHUB_REPOSITORY": "o/none"}, "o/none' was not found.*Check the address"),
    "repository": ({"GITHUB_REPOSITORY": "no-slash"}, "GITHUB_REPOSITORY cannot be 'no-slash'.*'OWNER/NAME'"),
    "repository ..": ({"GITHUB_REPOSITORY": "../.."}, r"GITHUB_REPOSITORY cannot be '\.\./\.\.'"),
    "server": ({"GITHUB_SERVER_URL": "ext::sh -c id"}, "GITHUB_SERVER_URL cannot be 'ext::sh -c id'.*https://"),
    "server [": ({"GITHUB_SERVER_URL": "http://[::"}, r"GITHUB_SERVER_URL cannot be 'http://\[::'"),
    "scope": (
        {"INPUT_SCOPE": "artifact"},
        "The input 'scope' is 'artifact', but this action has no such input.*Remove it",
    ),
    "catch-up": (
        {"INPUT_CATCH-UP": "true"},
        "The input 'catch-up' is 'true', but this action has no such input.*gto-action/catch-up@v3",
    ),
    "timeout: 0": ({"INPUT_TIMEOUT": "0"}, "'timeout' cannot be '0'.*from 1 to 99999"),
    "timeout: 1m": ({"INPUT_TIMEOUT": "1m"}, "'timeout' cannot be '1m'.*number of seconds"),
    "timeout: 100000": ({"INPUT_TIMEOUT": "100000"}, "'timeout' cannot be '100000'"),
    "lightweight: maybe": (
        {"INPUT_LIGHTWEIGHT": "maybe"},
        "'lightweight' cannot be 'maybe'.*Use 'fail', 'warn' or 'accept'",
    ),
    "strict: yes": ({"INPUT_STRICT": "yes"}, "'strict' cannot be 'yes'.*'true' or 'false'"),
    "print-outputs: 1": ({"INPUT_PRINT_OUTPUTS": "1"}, "'print-outputs' cannot be '1'.*'true' or 'false'"),
    "no GITHUB_OUTPUT": ({"GITHUB_OUTPUT": ""}, "GITHUB_OUTPUT is not set.*path of a file"),
    "GITHUB_OUTPUT is a folder": ({"GITHUB_OUTPUT": "/"}, "GITHUB_OUTPUT cannot be written at '/'"),
    "the disk is full": ({"GITHUB_OUTPUT": "/dev/full"}, "GITHUB_OUTPUT cannot be written at '/dev/full'"),
    "GITHUB_STEP_SUMMARY is a folder": ({"GITHUB_STEP_SUMMARY": "/"}, "GITHUB_STEP_SUMMARY cannot be written at '/'"),
    "no repository here": ({"GITHUB_REPOSITORY": ""}, "no repository with a remote 'origin'.*GITHUB_REPOSITORY"),
    "no git": ({"PATH": "/nowhere"}, "no 'git' on the PATH.*Install git"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failure(registry: Repo, action: Action, case: str) -> None:
    environ, error = FAILURES[case]
    run = action("", **{"GITHUB_REF": "refs/tags/churn#prod#4", **environ})
    assert (run.code, run.outputs) == (1, None), run.log
    assert len(run.told("error")) == 1
    assert re.search(error, run.told("error")[0])
    assert "Traceback" not in run.log


def test_a_bug_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("::error::of a stranger's")

    monkeypatch.setattr("gto_action.step.asked.trigger_of", broken)
    assert main({"GITHUB_OUTPUT": str(tmp_path / "output")}) == 3
    log = capsys.readouterr().out
    assert "ZeroDivisionError" in log
    assert [line for line in log.splitlines() if line.startswith("::")] == [
        "::error title=gto-action::This is a bug in gto-action. Please report it, with the lines above."
    ]
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("fault", ["stall", "retry"])
def test_sigterm_ends_git_and_leaves_nothing(
    registry: Repo, http: Callable[..., GitServer], tmp_path: Path, fault: str
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    output = tmp_path / "output"
    with http() as server:
        server.stall() if fault == "stall" else server.answer(503)
        environ = {
            "PATH": os.environ["PATH"], "TMPDIR": str(temporary), "GITHUB_SERVER_URL": server.url,
            "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": "refs/tags/churn#prod#4", "GITHUB_OUTPUT": str(output),
        }  # fmt: skip
        process = subprocess.Popen([sys.executable, str(ENTRYPOINT)], env=environ, stdout=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(temporary.iterdir()) == []
    assert not output.exists()
