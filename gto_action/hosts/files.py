"""Writes files completely or not at all, even if the disk is full or a signal arrives."""

import os
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

from gto_action.errors import HostError
from gto_action.system.cancellation import Leftover, unbroken

_READ_BY_ALL = 0o644


def append(path: str, variable: str, text: str) -> None:
    """Appends to a file that the host has made.

    Args:
        path: where it is.
        variable: the variable that has the path.
        text: what to append.

    :raises HostError: if that is not possible; the file is then as it was.
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
    """Writes a file in place of what is there. A link, which may be a stranger's, is replaced, not followed.

    Args:
        path: where it goes; its folder is made if needed. Anything but a file, such as a device, is written to.
        text: its content.
        option: what the path was given by, for messages.

    :raises HostError: if that is not possible; a file that was there is then as it was.
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
        os.fchmod(file.fileno(), _READ_BY_ALL)  # a later step may run as another user
        Path(name).replace(path)
        part.forget()


def _cut(file: int, length: int) -> None:
    with suppress(OSError):  # a device has no length
        os.ftruncate(file, length)


def _remove(name: str) -> None:
    Path(name).unlink(missing_ok=True)
