"""Catching up: which events no run of a workflow has handled, as GitHub starts none for some (F9).

GitHub says of a run the name and the commit of its tag, and when it began; not which tag of that name it was for. A
tag that was deleted and made again (`gto … --delete`, then `gto assign`) has the name and the commit of the one before,
and a later date. So the date in the tag is held against the runs. It comes from the clock of whoever made the tag,
which may be wrong; a run's times come from GitHub's.

| the date in the tag | the runs that count, of its name at its commit | the event |
| --- | --- | --- |
| none, or before `since` | | is not looked at |
| over a day from now | | is named: its clock is wrong |
| any other | one that began at that date or later | is handled |
| | one of the tag object itself | is handled |
| | the last one began before, and was not over `SKEW` before | is doubtful: it is named, and nothing is started |
| | the last one was over more than `SKEW` before | is missed: that run was for another tag |
| | none | is missed |

A run that waits or works is not over. A deployment counts as a run does; one that says which date its tag has is this
tag's if that is its date, and else another's. A lightweight tag has its commit's date, so that one made again is the
same tag.

What began at the tag's date or later counts as the tag's own, as most do by a few seconds. So a tag that is made again
by a clock that is behind, or long before it is pushed, may take a run of the tag before for its own.
"""

import enum
import time
from collections.abc import Iterable
from typing import Final, NamedTuple

from gto_action.errors import Level, Problem
from gto_action.gto.event import Event
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.standing import current_events
from gto_action.job.values import Retry

SKEW: Final = 4 * 86_400
"""The seconds by which two clocks may differ: each is wrong by two days at most, GitHub's too where it is one's own."""
_CANCELLED: Final = {"cancelled", "stale"}
_FAILED: Final = _CANCELLED | {"failure", "timed_out", "startup_failure"}
_AGAIN: Final = {Retry.NONE: set[str](), Retry.CANCELLED: _CANCELLED, Retry.FAILED: _FAILED}


class WorkflowRun(NamedTuple):
    """A run of a workflow. Times are seconds since 1970, by GitHub's clock."""

    number: int
    """GitHub's id of it."""
    ref_name: str
    """The name of the branch or the tag that it is for."""
    sha: str
    """The commit that it is for: a tag that was moved needs a run of its own."""
    conclusion: str
    """Such as `success`; empty while it runs or waits."""
    created: int
    began: int
    """When its last attempt began; a run that somebody has run again has the tags of then."""
    ended: int | None
    """None while it runs or waits."""
    event_name: str = "push"
    """What started it."""


class Trace(NamedTuple):
    """What may have handled a tag: a run that counts, or a deployment."""

    name: str
    """Of the tag."""
    sha: str
    began: int
    ended: int | None
    dated: str | None = None
    """The tag's own date, as `Signature.iso`; None where nobody has written it down."""


class Verdict(enum.Enum):
    """What the traces of a tag say."""

    HANDLED = enum.auto()
    DOUBTFUL = enum.auto()
    MISSED = enum.auto()


class Found(NamedTuple):
    """Events that nothing is known to have handled, each kind in the order given."""

    missed: list[Event]
    doubtful: list[Event]


class Traces:
    """What may have handled tags."""

    def __init__(self, runs: Iterable[WorkflowRun], retry: Retry, others: Iterable[Trace] = ()) -> None:
        """Runs that `retry` has handled again do not count."""
        self._of: dict[tuple[str, str], list[Trace]] = {}
        counted = (Trace(run.ref_name, run.sha, run.began, run.ended) for run in runs if _counts(run, retry))
        for trace in (*counted, *others):
            self._of.setdefault((trace.name, trace.sha), []).append(trace)

    def verdict(self, record: TagRecord) -> Verdict:
        """Whether a tag has been handled: the table above."""
        found = {_verdict(record, trace) for trace in self._all(record)}
        return next((each for each in (Verdict.HANDLED, Verdict.DOUBTFUL) if each in found), Verdict.MISSED)

    def doubt(self, record: TagRecord, workflow: str) -> Problem:
        """What cannot be known of a doubtful tag, and what to do; `workflow` is the name of its file."""
        last = max(trace.began for trace in self._all(record) if _verdict(record, trace) is Verdict.DOUBTFUL)
        text = (
            f"It cannot be told whether the tag {record.name!r} was handled: it is dated {_utc(record.order[0])}, "
            f"and the last run of that name at its commit began before that, at {_utc(last)}."
        )
        hint = (
            f"If the tag was made again since then, start {workflow!r} for it by hand; "
            "if not, the clock of whoever made it is ahead."
        )
        return Problem(Level.WARNING, text, hint)

    def _all(self, record: TagRecord) -> list[Trace]:
        return [trace for sha in {record.target, record.oid} for trace in self._of.get((record.name, sha), ())]


def _verdict(record: TagRecord, trace: Trace) -> Verdict:
    """What one trace of a tag's name at its commit says."""
    date = record.order[0]
    if trace.dated is not None:
        return Verdict.HANDLED if trace.dated == record.signature.iso else Verdict.MISSED
    if trace.sha != record.target or trace.began >= date:  # the tag object itself, or late enough
        return Verdict.HANDLED
    return Verdict.DOUBTFUL if trace.ended is None or trace.ended >= date - SKEW else Verdict.MISSED


def _utc(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def _counts(run: WorkflowRun, retry: Retry) -> bool:
    """A pull request's branch may be named as a tag is, by anybody."""
    return run.conclusion not in _AGAIN[retry] and not run.event_name.startswith("pull_request")


def events_since(registry: Registry, start: int) -> list[Event]:
    """The events whose tags were made at a time or later, oldest first; a tag without a date is never among them."""
    every = (event for artifact in registry.artifacts() for event in artifact.events.values())
    found = [event for event in every if event.record.signature.time is not None]
    return sorted((event for event in found if event.moment[0] >= start), key=lambda event: event.moment)


def not_handled(events: Iterable[Event], traces: Traces, registry: Registry, *, superseded: bool) -> Found:
    """The events that nothing is known to have handled.

    Args:
        events: those to look at, of tags with a date.
        traces: what may have handled them.
        registry: of the events.
        superseded: whether those count that no longer are in force.
    """
    verdicts = [(event, traces.verdict(event.record)) for event in events]
    left = [(event, verdict) for event, verdict in verdicts if verdict is not Verdict.HANDLED]
    if not superseded:
        artifacts = {event.artifact for event, _ in left}
        current = {artifact: current_events(registry.artifact(artifact)) for artifact in artifacts}
        left = [(event, verdict) for event, verdict in left if event.record.name in current[event.artifact]]
    missed, doubtful = (
        [event for event, verdict in left if verdict is each] for each in (Verdict.MISSED, Verdict.DOUBTFUL)
    )
    return Found(missed, doubtful)
