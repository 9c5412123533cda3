"""Where data lands in the workspace: whole or not at all, within it, and for its owner."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from gto_action.errors import PullError
from gto_action.system import ownership
from gto_action.system.cancellation import Leftover, unbroken

_GIT: Final = ".git"
_WORK: Final = ".gto-action-"
# What comes and what was there, each by its own name, which may be any.
_NEW: Final = "new"
_OLD: Final = "old"
_PATIENCE: Final = 5.0


def is_inside(place: Path, root: Path) -> bool:
    """Whether what a place leads to, through links, is in a folder, and not git's own there."""
    parts = _below(place, root)
    return parts is not None and _GIT not in parts


def within(place: Path, workspace: Path) -> bool:
    """Whether a place is in the workspace, whatever links there are on the way to it."""
    return _below(place.parent, workspace) is not None


def in_git(place: Path, workspace: Path) -> bool:
    """Whether a place is in a folder of git's, whatever links there are on the way to it."""
    return _GIT in (_below(place.parent, workspace) or ())


def _below(place: Path, root: Path) -> list[str] | None:
    """The parts of the way from a folder to what a place leads to, in lower case; None if that is elsewhere."""
    real, top = Path(os.path.realpath(place)), Path(os.path.realpath(root))
    return [part.lower() for part in real.relative_to(top).parts] if real.is_relative_to(top) else None


@contextmanager
def whole(place: Path, workspace: Path) -> Iterator[Path]:
    """A path of the same name elsewhere, whose content takes a place at the end; after a failure nothing is left of it.

    It is in a folder of the workspace, on the place's own disk. What a run that was killed has left there is removed;
    what another one works in is locked.

    :raises PullError: if it cannot be written.
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
                for folder in made:  # those that are empty, from the innermost on
                    with suppress(OSError):
                        folder.rmdir()
                raise


def _base(place: Path, workspace: Path) -> Path:
    """The outermost folder of the workspace that is on the same disk as a place."""
    top = Path(os.path.realpath(workspace))
    base = Path(os.path.realpath(place.parent))
    while not base.exists():
        base = base.parent
    while base != top and base.parent.stat().st_dev == base.stat().st_dev:
        base = base.parent
    return base


def _new_work(base: Path, left: ExitStack) -> Path:
    """A new folder of ours, which is locked; the system takes the lock away with the process, and those without one go.

    `left` takes what removes it.
    """
    alone = _lock(base, _PATIENCE)
    try:
        for old in base.glob(f"{_WORK}*") if alone is not None else ():
            if (lock := _lock(old)) is not None:
                if (old / _OLD).is_dir():  # or somebody else has called it so
                    shutil.rmtree(old, ignore_errors=True)
                os.close(lock)
        with unbroken():
            work = Path(tempfile.mkdtemp(prefix=_WORK, dir=base))
            left.enter_context(Leftover(partial(shutil.rmtree, work, ignore_errors=True)))
        (work / _NEW).mkdir()
        (work / _OLD).mkdir()
        left.callback(os.close, _lock(work) or os.open(work, os.O_RDONLY))
        return work
    finally:
        if alone is not None:
            os.close(alone)


def _lock(folder: Path, patience: float = 0) -> int | None:
    """An open folder that is locked; None if another process has it locked, for so many seconds, or it is a link."""
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
    """Where writing may fail.

    :raises PullError: if it does.
    """
    try:
        yield
    except OSError as error:
        raise PullError(f"{str(place)!r} cannot be written: {error.strerror}.", "Make room for it.") from error


def _swap(new: Path, place: Path, old: Path) -> None:
    """Puts the new in its place; if that fails the old is there again."""
    if new.is_dir() or (place.is_dir() and not place.is_symlink()):  # a file takes the place of one at once
        with suppress(FileNotFoundError):
            place.rename(old)
    try:
        new.rename(place)
    except OSError:
        if old.is_symlink() or old.exists():
            old.rename(place)
        raise


def give(workspace: Path, place: Path) -> None:
    """To the workspace's owner goes a place, with all that is in it and the folders that it is in."""
    above = (folder for folder in place.parents if workspace in folder.parents)
    ownership.give(chain((place,), above, place.rglob("*")), workspace)


def size_of(place: Path) -> int:
    """The bytes at a place, while it grows."""
    size = 0
    for each in (place, *place.rglob("*")):
        with suppress(OSError):
            size += each.lstat().st_size
    return size
