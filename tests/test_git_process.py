"""Git as a process: what it is given, and how it fails to start."""

import os
from pathlib import Path

import pytest

from gto_action.errors import GitError
from gto_action.git_process import run_git, start_git
from gto_action.process import as_file


def test_a_certificate_in_the_workspace_is_found_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_SSL_CAINFO", "certs/ca.pem")
    monkeypatch.setenv("GIT_SSL_CAPATH", "/etc/certs")
    monkeypatch.setenv("GIT_DIR", "/somebody/elses")
    alias = "alias.steered=!echo $GIT_SSL_CAINFO $GIT_SSL_CAPATH $GIT_DIR."
    process = start_git(Path("/"), ("-c", alias, "steered"), {})
    assert process.wait(timeout=10)[1].decode() == f"{tmp_path}/certs/ca.pem /etc/certs .\n"


def test_git_does_not_see_the_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INPUT_TOKEN", "a-secret")
    monkeypatch.setenv("INPUT_FETCH-TAGS", "false")
    command = ("-c", "alias.seen=!env", "seen")
    for out in (start_git(tmp_path, command, {}).wait(timeout=10)[1], run_git(tmp_path, command, {}, b"", 10)[1]):
        assert b"PATH=" in out
        assert b"INPUT_" not in out
    assert os.environ["INPUT_TOKEN"] == "a-secret"


def test_a_git_that_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="cannot be run: Permission denied"):
        start_git(tmp_path, ("version",), {})


def test_a_question_is_asked_once_however_long_the_answer_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gto_action.process._SIGN_OF_LIFE", 0.05)
    question = os.urandom(1_000_000)  # more than a pipe takes at once
    with as_file(question) as file:
        process = start_git(tmp_path, ("-c", "alias.later=!sleep 0.3; cat; :", "later"), {}, stdin=file)
    signs: list[float] = []
    assert process.wait(timeout=10, alive=signs.append)[:2] == (0, question)
    assert len(signs) >= 3
