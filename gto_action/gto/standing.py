"""How an event stands in its registry: what was there before it, what is there now, and whether it still holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.gto.names import ArtifactName, StageName
from gto_action.gto.registry import Registry
from gto_action.gto.walk import Before, Walk


@dataclass(frozen=True, slots=True)
class Standing:
    """What the registry says around an event. A deprecated artifact has no versions, as in `gto show` (R20)."""

    previous: VersionState | None = None
    """Just before the event: the stage's version for an (un)assignment, the latest one for a (de)registration."""
    current: VersionState | None = None
    """The same, now; after an unassignment or a deregistration what GTO falls back to."""
    latest: VersionState | None = None
    stages: dict[StageName, VersionState] = field(default_factory=dict)
    """The artifact's stages now."""
    is_current: bool = False
    """Whether it is in force.

    An assignment: the stage holds its version because of it. Another event: none that is later is about the same (the
    stage, the version at its commit), though an unassignment may have changed nothing. See `current_events`.
    """
    stages_before: dict[StageName, VersionState] = field(default_factory=dict)
    """The artifact's stages just before the event."""
    was_active: bool = True
    """Whether the artifact was not deprecated just before the event."""


def standing_of(event: Event, registry: Registry) -> Standing:
    """How an event of a registry stands."""
    before = registry.artifact_before(event)
    return _Now(registry.artifact(event.artifact)).standing(event, before)


def standings(events: Iterable[Event], registry: Registry) -> Iterator[Standing]:
    """How each of many events stands, the oldest first; each artifact's tags are gone through once for all of them."""
    now: dict[ArtifactName, tuple[_Now, Walk]] = {}
    for event in events:
        if event.artifact not in now:
            artifact = registry.artifact(event.artifact)
            now[event.artifact] = _Now(artifact), Walk(artifact)
        around, walk = now[event.artifact]
        yield around.standing(event, walk.before(event))


class _Now:
    """An artifact as it is, for all of its events."""

    def __init__(self, artifact: Artifact) -> None:
        self._latest = artifact.latest if artifact.active else None
        self._stages = artifact.stages if artifact.active else {}
        self._active = artifact.active
        self._current = current_events(artifact)

    def standing(self, event: Event, before: Artifact | Before) -> Standing:
        """How one of its events stands."""
        return Standing(
            previous=_concerned(event, before),
            current=_concerned(event, Before(self._latest, self._stages, self._active)),
            latest=self._latest,
            stages=self._stages,
            is_current=event.record.name in self._current,
            stages_before=before.stages if before.active else {},
            was_active=before.active,
        )


def _concerned(event: Event, artifact: Artifact | Before) -> VersionState | None:
    """The version that an event is about to change, or has changed, in a state."""
    match event:
        case Assignment() | Unassignment() if artifact.active:
            return artifact.stages.get(event.stage)
        case Registration() | Deregistration() if artifact.active:
            return artifact.latest
    return None


def current_events(artifact: Artifact) -> set[str]:
    """The tag names of an artifact's events that no later event supersedes.

    Of a deprecated artifact it is the last deprecation. Else the assignments by which stages have their versions; and
    the last of the events that are about the same: of one stage, or of one version at one commit.
    """
    events = artifact.events.values()
    if not artifact.active:
        return {each.record.name for each in [each for each in events if isinstance(each, Deprecation)][-1:]}
    last: dict[tuple[object, ...], Event] = {}
    for event in events:
        about = _about(event)
        if about and (about not in last or last[about].moment < event.moment):
            last[about] = event
    found = {event.record.name for event in last.values() if not isinstance(event, Assignment)}
    assigned = (state.stages[stage].assigned for stage, state in artifact.stages.items())
    return found | {record.name for record in assigned if record}


def _about(event: Event) -> tuple[object, ...]:
    match event:
        case Assignment() | Unassignment():
            return (event.stage,)
        case Registration() | Deregistration():
            return event.version, event.commit
    return ()
