"""Puts data into the workspace: all or nothing, nowhere else, and owned by the workspace's owner."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Final

from gto_action.errors import PullError
from gto_action.system import ownership
from gto_action.system.cancellation import unbroken
from gto_action.system.folders import passing_folder

_GIT: Final = ".git"
_WORK: Final = ".gto-action-"
# Folders for the new data and for the data that it replaces; in them the data has its own name.
_NEW: Final = "new"
_OLD: Final = "old"
_PATIENCE: Final = 5.0


def is_inside(place: Path, root: Path) -> bool:
    """Whether a place, with links resolved, is in a folder, and not in its `.git`."""
    parts = _below(place, root)
    return parts is not None and _GIT not in parts


def within(place: Path, workspace: Path) -> bool:
    """Whether a place is in the workspace, with links on the way to it resolved."""
    return _below(place.parent, workspace) is not None


def in_git(place: Path, workspace: Path) -> bool:
    """Whether a place is in a folder `.git`, with links on the way to it resolved."""
    return _GIT in (_below(place.parent, workspace) or ())


def _below(place: Path, root: Path) -> list[str] | None:
    """The parts of a place's real path below a folder, in lower case; None if it is elsewhere."""
    real, top = Path(os.path.realpath(place)), Path(os.path.realpath(root))
    return [part.lower() for part in real.relative_to(top).parts] if real.is_relative_to(top) else None


@contextmanager
def whole(place: Path, workspace: Path) -> Iterator[Path]:
    """Yields a path with the same name elsewhere; at the end its content replaces the place, or is removed on failure.

    That path is in a folder of the workspace, on the same disk as the place. Leftovers of runs that were killed are
    removed; folders that other runs work in are locked, and stay.

    :raises PullError: if the data cannot be written.
    """
    made = [folder for folder in place.parents if not folder.exists()]
    base = _base(place, workspace)
    with ExitStack() as left:
        with written(place):
            work = _new_work(base, left)
        new, old = (work / folder / place.name for folder in (_NEW, _OLD))
        yield new
        with written(place), unbroken():
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                _swap(new, place, old)
            except OSError:
                for folder in made:  # only the empty ones go, from the innermost out
                    with suppress(OSError):
                        folder.rmdir()
                raise


def _base(place: Path, workspace: Path) -> Path:
    """The outermost folder in the workspace that is on the same disk as a place."""
    top = Path(os.path.realpath(workspace))
    base = Path(os.path.realpath(place.parent))
    while not base.exists():
        base = base.parent
    while base != top and base.parent.stat().st_dev == base.stat().st_dev:
        base = base.parent
    return base


def _new_work(base: Path, left: ExitStack) -> Path:
    """Makes a work folder and locks it; removes those without a lock, as a lock ends with its process.

    `left` gets what removes the folder.
    """
    alone = _lock(base, _PATIENCE)
    try:
        for old in base.glob(f"{_WORK}*") if alone is not None else ():
            if (lock := _lock(old)) is not None:
                if (old / _OLD).is_dir():  # otherwise it is not ours in spite of its name
                    shutil.rmtree(old, ignore_errors=True)
                os.close(lock)
        work, leftover = passing_folder(_WORK, base)
        left.enter_context(leftover)
        (work / _NEW).mkdir()
        (work / _OLD).mkdir()
        left.callback(os.close, _lock(work) or os.open(work, os.O_RDONLY))
        return work
    finally:
        if alone is not None:
            os.close(alone)


def _lock(folder: Path, patience: float = 0) -> int | None:
    """Opens and locks a folder; None if it is a link, or another process holds the lock for `patience` seconds."""
    end = time.monotonic() + patience
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= end:
                os.close(handle)
                return None
            time.sleep(0.05)
        else:
            return handle


@contextmanager
def written(place: Path) -> Iterator[None]:
    """Turns a failure to write into an error for people.

    :raises PullError: if writing fails.
    """
    try:
        yield
    except OSError as error:
        raise PullError(f"{str(place)!r} cannot be written: {error.strerror}.", "Make room for it.") from error


def _swap(new: Path, place: Path, old: Path) -> None:
    """Puts the new data in its place; restores the old data on failure."""
    if new.is_dir() or (place.is_dir() and not place.is_symlink()):  # a file replaces a file atomically
        with suppress(FileNotFoundError):
            place.rename(old)
    try:
        new.rename(place)
    except OSError:
        if old.is_symlink() or old.exists():
            old.rename(place)
        raise


def give(workspace: Path, place: Path) -> None:
    """Gives a place, with its content and the folders above it, to the owner of the workspace."""
    above = (folder for folder in place.parents if workspace in folder.parents)
    ownership.give(chain((place,), above, place.rglob("*")), workspace)


def size_of(place: Path) -> int:
    """The bytes at a place, which may be growing."""
    size = 0
    for each in (place, *place.rglob("*")):
        with suppress(OSError):
            size += each.lstat().st_size
    return size
