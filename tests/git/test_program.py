"""Git as a process: what it is given, and how it fails to start."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from gto_action.errors import GitError
from gto_action.git.program import ask_git, check_version, start_git
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.surroundings import as_variables
from gto_action.system.process import MOST_PRINTED, Process, as_file, start
from tests.support.action import ROOT
from tests.support.repo import Repo
from tests.support.ways import WAYS, ask_by


def test_a_certificate_in_the_workspace_is_found_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_SSL_CAINFO", "certs/ca.pem")
    monkeypatch.setenv("GIT_SSL_CAPATH", "/etc/certs")
    monkeypatch.setenv("GIT_DIR", "/somebody/elses")
    alias = "alias.steered=!echo $GIT_SSL_CAINFO $GIT_SSL_CAPATH $GIT_DIR."
    process = start_git(Path("/"), ("-c", alias, "steered"), {})
    assert process.wait(timeout=60)[1].decode() == f"{tmp_path}/certs/ca.pem /etc/certs .\n"


def test_git_does_not_see_the_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INPUT_TOKEN", "a-secret")
    monkeypatch.setenv("INPUT_FETCH-TAGS", "false")
    command = ("-c", "alias.seen=!env", "seen")
    for out in (start_git(tmp_path, command, {}).wait(timeout=60)[1], ask_git(tmp_path, *command, timeout=60)[1]):
        assert b"PATH=" in out
        assert b"INPUT_" not in out
    assert os.environ["INPUT_TOKEN"] == "a-secret"


def test_a_git_that_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="cannot be run: Permission denied"):
        start_git(tmp_path, ("version",), {})
    with pytest.raises(GitError, match="cannot be run: Permission denied"):
        ask_git(tmp_path, "version")


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="There is no 'git' on the PATH"):
        start_git(tmp_path, ("version",), {})
    with pytest.raises(GitError, match="There is no 'git' on the PATH"):
        ask_git(tmp_path, "version")


def test_a_question_runs_git_once(tmp_path: Path) -> None:
    """GitPython would run another when it is imported, which nobody could end."""
    calls, git = tmp_path / "calls", tmp_path / "git"
    git.write_text(f'#!/bin/sh\necho "$*" >> {calls}\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    program = (
        "from pathlib import Path; from gto_action.git.program import ask_git; print(ask_git(Path('/'), 'version'))"
    )
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    said = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, env=environ, text=True)
    assert said.startswith("(0, b'git version ")
    assert calls.read_text() == "version\n"


def test_a_question_is_asked_once_however_long_the_answer_takes(tmp_path: Path) -> None:
    question = os.urandom(1_000_000)  # more than a pipe takes at once
    with as_file(question) as file:
        later = "!while [ ! -e enough ]; do sleep 0.01; done; cat; :"
        process = start_git(tmp_path, ("-c", f"alias.later={later}", "later"), {}, stdin=file)
    signs: list[float] = []

    def alive(passed: float) -> None:
        signs.append(passed)
        if len(signs) == 3:
            (tmp_path / "enough").touch()

    assert process.wait(timeout=60, alive=alive, every=0.05)[:2] == (0, question)
    assert len(signs) >= 3


@pytest.mark.parametrize(
    "value",
    [
        "",
        "plain",
        "it's",
        "'",
        "a!b",
        "!",
        "x=y=z",
        "two\nlines",
        " spaced ",
        "L\u00f6we",
        "\\",
        "'\\''",
        '"#;',
        "$(id)`id`",
    ],
)
def test_a_setting_reaches_every_git_as_it_is(value: str, tmp_path: Path) -> None:
    variables = as_variables({"first.key": "1", "http.https://example.com/o/r.extraheader": value, "last.key": value})
    for key in ("http.https://example.com/o/r.extraheader", "last.key"):
        process = start_git(tmp_path, ("config", "--null", "--get", key), variables)
        assert process.wait(timeout=60) == (0, f"{value}\0".encode(), "")


@pytest.mark.parametrize(
    "said", ["git version 2.30.0", "git version 2.39.5 (Apple Git-154)", "git version 3.0.rc1", "git version next", ""]
)
def test_a_git_that_is_young_enough(said: str) -> None:
    check_version(said)


@pytest.mark.parametrize("version", ["1.9.1", "2.9.5", "2.29.3", "2.29.3.windows.1"])
@pytest.mark.parametrize("way", WAYS)
def test_a_git_that_is_too_old(
    version: str, way: str, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone is not made by one; by the wire it may be good enough, and if it is not, that is said first."""
    repo.commit()
    ask_by(way, monkeypatch)
    real = shutil.which("git")
    (tmp_path / "git").write_text(f'#!/bin/sh\n[ "$1" = version ] && echo git version {version} || exec {real} "$@"\n')
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    url = repo.path.as_uri() + ("" if way == "clone" else "/none")
    with Repository(Remote(url), log=print) as repository:
        fetching = repository.start()
        with pytest.raises(GitError) as caught:
            fetching.finish()
    assert str(caught.value) == f"The 'git' on the PATH is version {version}. Install git, version 2.30 or later."


def test_a_program_that_may_print_more_than_others() -> None:
    command = ("sh", "-c", f"head -c {MOST_PRINTED + 1} /dev/zero")
    assert start(command, os.environ).wait(timeout=60)[0] == 1
    status, printed, _ = start(command, os.environ, kind=partial(Process, most=MOST_PRINTED + 1)).wait(timeout=60)
    assert (status, len(printed)) == (0, MOST_PRINTED + 1)
