"""Cancels a run: a signal ends it where it is, and removes what must not stay.

Nothing is raised, so no code has to expect an exception at any step, and `finally` does not run. Everything that must
not stay is a `Leftover` from the moment it exists: a program, a folder, a lock.
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
    """The exit code of a cancelled run; 0 as long as it is not cancelled."""
    depth = 0
    """How many `unbroken` blocks the thread with the lock is in."""
    farewell = ""


_lock: Final = threading.RLock()
"""Held by the one thread that is in an `unbroken` block; at the end by the main thread, for good."""
_leftovers: "Final[dict[Leftover, None]]" = {}


class Leftover:
    """Something that must not stay: it is removed at the end of this context, or when the run is cancelled.

    Create it in the same `unbroken` block as the thing itself.
    """

    def __init__(self, remove: Callable[[], None]) -> None:
        """Takes the function that removes it.

        It may be called at any moment, even during another call: it must need no lock, and do no harm twice. When the
        run is cancelled, the youngest leftover is removed first.
        """
        self._remove = remove
        _leftovers[self] = None

    def forget(self) -> None:
        """Does not remove it: it is gone already, or may stay."""
        _leftovers.pop(self, None)

    def remove(self) -> None:
        """Removes it now, unless it was forgotten."""
        if self in _leftovers:
            self._remove()
            self.forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


@contextmanager
def cancellable(farewell: str = "") -> Iterator[None]:
    """Within this context a signal ends the process, with the exit code that shells expect.

    Args:
        farewell: the last line on standard output.
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
    """A block that signals do not interrupt: they take effect at its end, so it should be short."""
    with _lock:
        _Run.depth += 1
        try:
            yield
        finally:
            _Run.depth -= 1
            if _Run.code and not _Run.depth:
                _end()


def leave(code: int) -> NoReturn:
    """Ends the process now, as a signal does: leftovers are removed, and no other thread is waited for."""
    with _lock:
        _Run.code = code
        _end()


def _cancel(number: int, _frame: FrameType | None) -> None:
    """Runs in the main thread, between any two of its steps."""
    sys.setrecursionlimit(sys.getrecursionlimit() + _DEEPER)  # the thread may be at its limit
    if _Run.code:  # only the first signal counts
        return
    with _lock:  # waits until no other thread is in an `unbroken` block, and keeps others out
        _Run.code = 128 + number
        if not _Run.depth:
            _end()


def _end() -> NoReturn:
    try:
        for each in reversed(list(_leftovers)):
            with suppress(Exception):
                each.remove()
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # it may be closed, or the signal may have interrupted a write
                stream.flush()
        if _Run.farewell:
            os.write(1, f"{_Run.farewell}\n".encode())
    finally:
        os._exit(_Run.code)
