"""What reaches the terminal, a pipe and a file."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import ROOT, Run, run_module
from tests.support.git_server import GitServer
from tests.support.repo import Repo


def test_no_text_of_strangers_reaches_the_terminal_as_it_is(run: Run, registry: Repo) -> None:
    registry.tag("new\u202e\x9b31m", time=5000)
    assert run("tags", "--other").stdout == "new\\u202e\\x9b31m\nnightly-7\n"
    registry.commit({".gto": '"\\e[31m[bold]x": 1'}, time=6000)
    assert "[bold]x" in run("doctor").stdout
    assert "\x1b" not in run("doctor").stdout


def test_lines_are_whole_where_nobody_looks(registry: Repo) -> None:
    registry.tag(f"{'long' * 60}@v1.0.0", time=5000)
    result = run_module("history", cwd=registry.path)
    assert "long" * 60 + "@v1.0.0" in result.stdout
    assert "\x1b" not in result.stdout
    assert not [line for line in result.stdout.splitlines() if line != line.rstrip()]


def test_a_terminal_has_colours(registry: Repo) -> None:
    reader, writer = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    command = [sys.executable, "-m", "gto_action", "show"]
    subprocess.run(command, cwd=registry.path, env=environment, stdout=writer, check=True)
    os.close(writer)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    assert "\x1b[1m" in shown
    assert "churn" in shown


def test_a_closed_pipe_is_quiet(registry: Repo) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for arguments in (["tags"], ["history"], ["show", "--json"]):
        command = [sys.executable, "-m", "gto_action", *arguments]
        result = subprocess.run(
            command, cwd=registry.path, env=environment, stdout=writer, stderr=subprocess.PIPE, check=False
        )
        assert result.stderr == b""
    os.close(writer)


def test_json_is_json_whatever_a_log_takes_for_a_command(run: Run, registry: Repo) -> None:
    registry.tag("churn@v4.0.0", message="##[add-mask]x ##vso[y \x7f ::error::é")
    result = run("check-ref", "churn@v4.0.0", "--json")
    assert json.loads(result.stdout)["message"] == "##[add-mask]x ##vso[y \x7f ::error::é"
    assert "##[" not in result.stdout
    assert "##vso[" not in result.stdout
    assert result.stdout.isascii()


def test_what_fails_is_told_in_terms_of_the_command_line(
    run: Run, srv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GitServer(srv, token="s3cret") as server:
        refused = run("stages", repo=f"{server.url}/o/r").stderr
    assert refused.startswith(f"error: The remote '{server.url}/o/r' asks for a token. It uses git's own credentials; ")
    with GitServer(srv) as server:
        missing = run("stages", repo=f"{server.url}/o/nope").stderr
    assert missing.startswith(f"error: The remote '{server.url}/o/nope' was not found. Check the address; without ")
    ssh = tmp_path / "ssh"
    ssh.write_text(
        "#!/bin/sh\necho 'ssh: Could not resolve hostname h.invalid: Name or service not known' >&2\nexit 255\n"
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(ssh))
    monkeypatch.setattr("time.sleep", lambda _: None)
    unknown = run("stages", repo="git@h.invalid:o/r").stderr.splitlines()[-1]
    assert unknown.endswith(
        " failed. Try again later. Git says: ssh: Could not resolve hostname h.invalid: Name or service not known"
    )
    for text in (refused, missing, unknown):
        assert not {"job", "input", "permissions:"} & set(text.replace("'", " ").split())
