"""Where data lands in the workspace: whole or not at all, within it, and for its owner."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gto_action.errors import PullError


def within(place: Path, workspace: Path) -> bool:
    """Whether a place is in the workspace, whatever links there are on the way to it."""
    return place.parent.resolve().is_relative_to(workspace.resolve())


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """A path beside a place, whose content takes that place at the end; after a failure nothing is left of it.

    :raises PullError: if it cannot be written.
    """
    made = [folder for folder in place.parents if not folder.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".gto-action-", dir=place.parent))
        try:
            new, old = work / "new", work / "old"
            yield new
            if place.is_symlink() or place.exists():
                place.rename(old)
            try:
                new.rename(place)
            except OSError:
                if old.is_symlink() or old.exists():
                    old.rename(place)
                raise
        finally:
            shutil.rmtree(work, ignore_errors=True)
            for folder in made:  # those that are empty, from the innermost on
                with suppress(OSError):
                    folder.rmdir()
    except OSError as error:
        raise PullError(f"{str(place)!r} cannot be written: {error.strerror}.", "Make room for it.") from error


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
