"""Files that are written at once or not at all: a full disk, or a signal, leaves nothing half said."""

import os
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

from gto_action.errors import HostError
from gto_action.system.cancellation import Leftover, unbroken

_READ_BY_ALL = 0o644


def append(path: str, variable: str, text: str) -> None:
    """Adds to a file that a host makes.

    Args:
        path: where it is.
        variable: the variable that says so.
        text: what to add.

    :raises HostError: if that is not possible; the file is as it was then.
    """
    data = text.encode()
    cause: OSError | None = None
    written = 0
    try:
        with Path(path).open("ab", buffering=0) as file, Leftover(partial(_cut, file.fileno(), file.tell())) as part:
            written = file.write(data)
            if written == len(data):
                part.forget()
    except OSError as failure:
        cause, written = failure, 0
    if cause or written != len(data):
        why = cause.strerror if cause else f"only {written} of {len(data)} bytes were written"
        raise HostError(
            f"{variable} cannot be written at {path!r}: {why}.",
            "Check that the path is a file, that the disk is not full and that the step may write there.",
        ) from cause


def write(path: Path, text: str, option: str) -> None:
    """Writes a file anew, in place of what is there: of a link, which may be a stranger's, and not of what it leads to.

    Args:
        path: where it is to be; its folder is made. What is no file, such as a device, is written to.
        text: what is to be in it.
        option: what names the path.

    :raises HostError: if that is not possible; a file that was there is as it was then.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="")
        else:
            _replace(path, text.encode())
    except OSError as error:
        message = f"{option} cannot be written at {str(path)!r}: {error.strerror}."
        raise HostError(message, "Name a file in a folder that can be written.") from error


def _replace(path: Path, data: bytes) -> None:
    with unbroken():
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        part = Leftover(partial(_remove, name))
    with part, os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), _READ_BY_ALL)  # a later step may be somebody else
        Path(name).replace(path)
        part.forget()


def _cut(file: int, length: int) -> None:
    with suppress(OSError):  # a device has no length
        os.ftruncate(file, length)


def _remove(name: str) -> None:
    Path(name).unlink(missing_ok=True)
