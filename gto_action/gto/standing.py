"""How an event stands in its registry: what was there before it, what is there now, and whether it still holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gto_action.gto.artifact import Artifact, CountedTag, Snapshot, VersionState
from gto_action.gto.event import Assignment, Deprecation, Event
from gto_action.gto.past import Past
from gto_action.gto.registry import Registry
from gto_action.gto.tag import EventKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What the registry says around an event. A deprecated artifact has no versions, as in `gto show` (R20)."""

    before: Snapshot
    """The artifact just before the event."""
    after: Snapshot
    """The artifact right after it."""
    now: Snapshot
    version: VersionState | None
    """The version of an (un)assignment, right after it; None for any other event."""
    previous: VersionState | None
    """Just before the event: the stage's version for an (un)assignment, the latest one for a (de)registration."""
    current: VersionState | None
    """The same, now; after an unassignment or a deregistration what GTO falls back to."""
    had_effect: bool
    """Not if a tag of the same second won, or the version was deregistered, or a commit is later than a deprecation."""
    is_current: bool
    """Whether it is in force.

    An assignment: the stage holds its version because of it. Another event: none that is later is about the same (the
    stage, the version at its commit), though an unassignment may have changed nothing. See `current_events`.
    """


def standing_of(event: Event, registry: Registry) -> Standing:
    """How an event of a registry stands."""
    return next(standings([event], registry))


def standings(events: Iterable[Event], registry: Registry) -> Iterator[Standing]:
    """How each of many events stands, the oldest first; each artifact's tags are gone through once for all of them."""
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

    Of a deprecated artifact it is the last deprecation. Else the assignments by which stages have their versions; and
    the last of the events that are about the same: of one stage, or of one version at one commit.
    """
    if not artifact.active:
        return {[counted.record.name for counted in artifact.tags if counted.tag.kind is EventKind.DEPRECATION][-1]}
    last = {_about(counted): counted for counted in artifact.by_moment if counted.tag.kind is not EventKind.DEPRECATION}
    found = {counted.record.name for counted in last.values() if counted.tag.kind is not EventKind.ASSIGNMENT}
    assigned = (state.stages[stage].assigned for stage, state in artifact.stages.items())
    return found | {record.name for record in assigned if record}


def _about(counted: CountedTag) -> tuple[object, ...]:
    return (counted.tag.stage,) if counted.tag.stage else (counted.version, counted.record.target)
