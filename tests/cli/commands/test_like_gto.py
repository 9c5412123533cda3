"""What `gto` takes: its commands and options, held against the real one's `--help` and what it prints."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gto_action.cli.elsewhere import COMMANDS
from tests.support.command_line import Run, rows_of
from tests.support.help import commands_of, options_of
from tests.support.oracle import oracle_python
from tests.support.pages import ROOT, Row, table
from tests.support.repo import Repo

OURS = [sys.executable, "-m", "gto_action"]


@pytest.fixture(scope="module")
def gto() -> list[str]:
    return [str(Path(oracle_python()).with_name("gto"))]


def test_every_command_of_gto_is_here_or_has_a_sentence(gto: list[str]) -> None:
    assert commands_of(gto) - commands_of(OURS) == {*COMMANDS}


@pytest.mark.parametrize("command", ["check-ref", "show", "history", "stages", "doctor"])
def test_every_option_of_gto_is_here(gto: list[str], command: str) -> None:
    theirs = options_of(gto, command)
    assert {"-r", "--repo", "-h", "--help"} <= theirs, "the help of gto is read wrongly"
    assert theirs - options_of(OURS, command) == set()


def test_the_options_before_a_command(gto: list[str]) -> None:
    assert options_of(gto, "") - options_of(OURS, "") == {"-v", "--verbose"}  # which has a sentence


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_writes_says_what_to_use(run: Run, command: str) -> None:
    result = run(command, "churn", "--version", "v1.0.0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"Error: {COMMANDS[command]}\n")


def test_verbose_says_what_to_use(run: Run) -> None:
    result = run("-v", "show")
    assert result.exit_code == 2
    assert "standard error says what does not count, and doctor says the rest." in result.stderr


def test_a_command_that_nobody_has(run: Run) -> None:
    assert "No such command 'promotee'" in run("promotee").stderr


# What the registry of these tests says: the arguments, and the cells that are printed.
LISTED = [
    (["--plain"], [["churn", "v1.1.0", "v1.1.0", "v1.0.0"]]),
    (["--vs", "-1"], [["churn", "v1.1.0", "v1.1.0", "v1.0.0"]]),
    (["--vs", "0"], [["churn", "v1.1.0", "-", "-"]]),
    (["--av", "0"], [["churn", "v1.1.0", "-", "-"]]),
    (["-d"], [["churn", "v1.1.0", "v1.1.0", "v1.0.0"], ["old", "v1.0.0", "-", "-"]]),
    (["--sort", "semver"], [["churn", "v1.1.0", "v1.1.0", "v1.0.0"]]),
]


@pytest.mark.parametrize(("arguments", "rows"), LISTED, ids=str)
def test_the_options_of_show(run: Run, arguments: list[str], rows: list[list[str]]) -> None:
    printed = rows_of(run("show", *arguments).stdout)
    assert printed[0] == ["name", "latest", "#dev", "#prod"]
    assert [row for row in printed if row[0] in {"churn", "old"}] == rows


def test_commits_without_a_version_can_be_left_out(run: Run, registry: Repo) -> None:
    commit = registry.git("rev-parse", "bare#dev^{commit}")[:7]
    assert ["bare", "-", commit, "-"] in rows_of(run("show").stdout)
    assert ["bare", "-", "-", "-"] in rows_of(run("show", "--ro").stdout)


def test_several_versions_in_a_stage(run: Run, registry: Repo) -> None:
    registry.tag("churn#prod#3", "churn@v1.1.0^{commit}", time=4000)
    registry.tag("churn#prod#4", registry.commit(time=5000), time=5001)
    commit = registry.git("rev-parse", "churn#prod#4^{commit}")
    assert (
        json.loads(run("show", "--json", "--vs", "-1").stdout)["churn"]["stage"]["prod"] == f"{commit}, v1.1.0, v1.0.0"
    )
    assert json.loads(run("show", "--json", "--vs", "2", "--sort", "semver").stdout)["churn"]["stage"] == {
        "dev": "v1.1.0",
        "prod": "v1.1.0, v1.0.0",
    }
    assert f"{commit[:7]}, v1.1.0, v1.0.0" in run("show", "--vs", "-1").stdout
    assert run("show", "churn#prod", "--version", "--vs", "-1").stdout.splitlines() == ["v1.1.0", "v1.0.0", commit]


@pytest.mark.parametrize(
    ("arguments", "versions"),
    [
        (["old", "--version"], []),
        (["old", "--version", "-d"], ["v1.0.0"]),
        (["old@latest", "--version", "--deprecated"], ["v1.0.0"]),
    ],
    ids=str,
)
def test_deprecated_versions(run: Run, arguments: list[str], versions: list[str]) -> None:
    assert run("show", *arguments).stdout.splitlines() == versions


def test_deregistered_versions(run: Run, registry: Repo) -> None:
    registry.tag("churn@v1.1.0!", "churn@v1.1.0^{commit}", time=4000)
    assert run("show", "churn", "--version").stdout.splitlines() == ["v1.0.0"]
    assert run("show", "churn", "--version", "-d").stdout.splitlines() == ["v1.1.0", "v1.0.0"]


def test_the_oldest_events_first(run: Run) -> None:
    refs = [row[-1] for row in rows_of(run("history", "churn").stdout)[1:]]
    assert [row[-1] for row in rows_of(run("history", "churn", "--asc").stdout)[1:]] == refs[::-1]
    assert [each["ref"] for each in json.loads(run("history", "churn", "--ascending", "--json").stdout)] == refs[::-1]


def test_stages_by_what_counts(run: Run, registry: Repo) -> None:
    assert run("stages", "--allowed").output == ""
    assert run("stages", "--allowed", "--json").stdout == "null\n"
    registry.commit({".gto": "stages: [prod, qa]"}, time=4000)
    assert run("stages", "--allowed").stdout == "prod\nqa\n"
    assert run("stages", "--used").stdout == "dev\nprod\n"
    assert json.loads(run("stages", "--used", "--json").stdout) == ["dev", "prod"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "--plain", "--json"],
        ["show", "--plain", "--name"],
        ["show", "--av", "-2"],
        ["show", "--vs", "x"],
        ["show", "--sort", "name"],
        ["history", "--plain", "--json"],
        ["stages", "--allowed", "--used"],
    ],
    ids=str,
)
def test_wrong_usage_is_wrong_for_gto_too(run: Run, gto: list[str], registry: Repo, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
    assert subprocess.run([*gto, *arguments, "-r", str(registry.path)], capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "--plain"],
        ["show", "--plain", "-d"],
        ["show", "--plain", "--vs", "-1"],
        ["show", "churn", "--plain"],
        ["history", "--plain", "--asc"],
        ["history", "churn", "--plain"],
        ["stages", "--used"],
    ],
    ids=str,
)
def test_the_cells_are_those_of_gto(run: Run, gto: list[str], registry: Repo, arguments: list[str]) -> None:
    theirs = subprocess.run([*gto, *arguments, "-r", str(registry.path)], capture_output=True, text=True, check=True)
    ours = run(*arguments).stdout.replace("T00:", " 00:")  # a time in ISO 8601
    assert rows_of(ours) == rows_of(theirs.stdout)


PAGE = (ROOT / "docs/cli.md").read_text()


def test_the_page_says_what_is_not_here() -> None:
    missing = " ".join(row["in `gto`"] for row in table(PAGE, "## If you know gto"))
    assert {*COMMANDS} <= {*re.findall(r"`([a-z]+)`", missing)}
    assert "`--verbose`" in missing


OF_THE_SERVICE = ("deliveries", "redeliver", "serve", "sinks", "skip", "sync")


@pytest.mark.parametrize("row", table(PAGE, "## Completion"), ids=lambda row: row["shell"])
def test_the_completion_of_the_page(row: Row, tmp_path: Path) -> None:
    program = tmp_path / "gto-action"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m gto_action "$@"\n')
    program.chmod(0o755)
    (variable,) = re.findall(r"(_GTO_ACTION_COMPLETE=\w+) gto-action", row["line"])
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    source = subprocess.run(
        ["sh", "-c", f"{variable} gto-action"], capture_output=True, text=True, check=True, env=environ
    ).stdout
    assert "_GTO_ACTION_COMPLETE=" in source
    assert "complete" in source


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("sho", {"show"}),
        ("", {"check-ref", "doctor", "event", "history", "page", "show", "stages", "tags", *OF_THE_SERVICE}),
        ("event --form", {"--format"}),
        ("event --ci gi", {"gitea", "github", "gitlab"}),
        ("show --a", {"--av", "--assignments-per-version"}),
    ],
)
def test_what_is_completed_in_bash(words: str, found: set[str], tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "_GTO_ACTION_COMPLETE": "bash_complete",
        "COMP_WORDS": f"gto-action {words}",
        "COMP_CWORD": str(max(1, len(words.split()))),
    }
    told = subprocess.run(OURS, cwd=tmp_path, capture_output=True, text=True, check=False, env=environ).stdout
    assert {line.partition(",")[2] for line in told.splitlines()} == found
