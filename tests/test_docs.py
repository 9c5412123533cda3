"""The pages of `docs/`, and what all pages share: what they show works, and what they link to is there."""

import ast
import os
import re
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import yaml

from gto_action.cli import commands
from gto_action.gto.tag import parse_tag
from tests.support.action import run_entrypoint
from tests.support.oracle import oracle_python
from tests.support.pages import ROOT, Row, codes, events, table
from tests.support.repo import Repo

PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
_WRITE: Final = re.compile(r"<!-- write: (?P<file>\S+) -->\n\n```yaml\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_CONSOLE: Final = re.compile(r"^```console\n(?P<session>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """A line after `$ `, and what the page says it prints."""

    line: str
    printed: str


@dataclass(frozen=True, slots=True)
class Write:
    """A file that the page shows."""

    file: str
    text: str


def steps(page: str) -> Iterator[Command | Write]:
    """What a page does, from its beginning to its end."""
    for match in re.finditer(rf"{_WRITE.pattern}|{_CONSOLE.pattern}", page, re.DOTALL | re.MULTILINE):
        if match["file"]:
            yield Write(match["file"], match["text"])
            continue
        for command in re.split(r"^\$ ", match["session"], flags=re.MULTILINE)[1:]:
            line, _, printed = command.partition("\n")
            yield Command(line, printed)


def test_gto_in_five_minutes(tmp_path: Path) -> None:
    """Every command of the page, in one repository, with the real gto."""
    environ = {
        "PATH": f"{Path(oracle_python()).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "COLUMNS": "120",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    work = tmp_path / "work"
    (work / "models").mkdir(parents=True)
    (work / "search").mkdir()
    (work / "models/churn.pkl").write_text("trained\n")

    def sh(line: str) -> str:
        return subprocess.run(
            ["bash", "-c", line],
            cwd=work,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        ).stdout

    sh("git config --global user.name Ada; git config --global user.email ada@example.com")
    sh("git init -q --bare ../origin; git init -q -b main; git remote add origin ../origin")
    sh("git add --all; git commit -q -m Train")
    done = list(steps((ROOT / "docs/gto.md").read_text()))
    assert len(done) > 20
    for step in done:
        if isinstance(step, Write):
            (work / step.file).write_text(step.text)
            continue
        tags = sh("git tag")
        # The message goes to standard error, on which gto writes where its tables do not.
        assert sh(step.line) == step.printed, step.line
        if sh("git tag") != tags:
            time.sleep(1.1)  # tags count by their second, and people are slower
    pushed = sh("git ls-remote --tags origin")
    assert "refs/tags/churn@v1.0.0^{}" in pushed


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them, and those that are written."""
    text = re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)"></a>', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        file, _, anchor = target.partition("#")
        path = page if not file else (page.parent / urllib.parse.unquote(file)).resolve()
        assert path.exists(), target
        assert path.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(path.read_text()), target


@pytest.mark.parametrize("row", events(), ids=lambda row: row["tag"])
def test_a_tag_gives_what_the_readme_says_by_the_whole_program(row: Row, repo: Repo, tmp_path: Path) -> None:
    commit, tag = repo.commit(time=1000), parse_tag(row["tag"])
    if tag and row["version"].startswith("v") and row["event"] != "registration":
        repo.tag(f"{tag.artifact.in_tag}@{row['version']}", commit, time=1001)
    repo.tag(row["tag"], commit, time=1002)
    environ = {
        "GITHUB_SERVER_URL": f"file://{repo.path.parents[1]}",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_REF": f"refs/tags/{row['tag']}",
        "GITHUB_EVENT_NAME": "push",
    }
    run = run_entrypoint(tmp_path / "run", environ)
    assert run.code == 0, run.log
    assert run.outputs is not None
    expected = {**row, "version": re.sub("^[0-9a-f]{40}$", commit, row["version"])}
    expected["tag"] *= bool(row["event"])  # of no event all outputs are empty
    assert {name: run.outputs[name] for name in row} == expected


@cache
def texts() -> list[str]:
    """Every text of the code, with `…` for what is filled in."""
    found = []
    for path in sorted((ROOT / "gto_action").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            pieces = [part.value if isinstance(part, ast.Constant) else "…" for part in parts]
            text = "".join(piece for piece in pieces if isinstance(piece, str))
            if len(text.replace("…", "")) >= 10:
                found.append(text)
    return found


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(".+?".join(map(re.escape, text.split("…"))), re.DOTALL)


CODE: Final = "\n".join(path.read_text() for path in sorted((ROOT / "gto_action").rglob("*.py")))
TROUBLE: Final = (ROOT / "docs/troubleshooting.md").read_text()
MESSAGES: Final = [
    row["message"]
    for page, heading in (
        *((TROUBLE, heading) for heading in ("## Errors", "From the actions", "## Warnings", "## Notices")),
        ((ROOT / "docs/deployments.md").read_text(), "## Permissions, and what fails"),
    )
    for row in table(page, heading)
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_one_of_the_code(message: str) -> None:
    """Its words are there, and a text of the code begins as it does, or makes it where a part is filled in."""
    for part in message.split("…"):
        words = part.strip(" .:,")
        assert not re.search(r"\w{2}", words) or words in CODE, words
    assert any(pattern(message).match(text) or pattern(text).fullmatch(message) for text in texts())


def test_the_command_line_has_the_commands_of_its_page() -> None:
    rows = table((ROOT / "docs/cli.md").read_text(), "# The command line")
    assert {row["command"].split()[0] for row in rows} == {
        *commands.group.commands,
        *(each.name for each in commands.LATE),
    }


def test_the_way_over_keeps_what_it_says() -> None:
    """The names that `iterative/gto-action@v2` has, which are still there."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    page = (ROOT / "docs/migration.md").read_text()
    seven = re.search(r"seven outputs have the same names \(([^)]*)\)", page)
    assert seven
    assert set(codes(seven[1])) == {"event", "name", "version", "stage", "type", "path", "description"}
    assert set(codes(seven[1])) <= set(action["outputs"])
    assert {"show", "history", "print-outputs"} <= set(action["inputs"])
    new = page.partition("## What is new")[2]
    named = set(codes(new.partition("README")[0])) - {"churn@latest"}
    assert named <= {*action["outputs"], *action["inputs"]}
