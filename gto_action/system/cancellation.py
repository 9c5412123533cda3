"""A run that is cancelled: a signal ends it, but not in the middle of what would then be left behind."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _State:
    active = False
    """Whether a signal ends the run now."""
    code = 0
    """The exit code of a run that has been cancelled; 0 if it has not."""
    depth = 0
    """How many blocks the program is in that must not be broken off."""


@contextmanager
def cancellable() -> Iterator[None]:
    """While this lasts, the first signal raises SystemExit, with the code that shells know.

    Further ones do nothing, until the program has ended.
    """
    _State.code = _State.depth = 0
    _State.active = True
    # the first process of a container has no default for SIGTERM
    previous = {each: signal.signal(each, _cancel) for each in SIGNALS}
    try:
        yield
    finally:
        _State.active = False
        if not _State.code:
            for each, handler in previous.items():
                signal.signal(each, handler)


@contextmanager
def unbroken() -> Iterator[None]:
    """A block that a signal does not break off; it is heeded at its end."""
    _State.depth += 1
    try:
        yield
    finally:
        _State.depth -= 1
        raise_if_cancelled()


def cancelled() -> int:
    """The exit code of a run that has been cancelled, or 0."""
    return _State.code


def raise_if_cancelled() -> None:
    """Ends the run if a signal has asked for it, and nothing must not be broken off.

    :raises SystemExit: with the code.
    """
    if _State.active and _State.code and not _State.depth:
        raise SystemExit(_State.code)


def _cancel(number: int, _frame: FrameType | None) -> None:
    if not _State.code:
        _State.code = 128 + number
        raise_if_cancelled()
