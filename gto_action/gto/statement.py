"""Statements about an event, as values that turn themselves into words.

A statement is about the registry right after the event, in GTO's order of events; only `Since` is about now.
"""

from dataclasses import dataclass
from typing import NamedTuple

from gto_action.gto.names import Version
from gto_action.gto.tag import EventKind
from gto_action.gto.words import short


class Which(NamedTuple):
    """A version at a commit."""

    version: str
    """Empty if none was registered."""
    commit: str

    def __str__(self) -> str:
        return short(self.version or self.commit)


@dataclass(frozen=True, slots=True)
class StageMoved:
    """What a stage held just before the event, and right after it; None if it held nothing."""

    stage: str
    old: Which | None
    new: Which | None
    by: EventKind | None
    """What happened to the stage or its version; None if it changed because the artifact came back into use."""

    def __str__(self) -> str:
        old, new, assigned = self.old, self.new, self.by is EventKind.ASSIGNMENT
        if new is None:
            return f"{self.stage} {'was left without a version' if old else 'held no version'}."
        if old is None:
            return f"{self.stage} held no version before{'' if assigned else f', and held {new} after'}."
        if old == new:
            return f"{self.stage} already held {new}." if assigned else f"{self.stage} still held {new}."
        if old.commit == new.commit and not assigned:
            what = f"as {new} instead of {old}" if old.version else f"which became {new}"
            return f"{self.stage} still held commit {short(new.commit)}, {what}."
        if assigned and _less(new, old):
            return f"Rollback: {self.stage} went back {_from_to(old, new)}."
        fallback = "Fallback: " if self.by in {EventKind.UNASSIGNMENT, EventKind.DEREGISTRATION} else ""
        return f"{fallback}{self.stage} went {_from_to(old, new)}."


@dataclass(frozen=True, slots=True)
class MoreStages:
    """How many more stages changed than are mentioned."""

    number: int

    def __str__(self) -> str:
        return f"{self.number} more stage{' changed' if self.number == 1 else 's changed'}."


@dataclass(frozen=True, slots=True)
class LatestMoved:
    """The artifact's latest version just before a (de)registration, and right after it."""

    old: Which | None
    new: Which | None
    first: bool
    """Whether the event is the artifact's first registration."""
    revived: bool
    """Whether the artifact was deprecated before, so that it had no version."""

    def __str__(self) -> str:
        old, new = self.old, self.new
        if new is None:
            return "No version was left." if old else "There was no version."
        if old is None:
            alone = f"{new} is the first version." if self.first else "No other version was registered at the time."
            return f"The latest version was {new} then." if self.revived else alone
        if old == new:
            return f"{new} stayed the latest version."
        return f"The latest version went {'back ' if _less(new, old) else ''}{_from_to(old, new)}."


@dataclass(frozen=True, slots=True)
class UseMoved:
    """Whether an artifact was in use (not deprecated) just before the event, and right after it."""

    artifact: str
    old: bool
    new: bool

    def __str__(self) -> str:
        match self.old, self.new:
            case False, True:
                return f"{self.artifact} had been deprecated; this put it back in use."
            case True, False:
                return f"{self.artifact} has no current version and no stages while it is deprecated."
            case False, False:
                return f"{self.artifact} was already deprecated."
        return "It had no effect: a commit of the artifact is as new or newer, and GTO counts commits too."


@dataclass(frozen=True, slots=True)
class NoEffect:
    """An assignment that did not put its version in the stage."""

    stage: str
    which: Which
    """The event's version."""
    rival: Which | None
    """The version that was put in the stage in the same second and won; None if the event's was deregistered."""

    def __str__(self) -> str:
        if self.rival is None:
            return f"It had no effect: {self.which} was deregistered."
        return f"It had no effect: {self.stage} was given {self.rival} in the same second, and that counts."


@dataclass(frozen=True, slots=True)
class HoldsNow:
    """What a stage holds now; None if nothing."""

    stage: str
    which: Which | None

    def __str__(self) -> str:
        return f"{self.stage} holds {self.which or 'no version'}"


@dataclass(frozen=True, slots=True)
class VersionNow:
    """Whether a version at its commit counts now."""

    which: Which
    registered: bool

    def __str__(self) -> str:
        return f"{self.which} is {'registered' if self.registered else 'deregistered'}"


@dataclass(frozen=True, slots=True)
class LatestNow:
    """The latest version now; None if there is none."""

    which: Which | None

    def __str__(self) -> str:
        return f"the latest version is {self.which}" if self.which else "there is no version"


@dataclass(frozen=True, slots=True)
class UseNow:
    """Whether the artifact is in use now."""

    artifact: str
    used: bool

    def __str__(self) -> str:
        return f"{self.artifact} is {'in use again' if self.used else 'deprecated'}"


Fact = HoldsNow | VersionNow | LatestNow | UseNow


@dataclass(frozen=True, slots=True)
class Since:
    """What is different now, because later events changed it."""

    facts: tuple[Fact, ...]
    superseded: bool
    """Whether this event was in force and a later one superseded it."""

    def __str__(self) -> str:
        facts = "; ".join(str(fact) for fact in self.facts)
        return f"A later event supersedes this one: now {facts}." if self.superseded else f"Since then: {facts}."


Statement = StageMoved | MoreStages | LatestMoved | UseMoved | NoEffect | Since


def _less(one: Which, other: Which) -> bool:
    return bool(one.version and other.version and Version(one.version) < Version(other.version))


def _from_to(old: Which, new: Which) -> str:
    """Two different versions in words; if it is one version at two commits, with the commits."""
    if str(old) == str(new):
        return f"from {old} at commit {short(old.commit)} to {new} at commit {short(new.commit)}"
    return f"from {old} to {new}"
