"""What an event changed, and what later events changed since."""

from collections.abc import Iterator
from typing import Final

from gto_action.gto.artifact import Artifact, Snapshot, VersionState
from gto_action.gto.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.gto.registry import Registry
from gto_action.gto.standing import Standing
from gto_action.gto.statement import (
    Fact,
    HoldsNow,
    LatestMoved,
    LatestNow,
    MoreStages,
    NoEffect,
    Since,
    StageMoved,
    Statement,
    UseMoved,
    UseNow,
    VersionNow,
    Which,
)
from gto_action.gto.tag import EventKind

_STAGES: Final = 10
"""How many stages to mention: a deregistration can empty thousands."""


def changes(event: Event, standing: Standing, registry: Registry) -> list[Statement]:
    """What the event changed, and what later events changed since.

    Args:
        event: what happened.
        standing: how the event stands.
        registry: the event's registry.
    """
    artifact = registry.artifact(event.artifact)
    said = [*_then(event, standing, artifact)]
    if since := _since(event, standing, said, artifact):
        said.append(since)
    return said


def _then(event: Event, standing: Standing, artifact: Artifact) -> Iterator[Statement]:
    """What the event changed, without looking at later ones."""
    before, after = standing.before, standing.after
    if isinstance(event, Deprecation) or not before.active:
        yield UseMoved(str(event.artifact), before.active, after.active)
    if isinstance(event, Deprecation):
        return
    old, new = _held(before), _held(after)
    changed = [stage for stage in sorted({*old, *new}) if old.get(stage) != new.get(stage)]
    if isinstance(event, Assignment | Unassignment):
        stage = str(event.stage)
        if not standing.had_effect and standing.version:
            rival = new.get(stage) if standing.version.active else None
            yield NoEffect(stage, _which(standing.version), rival)
        yield StageMoved(stage, old.get(stage), new.get(stage), event.kind)
        changed = [other for other in changed if other != stage]
    else:
        yield LatestMoved(_of(before.latest), _of(after.latest), _is_first(event, artifact), not before.active)
    by = event.kind if isinstance(event, Registration | Deregistration) else None
    for stage in changed[:_STAGES]:
        yield StageMoved(stage, old.get(stage), new.get(stage), by)
    if len(changed) > _STAGES:
        yield MoreStages(len(changed) - _STAGES)


def _is_first(event: Event, artifact: Artifact) -> bool:
    """Whether the event is its artifact's first registration."""
    first = next((counted for counted in artifact.by_moment if counted.tag.kind is EventKind.REGISTRATION), None)
    return first is not None and first.record == event.record


def _since(event: Event, standing: Standing, said: list[Statement], artifact: Artifact) -> Since | None:
    """What of the things mentioned is no longer as it was right after the event."""
    after, now = standing.after, standing.now
    superseded = standing.had_effect and not standing.is_current
    if after.active != now.active or isinstance(event, Deprecation):
        use = UseNow(str(event.artifact), now.active)
        return Since((use,), superseded) if superseded or after.active != now.active else None
    facts: list[Fact] = []
    if isinstance(event, Registration | Deregistration):
        if superseded:
            which = Which(str(event.version), event.commit)
            facts.append(VersionNow(which, any(_which(state) == which for state in artifact.versions if state.active)))
        if not _same(_of(after.latest), latest := _of(now.latest)):
            facts.append(LatestNow(latest))
    then, held = _held(after), _held(now)
    for stage in [statement.stage for statement in said if isinstance(statement, StageMoved)]:
        own = stage == event.stage_text
        if (own and superseded) or not _same(then.get(stage), held.get(stage)):
            facts.append(HoldsNow(stage, held.get(stage)))
    return Since(tuple(facts), superseded) if facts else None


def _same(then: Which | None, now: Which | None) -> bool:
    """Whether nothing changed, except that a commit got its version, which is reported for that event."""
    return then == now or bool(then and now and not then.version and then.commit == now.commit)


def _held(artifact: Snapshot) -> dict[str, Which]:
    return {str(stage): _which(state) for stage, state in artifact.stages.items()}


def _of(state: VersionState | None) -> Which | None:
    return _which(state) if state else None


def _which(state: VersionState) -> Which:
    return Which(str(state.version or ""), state.commit)
