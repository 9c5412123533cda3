"""Removes locks that git leaves behind in a repository when it is killed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from gto_action.system.cancellation import Leftover

_PAUSE: Final = 0.5
_CLOCK: Final = 0.1
"""How many seconds the times of files may be behind."""


@contextmanager
def no_lock_left(folder: Path) -> Iterator[None]:
    """Removes the empty locks of a git that is killed within: it records a lock only after it has created it."""
    with Leftover(partial(_remove_locks, folder, time.time() - _CLOCK)) as locks:
        yield
        locks.forget()


def _remove_locks(folder: Path, began: float) -> None:
    before = _empty_locks(folder, began)
    time.sleep(_PAUSE if before else 0)  # by then another process has written to its lock, or removed it
    for path, _ in before & _empty_locks(folder, began):
        path.unlink(missing_ok=True)


def _empty_locks(folder: Path, began: float) -> set[tuple[Path, int]]:
    """The empty locks that were created after a time, with their inodes."""
    found = set()
    for path in (folder / "shallow.lock", folder / "packed-refs.lock", *(folder / "refs/tags").rglob("*.lock")):
        with suppress(FileNotFoundError):
            about = path.stat()
            if not about.st_size and about.st_ctime >= began:
                found.add((path, about.st_ino))
    return found
