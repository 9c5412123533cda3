"""The process: its usage, its exit codes, its variables and its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gto_action.cli import commands, place
from tests.support.command_line import ROOT, Run, run_module
from tests.support.git_server import GitServer
from tests.support.repo import Repo


@pytest.mark.parametrize(
    "arguments",
    [
        ["check-ref"],
        ["check-ref", "x", "--name", "--version"],
        ["show", "--ref"],
        ["show", "--version"],
        ["show", "--stage"],
        ["show", "churn", "--json", "--ref"],
        ["history", "a", "b"],
        ["tags", "x"],
        ["unknown"],
        ["doctor", "--unknown"],
    ],
)
def test_wrong_usage(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: " in result.stderr


def test_exit_codes_of_the_process(registry: Repo, tmp_path: Path) -> None:
    assert run_module("doctor", cwd=registry.path).returncode == 0
    registry.lightweight("churn@v3.0.0")
    assert run_module("doctor", cwd=registry.path).returncode == 1
    assert run_module("show", "--ref", cwd=registry.path).returncode == 2
    failed = run_module("tags", cwd=tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "error: There is no git repository at '.'. Name another with --repo.\n"


def test_variables_of_the_environment_count(registry: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GTO_STAGES", '["qa"]')
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert run_module("stages", cwd=registry.path).stdout == "qa\n"


def test_the_version_and_the_help(tmp_path: Path) -> None:
    assert run_module("--version", cwd=tmp_path).stdout.startswith("gto-action, version ")
    assert "Commands:" in run_module("--help", cwd=tmp_path).stdout


def test_a_bug_is_told_as_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(place, "open_session", broken)
    assert commands.main(["tags"], {}) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert lines[-1] == "error: This is a bug in gto-action. Please report it, with the lines above."


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_what_it_needs_may_be_missing(tmp_path: Path, missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from gto_action.__main__ import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr == f"error: The command line needs {missing!r}, which is not installed: pip install click rich\n"
    )


def test_a_run_that_is_ended_leaves_nothing_behind(registry: Repo, srv: Path, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    with GitServer(srv) as server:
        server.stall()
        command = [sys.executable, "-m", "gto_action", "--repo", f"{server.url}/o/r", "tags"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as process:
            while not server.requests and process.poll() is None:
                time.sleep(0.01)
            process.terminate()
            assert process.communicate(timeout=30)[1] == b""
    assert process.returncode == 128 + signal.SIGTERM
    assert not [*(tmp_path / "tmp").iterdir()]
