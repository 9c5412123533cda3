"""What an artifact was before each of many events, in one walk over its tags."""

from bisect import insort
from dataclasses import dataclass, replace

from gto_action.gto.artifact import Artifact, StageState, VersionsOfCommit, VersionState
from gto_action.gto.event import Assignment, Deprecation, Event, Registration, Unassignment
from gto_action.gto.names import StageName, Version

_Placed = tuple[tuple[int, str], VersionState]
"""A version with the order of its first event, which no other has."""


@dataclass(frozen=True, slots=True)
class Before:
    """An artifact just before an event."""

    latest: VersionState | None
    stages: dict[StageName, VersionState]
    active: bool


class Walk:
    """The states of an artifact by GTO's rules, as `fold` has them for the earlier tags, one after the other."""

    def __init__(self, artifact: Artifact) -> None:
        """Begins before all events of an artifact."""
        self._name = artifact.name
        self._events = sorted(artifact.events.values(), key=lambda event: event.moment)
        self._places = {record.name: place for place, (_, record, _) in enumerate(artifact.noted)}
        self._at = 0
        self._versions: list[_Placed] = []
        self._unversioned: list[_Placed] = []
        self._of: dict[str, dict[Version | None, VersionState]] = {}
        self._order: dict[tuple[Version | None, str], tuple[int, str]] = {}
        """When each version began, as `fold` orders them: in the same second by the name of the tag."""
        self._latest: VersionState | None = None
        """None if nobody knows it any more."""
        self._staged: dict[str, list[Assignment | Unassignment]] = {}
        self._chosen: dict[str, VersionsOfCommit] = {}
        self._stale: set[str] = set()
        """The commits whose stages must be worked out again: an assignment sees the versions that come after it."""
        self._deprecated: int | None = None
        self._last = -2
        """When the last thing happened that ends a deprecation (R20)."""

    def before(self, event: Event) -> Before:
        """The artifact before an event, none earlier than those asked for until now."""
        while self._at < len(self._events) and self._events[self._at].moment < event.moment:
            self._add(self._events[self._at])
            self._at += 1
        for commit in self._stale:
            self._work_out(commit)
        self._stale.clear()
        state = Artifact(self._name, [each for _, each in (*self._versions, *self._unversioned)])
        self._latest = self._latest or state.latest
        latest = _copy(self._latest) if self._latest else None
        active = self._deprecated is None or self._last >= self._deprecated
        return Before(latest, {stage: _copy(of) for stage, of in state.stages.items()}, active)

    def _add(self, event: Event) -> None:
        time = event.record.order[0]
        if isinstance(event, Deprecation):
            self._deprecated = time
            return
        self._last = max(self._last, time, event.record.committed)
        if isinstance(event, Assignment | Unassignment):
            self._staged.setdefault(event.commit, []).append(event)
            if event.commit not in self._stale:
                self._put(event)
            return
        state = self._find(event, event.version)
        state.add(event.record, registration=isinstance(event, Registration))
        self._note_latest(state)
        self._chosen.pop(event.commit, None)
        if event.commit in self._staged:
            self._stale.add(event.commit)

    def _find(self, event: Event, version: Version | None) -> VersionState:
        """The version that an event is about, in its place among the others."""
        here, of = self._of.setdefault(event.commit, {}), (version, event.commit)
        places = self._versions if version else self._unversioned
        if version not in here:
            here[version] = VersionState(version, event.commit)
        elif self._order[of] <= event.record.order:
            return here[version]
        else:
            places.remove((self._order[of], here[version]))
        self._order[of] = event.record.order
        insort(places, (event.record.order, here[version]))
        return here[version]

    def _note_latest(self, state: VersionState) -> None:
        """Keeps the latest version while that is easy: R19."""
        known = self._latest
        if not state.active or not state.version or not known or not known.version:
            self._latest = None if known is state else known
        elif known.version < state.version:
            self._latest = state
        elif not state.version < known.version:
            orders = self._order[state.version, state.commit], self._order[known.version, known.commit]
            self._latest = state if orders[0] > orders[1] else known

    def _put(self, event: Assignment | Unassignment) -> None:
        """Puts a version into a stage, or takes it from there."""
        versions = [state for version, state in self._of.get(event.commit, {}).items() if version]
        if versions and event.commit not in self._chosen:
            self._chosen[event.commit] = VersionsOfCommit(versions)
        chosen = self._chosen.get(event.commit)
        state = chosen.choose(event.record) if chosen else self._find(event, None)
        held, place = state.stages.setdefault(event.stage, StageState()), self._places[event.record.name]
        held.add(event.record, place, assignment=isinstance(event, Assignment))

    def _work_out(self, commit: str) -> None:
        """The stages of a commit's versions, from the start."""
        here = self._of[commit]
        if (gone := here.pop(None, None)) is not None:
            self._unversioned = [placed for placed in self._unversioned if placed[1] is not gone]
            del self._order[None, commit]
        for state in here.values():
            state.stages.clear()
        for event in self._staged[commit]:
            self._put(event)


def _copy(state: VersionState) -> VersionState:
    """A version as it is now, while the walk goes on."""
    stages = {
        stage: replace(held, assignments=[*held.assignments], unassignments=[*held.unassignments])
        for stage, held in state.stages.items()
    }
    lists = [*state.registrations], [*state.deregistrations]
    return replace(state, registrations=lists[0], deregistrations=lists[1], stages=stages)
