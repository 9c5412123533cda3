"""Repeats requests that failed: how often, after which pauses, and until when."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from gto_action.errors import Kind, RemoteError, TransientRemoteError
from gto_action.system.process import SIGN_OF_LIFE, Ended, Process

_Answer = TypeVar("_Answer")

_ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to send requests, and how often to report on slow ones; all in seconds."""

    pause: float = 1.0
    """The shortest pause before a second try; each later pause is up to twice as long."""
    sign: float = SIGN_OF_LIFE
    """Between two signs of life."""
    write: float = 1.0
    """Between two requests for changes (docs.github.com, "Best practices for using the REST API")."""
    listed: int = 30
    """After a change, until it can be expected in a list."""


NORMAL: Final = Pace()


@dataclass(frozen=True, slots=True)
class Wording:
    """Words for messages about requests."""

    whom: str = "the remote"
    """Comes before the address."""
    doing: str = "fetching"
    besides: str = "reading its tags"
    """What the rest of the time is spent on."""


_REMOTE: Final = Wording()


class Attempts:
    """Makes requests to one other side, within one time limit for all of them."""

    def __init__(
        self, seconds: float, log: Callable[[str], None], *, wording: Wording = _REMOTE, pace: Pace = NORMAL
    ) -> None:
        """Starts the clock; `log` writes a line for people."""
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._asked = 0.0
        """The seconds spent on requests so far."""
        self._since: float | None = None
        """When the current request began; None if there is none."""
        self._log = log
        self._wording = wording
        self._pace = pace

    @property
    def left(self) -> float:
        """The seconds that are left, at least 0."""
        return max(self._deadline - time.monotonic(), 0)

    @property
    def sign(self) -> float:
        """The seconds from one sign of life (`alive`) to the next."""
        return self._pace.sign

    def wait(self, process: Process, seconds: float | None = None) -> Ended:
        """Waits for a program to end, with signs of life, for some seconds or as long as there is time."""
        timeout = self.left if seconds is None else seconds
        return self.once(lambda: process.wait(timeout=timeout, alive=self.alive, every=self._pace.sign))

    def alive(self, passed: float) -> None:
        """Reports that something is still going on, `passed` seconds after it began."""
        self._log(f"Still {self._wording.doing} after {passed:.0f} seconds; {self.left:.0f} seconds are left.")

    def too_slow(self, address: str) -> RemoteError:
        """The error when time is up; it blames the other side only if at least half of the time went to requests."""
        asked = self._asked + (0 if self._since is None else time.monotonic() - self._since)
        whom = f"{self._wording.whom} {address!r}"
        if asked >= self._seconds / 2:
            message = f"{whom[0].upper()}{whom[1:]} did not answer within {self._seconds:g} seconds."
            return RemoteError(message, kind=Kind.SLOW)
        return RemoteError(
            f"The time limit of {self._seconds:g} seconds is up: {asked:.1f} of them were spent waiting for {whom}, "
            f"the rest on {self._wording.besides}.",
            kind=Kind.HURRIED,
        )

    def make(self, ask: Callable[[], _Answer]) -> _Answer:
        """Makes a request, and repeats it after growing pauses while the connection fails and there is time.

        :raises TransientRemoteError: if the last try fails too.
        """
        return self.once(lambda: self._make(ask))

    def once(self, ask: Callable[[], _Answer]) -> _Answer:
        """Asks, or waits for an answer: this is the time that counts as spent on it."""
        if self._since is not None:
            return ask()
        self._since = time.monotonic()
        try:
            return ask()
        finally:
            self._asked += time.monotonic() - self._since
            self._since = None

    def _make(self, ask: Callable[[], _Answer]) -> _Answer:
        pause = self._pace.pause
        before: TransientRemoteError | None = None
        for left in reversed(range(_ATTEMPTS)):
            try:
                return ask()
            except TransientRemoteError as error:
                before = error
                pause *= random.uniform(1, 2)  # noqa: S311 - spreads the load, hides nothing
                wait = max(pause, error.retry_after)
                if not left or wait > self.left:
                    raise
                tries = "1 more try" if left == 1 else f"{left} more tries"
                what = f"{error.message} {error.said}".rstrip()
                self._log(f"{what} Trying again in {wait:.1f} seconds; {tries}.")
                time.sleep(wait)
            except RemoteError as error:
                if before and not self.left:  # time ran out right after a pause, and the earlier error says more
                    raise before from error
                raise
        raise AssertionError  # pragma: no cover - the last try returns or raises
