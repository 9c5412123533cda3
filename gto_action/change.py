"""What an event changed, in words."""

from gto_action.artifact import VersionState
from gto_action.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.names import StageName
from gto_action.standing import Standing
from gto_action.tables import short


def changes(event: Event, standing: Standing) -> list[str]:
    """Sentences on what the event changed: a rollback and a fallback are called so.

    Args:
        event: what happened.
        standing: of that event.
    """
    superseded = [] if standing.is_current else [_superseded(event, standing)]
    match event:
        case Assignment():
            return [_assigned(event, standing), *superseded]
        case _ if superseded:  # nobody has looked at how it was right after the event
            return superseded
        case Unassignment():
            return [_left(event.stage, standing.previous, standing.current)]
        case Registration() | Deregistration():
            return [_latest(standing), *_stages(standing)]
        case Deprecation():
            return [f"{event.artifact} has no current version and no stages while it is deprecated."]


def _assigned(event: Assignment, standing: Standing) -> str:
    new, old = short(event.version_text), standing.previous
    if old is None:
        return f"{event.stage} held no version before."
    if str(old) == event.version_text:
        return f"{event.stage} held {new} before, too."
    if event.version and old.version and event.version < old.version:
        return f"Rollback: {event.stage} went back from {old} to {new}."
    return f"{event.stage} went from {short(str(old))} to {new}."


def _left(stage: StageName, old: VersionState | None, new: VersionState | None) -> str:
    """A stage from which a version was taken."""
    if new is None:
        return f"{stage} holds no version now."
    if old is not None and str(old) == str(new):
        return f"{stage} still holds {short(str(new))}."
    return f"Fallback: {stage} went back to {short(str(new))}."


def _latest(standing: Standing) -> str:
    old, new = standing.previous, standing.current
    if new is None:
        return "There is no version now."
    if old is None:
        return f"{new} is the first version."
    if str(old) == str(new):
        return f"{new} still is the latest version."
    return f"The latest version went {'back ' if _less(new, old) else ''}from {old} to {new}."


def _less(one: VersionState, other: VersionState) -> bool:
    return bool(one.version and other.version and one.version < other.version)


def _stages(standing: Standing) -> list[str]:
    """The stages that changed with a (de)registration."""
    before, now = standing.stages_before, standing.stages
    return [
        _left(stage, before[stage], now.get(stage)) for stage in before if str(before[stage]) != str(now.get(stage))
    ]


def _superseded(event: Event, standing: Standing) -> str:
    match event:
        case Assignment() | Unassignment():
            now = f"{event.stage} holds {short(str(standing.current)) if standing.current else 'no version'} now"
        case Registration() | Deregistration():
            now = f"the latest version is {standing.latest} now" if standing.latest else "there is no version now"
        case Deprecation():
            now = (
                f"{event.artifact} is in use again" if standing.latest or standing.stages else "it was deprecated again"
            )
    return f"A later event supersedes this one: {now}."
