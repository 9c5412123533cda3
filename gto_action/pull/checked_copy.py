"""A file that is taken from where anybody may have put it, if it is what a checksum says.

`worker.py` loads this in DVC's own environment, so that it imports nothing but the standard library.
"""

import os
import stat
from pathlib import Path
from typing import Protocol

CHUNK = 2**20


class Digest(Protocol):
    """What `hashlib` makes."""

    def update(self, data: bytes, /) -> None:
        """Takes the next bytes."""

    def hexdigest(self) -> str:
        """The checksum of all of them."""


def copy_checked(source: Path, place: Path, digest: Digest, checksum: str, size: int | None = None) -> bool:
    """Copies a file, and keeps the copy if it has the checksum; gives whether it has.

    What is compared is what was written, so that it does not matter who writes to the source meanwhile.

    Args:
        source: the file; a link, a pipe or a device there is not read.
        place: where the copy goes; there is nothing yet.
        digest: computes the checksum.
        checksum: in hexadecimal digits.
        size: in bytes, where it is known.
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
