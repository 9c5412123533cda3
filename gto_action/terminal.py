"""What the command line prints: lines, JSON documents and tables. The only user of rich."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gto_action.markup import plain

_SHORT: Final = 7
_ID_LENGTHS: Final = (40, 64)
_UNLIMITED: Final = 100_000
_HISTORY: Final = ("timestamp", "artifact", "event", "version", "stage", "commit", "ref")
_VERSIONS: Final = ("artifact", "version", "stage", "created_at", "ref")

Row = tuple[str, ...]


def show_lines(lines: Iterable[str]) -> None:
    """Each on a line of its own."""
    sys.stdout.writelines(f"{plain(line)}\n" for line in lines)
    sys.stdout.flush()  # a closed pipe is noticed here, and not when Python ends


def show_json(document: object) -> None:
    """A document, in ASCII."""
    show_lines(json.dumps(document, indent=2).splitlines())


def show_note(line: str) -> None:
    """A line beside the answer."""
    sys.stderr.write(f"{plain(line)}\n")


def show_table(head: Sequence[str], rows: Sequence[Row]) -> None:
    """A table, in colour on a terminal only; nothing at all if it has no rows."""
    if not rows:
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _UNLIMITED  # what is piped wants whole lines
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(Text(plain(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    with console.capture() as capture:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in capture.get().splitlines())
    sys.stdout.flush()


def registry_table(document: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    """The head and the rows of the registry."""
    stages = list(dict.fromkeys(stage for entry in document.values() for stage in entry["stage"]))
    rows = [
        (name, short(entry["version"]), *(short(entry["stage"].get(stage)) for stage in stages))
        for name, entry in sorted(document.items())
    ]
    return ("name", "latest", *(f"#{stage}" for stage in stages)), rows


def versions_table(document: Iterable[Mapping[str, Any]]) -> tuple[Row, list[Row]]:
    """The head and the rows of an artifact's versions."""
    return _VERSIONS, [
        (row["artifact"], short(row["version"]), short(stages_of(row)), short(row["created_at"]), row["ref"])
        for row in document
    ]


def history_table(document: Iterable[Mapping[str, Any]]) -> tuple[Row, list[Row]]:
    """The head and the rows of a history."""
    return _HISTORY, [tuple(short(row.get(key)) for key in _HISTORY) for row in document]


def stages_of(row: Mapping[str, Any]) -> str:
    """The stages that a version is in."""
    return ", ".join(dict.fromkeys(held["stage"] for held in row["stages"]))


def short(text: str | None) -> str:
    """A value as it is, a commit cut to what people read, and a dash for none."""
    if not text:
        return "-"
    return text[:_SHORT] if len(text) in _ID_LENGTHS and set(text) <= set("0123456789abcdef") else text
