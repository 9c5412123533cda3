"""A run that is cancelled: a signal ends it where it is, and takes away what must not stay.

Nothing is raised, so no code has to expect an exception at any step, and `finally` does not run. What must not stay is
a `Leftover`, from the moment it is there: a program, a folder, a lock.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn, Self

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_DEEPER: Final = 500


class _Run:
    code = 0
    """The exit code of a run that is cancelled; 0 while it is not."""
    depth = 0
    """How many `unbroken` blocks the thread is in that has the lock."""
    farewell = ""


_lock: Final = threading.RLock()
"""Held by the one thread that is in an `unbroken` block; in the end by the main thread, for good."""
_leftovers: "Final[dict[Leftover, None]]" = {}


class Leftover:
    """What must not stay: a context at whose end it is removed, or earlier, when the run is cancelled.

    Make it in the same `unbroken` block as what it stands for.
    """

    def __init__(self, remove: Callable[[], None]) -> None:
        """Takes what removes it, at any moment, even while it is being removed: without a lock, and with no harm twice.

        When the run is cancelled the youngest goes first.
        """
        self._remove = remove
        _leftovers[self] = None

    def forget(self) -> None:
        """It is gone, or it may stay."""
        _leftovers.pop(self, None)

    def remove(self) -> None:
        """Removes it now, unless it is forgotten."""
        if self in _leftovers:
            self._remove()
            self.forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


@contextmanager
def cancellable(farewell: str = "") -> Iterator[None]:
    """While this lasts, a signal ends the process, with the exit code that shells know.

    Args:
        farewell: a line for standard output, the last.
    """
    _Run.farewell = farewell
    # the first process of a container has no default for SIGTERM
    previous = {each: signal.signal(each, _cancel) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)


@contextmanager
def unbroken() -> Iterator[None]:
    """A block that a signal does not break off: it is heeded at the end. It should be short."""
    with _lock:
        _Run.depth += 1
        try:
            yield
        finally:
            _Run.depth -= 1
            if _Run.code and not _Run.depth:
                _end()


def _cancel(number: int, _frame: FrameType | None) -> None:
    """Runs in the main thread, between two steps of whatever that is doing."""
    sys.setrecursionlimit(sys.getrecursionlimit() + _DEEPER)  # it may be as deep as it can be
    if _Run.code:  # only the first signal counts
        return
    with _lock:  # when no other thread is in the middle of something; and none begins anything then
        _Run.code = 128 + number
        if not _Run.depth:
            _end()


def _end() -> NoReturn:
    try:
        for each in reversed(list(_leftovers)):
            with suppress(Exception):
                each.remove()
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # it may be closed, or the signal came while it was written to
                stream.flush()
        if _Run.farewell:
            os.write(1, f"{_Run.farewell}\n".encode())
    finally:
        os._exit(_Run.code)
