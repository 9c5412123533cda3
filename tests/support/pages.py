"""What pages of Markdown say, as data: tables and blocks."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text()

Row = dict[str, str]


def table(page: str, heading: str) -> list[Row]:
    """The rows of the first table after a text; white space taken from each cell, and marks where it is all code."""
    _, found, rest = page.partition(heading)
    assert found, heading
    head, _, *rows = re.findall(r"^\|.*\|$", re.split(r"\n\n(?!\|)", rest[rest.index("\n|") :])[0], re.MULTILINE)
    columns = _cells(head)
    return [dict(zip(columns, _cells(row), strict=True)) for row in rows]


def _cells(row: str) -> list[str]:
    cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip("|"))]
    return [cell[1:-1] if re.fullmatch(r"`[^`]*`", cell) else cell for cell in cells]


def codes(cell: str) -> list[str]:
    """Every piece of code in a cell, in its order."""
    return re.findall(r"`([^`]*)`", cell) or [cell]


def events() -> list[Row]:
    """The rows of the README's table of tags."""
    begin, end = "<!-- events:begin -->", "<!-- events:end -->"
    assert begin in README
    assert end in README
    return table(README, begin)
