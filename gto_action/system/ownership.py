"""Who owns files: a container's program is root, but later steps, which must be able to write its files, are not."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from gto_action.system.cancellation import Leftover


def give(paths: Iterable[Path | str], like: Path) -> None:
    """Gives files, if they exist, to the owner of a folder; does nothing unless it runs as root."""
    if os.geteuid():
        return
    owner = like.stat()
    for path in paths:
        with suppress(OSError):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def look_like(folder: Path, other: Path, more: int = 0) -> None:
    """Gives a folder the group and the mode of another one, if there is that, and `more` of a mode."""
    with suppress(FileNotFoundError):
        found = other.stat()
        with suppress(PermissionError):
            os.chown(folder, -1, found.st_gid)
        folder.chmod(stat.S_IMODE(found.st_mode) | more)


@contextmanager
def owner_kept(folder: Path) -> Iterator[None]:
    """Gives what root creates in somebody else's folder to that folder's owner."""
    if os.geteuid() or folder.stat().st_uid == 0:
        yield
        return
    with Leftover(partial(_give_new, folder, _of_root(folder))):
        yield


def _give_new(folder: Path, before: set[str]) -> None:
    give(_of_root(folder) - before, folder)


def _of_root(folder: Path) -> set[str]:
    """The files in a folder that belong to root; other programs may remove files meanwhile."""
    found = set()
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = f"{place}/{name}"
            with suppress(FileNotFoundError):
                if os.stat(path, follow_symlinks=False).st_uid == 0:  # noqa: PTH116 - there may be many
                    found.add(path)
    return found
