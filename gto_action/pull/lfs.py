"""Git LFS: a file that git has as a pointer only, and whose content a checkout may have put into the workspace."""

import hashlib
import re
from pathlib import Path
from typing import Final

from gto_action.errors import PullError
from gto_action.pull.checked_copy import copy_checked

LARGEST: Final = 1024
"""A pointer is smaller, in bytes."""
_VERSION: Final = b"version https://git-lfs.github.com/spec/"
_oid = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_size = re.compile(rb"^size ([0-9]{1,18})$", re.MULTILINE)


def is_pointer(text: bytes) -> bool:
    r"""Whether the content of a file is a pointer.

    >>> is_pointer(b"version https://git-lfs.github.com/spec/v1\nsize 1\n")
    True
    """
    return len(text) < LARGEST and text.startswith(_VERSION)


def take(path: str, place: Path, workspace: Path) -> None:
    """Puts the content of a pointer in its place, from the workspace if it has that.

    Args:
        path: of the file, from the root of the repository.
        place: where the pointer is.
        workspace: a checkout of git's, or none.

    :raises PullError: if the workspace has another content, or none.
    :raises OSError: if it cannot be written.
    """
    text = place.read_bytes()
    oid, size = _oid.search(text), _size.search(text)
    if not oid or not size:
        raise PullError(
            f"{path!r} is kept with Git LFS, and what git has of it is damaged.", "Commit it again with 'git lfs'."
        )
    checksum, length = oid[1].decode(), int(size[1])
    place.unlink()
    objects = workspace / ".git/lfs/objects" / checksum[:2] / checksum[2:4] / checksum
    if not any(copy_checked(each, place, hashlib.sha256(), checksum, length) for each in (workspace / path, objects)):
        raise PullError(
            f"{path!r} is kept with Git LFS, and its content is not in the workspace.",
            "Check that commit out in a step before, with actions/checkout and 'lfs: true'.",
        )
