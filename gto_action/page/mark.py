"""The mark in a folder, which says that it is ours, and what else is in there."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gto_action.page.places import is_of_a_site

MARK: Final = ".gto-action-page.json"
"""The file that says which files are ours; its name begins with a dot, so that nobody publishes it."""


def mark(folder: Path, files: Iterable[str], beside: str = "") -> None:
    """Says that a folder is ours, with these files; one to work in, whose site has the name `beside`."""
    found = {"made_by": "gto-action", "files": sorted(files)} | ({"beside": beside} if beside else {})
    with (folder / MARK).open("w", encoding="ascii") as file:
        json.dump(found, file)
        file.flush()
        os.fsync(file.fileno())  # what else a power failure damages is made again, if it is known whose it is


def marked(folder: Path, beside: str = "") -> set[str]:
    """The files of a folder that is ours, none if it is not; of one to work in, if its site has the name `beside`.

    Whoever can bring a folder can bring a mark, so files that no site has are not ours, whatever it says.
    """
    try:
        mark = json.loads((folder / MARK).read_bytes())
        is_ours = mark["made_by"] == "gto-action" and mark.get("beside", "") == beside
        return {*filter(is_of_a_site, mark["files"]), MARK} if is_ours else set()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()


def ignores_case(folder: Path) -> bool:
    """Whether a disk, as those of macOS and Windows, takes two names that differ in case for one; by its mark."""
    return (folder / MARK.upper()).exists()


def files_in(folder: Path) -> Iterable[str]:
    """Every file and link in a folder, and every empty folder with a `/` at its end, by its path from there.

    :raises OSError: if a folder cannot be read.
    """

    def fail(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=fail):
        below = os.path.relpath(place, folder)
        here = "" if below == "." else f"{below}/"
        links = [name for name in folders if os.path.islink(f"{place}/{name}")]  # noqa: PTH114 - there may be many
        yield from (f"{here}{name}" for name in (*names, *links))
        if here and not folders and not names:
            yield here
