"""GTO's rules R16 to R19, applied to a version and its tags, be it still growing or a finished value."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from gto_action.gto.names import StageName, Version
from gto_action.gto.record import UNDATED, TagRecord

Order = tuple[int, str]
"""The key of R13: time, then name."""
Rank = tuple[int, int, int, Order]
"""Decides which version a stage holds: the one with the lowest rank."""
_NEVER: Final[Order] = (UNDATED - 1, "")
"""Before every tag, even one without a date."""


class InStage(Protocol):
    """One version in one stage, finished or growing."""

    @property
    def assignments(self) -> Sequence[TagRecord]:
        """In the order of R13."""
        ...

    @property
    def unassignments(self) -> Sequence[TagRecord]:
        """In the order of R13."""
        ...


class AtCommit(Protocol):
    """One version at one commit, finished or growing."""

    @property
    def version(self) -> Version | None:
        """None for a commit without a version."""
        ...

    @property
    def commit(self) -> str:
        """The commit of the version."""
        ...

    @property
    def began(self) -> Order:
        """Its place among the versions."""
        ...

    @property
    def registrations(self) -> Sequence[TagRecord]:
        """In the order of R13."""
        ...

    @property
    def deregistrations(self) -> Sequence[TagRecord]:
        """In the order of R13."""
        ...

    @property
    def stages(self) -> Mapping[StageName, InStage]:
        """Every stage that it was put in or taken from."""
        ...


_What = TypeVar("_What")
_AnyVersion = TypeVar("_AnyVersion", bound=AtCommit)


def in_force(given: Sequence[TagRecord], taken: Sequence[TagRecord]) -> bool:
    """R16, R17: whether it was last given after it was last taken; in the same second taking wins."""
    return not taken or (bool(given) and given[-1].order[0] > taken[-1].order[0])


def is_active(version: AtCommit) -> bool:
    """R16; a commit without a version is always active."""
    return not version.deregistrations or in_force(version.registrations, version.deregistrations)


def rank_of(version: AtCommit, stage: StageName) -> Rank | None:
    """The rank of a version for a stage; None if it is not in the stage (R18).

    Of the active versions in it, a stage holds the one assigned last; in the same second the one registered earlier.
    So after an unassignment or a deregistration it falls back to the previous one.
    """
    held = version.stages.get(stage)
    if held is None or not in_force(held.assignments, held.unassignments) or not is_active(version):
        return None
    return rank_in(version, held)


def rank_in(version: AtCommit, held: InStage) -> Rank:
    """The rank of an active version for a stage that it is in; no two versions have the same rank."""
    time = held.assignments[-1].order[0]
    if version.version:
        return -time, registered_of(version)[0], 0, version.began
    # to gto each assignment of a commit without a version makes a new version
    first = bisect_left(held.assignments, time, key=lambda record: record.order[0])
    return -time, time, 1, held.assignments[first].order


def began_in(held: InStage) -> Order:
    """The order of a version's first tag in a stage."""
    return min(tags[0].order for tags in (held.assignments, held.unassignments) if tags)


def last_assigned_first(ranked: Iterable[tuple[Rank, Order, _What]]) -> list[_What]:
    """Versions in stages, by rank; for the same version, the stage that it came to later goes first."""
    ordered = sorted(ranked, key=lambda found: found[1], reverse=True)
    return [what for _, _, what in sorted(ordered, key=lambda found: found[0])]


def latest_of(versions: Iterable[_AnyVersion]) -> _AnyVersion | None:
    """R19: the greatest active registered version, pre-releases included; of equal ones the one registered later."""
    latest: _AnyVersion | None = None
    greatest: Version | None = None
    for candidate in versions:
        version = candidate.version
        if version is None or not is_active(candidate):
            continue
        if latest and greatest and (version < greatest if candidate.began > latest.began else not greatest < version):
            continue
        latest, greatest = candidate, version
    return latest


def registered_of(version: AtCommit) -> Order:
    """When a version was last registered, in the order of R13."""
    return version.registrations[-1].order if version.registrations else _NEVER
