"""Removes locks that git leaves behind in a repository when it is killed."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from gto_action.system.cancellation import Leftover

_PAUSE: Final = 0.5

Lock = tuple[Path, int]
"""A lock, and its inode."""


@contextmanager
def no_lock_left(folder: Path) -> Iterator[None]:
    """Removes the empty locks of a git that is killed within: it records a lock only after it has created it."""
    with Leftover(partial(_remove_locks, folder, _empty_locks(folder))) as locks:
        yield
        locks.forget()


def _remove_locks(folder: Path, others: set[Lock]) -> None:
    new = _empty_locks(folder) - others
    time.sleep(_PAUSE if new else 0)  # by then another process has written to its lock, or removed it
    for path, _ in new & _empty_locks(folder):
        path.unlink(missing_ok=True)


def _empty_locks(folder: Path) -> set[Lock]:
    """The empty locks; not by their times, as a file system may have a clock of its own."""
    found = set()
    names = [folder / "shallow.lock", folder / "packed-refs.lock"]
    for place, _, files in os.walk(folder / "refs/tags"):
        names += [Path(place, name) for name in files if name.endswith(".lock")]
    for path in names:
        with suppress(FileNotFoundError):
            about = path.stat()
            if not about.st_size:
                found.add((path, about.st_ino))
    return found
