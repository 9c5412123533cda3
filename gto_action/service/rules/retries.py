"""When a delivery is tried again, and when no more."""

import enum
from dataclasses import dataclass
from typing import Final

FIRST: Final = 5.0
LONGEST: Final = 300.0
MOST_ASKED: Final = 3600.0
"""The longest that a sink may ask to wait."""
FARTHEST: Final = 2 * MOST_ASKED
"""What is planned for later than this was planned by a clock that has been set back since."""
_DOUBLINGS: Final = 6


class Then(enum.Enum):
    """What becomes of a delivery whose time is up."""

    HOLD = "hold"
    """It waits for a person, and so do the artifact's later ones."""
    SKIP = "skip"
    """It is given up, and the artifact's later ones go on."""


@dataclass(frozen=True, slots=True)
class Retry:
    """For how long a delivery is tried."""

    seconds: float = 3 * 86400.0
    then: Then = Then.HOLD

    def is_over(self, first: float, now: float) -> bool:
        """Whether the time since the first attempt is up; both in seconds since 1970."""
        return now - first >= self.seconds


def pause(attempts: int, asked: float, spread: float) -> float:
    """The seconds to the next attempt.

    >>> pause(1, 0, 0), pause(2, 0, 0), pause(30, 0, 0), pause(1, 60, 0)
    (5.0, 10.0, 300.0, 60.0)

    Args:
        attempts: how many there were.
        asked: the seconds that the sink asks for (`Retry-After`); 0 if it does not.
        spread: from 0 to 1, at random, so that many do not come at once: up to a fifth longer.
    """
    grown = min(FIRST * (1 << min(attempts - 1, _DOUBLINGS)), LONGEST)
    return max(grown * (1 + spread / 5), min(asked, MOST_ASKED))


def is_due(planned: float, now: float) -> bool:
    """Whether what is planned is to be done, though the clock may have been set back."""
    return planned <= now or planned > now + FARTHEST
