"""Which version held which stage, from when to when."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from gto_action.gto.artifact import Artifact, StageState, VersionState
from gto_action.gto.event import Assignment, Deprecation, Event, Registration, Unassignment
from gto_action.gto.names import StageName
from gto_action.gto.record import TagRecord

_WORK: Final = 50_000
"""The versions in stages that are looked at for who holds them: a twentieth of a second."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stage held a version."""

    stage: str
    version: str
    """The version, or the commit where none is registered."""
    start: int
    """Seconds since 1970."""
    end: int | None
    """Seconds since 1970; None if it still does."""


def periods(artifact: Artifact, most: int, work: int = _WORK) -> list[Period]:
    """The last periods of an artifact's stages, in the order of their ends, those that still last at the end.

    Past and present by the same rules: what GTO would have said after each event, with what is known now of the
    commits' versions. Periods of no length are left out, as are the changes of events without a date.

    Args:
        artifact: whose stages.
        most: how many periods.
        work: how many versions in stages may be looked at; it bounds how far back the periods go.
    """
    events = sorted(artifact.events.values(), key=lambda event: event.moment)
    size = sum(1 + len(state.stages) for state in artifact.versions)
    window = min(len(events), max(10, min(20 * most, work // (1 + size))))
    replay = _Replay(artifact)
    for event in events[: len(events) - window]:
        replay.add(event)
    moments = [(events[len(events) - window - 1], replay.holders())] if window < len(events) else []
    for event in events[len(events) - window :]:
        replay.add(event)
        moments.append((event, replay.holders()))
    # of the events of a second, the last one counts
    timed = {time: held for event, held in moments if (time := event.record.signature.time) is not None}
    if timed:  # how it ended is known better: R20 looks at the dates of commits, too
        now = artifact.stages if artifact.active else {}
        timed[max(timed)] = {stage: str(state) for stage, state in now.items()}
    return _joined([*timed.items()])[-most:]


class _Replay:
    """An artifact's state after each event, one after the other."""

    def __init__(self, artifact: Artifact) -> None:
        self._of = {id(state): VersionState(state.version, state.commit) for state in artifact.versions}
        self._about: dict[str, VersionState] = {}
        self._state = Artifact(artifact.name, list(self._of.values()))
        registered = {(state.version, state.commit): self._of[id(state)] for state in artifact.versions}
        for tag, record, (state, _) in artifact.noted:
            if state:
                self._about[record.name] = self._of[id(state)]
            elif tag.version:
                self._about[record.name] = registered[tag.version, record.target]
        self._number = 0
        self._deprecated = False

    def add(self, event: Event) -> None:
        """What is so after an event."""
        self._number += 1
        self._deprecated = isinstance(event, Deprecation)
        if isinstance(event, Deprecation):
            return
        state = self._about[event.record.name]
        if isinstance(event, Assignment | Unassignment):
            self._stage(state, event.stage, event.record, assignment=isinstance(event, Assignment))
        else:
            state.add(event.record, registration=isinstance(event, Registration))

    def holders(self) -> dict[StageName, str]:
        """Each stage that holds a version, and which."""
        return {} if self._deprecated else {stage: str(state) for stage, state in self._state.held()}

    def _stage(self, state: VersionState, stage: StageName, record: TagRecord, *, assignment: bool) -> None:
        state.stages.setdefault(stage, StageState()).add(record, self._number, assignment=assignment)


def _joined(moments: list[tuple[int, dict[StageName, str]]]) -> list[Period]:
    """The periods between the changes."""
    since: dict[tuple[StageName, str], int] = {}
    found: list[Period] = []
    for (_, before), (time, held) in pairwise([(0, {}), *moments]):
        for stage, version in before.items():
            if held.get(stage) != version:
                start = since.pop((stage, version))
                if start < time:
                    found.append(Period(str(stage), version, start, time))
        for stage, version in held.items():
            if before.get(stage) != version:
                since[stage, version] = time
    lasting = sorted(since.items(), key=lambda item: item[1])
    return found + [Period(str(stage), version, start, None) for (stage, version), start in lasting]
