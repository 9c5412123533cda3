"""The pages of `docs/`, and what all pages share: what they show works, and what they link to is there."""

import os
import re
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from support.oracle import oracle_python

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
_WRITE: Final = re.compile(r"<!-- write: (?P<file>\S+) -->\n\n```yaml\n(?P<text>.*?)^```$", re.S | re.M)
_CONSOLE: Final = re.compile(r"^```console\n(?P<session>.*?)^```$", re.S | re.M)


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
    for match in re.finditer(rf"{_WRITE.pattern}|{_CONSOLE.pattern}", page, re.S | re.M):
        if match["file"]:
            yield Write(match["file"], match["text"])
            continue
        for command in re.split(r"^\$ ", match["session"], flags=re.M)[1:]:
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
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page, flags=re.S | re.M)
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.S | re.M)
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
