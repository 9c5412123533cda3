"""Where data lands in the workspace: whole or not at all, within it, and for its owner."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gto_action.cancellation import unbroken
from gto_action.errors import PullError

_GIT: Final = ".git"


def is_inside(place: Path, root: Path) -> bool:
    """Whether what a place leads to, through links, is in a checkout, and not git's own there."""
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
def whole(place: Path) -> Iterator[Path]:
    """A path beside a place, whose content takes that place at the end; after a failure nothing is left of it.

    :raises PullError: if it cannot be written.
    """
    made = [folder for folder in place.parents if not folder.exists()]
    works: list[Path] = []
    try:
        with _written(place), unbroken():
            place.parent.mkdir(parents=True, exist_ok=True)
            works.append(work := Path(tempfile.mkdtemp(prefix=".gto-action-", dir=place.parent)))
        yield work / "new"
        with _written(place), unbroken():
            _swap(work / "new", place, work / "old")
    finally:
        with unbroken():
            for each in works:
                shutil.rmtree(each, ignore_errors=True)
            for folder in made:  # those that are empty, from the innermost on
                with suppress(OSError):
                    folder.rmdir()


@contextmanager
def _written(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PullError(f"{str(place)!r} cannot be written: {error.strerror}.", "Make room for it.") from error


def _swap(new: Path, place: Path, old: Path) -> None:
    """Puts the new in its place; if that fails the old is there again."""
    if place.is_symlink() or place.exists():
        place.rename(old)
    try:
        new.rename(place)
    except OSError:
        if old.is_symlink() or old.exists():
            old.rename(place)
        raise


def give(workspace: Path, *places: Path) -> None:
    """To the workspace's owner: this program is root in a container, and later steps are not.

    With a place go all that is in it, and the folders that it is in.
    """
    if os.geteuid():
        return
    owner = workspace.stat()
    for place in places:
        above = [folder for folder in place.parents if workspace in folder.parents]
        for each in (place, *above, *place.rglob("*")):
            with suppress(OSError):
                os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)


def size_of(place: Path) -> int:
    """The bytes at a place, while it grows."""
    size = 0
    for each in (place, *place.rglob("*")):
        with suppress(OSError):
            size += each.stat().st_size if each.is_file() else 0
    return size
