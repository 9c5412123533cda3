"""Catching up: which events no run of a workflow has handled."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from gto_action.event import Event
from gto_action.inputs import Retry
from gto_action.record import TagRecord
from gto_action.registry import Registry
from gto_action.standing import current_events

_CANCELLED: Final = {"cancelled", "stale"}
_FAILED: Final = _CANCELLED | {"failure", "timed_out", "startup_failure"}
_AGAIN: Final = {Retry.NONE: set[str](), Retry.CANCELLED: _CANCELLED, Retry.FAILED: _FAILED}


class WorkflowRun(NamedTuple):
    """A run of a workflow."""

    number: int
    """GitHub's id of it."""
    ref_name: str
    """The name of the branch or the tag that it is for."""
    sha: str
    """The commit that it is for: a tag that was moved needs a run of its own."""
    conclusion: str
    """Such as `success`; empty while it runs or waits."""
    created_at: str
    """ISO 8601, in UTC."""
    event_name: str = "push"
    """What started it."""


class Handled:
    """The tags that need no run any more: one has handled them, or is about to."""

    def __init__(self, runs: Iterable[WorkflowRun], retry: Retry, deployed: Iterable[tuple[str, str]] = ()) -> None:
        """Runs that `retry` has handled again do not count; what is deployed is a tag name with its commit."""
        self._tags = {(run.ref_name, run.sha) for run in runs if _counts(run, retry)} | {*deployed}

    def __contains__(self, record: TagRecord) -> bool:
        return not self._tags.isdisjoint({(record.name, record.target), (record.name, record.oid)})


def _counts(run: WorkflowRun, retry: Retry) -> bool:
    """A pull request's branch may be named as a tag is, by anybody."""
    return run.conclusion not in _AGAIN[retry] and not run.event_name.startswith("pull_request")


def events_since(registry: Registry, start: int) -> list[Event]:
    """The events whose tags were made at a time or later, oldest first; a tag without a date is never among them."""
    every = (event for artifact in registry.artifacts() for event in artifact.events.values())
    found = [event for event in every if event.record.signature.time is not None]
    return sorted((event for event in found if event.moment[0] >= start), key=lambda event: event.moment)


def missed(
    events: Iterable[Event],
    handled: Handled,
    registry: Registry,
    *,
    superseded: bool,
) -> list[Event]:
    """The events that nothing has handled, in the order given.

    Args:
        events: those to look at.
        handled: the tags that a run has handled.
        registry: of the events.
        superseded: whether those count that no longer are in force.
    """
    found = [event for event in events if event.record not in handled]
    if superseded:
        return found
    artifacts = {event.artifact for event in found}
    current = {artifact: current_events(registry.artifact(artifact)) for artifact in artifacts}
    return [event for event in found if event.record.name in current[event.artifact]]
