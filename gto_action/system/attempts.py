"""Asking again: how often, after how long, and until when."""

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
    """How fast others are asked, and how often people hear of what takes long: in seconds."""

    pause: float = 1.0
    """Before something is asked for the second time, at least; each later pause is up to twice as long."""
    sign: float = SIGN_OF_LIFE
    """From one sign of life to the next."""
    write: float = 1.0
    """From one change that is asked for to the next (docs.github.com, "Best practices for using the REST API")."""
    listed: int = 30
    """From a change to when it is taken to be in a list, if it ever is."""


NORMAL: Final = Pace()


@dataclass(frozen=True, slots=True)
class Wording:
    """How people are told who is asked, and what for."""

    whom: str = "the remote"
    """Before its address."""
    doing: str = "fetching"
    besides: str = "working out what its tags say"
    """What the other time is spent on."""


_REMOTE: Final = Wording()


class Attempts:
    """The time that everything asked of somebody else may take together."""

    def __init__(
        self, seconds: float, log: Callable[[str], None], *, wording: Wording = _REMOTE, pace: Pace = NORMAL
    ) -> None:
        """The time begins now; `log` takes a line for people."""
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._asked = 0.0
        """The seconds that were spent on asking."""
        self._since: float | None = None
        """When what is being asked now began."""
        self._log = log
        self._wording = wording
        self._pace = pace

    @property
    def left(self) -> float:
        """The seconds that are left; none is 0."""
        return max(self._deadline - time.monotonic(), 0)

    @property
    def sign(self) -> float:
        """The seconds from one sign of life (`alive`) to the next."""
        return self._pace.sign

    def wait(self, process: Process, seconds: float | None = None) -> Ended:
        """Waits for the end of a program, with signs of life: as long as there is time, or so many seconds."""
        timeout = self.left if seconds is None else seconds
        return process.wait(timeout=timeout, alive=self.alive, every=self._pace.sign)

    def alive(self, passed: float) -> None:
        """Says that something long is still going on, `passed` seconds after it began."""
        self._log(f"Still {self._wording.doing} after {passed:.0f} seconds; {self.left:.0f} are left.")

    def too_slow(self, address: str) -> RemoteError:
        """The error of a time that is up: the fault of who is asked only if that is what it was spent on."""
        asked = self._asked + (0 if self._since is None else time.monotonic() - self._since)
        whom = f"{self._wording.whom} {address!r}"
        if asked >= self._seconds / 2:
            message = f"{whom[0].upper()}{whom[1:]} did not answer within {self._seconds:g} seconds."
            return RemoteError(message, kind=Kind.SLOW)
        return RemoteError(
            f"The time of {self._seconds:g} seconds is up: {asked:.1f} were spent on asking {whom}, the others on "
            f"{self._wording.besides}.",
            kind=Kind.HURRIED,
        )

    def make(self, ask: Callable[[], _Answer]) -> _Answer:
        """Asks again, after pauses that grow, while the connection fails and there is time.

        :raises TransientRemoteError: if it failed to the last.
        """
        self._since = time.monotonic()
        try:
            return self._make(ask)
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
                if before and not self.left:  # the time was up right after a pause: what had happened says more
                    raise before from error
                raise
        raise AssertionError  # pragma: no cover - the last try returns or raises
