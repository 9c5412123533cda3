"""What the command line prints, wherever it goes: narrow, closed, full, in another encoding, long."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.built import build
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]
FULL = Path("/dev/full")

Process = subprocess.CompletedProcess[bytes]


@pytest.fixture
def registry(repo: Repo) -> Repo:
    commit = repo.commit(time=1000)
    repo.tag("churn@v1.0.0", commit, time=1001)
    repo.tag("churn#prod", commit, time=1002)
    repo.tag("churn@1.0.0-é", commit, time=1003)
    return repo


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "gto_action", *arguments]


def run(repo: Repo, *arguments: str, redirect: str = "", **variables: str) -> Process:
    """In a shell, which can close what a process would write to."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    environment.pop("PYTHONUNBUFFERED", None)  # else nothing is left to write when Python ends
    line = f'exec "$@" {redirect}'
    return subprocess.run(
        ["bash", "-c", line, "-", *command(*arguments)],
        cwd=repo.path,
        env=environment,
        capture_output=True,
        check=False,
    )


COMMANDS = (
    ["doctor"],
    ["doctor", "--json"],
    ["tags", "--other"],
    ["show"],
    ["history", "--json"],
    ["check-ref", "churn#prod"],
)


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_closed_standard_output(registry: Repo, arguments: list[str]) -> None:
    done = run(registry, *arguments, redirect=">&-")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"error: The answer cannot be written: standard output is closed.\n"


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [*COMMANDS, ["--help"], ["--version"]])
def test_a_full_standard_output(registry: Repo, arguments: list[str]) -> None:
    done = run(registry, *arguments, redirect=f">{FULL}")
    assert done.returncode == 1
    assert done.stderr == b"error: The answer cannot be written to standard output: No space left on device.\n"


@pytest.mark.parametrize("redirect", ["2>&-", f"2>{FULL}"])
def test_no_standard_error(registry: Repo, redirect: str) -> None:
    done = run(registry, "check-ref", "churn@v9.9.9", redirect=redirect)
    assert (done.returncode, done.stdout) == (0, b"")
    failed = run(registry, "show", "nobody", redirect=redirect)
    assert (failed.returncode, failed.stdout) == (1, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252", "ascii:strict"])
def test_another_encoding(registry: Repo, encoding: str) -> None:
    registry.tag("\N{SNOWMAN}", time=1004)
    done = run(registry, "tags", "--other", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.splitlines()
    assert lines[0] == "churn@1.0.0-é".encode(encoding.partition(":")[0], "backslashreplace")
    assert lines[1] == "\N{SNOWMAN}".encode(encoding.partition(":")[0], "backslashreplace")
    told = run(registry, "doctor", PYTHONIOENCODING=encoding)
    assert told.returncode == 1
    assert told.stdout.endswith(b"1 problem found.\n")
    assert run(registry, "check-ref", "\N{SNOWMAN}", PYTHONIOENCODING=encoding).stderr.endswith(b" is not a GTO tag.\n")


@pytest.mark.parametrize("columns", [1, 20, 40, 200])
def test_a_terminal_shows_every_value(registry: Repo, columns: int) -> None:
    reader, writer = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "TERM": "dumb"}
    with subprocess.Popen(command("history"), cwd=registry.path, env=environment, stdout=writer) as process:
        os.close(writer)
        shown = b""
        try:
            while chunk := os.read(reader, 65536):
                shown += chunk
        except OSError:  # how Linux says that nobody writes any more
            pass
    os.close(reader)
    assert process.returncode == 0
    rows = shown.decode().splitlines()[1:]
    for column in ("prod", "v1.0.0", "assignme" if columns < 100 else "assignment", "regist", "1970-01-"):
        assert any(column in row for row in rows), shown.decode()


def test_a_hundred_thousand_tags(tmp_path: Path) -> None:
    """Of which rich alone would take a minute and a gigabyte."""
    count = 20_000
    lines = "".join(f"churn#s{number % 50}#{number} A {2000 + number}\n" for number in range(count))
    build(tmp_path / "r", f"churn@v1.0.0 A 1\n{lines}")
    repo = Repo(tmp_path / "r")
    repo.git("pack-refs", "--all")
    before = os.times().children_user
    done = run(repo, "history")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == count + 2
    document = json.loads(run(repo, "history", "--json").stdout)
    assert len(document) == count + 1
    assert os.times().children_user - before < 60  # their own work, whatever else the machine does
