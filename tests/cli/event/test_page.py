"""The page of the command says what there is: its options, systems, values and formats."""

import re

import click
import pytest

from gto_action.cli.event import event
from gto_action.hosts.ci_systems import SYSTEMS, System
from gto_action.hosts.formats import Format
from tests.support.ci_runs import NAMES
from tests.support.pages import ROOT, table

PAGE = (ROOT / "docs/cli.md").read_text()
PART = PAGE.partition("\n## event\n")[2].partition("\n## ")[0]
ROWS = {name: row for row in table(PAGE, "## event") for name in row["CI system"].split(", ")}
OPTIONS = [each for each in event.params if isinstance(each, click.Option)]


def test_every_option_is_on_the_page() -> None:
    assert {*re.findall(r"`(--[a-z-]+)", PART)} == {option.opts[-1] for option in OPTIONS}


def test_every_option_says_what_it_is_for() -> None:
    assert all(option.help for option in OPTIONS)


def test_every_value_is_on_the_page() -> None:
    listed = {name for name in re.findall(r"`GTO_([A-Z_]+)`", PART) if not name.startswith("ACTION_")}
    advice = "name these in the list of values of docs/cli.md, or leave them out in cli/handover.py and tests/support"
    assert listed == {*NAMES}, f"{advice}: {sorted(listed ^ {*NAMES})}"


def test_every_format_is_on_the_page() -> None:
    (line,) = [row["what it says"] for row in table(PAGE, "Every option can be") if "--format" in row["option"]]
    assert {*re.findall(r"`([a-z]+)`", line)} == {each.value for each in Format}


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.key)
def test_every_system_is_on_the_page(system: System) -> None:
    name = _on_page(system)
    assert name in ROWS, f"docs/cli.md: the table of '## event' has no row for {name!r}"
    row = ROWS[name]
    assert (system.ref or "none") in row["REF by default"]
    assert system.token in row["reads with"]
    file = system.output or {Format.JSON: "gto.json", Format.SH: "gto.sh", Format.DOTENV: "gto.env"}.get(
        system.format, ""
    )
    assert file in row["values go to"]


def test_every_row_of_the_page_is_a_system() -> None:
    more = {*ROWS} - {*map(_on_page, SYSTEMS)}
    assert not more, f"docs/cli.md: the table of '## event' has rows for what hosts/ci_systems.py does not know: {more}"


def _on_page(system: System) -> str:
    return system.name.removesuffix(" Actions")
