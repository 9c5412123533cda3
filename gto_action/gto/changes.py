"""What an event changed, and what has come of it since."""

from collections.abc import Iterator, Mapping
from typing import Final

from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.gto.names import StageName
from gto_action.gto.registry import Registry
from gto_action.gto.standing import Standing, current_events
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

_STAGES: Final = 10
"""The stages spoken of, at most: a deregistration can empty thousands."""


def changes(event: Event, standing: Standing, registry: Registry) -> list[Statement]:
    """What the event changed, and what has come of it since.

    Args:
        event: what happened.
        standing: of that event.
        registry: of that event.
    """
    after, now = registry.artifact_after(event), registry.artifact(event.artifact)
    said = [*_then(event, standing, after)]
    if since := _since(event, said, after, now):
        said.append(since)
    return said


def _then(event: Event, standing: Standing, after: Artifact) -> Iterator[Statement]:
    """What changed with the event: no later one is looked at."""
    if isinstance(event, Deprecation) or not standing.was_active:
        yield UseMoved(str(event.artifact), standing.was_active, after.active)
    if isinstance(event, Deprecation):
        return
    old, new = _held(standing.stages_before), _stages(after)
    changed = [stage for stage in sorted({*old, *new}) if old.get(stage) != new.get(stage)]
    if isinstance(event, Assignment | Unassignment):
        stage = str(event.stage)
        if isinstance(event, Assignment) and event.record.name not in current_events(after):
            yield _no_effect(event, after)
        yield StageMoved(stage, old.get(stage), new.get(stage), event.kind)
        changed = [each for each in changed if each != stage]
    else:
        first = isinstance(event, Registration) and sum(len(each.registrations) for each in after.versions) == 1
        yield LatestMoved(_which(standing.previous), _which(after.latest), first, not standing.was_active)
    by = event.kind if isinstance(event, Registration | Deregistration) else None
    for stage in changed[:_STAGES]:
        yield StageMoved(stage, old.get(stage), new.get(stage), by)
    if len(changed) > _STAGES:
        yield MoreStages(len(changed) - _STAGES)


def _no_effect(event: Assignment, after: Artifact) -> NoEffect:
    state = next(state for _, record, (state, _) in after.noted if state and record == event.record)
    rival = _stages(after).get(str(event.stage))
    return NoEffect(str(event.stage), Which(str(state.version or ""), state.commit), rival if state.active else None)


def _since(event: Event, said: list[Statement], after: Artifact, now: Artifact) -> Since | None:
    """What is not as it was right after the event, of what was spoken of."""
    if now is after:
        return None
    name = event.record.name
    superseded = name in current_events(after) and name not in current_events(now)
    if after.active != now.active or isinstance(event, Deprecation):
        use = UseNow(str(event.artifact), now.active)
        return Since((use,), superseded) if superseded or after.active != now.active else None
    facts: list[Fact] = []
    if isinstance(event, Registration | Deregistration):
        if superseded:
            counts = any(each.active for each in now.versions if _which(each) == (str(event.version), event.commit))
            facts.append(VersionNow(Which(str(event.version), event.commit), counts))
        if not _same(_which(after.latest), latest := _which(now.latest)):
            facts.append(LatestNow(latest))
    then, held = _stages(after), _stages(now)
    for each in said:
        if isinstance(each, StageMoved):
            own = isinstance(event, Assignment | Unassignment) and each.stage == str(event.stage)
            if (own and superseded) or not _same(then.get(each.stage), held.get(each.stage)):
                facts.append(HoldsNow(each.stage, held.get(each.stage)))
    return Since(tuple(facts), superseded) if facts else None


def _same(then: Which | None, now: Which | None) -> bool:
    """Whether nothing changed but that a commit was given its version, which is told of the event itself."""
    return then == now or bool(then and now and not then.version and then.commit == now.commit)


def _stages(artifact: Artifact) -> dict[str, Which]:
    return _held(artifact.stages) if artifact.active else {}


def _held(stages: Mapping[StageName, VersionState]) -> dict[str, Which]:
    return {str(stage): Which(str(state.version or ""), state.commit) for stage, state in stages.items()}


def _which(state: VersionState | None) -> Which | None:
    return Which(str(state.version or ""), state.commit) if state else None
