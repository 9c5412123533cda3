"""Finds the events that no run of a workflow has handled, because GitHub does not start a run for every tag (F9).

For a run, GitHub tells the name and the commit of its tag, and when it began, but not which tag object it was for. A
tag that was deleted and made again (`gto … --delete`, then `gto assign`) has the same name and commit and a later date.
So the date in the tag is compared with the times of the runs. That date comes from the clock of the machine that made
the tag, which may be wrong; the times of runs come from GitHub's clock.

| the date in the tag | the runs that count, with its name at its commit | the event |
| --- | --- | --- |
| none, or before `since` | | is skipped |
| over a day from now | | is reported: its clock is wrong |
| any other | one began at that date or later | is handled |
| | one is for the tag object itself | is handled |
| | the last one began earlier, and ended at most `SKEW` earlier | is doubtful: it is reported, and nothing is started |
| | the last one ended more than `SKEW` earlier | is missed: that run was for another tag |
| | none | is missed |

A run that waits or works has not ended. A deployment counts like a run; if it records the date of its tag, it belongs
to the tag with that date and to no other. A lightweight tag has the date of its commit, so one that is made again is
the same tag.

A run that began at the tag's date or later counts as the tag's own; most begin a few seconds after it. So if a tag is
made again with a slow clock, or long before it is pushed, a run of the old tag may count for the new one.
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
"""How many seconds two clocks may differ: each is off by two days at most, a private GitHub server's too."""
_CANCELLED: Final = {"cancelled", "stale"}
_FAILED: Final = _CANCELLED | {"failure", "timed_out", "startup_failure"}
_AGAIN: Final = {Retry.NONE: set[str](), Retry.CANCELLED: _CANCELLED, Retry.FAILED: _FAILED}


class WorkflowRun(NamedTuple):
    """A run of a workflow. Times are seconds since 1970, by GitHub's clock."""

    number: int
    """GitHub's id for it."""
    ref_name: str
    """The name of its branch or tag."""
    sha: str
    """Its commit: a tag that was moved needs a new run."""
    conclusion: str
    """Such as `success`; empty while it runs or waits."""
    created: int
    began: int
    """When its last attempt began; a repeated run sees the tags of that time."""
    ended: int | None
    """None while it runs or waits."""
    event_name: str = "push"
    """What started it."""


class Trace(NamedTuple):
    """What may have handled a tag: a run that counts, or a deployment."""

    name: str
    """The tag's name."""
    sha: str
    began: int
    ended: int | None
    dated: str | None = None
    """The tag's own date, as `Signature.iso`; None if it is not recorded."""


class Verdict(enum.Enum):
    """What the traces say about a tag."""

    HANDLED = enum.auto()
    DOUBTFUL = enum.auto()
    MISSED = enum.auto()


class Found(NamedTuple):
    """Events without a trace that certainly handled them, in the order given."""

    missed: list[Event]
    doubtful: list[Event]


class Traces:
    """The runs and deployments that may have handled tags."""

    def __init__(self, runs: Iterable[WorkflowRun], retry: Retry, others: Iterable[Trace] = ()) -> None:
        """Runs that `retry` repeats do not count."""
        self._of: dict[tuple[str, str], list[Trace]] = {}
        counted = (Trace(run.ref_name, run.sha, run.began, run.ended) for run in runs if _counts(run, retry))
        for trace in (*counted, *others):
            self._of.setdefault((trace.name, trace.sha), []).append(trace)

    def verdict(self, record: TagRecord) -> Verdict:
        """Whether a tag has been handled, by the table above."""
        found = {_verdict(record, trace) for trace in self._all(record)}
        return next((each for each in (Verdict.HANDLED, Verdict.DOUBTFUL) if each in found), Verdict.MISSED)

    def doubt(self, record: TagRecord, workflow: str) -> Problem:
        """The warning about a doubtful tag; `workflow` is the name of the workflow's file."""
        last = max(trace.began for trace in self._all(record) if _verdict(record, trace) is Verdict.DOUBTFUL)
        text = (
            f"It is unclear whether the tag {record.name!r} was handled: it is dated {_utc(record.order[0])}, "
            f"but the last run for that name at its commit began earlier, at {_utc(last)}."
        )
        hint = (
            f"If the tag was made again since then, start {workflow!r} for it by hand; "
            "if not, it was made on a machine with a fast clock."
        )
        return Problem(Level.WARNING, text, hint)

    def _all(self, record: TagRecord) -> list[Trace]:
        return [trace for sha in {record.target, record.oid} for trace in self._of.get((record.name, sha), ())]


def _verdict(record: TagRecord, trace: Trace) -> Verdict:
    """What one trace with a tag's name and commit says about the tag."""
    date = record.order[0]
    if trace.dated is not None:
        return Verdict.HANDLED if trace.dated == record.signature.iso else Verdict.MISSED
    if trace.sha != record.target or trace.began >= date:  # for the tag object itself, or late enough
        return Verdict.HANDLED
    return Verdict.DOUBTFUL if trace.ended is None or trace.ended >= date - SKEW else Verdict.MISSED


def _utc(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def _counts(run: WorkflowRun, retry: Retry) -> bool:
    """Whether a run may have handled a tag. Those of pull requests never do: anybody may name a branch like a tag."""
    return run.conclusion not in _AGAIN[retry] and not run.event_name.startswith("pull_request")


def events_since(registry: Registry, start: int) -> list[Event]:
    """The events whose tags were made at a time or later, oldest first; tags without a date are skipped."""
    every = (event for artifact in registry.artifacts() for event in artifact.events.values())
    found = [event for event in every if event.record.signature.time is not None]
    return sorted((event for event in found if event.moment[0] >= start), key=lambda event: event.moment)


def not_handled(events: Iterable[Event], traces: Traces, registry: Registry, *, superseded: bool) -> Found:
    """The events without a trace that certainly handled them.

    Args:
        events: to check; their tags have dates.
        traces: what may have handled them.
        registry: the registry that the events are from.
        superseded: whether events that are no longer in force count.
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
