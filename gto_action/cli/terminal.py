"""What the command line prints: lines, JSON documents and tables. The only user of rich."""

import errno
import io
import itertools
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gto_action.errors import OutputError
from gto_action.gto.words import short
from gto_action.render.markup import plain, plain_json
from gto_action.render.tables import columns

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
_LEAST: Final = 8
"""How narrow a column may become, in characters."""
_MOST: Final = 1_000
"""How many rows are folded to the terminal's width; more take too long."""
_HISTORY: Final = ("timestamp", "artifact", "event", "version", "stage", "commit", "ref")
_VERSIONS: Final = ("artifact", "version", "stage", "created_at", "ref")
_CUT: Final = {"version", "commit"}
"""The columns that may have a commit; in others, text with so many digits is a name."""

Row = tuple[str, ...]


def show_lines(lines: Iterable[str]) -> None:
    """Prints lines.

    :raises OutputError: if standard output cannot be written.
    """
    _write(f"{plain(line)}\n" for line in lines)


def show_json(document: object) -> None:
    """Prints a document, in ASCII.

    :raises OutputError: if standard output cannot be written.
    """
    _write(itertools.chain(map(plain_json, json.JSONEncoder(indent=2).iterencode(document)), "\n"))


def show_text(text: str) -> None:
    """Prints a text unchanged, for programs.

    :raises OutputError: if standard output cannot be written.
    """
    _write([text])


def show_note(line: str) -> None:
    """Prints a line on standard error, if that can be written."""
    if sys.stderr is None:  # closed before this process began
        return
    try:
        reconfigured(sys.stderr).write(f"{plain(line)}\n")
        sys.stderr.flush()
    except OSError:
        _drop(sys.stderr)


def show_table(head: Sequence[str], rows: Sequence[Row], *, as_plain: bool = False) -> None:
    """Prints a table, unless it has no rows.

    Args:
        head: the names of the columns.
        rows: the cells.
        as_plain: whether to print it without colours and folding, as for a pipe.

    :raises OutputError: if standard output cannot be written.
    """
    if not rows:
        return
    rows = [tuple(map(plain, row)) for row in rows]
    console = Console(highlight=False)
    if as_plain or not console.is_terminal or len(rows) > _MOST:
        _write(f"{line}\n" for line in columns(tuple(head), rows))  # what is piped wants whole lines
        return
    longest = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    least = [min(_LEAST, length) for length in longest]
    console.width = max(console.width, sum(least) + 2 * (len(head) - 1))  # narrower, and columns would vanish
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, width in zip(head, least, strict=True):
        table.add_column(Text(plain(name)), overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    with console.capture() as capture:
        console.print(table)
    _write(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def reconfigured(stream: TextIO) -> TextIO:
    """The stream, set to escape characters that its encoding does not have."""
    if isinstance(stream, io.TextIOWrapper) and stream.errors != "backslashreplace":
        stream.reconfigure(errors="backslashreplace")
    return stream


def lost(error: OSError) -> OutputError | None:
    """The error if standard output cannot be written; None if the failure is another one."""
    if error.errno not in _NO_ROOM:
        return None
    _drop(sys.stdout)
    return OutputError(f"The answer cannot be written to standard output: {error.strerror}.")


def _drop(stream: TextIO) -> None:
    """Drops what is still buffered, which would fail again when Python ends, with an exit code of its own."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _write(texts: Iterable[str]) -> None:
    if sys.stdout is None:  # closed before this process began
        raise OutputError("The answer cannot be written: standard output is closed.")
    try:
        reconfigured(sys.stdout).writelines(texts)
        sys.stdout.flush()  # so that a closed pipe is noticed here, not when Python ends
    except OSError as error:
        if found := lost(error):
            raise found from error
        raise


def registry_table(document: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    """The head and the rows of the registry."""
    stages = list(dict.fromkeys(stage for entry in document.values() for stage in entry["stage"]))
    rows = [
        (name, *(_shortened(held or "-") for held in (entry["version"], *map(entry["stage"].get, stages))))
        for name, entry in sorted(document.items())
    ]
    return ("name", "latest", *(f"#{stage}" for stage in stages)), rows


def versions_table(document: Iterable[Mapping[str, Any]]) -> tuple[Row, list[Row]]:
    """The head and the rows of an artifact's versions."""
    return _VERSIONS, [
        (row["artifact"], short(row["version"]), stages_of(row) or "-", row["created_at"] or "-", row["ref"])
        for row in document
    ]


def history_table(document: Iterable[Mapping[str, Any]]) -> tuple[Row, list[Row]]:
    """The head and the rows of a history."""
    return _HISTORY, [tuple(_cell(column, row[column]) for column in _HISTORY) for row in document]


def stages_of(row: Mapping[str, Any]) -> str:
    """The stages that a version is in."""
    return ", ".join(dict.fromkeys(held["stage"] for held in row["stages"]))


def _shortened(versions: str) -> str:
    return ", ".join(map(short, versions.split(", ")))


def _cell(column: str, text: str | None) -> str:
    return short(text or "-") if column in _CUT else text or "-"
