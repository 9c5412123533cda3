"""How an event stands in its registry: what was there before it, what is there now, and whether it still holds."""

from dataclasses import dataclass, field

from gto_action.artifact import Artifact, VersionState
from gto_action.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.names import StageName
from gto_action.registry import Registry


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
    """Whether no later event supersedes this one."""
    stages_before: dict[StageName, VersionState] = field(default_factory=dict)
    """The artifact's stages just before the event."""


def standing_of(event: Event, registry: Registry) -> Standing:
    """How an event of a registry stands."""
    now, before = registry.artifact(event.artifact), registry.artifact_before(event)
    return Standing(
        previous=_concerned(event, before),
        current=_concerned(event, now),
        latest=now.latest if now.active else None,
        stages=now.stages if now.active else {},
        is_current=is_current(event, now),
        stages_before=before.stages if before.active else {},
    )


def _concerned(event: Event, artifact: Artifact) -> VersionState | None:
    """The version that an event is about to change, or has changed, in a state."""
    match event:
        case Assignment() | Unassignment() if artifact.active:
            return artifact.stages.get(event.stage)
        case Registration() | Deregistration() if artifact.active:
            return artifact.latest
    return None


def is_current(event: Event, artifact: Artifact) -> bool:
    """Whether no later event of the artifact supersedes this one."""
    if isinstance(event, Deprecation):
        last = next((each for each in reversed(artifact.events.values()) if isinstance(each, Deprecation)), None)
        return not artifact.active and last == event
    if not artifact.active:
        return False
    if isinstance(event, Assignment):
        held = artifact.stages.get(event.stage)
        return held is not None and held.stages[event.stage].assigned == event.record
    # the last of the events that it concerns: of the same stage, or of the same version at the same commit
    return _last_like(event, artifact) == event


def _last_like(event: Registration | Deregistration | Unassignment, artifact: Artifact) -> Event:
    return max((each for each in artifact.events.values() if _alike(event, each)), key=lambda each: each.moment)


def _alike(event: Event, other: Event) -> bool:
    match event, other:
        case Unassignment(), Assignment() | Unassignment():
            return event.stage == other.stage
        case Registration() | Deregistration(), Registration() | Deregistration():
            return (event.version, event.commit) == (other.version, other.commit)
    return False
