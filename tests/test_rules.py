"""docs/rules.md is right: its tags are read as it says, and the real gto does with its registries what it says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from gto_action.cli import commands
from gto_action.gto.tag import breaks_gto, looks_like_tag, parse_tag
from tests.support.built import build
from tests.support.gto_process import Gto
from tests.support.pages import ROOT, Row, codes, table
from tests.support.repo import Repo

PAGE: Final = (ROOT / "docs/rules.md").read_text()
NOT_TAGS: Final = PAGE.partition('<a id="r4">')[2].partition('<a id="r6">')[0]
_LATER: Final = 5000
"""The seconds after which the tags of the worked examples are dated: their commits are of about 1000."""


def names(text: str) -> list[str]:
    """What looks like a tag among the code in a text."""
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))
    return sorted({word for word in (span.split()[0] for span in spans) if looks_like_tag(word)})


@pytest.mark.parametrize("row", table(PAGE, '<a id="r3">'), ids=lambda row: row["tag"])
def test_a_tag_is_read_as_the_page_says(row: Row) -> None:
    tag = parse_tag(row["tag"])
    assert tag is not None
    what = str(tag.version or tag.stage or "")
    assert [tag.kind.value, str(tag.artifact), what, tag.counter] == list(row.values())[1:]


@pytest.mark.parametrize("name", names(NOT_TAGS))
def test_what_the_page_calls_no_tag_is_none(name: str) -> None:
    assert parse_tag(name) is None


@pytest.mark.parametrize("name", names(PAGE.replace(NOT_TAGS, "")))
def test_every_other_tag_is_one(name: str) -> None:
    assert (parse_tag(name) is None) == breaks_gto(name)


EXAMPLES: Final = {re.sub(r"<.*>", "", row[""]): row for row in table(PAGE, "## Worked examples")}


def said(cell: str) -> str:
    """What a cell says first, in code or in words."""
    found = re.match(r"`([^`]+)`|nothing|every command fails|the same|[^`]+", cell)
    assert found, cell
    return found[1] or found[0]


@pytest.fixture(scope="module")
def gto() -> Iterator[Gto]:
    gto = Gto()
    yield gto
    gto.close()


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_worked_example(gto: Gto, tmp_path: Path, example: str) -> None:
    row = EXAMPLES[example]
    lines = [line.split() for line in codes(row["tags"])]
    text = "\n".join(f"{name} {letter} {int(time) + _LATER} {' '.join(flags)}" for name, letter, time, *flags in lines)
    build(tmp_path / "r", text)
    repo = Repo(tmp_path / "r")
    letters = {repo.git("rev-parse", f"{name}^{{commit}}"): letter for name, letter, *_ in lines}

    def state(document: dict[str, Any]) -> str:
        """In the words of the page."""
        if "error" in document:
            return "every command fails"
        artifact = document.get("m", {"version": None, "stage": {}})
        held = {"latest": artifact["version"], **artifact["stage"]}
        return ", ".join(f"{name} {letters.get(each, each)}" for name, each in held.items() if each) or "nothing"

    theirs, ours = said(row["follows"]), said(row["here"] or "the same")
    assert state(gto.ask(tmp_path / "r", [("show", "")])[0]) == theirs
    result = CliRunner().invoke(commands.group, ["show", "--json", "--repo", str(tmp_path / "r")], obj={})
    assert state(json.loads(result.stdout)) == (theirs if ours == "the same" else ours)
