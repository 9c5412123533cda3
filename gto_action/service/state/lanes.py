"""One event for one sink, and the lane in which it waits."""

import enum
from dataclasses import dataclass
from typing import Final


class State(enum.Enum):
    """What has become of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    """It no longer held when its turn came, and the sink does not want to know of such."""
    HELD = "held"
    """It was tried for long enough; later ones of the artifact wait until a person decides."""
    DEAD = "dead"
    """The same, and later ones go on."""
    SKIPPED = "skipped"
    """A person has given it up."""


OPEN: Final = (State.WAITING, State.HELD)
DONE: Final = (State.DELIVERED, State.SUPERSEDED)
FAILED: Final = (State.HELD, State.DEAD)


@dataclass(frozen=True, slots=True)
class Lane:
    """The deliveries of one artifact to one sink, which go one after the other."""

    sink: str
    repository: str
    artifact: str

    @property
    def key(self) -> str:
        """Both in one text."""
        return f"{self.repository}/{self.artifact}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one sink."""

    id: str
    lane: Lane
    sequence: int
    state: State
    attempts: int
    begun: int
    """How often a worker began with it and did not end: the service ended before."""
    wake: int
    next_at: float
    found_at: float
    first_at: float
    last_at: float
    said: str
    event: str
    word: str
    tag: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What has become of a delivery when its turn came."""

    state: State
    said: str
    began: float
    """In seconds since 1970, as the others are."""
    ended: float
    next_at: float = 0.0
    """When the next attempt may be, if it still waits."""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Errand:
    """A worker is to be sent for a lane; its name is the same whoever sends it for the same deliveries.

    With another `last` it is another: the worker that somebody else has sent may have ended before there were more.
    """

    lane: Lane
    name: str
    last: int
    """The last sequence number that it is for."""
    is_again: bool = False
    """Whether somebody was sent before for all that it is for."""
