"""Copies a file from a place where anybody may have put it, if it matches a checksum.

`worker.py` loads this in DVC's own environment, so it imports only the standard library.
"""

import os
import stat
from pathlib import Path
from typing import Protocol

CHUNK = 2**20


class Digest(Protocol):
    """A hash object of `hashlib`."""

    def update(self, data: bytes, /) -> None:
        """Adds the next bytes."""

    def hexdigest(self) -> str:
        """The checksum of all bytes so far."""


def copy_checked(source: Path, place: Path, digest: Digest, checksum: str, size: int | None = None) -> bool:
    """Copies a file and keeps the copy if it has the checksum; returns whether it has.

    The checksum is taken of the bytes that were written, so a change of the source meanwhile does no harm.

    Args:
        source: the file; a link, a pipe or a device is not read.
        place: where the copy goes; nothing exists there yet.
        digest: computes the checksum.
        checksum: in hexadecimal digits.
        size: in bytes, if it is known.
    """
    try:
        file = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    known = os.fstat(file)
    if not stat.S_ISREG(known.st_mode) or size not in {None, known.st_size}:
        os.close(file)
        return False
    with os.fdopen(file, "rb") as content, place.open("xb") as copy:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    if digest.hexdigest() == checksum:
        return True
    place.unlink()
    return False
