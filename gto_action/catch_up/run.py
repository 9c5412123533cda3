"""Catching up: lists the events that no run has handled, or starts runs for them.

`step/catch_up.py` imports this, and with it PyGithub.
"""

import json
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import Final

from gto_action.answer.answer import Missed, Noted, OfEvent
from gto_action.answer.document import document_of
from gto_action.catch_up.dispatch import RESERVE, dispatch
from gto_action.catch_up.missed import SKEW, Found, Trace, Traces, events_since, not_handled
from gto_action.catch_up.workflow_runs import WorkflowRuns
from gto_action.deployments.github import Deployments
from gto_action.deployments.plan import FAILED, TASK
from gto_action.dvc_yaml.annotation import read_annotation
from gto_action.dvc_yaml.places import files_of
from gto_action.errors import InputError, Level, Problem
from gto_action.git.tags import Tags
from gto_action.gto.event import Assignment, Event
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standings
from gto_action.gto.words import sentence
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import CatchUpInputs
from gto_action.job.values import Retry
from gto_action.yaml12.parser import parse_yaml

_ROOM: Final = 400_000
"""How many characters the list may have: outputs may take 1 MiB, with two bytes a character."""
_MESSAGE: Final = 1_000
"""How many characters of a tag's message the list has."""
_DAY: Final = 86_400


class CatchUp:
    """Compares a registry with GitHub's runs once, and lists or dispatches what was missed."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it knows, and what it may use
        self,
        inputs: CatchUpInputs,
        environment: Environment,
        registry: Registry,
        tags: Tags,
        seconds: float,
        host: Host,
    ) -> None:
        """Asks nothing yet.

        Args:
            inputs: what to look for.
            environment: where the run is.
            registry: the state folded from the tags.
            tags: the repository's tags.
            seconds: the time limit for all requests to GitHub's API together.
            host: where to log.

        :raises InputError: if the workflow or the repository is unknown.
        """
        workflow = inputs.workflow or environment.workflow
        if not workflow or not environment.repository:
            raise InputError(
                "Catching up needs a workflow and a repository on GitHub.",
                "Set the input 'workflow' to the workflow's file name, and GITHUB_REPOSITORY to 'OWNER/NAME'.",
            )
        self._inputs, self._registry, self._tags, self._host = inputs, registry, tags, host
        self._fetched = int(time.time())
        self._start = inputs.since.start(self._fetched)
        self._api = GithubApi(environment, inputs.token, round(seconds, 1), host.log, host.pace)
        self._runs = WorkflowRuns(self._api, workflow)
        self._look = _Look(inputs, registry, self._runs, Deployments(self._api) if inputs.deployed else None)

    def run(self) -> Missed:
        """Finds the missed events, and lists or dispatches them.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        past, future = self._events()
        found = self._found(past)
        workflow, since = self._runs.workflow, time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self._start))
        self._host.log(f"Events since {since}: {len(past)}; not handled by {workflow!r}: {len(found.missed)}")
        problems = _from_the_future(future)
        problems += [self._look.traces.doubt(event.record, workflow) for event in found.doubtful]
        missed = self._dispatched(found.missed) if self._inputs.dispatch else self._listed(found.missed)
        self._host.log(f"Requests to GitHub's API: {self._api.requests}")
        for event in missed.events:
            self._host.log(f"Missed: {sentence(event)}")
        return Missed(
            headline=missed.headline if found.missed else f"No event since {since} was missed",
            is_any=missed.is_any,
            events=missed.events,
            answers=missed.answers,
            problems=(*problems, *missed.problems),
        )

    def _events(self) -> tuple[list[Event], list[Event]]:
        """The events to check, oldest first; and those dated in the future."""
        events = [event for event in events_since(self._registry, self._start) if self._is_wanted(event)]
        now = [event for event in events if event.moment[0] <= self._fetched + _DAY]
        return now, events[len(now) :]

    def _is_wanted(self, event: Event) -> bool:
        filters = self._inputs.filters
        return filters.match(event=event.kind.value, name=str(event.artifact), stage=event.stage_text)

    def _found(self, events: Sequence[Event]) -> Found:
        """The events that nothing has handled; waits for the runs of tags that were just pushed."""
        found = self._look(events)
        age = _age(found.missed, self._fetched if self._inputs.dispatch else None)
        wanted = max(self._host.pace.listed - age, 0) if found.missed else 0
        if not wanted:
            return found
        wait = min(wanted, round(max(self._api.time_left - RESERVE, 0) / 2))
        short = f", because 'timeout' leaves no time for {wanted}" if wait < wanted else ""
        self._host.log(f"Waiting {wait} seconds{short}: the run of a tag that was just pushed may not be listed yet.")
        time.sleep(wait)
        return self._look(events)

    def _dispatched(self, events: Sequence[Event]) -> Missed:
        """Starts the workflow for missed events."""
        done = dispatch(events, self._inputs, self._runs, self._api, self._look.known, self._host)
        hint = "The next run continues with them."
        if done.hurried:
            hint = "Time ran out: raise the input 'timeout'."
        return Missed(
            headline=f"{_count(len(done.started))} dispatched",
            is_any=len(events) > done.spared,
            events=tuple(done.started),
            answers=tuple(self._answers(done.started)),
            problems=(*done.problems, *_left(len(events), len(events) - done.settled, hint)),
        )

    def _listed(self, events: Sequence[Event]) -> Missed:
        """Lists missed events, up to the limit and to what fits in an output."""
        answers = self._answers(events[: self._inputs.limit])
        return Missed(
            headline=f"{_count(len(answers))} listed",
            is_any=bool(events),
            events=tuple(answer.event for answer in answers),
            answers=tuple(answers),
            problems=_left(
                len(events), len(events) - len(answers), "The next run lists them once the others are handled."
            ),
        )

    def _answers(self, events: Sequence[Event]) -> list[OfEvent]:
        """What the events mean, for as many as fit in an output."""
        if events:
            self._tags.files.expect_all({event.record: files_of(event.artifact) for event in events})
        answers: list[OfEvent] = []
        room = _ROOM
        parse = lru_cache(4)(parse_yaml)  # most commits have the same files; few are kept, as they may be large
        for event, standing in zip(events, standings(events, self._registry), strict=True):
            annotation, _ = read_annotation(event.artifact, partial(self._tags.files.read, event.commit), parse)
            noted = Noted(annotation=annotation, message=self._tags.message(event.record.oid)[0][:_MESSAGE])
            answer = OfEvent(event=event, standing=standing, registry=self._registry, noted=noted)
            size = len(json.dumps(document_of(answer), ensure_ascii=False))
            if size > _ROOM:  # with ten thousand stages, for example; it would block all later ones for ever
                continue
            if (room := room - size) < 0:
                break
            answers.append(answer)
        return answers


class _Look:
    """Looks events up on GitHub, anew with each call."""

    def __init__(
        self, inputs: CatchUpInputs, registry: Registry, runs: WorkflowRuns, deployments: Deployments | None
    ) -> None:
        self._inputs, self._registry, self._runs, self._deployments = inputs, registry, runs, deployments
        self.traces = Traces((), inputs.retry)
        self.known: set[int] = set()
        """The numbers of all runs seen so far."""

    def __call__(self, events: Sequence[Event]) -> Found:
        """Those of the events, oldest first, without a trace that certainly handled them."""
        if not events:
            return Found([], [])
        first = max(events[0].moment[0] - SKEW, 0)  # what ended before then says nothing about any of them
        listed = self._runs.since(first, (event.commit for event in events))
        self.known |= {run.number for run in listed}
        self.traces = Traces(listed, self._inputs.retry)
        found = self._found(events)
        if self._deployments:
            deployed = _deployed(self._inputs, [*found.missed, *found.doubtful], self._deployments, first)
            self.traces = Traces(listed, self._inputs.retry, deployed)
            found = self._found(events)
        return found

    def _found(self, events: Sequence[Event]) -> Found:
        return not_handled(events, self.traces, self._registry, superseded=self._inputs.superseded)


def _deployed(inputs: CatchUpInputs, events: Iterable[Event], deployments: Deployments, first: int) -> list[Trace]:
    """The last deployments of assignments; failed ones count only if failed runs do."""
    wanted = {(event.record.name, event.commit): event for event in events if isinstance(event, Assignment)}
    found: list[Trace] = []
    if not wanted:
        return found
    for deployment in deployments.listed():
        key = deployment.tag, deployment.sha
        event = wanted.get(key)
        if event and deployment.task.startswith(TASK) and deployment.dated in {None, event.record.signature.iso}:
            del wanted[key]
            if inputs.retry is not Retry.FAILED or deployments.state(deployment.number) not in FAILED:
                created = deployment.created
                found.append(Trace(deployment.tag, deployment.sha, created, created, deployment.dated))
        if not wanted or deployment.created < first:
            break
    return found


def _age(events: Sequence[Event], fetched: int | None) -> int:
    """The seconds since the newest tag was made.

    If runs are to be started, the seconds since the tags were fetched: a tag may have been made with a slow clock, or
    long before it was pushed.
    """
    youngest = max((event.moment[0] for event in events), default=0)
    return max(int(time.time()) - (youngest if fetched is None else fetched), 0)


def _from_the_future(events: Sequence[Event]) -> list[Problem]:
    """Warnings about tags dated in the future: they would be within `since` for ever, while their runs grow old."""
    text = "The tag {!r} is dated in the future and is skipped."
    return [
        Problem(Level.WARNING, text.format(event.record.name), "'gto-action doctor' prints a command that fixes it.")
        for event in events
    ]


def _left(count: int, left: int, hint: str) -> tuple[Problem, ...]:
    """The warning if some of the missed events have to wait for the next run."""
    if not left:
        return ()
    text = f"{left} of the {count} missed events {'is' if left == 1 else 'are'} left."
    if count == 1:
        text = "The missed event is left."
    return (Problem(Level.WARNING, text, hint),)


def _count(number: int) -> str:
    return f"{number} missed {'event was' if number == 1 else 'events were'}"
