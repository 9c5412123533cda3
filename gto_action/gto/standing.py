"""How an event stands in its registry: what was there before, what is there now, and whether it still holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gto_action.gto.artifact import Artifact, CountedTag, Snapshot, VersionState
from gto_action.gto.event import Assignment, Deprecation, Event
from gto_action.gto.past import Past
from gto_action.gto.registry import Registry
from gto_action.gto.tag import EventKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What the registry says about an event. A deprecated artifact has no versions, as in `gto show` (R20)."""

    before: Snapshot
    """The artifact just before the event."""
    after: Snapshot
    """The artifact right after it."""
    now: Snapshot
    version: VersionState | None
    """The version of an (un)assignment, right after it; None for other events."""
    previous: VersionState | None
    """Just before the event: the stage's version for an (un)assignment, the latest one for a (de)registration."""
    current: VersionState | None
    """The same, now; after an unassignment or a deregistration the version that GTO falls back to."""
    had_effect: bool
    """False if a tag in the same second won, the version was deregistered, or a commit is later than a deprecation."""
    is_current: bool
    """Whether the event is in force.

    An assignment is, if the stage holds its version because of it. Another event is, if no later event is about the
    same stage or version, although an unassignment may have changed nothing. See `current_events`.
    """


def standing_of(event: Event, registry: Registry) -> Standing:
    """How an event of a registry stands."""
    return next(standings([event], registry))


def standings(events: Iterable[Event], registry: Registry) -> Iterator[Standing]:
    """How events stand, given oldest first; the tags of an artifact are read only once for all its events."""
    known: dict[str, tuple[Past, set[str]]] = {}
    for event in events:
        artifact, name = registry.artifact(event.artifact), event.artifact.in_tag
        if name not in known:
            known[name] = Past(artifact), current_events(artifact)
        past, current = known[name]
        before, after, version = past.step(event)
        yield Standing(
            before,
            after,
            artifact.now,
            version,
            previous=before.concerned_by(event),
            current=artifact.now.concerned_by(event),
            had_effect=_has_effect(event, after),
            is_current=event.record.name in current,
        )


def _has_effect(event: Event, after: Snapshot) -> bool:
    match event:
        case Assignment(stage=stage):
            held = after.stages.get(stage)
            return held is not None and held.stages[stage].assigned == event.record
        case Deprecation():
            return not after.active
    return True


def current_events(artifact: Artifact) -> set[str]:
    """The tag names of an artifact's events that no later event supersedes.

    For a deprecated artifact only the last deprecation. Otherwise the assignments that gave the stages their versions;
    and the last event about each stage, and about each version at a commit, unless that is an assignment.
    """
    if not artifact.active:
        return {[counted.record.name for counted in artifact.tags if counted.tag.kind is EventKind.DEPRECATION][-1]}
    last = {_about(counted): counted for counted in artifact.by_moment if counted.tag.kind is not EventKind.DEPRECATION}
    found = {counted.record.name for counted in last.values() if counted.tag.kind is not EventKind.ASSIGNMENT}
    assigned = (state.stages[stage].assigned for stage, state in artifact.stages.items())
    return found | {record.name for record in assigned if record}


def _about(counted: CountedTag) -> tuple[object, ...]:
    return (counted.tag.stage,) if counted.tag.stage else (counted.version, counted.record.target)
