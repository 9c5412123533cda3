"""Git LFS: git has only a pointer to a file, whose content a checkout may have put into the workspace."""

import hashlib
import re
from pathlib import Path
from typing import Final

from gto_action.errors import PullError
from gto_action.pull.checked_copy import copy_checked

LARGEST: Final = 1024
"""In bytes; a pointer is always smaller."""
_VERSION: Final = b"version https://git-lfs.github.com/spec/"
_oid = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_size = re.compile(rb"^size ([0-9]{1,18})$", re.MULTILINE)


def is_pointer(text: bytes) -> bool:
    r"""Whether a file's content is a pointer.

    >>> is_pointer(b"version https://git-lfs.github.com/spec/v1\nsize 1\n")
    True
    """
    return len(text) < LARGEST and text.startswith(_VERSION)


def take(path: str, place: Path, workspace: Path) -> None:
    """Replaces a pointer by its content from the workspace.

    Args:
        path: the file's, from the root of the repository.
        place: where the pointer is.
        workspace: perhaps a git checkout.

    :raises PullError: if the workspace does not have the content.
    :raises OSError: if the content cannot be written.
    """
    text = place.read_bytes()
    oid, size = _oid.search(text), _size.search(text)
    if not oid or not size:
        raise PullError(
            f"{path!r} is stored with Git LFS, and its pointer is damaged.", "Commit the file again with 'git lfs'."
        )
    checksum, length = oid[1].decode(), int(size[1])
    place.unlink()
    objects = workspace / ".git/lfs/objects" / checksum[:2] / checksum[2:4] / checksum
    if not any(copy_checked(each, place, hashlib.sha256(), checksum, length) for each in (workspace / path, objects)):
        raise PullError(
            f"{path!r} is stored with Git LFS, and its content is not in the workspace.",
            "Check out that commit in an earlier step, with actions/checkout and 'lfs: true'.",
        )
