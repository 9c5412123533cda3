"""Starts a workflow once for every missed event, even if GitHub refuses some."""

import random
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from gto_action.catch_up.missed import Traces, Verdict
from gto_action.catch_up.turns import Turns
from gto_action.catch_up.workflow_runs import WorkflowRuns
from gto_action.errors import Level, Problem, RefusedError, RemoteError
from gto_action.gto.event import Event
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.host import Host
from gto_action.job.inputs import CatchUpInputs
from gto_action.job.values import Retry

RESERVE: Final = 15.0
"""The seconds kept free for the work after the dispatches."""
_REFUSALS: Final = 50
"""How many refusals one run accepts: each takes a second."""
_GONE: Final = "No ref found"
"""GitHub's words for a tag that no longer exists; this says nothing about other tags of its commit."""
_FEW: Final = 5
"""How many tags of a refused commit to name."""
_LAG: Final = 60.0
"""How many seconds GitHub may take to list a dispatched run."""
_HOUR: Final = 3_600
_LATER: Final = "Wait a few minutes before the next catch-up."


class Dispatched(NamedTuple):
    """The result of dispatching."""

    started: list[Event]
    """The events for which the workflow was started, oldest first."""
    settled: int
    """How many events are done: started, doubtful, handled meanwhile, or refused."""
    spared: int
    """How many events were not missed after all: doubtful, or handled meanwhile."""
    problems: list[Problem]
    hurried: bool
    """Whether time ran out before the rest had their turn."""


def dispatch(  # noqa: PLR0913, PLR0917 - what it knows, and what it may use
    events: Sequence[Event], inputs: CatchUpInputs, runs: WorkflowRuns, api: GithubApi, known: set[int], host: Host
) -> Dispatched:
    """Starts the workflow for events, up to the limit, after a second look at the runs of their commits.

    Args:
        events: the missed ones, oldest first.
        inputs: `limit` and `retry`.
        runs: the workflow's runs.
        api: GitHub's API.
        known: the numbers of runs that existed before; more are added to it.
        host: where to log.

    :raises RemoteError: if GitHub does not answer, or refuses, before any run was started.
    """
    started: list[Event] = []
    problems: list[Problem] = []
    refusals, settled, spared, hurried = 0, 0, 0, False
    turns, fresh = Turns(events, random.randrange), _Fresh(inputs.retry, runs, known)
    for event in turns:
        if len(started) == inputs.limit or refusals == _REFUSALS:
            break
        if hurried := api.time_left < RESERVE:
            break
        try:
            verdict, doubt = fresh.look(event)
            if verdict is Verdict.MISSED:
                runs.dispatch(event.record.name)
        except RefusedError as error:
            others = [] if _GONE in error.message else turns.refused(event)
            refusals, settled = refusals + 1, settled + 1 + len(others)
            problems.append(_refused(error, others))
        except RemoteError as error:
            if not started:
                raise
            problems.append(Problem(Level.WARNING, error.message, host.advice(error)))
            break
        else:
            turns.accepted()
            settled += 1
            problems += doubt
            if verdict is Verdict.MISSED:
                started.append(event)
                host.log(f"Dispatched the workflow for {event.record.name}")
            else:
                spared += 1
    started.sort(key=lambda event: event.moment)
    problems += _wait_for(started, runs, known, api)
    return Dispatched(started, settled, spared, problems, hurried)


class _Fresh:
    """All runs of a commit, however old; fetched when the first of its events has its turn."""

    def __init__(self, retry: Retry, runs: WorkflowRuns, known: set[int]) -> None:
        self._retry, self._runs, self._known = retry, runs, known
        self._traces: dict[str, Traces] = {}

    def look(self, event: Event) -> tuple[Verdict, list[Problem]]:
        """What the runs say about an event, and a warning if that is doubtful."""
        if event.commit not in self._traces:
            listed = self._runs.of(event.commit)
            self._known |= {run.number for run in listed}
            self._traces[event.commit] = Traces(listed, self._retry)
        traces = self._traces[event.commit]
        verdict = traces.verdict(event.record)
        return verdict, [traces.doubt(event.record, self._runs.workflow)] if verdict is Verdict.DOUBTFUL else []


def _refused(error: RefusedError, others: Sequence[Event]) -> Problem:
    """The warning for a tag that GitHub refused, and for the other tags of its commit."""
    few = ", ".join(repr(event.record.name) for event in others[:_FEW])
    more = f" and {len(others) - _FEW} more" if len(others) > _FEW else ""
    rest = f" The same goes for the other tags of that commit, {few}{more}." if others else ""
    hint = "Check that the workflow at the tag's commit has the trigger `workflow_dispatch`."
    if _GONE in error.message:
        hint = "The tag was deleted meanwhile."
    return Problem(Level.WARNING, f"{error.message}{rest}", hint, fails_strict=True)


def _wait_for(events: Sequence[Event], runs: WorkflowRuns, known: set[int], api: GithubApi) -> list[Problem]:
    """Waits until the dispatched runs are listed: an earlier catch-up would start them again."""
    expected, start = {(event.record.name, event.commit) for event in events}, int(time.time()) - _HOUR
    end, pause = time.monotonic() + min(_LAG, api.time_left - 5), 1.0
    while expected:
        try:
            listed = runs.since(start)
        except RemoteError as error:
            return [Problem(Level.WARNING, error.message, _LATER)]
        expected -= {(run.ref_name, run.sha) for run in listed if run.number not in known}
        if not expected:
            break
        if time.monotonic() + pause > end:
            text = f"GitHub has not yet listed {len(expected)} of the dispatched runs."
            return [Problem(Level.WARNING, text, _LATER)]
        time.sleep(pause)
        pause *= 2
    return []
