"""One artifact's state, as values, by GTO's rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from gto_action.gto.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment, moment_of
from gto_action.gto.names import ArtifactName, StageName, Version
from gto_action.gto.record import TagRecord
from gto_action.gto.rules import (
    Order,
    Rank,
    began_in,
    in_force,
    is_active,
    last_assigned_first,
    latest_of,
    rank_in,
    rank_of,
    registered_of,
)
from gto_action.gto.tag import EventKind, Tag


class StageState(NamedTuple):
    """One version in one stage, with the tags that put it there or took it away, in the order of R13."""

    assignments: tuple[TagRecord, ...]
    unassignments: tuple[TagRecord, ...]

    @property
    def active(self) -> bool:
        """Whether the version is in the stage (R17)."""
        return in_force(self.assignments, self.unassignments)

    @property
    def assigned(self) -> TagRecord | None:
        """The latest assignment."""
        return self.assignments[-1] if self.assignments else None


class VersionState(NamedTuple):
    """One version at one commit; by R14 both together identify it."""

    version: Version | None
    """None for a commit without a version that was put in a stage (R15b)."""
    commit: str
    began: Order
    """The order of its first (de)registration; for a commit without a version, of its first tag."""
    registrations: tuple[TagRecord, ...]
    deregistrations: tuple[TagRecord, ...]
    stages: Mapping[StageName, StageState]
    """All stages that it was put in or taken from, in the order of their first tags."""

    def __str__(self) -> str:
        return str(self.version or self.commit)

    @property
    def active(self) -> bool:
        """Whether it counts (R16)."""
        return is_active(self)

    @property
    def record(self) -> TagRecord:
        """The tag that stands for the version: its last registration, else its last assignment, else its last tag."""
        assigned = [held.assignments[-1] for held in self.stages.values() if held.assignments]
        unassigned = [held.unassignments[-1] for held in self.stages.values() if held.unassignments]
        found = self.registrations[-1:] or assigned or unassigned or self.deregistrations[-1:]
        return max(found, key=lambda record: record.order)

    @property
    def registered(self) -> Order:
        """When it was last registered."""
        return registered_of(self)


class CountedTag(NamedTuple):
    """A tag that counts, with the version that it is about."""

    tag: Tag
    record: TagRecord
    version: Version | None
    """None for a deprecation, and if no version is registered at the commit."""
    candidates: tuple[Version, ...]
    """For an (un)assignment: the versions at the commit, in order of registration, if there are several (R15c)."""

    @property
    def moment(self) -> tuple[int, int, str]:
        """When it happened; in the same second the tag that wins by GTO's rules comes last."""
        return moment_of(self.tag.kind, self.record)

    @property
    def event(self) -> Event:
        """What the tag says happened."""
        match self.tag.kind, self.version, self.tag.stage:
            case EventKind.REGISTRATION, Version() as version, _:
                return Registration(artifact=self.tag.artifact, record=self.record, version=version)
            case EventKind.DEREGISTRATION, Version() as version, _:
                return Deregistration(artifact=self.tag.artifact, record=self.record, version=version)
            case _, _, StageName() as stage:
                return (Assignment if self.tag.kind is EventKind.ASSIGNMENT else Unassignment)(
                    artifact=self.tag.artifact,
                    record=self.record,
                    stage=stage,
                    version=self.version,
                    candidates=self.candidates,
                )
        return Deprecation(artifact=self.tag.artifact, record=self.record)


class Snapshot(NamedTuple):
    """An artifact at one moment. A deprecated artifact has no versions, as in `gto show` (R20)."""

    latest: VersionState | None = None
    stages: Mapping[StageName, VersionState] = {}
    """The stages that hold a version, by name, with the version."""
    active: bool = True

    def concerned_by(self, tag: Tag | Event) -> VersionState | None:
        """What a tag of the artifact may change or has changed: the version in its stage, or the latest one."""
        if tag.kind is EventKind.DEPRECATION:
            return None
        return self.stages.get(tag.stage) if tag.stage else self.latest


@dataclass(frozen=True)
class Artifact:
    """An artifact's versions, stages and events."""

    name: ArtifactName
    versions: tuple[VersionState, ...]
    """In the order of their first (de)registrations; then the commits without a version."""
    active: bool
    """R20: the last event is not a deprecation."""
    tags: tuple[CountedTag, ...]
    """All tags that count, in the order of R13: time, then name."""

    @cached_property
    def by_moment(self) -> Sequence[CountedTag]:
        """All tags that count, in the order of what happened."""
        return sorted(self.tags, key=lambda counted: counted.moment)

    @cached_property
    def events(self) -> Mapping[str, Event]:
        """All events by tag name, in the order of R13; made lazily, because they are rarely needed."""
        return {counted.record.name: counted.event for counted in self.tags}

    def event(self, tag_name: str) -> Event:
        """The event of a tag that counts; recent tags are found fastest."""
        return next(counted.event for counted in reversed(self.tags) if counted.record.name == tag_name)

    @cached_property
    def now(self) -> Snapshot:
        """The artifact, as it is now."""
        return Snapshot(self.latest, self.stages) if self.active else Snapshot(active=False)

    @cached_property
    def latest(self) -> VersionState | None:
        """The latest version (R19), even of a deprecated artifact."""
        return latest_of(self.versions)

    @cached_property
    def stages(self) -> Mapping[StageName, VersionState]:
        """The stages that hold a version now, by name, with the version; even of a deprecated artifact."""
        return dict(sorted(self._holders().items(), key=lambda holder: str(holder[0])))

    @cached_property
    def held(self) -> Sequence[tuple[StageName, VersionState]]:
        """The same, last assigned first."""
        ranked = (
            (rank_in(state, held := state.stages[stage]), began_in(held), (stage, state))
            for stage, state in self._holders().items()
        )
        return last_assigned_first(ranked)

    def _holders(self) -> dict[StageName, VersionState]:
        """The same, in any order (R18)."""
        best: dict[StageName, tuple[Rank, VersionState]] = {}
        for state in reversed(self.versions):  # those assigned last mostly come last
            for stage, held in state.stages.items():
                known = best.get(stage)
                if known and held.assignments and -held.assignments[-1].order[0] > known[0][0]:
                    continue
                rank = rank_of(state, stage)
                if rank and (known is None or rank < known[0]):
                    best[stage] = (rank, state)
        return {stage: state for stage, (_, state) in best.items()}
