"""Starting a workflow for missed events, each once, whatever GitHub refuses of them."""

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
"""The seconds that are left for what comes after the dispatches."""
_REFUSALS: Final = 50
"""How often GitHub may refuse in one run: each takes a second."""
_GONE: Final = "No ref found"
"""How GitHub refuses a tag that is not there any more, which says nothing of its commit."""
_FEW: Final = 5
"""How many tags of a refused commit are named."""
_LAG: Final = 60.0
"""The seconds that a dispatched run may take to be listed."""
_HOUR: Final = 3_600
_LATER: Final = "Let some minutes pass before the next catch-up."


class Dispatched(NamedTuple):
    """What came of it."""

    started: list[Event]
    """Those that the workflow was started for, the oldest first."""
    settled: int
    """How many of the events need no turn again: started, doubtful, handled meanwhile or refused."""
    problems: list[Problem]
    hurried: bool
    """Whether the time was up before the others had their turn."""


def dispatch(  # noqa: PLR0913, PLR0917 - what it knows, and what it may use
    events: Sequence[Event], inputs: CatchUpInputs, runs: WorkflowRuns, api: GithubApi, known: set[int], host: Host
) -> Dispatched:
    """Starts the workflow for each event, up to the limit; each commit's runs are looked at once more before.

    Args:
        events: the missed ones, the oldest first.
        inputs: `limit` and `retry`.
        runs: of the workflow.
        api: that is asked.
        known: the numbers of runs that were there before; takes more of them.
        host: takes what is said.

    :raises RemoteError: if GitHub does not answer, or refuses, before any was started.
    """
    started: list[Event] = []
    problems: list[Problem] = []
    refusals, settled, hurried = 0, 0, False
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
    started.sort(key=lambda event: event.moment)
    problems += _wait_for(started, runs, known, api)
    return Dispatched(started, settled, problems, hurried)


class _Fresh:
    """Each commit's runs of all times, asked for when the first of its events has its turn."""

    def __init__(self, retry: Retry, runs: WorkflowRuns, known: set[int]) -> None:
        self._retry, self._runs, self._known = retry, runs, known
        self._traces: dict[str, Traces] = {}

    def look(self, event: Event) -> tuple[Verdict, list[Problem]]:
        """What they say of an event, and what is doubtful about it."""
        if event.commit not in self._traces:
            listed = self._runs.of(event.commit)
            self._known |= {run.number for run in listed}
            self._traces[event.commit] = Traces(listed, self._retry)
        traces = self._traces[event.commit]
        verdict = traces.verdict(event.record)
        return verdict, [traces.doubt(event.record, self._runs.workflow)] if verdict is Verdict.DOUBTFUL else []


def _refused(error: RefusedError, others: Sequence[Event]) -> Problem:
    """What GitHub refused of one tag, and with it of the others of its commit."""
    few = ", ".join(repr(event.record.name) for event in others[:_FEW])
    more = f" and {len(others) - _FEW} more" if len(others) > _FEW else ""
    rest = f" So it is for the other tags of that commit, {few}{more}." if others else ""
    hint = "Does the workflow in the tag's commit have the trigger `workflow_dispatch`?"
    if _GONE in error.message:
        hint = "It was deleted meanwhile."
    return Problem(Level.WARNING, f"{error.message}{rest}", hint, fails_strict=True)


def _wait_for(events: Sequence[Event], runs: WorkflowRuns, known: set[int], api: GithubApi) -> list[Problem]:
    """Waits until the runs that were dispatched are listed: who catches up before that would start them again."""
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
            text = f"GitHub has not listed {len(expected)} of the runs that were dispatched."
            return [Problem(Level.WARNING, text, _LATER)]
        time.sleep(pause)
        pause *= 2
    return []
