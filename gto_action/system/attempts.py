"""Asking again: how often, after how long, and until when."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from gto_action.errors import Kind, RemoteError, TransientRemoteError

_Answer = TypeVar("_Answer")

_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 1.0


class Attempts:
    """The time that everything asked of a remote may take together."""

    def __init__(self, seconds: float, log: Callable[[str], None]) -> None:
        """The time begins now; `log` takes a line for people."""
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._asked = 0.0
        """The seconds that were spent on asking."""
        self._since: float | None = None
        """When what is being asked now began."""
        self._log = log

    @property
    def left(self) -> float:
        """The seconds that are left; none is 0."""
        return max(self._deadline - time.monotonic(), 0)

    def alive(self, passed: float) -> None:
        """Says that something long is still going on, `passed` seconds after it began."""
        self._log(f"Still fetching after {passed:.0f} seconds; {self.left:.0f} are left.")

    def too_slow(self, remote: str) -> RemoteError:
        """The error of a time that is up: the remote's fault only if that is what it was spent on."""
        asked = self._asked + (0 if self._since is None else time.monotonic() - self._since)
        if asked >= self._seconds / 2:
            return RemoteError(
                f"The remote {remote!r} did not answer within {self._seconds:g} seconds.", kind=Kind.SLOW
            )
        return RemoteError(
            f"The time of {self._seconds:g} seconds is up: {asked:.1f} were spent on asking the remote {remote!r}, the "
            "others on working out what its tags say.",
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
        pause = _FIRST_PAUSE
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
