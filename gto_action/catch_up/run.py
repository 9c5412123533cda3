"""The answer to a job that catches up: the events that no run has handled, listed or dispatched.

`main` imports this, and with it PyGithub, only where the input `catch-up` is true.
"""

import json
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from gto_action.answer.answer import Missed, Noted, OfEvent
from gto_action.answer.document import document_of
from gto_action.catch_up.dispatch import RESERVE, dispatch
from gto_action.catch_up.missed import SKEW, Found, Trace, Traces, events_since, not_handled
from gto_action.catch_up.workflow_runs import WorkflowRuns
from gto_action.deployments.github import Deployments
from gto_action.deployments.plan import FAILED, TASK
from gto_action.dvc_yaml.annotation import files_of, read_annotation
from gto_action.errors import InputError, Level, Problem
from gto_action.git.repository import Repository
from gto_action.gto.event import Assignment, Event
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standings
from gto_action.gto.words import sentence
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import Inputs
from gto_action.job.values import Retry

_MATRIX: Final = 256
"""The jobs that a matrix may have (docs.github.com, "Usage limits")."""
_ROOM: Final = 400_000
"""The characters of the list: outputs may take 1 MiB, two bytes a character."""
_MESSAGE: Final = 1_000
"""The characters of a tag's message in the list."""
_DAY: Final = 86_400
_YOUNG: Final = 30
"""The seconds after which a tag's run, if there is one, is taken to be listed."""


def catch_up(
    inputs: Inputs, environment: Environment, repository: Repository, registry: Registry, host: Host
) -> Missed:
    """The events that no run of the workflow has handled.

    :raises InputError: if nobody says which workflow, or which repository.
    :raises RemoteError: if GitHub does not answer, or refuses.
    """
    fetched = int(time.time())
    workflow = inputs.workflow or environment.workflow
    if not workflow or not environment.repository:
        raise InputError(
            "The input 'catch-up' needs to know which workflow of which repository on GitHub.",
            "Set the input 'workflow' to the file of the workflow, and GITHUB_REPOSITORY to 'OWNER/NAME'.",
        )
    api = GithubApi(environment, inputs.token, round(repository.time_left, 1), host.log)
    runs = WorkflowRuns(api, workflow)
    start = inputs.since.start(fetched)
    every = [event for event in events_since(registry, start) if _wanted(inputs, event)]
    late = [event for event in every if event.moment[0] > fetched + _DAY]
    look = _Look(inputs, registry, runs, Deployments(api) if inputs.deployments else None)
    found = look(every[: len(every) - len(late)])
    if wait := _too_young(found.missed, fetched if inputs.dispatch else None):
        wanted, wait = wait, min(wait, round(max(api.time_left - RESERVE, 0) / 2))
        short = f", as 'timeout' leaves no time for {wanted}" if wait < wanted else ""
        host.log(f"Waiting {wait} seconds{short}: the run of a tag that came just now may not be listed yet.")
        time.sleep(wait)
        found = look(every[: len(every) - len(late)])
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(start))
    host.log(f"Events since {since}: {len(every) - len(late)}; not handled by {workflow!r}: {len(found.missed)}")
    problems = _from_the_future(late)
    hint = "When these are handled the next run goes on with them."
    problems += [look.traces.doubt(event.record, workflow) for event in found.doubtful]
    if inputs.dispatch:
        done = dispatch(found.missed, inputs, runs, api, look.known, host)
        problems += done.problems
        chosen, left = done.started, len(found.missed) - done.settled
        hint = "There was no time for them: give more with the input 'timeout'." if done.hurried else hint
        answers = _answers(chosen, repository, registry)
    else:
        answers = _answers(found.missed[:_MATRIX], repository, registry)
        chosen = [answer.event for answer in answers]
        left = len(found.missed) - len(chosen)
    host.log(f"Requests to GitHub's API: {api.requests}")
    headline = f"No event since {since} was missed"
    if found.missed:
        headline = f"{_count(chosen)} {'dispatched' if inputs.dispatch else 'listed'}"
    if left:
        count = len(found.missed)
        were, are = "event was" if count == 1 else "events were", "is" if left == 1 else "are"
        text = f"{count} {were} missed; {left} of them {are} left."
        problems.append(Problem(Level.WARNING, text, hint))
    for event in chosen:
        host.log(f"Missed: {sentence(event)}")
    return Missed(headline=headline, events=tuple(chosen), answers=tuple(answers), problems=tuple(problems))


def _wanted(inputs: Inputs, event: Event) -> bool:
    return inputs.filters.match(event=event.kind.value, name=str(event.artifact), stage=event.stage_text)


class _Look:
    """What is to be seen of events on GitHub, each time anew."""

    def __init__(self, inputs: Inputs, registry: Registry, runs: WorkflowRuns, deployments: Deployments | None) -> None:
        self._inputs, self._registry, self._runs, self._deployments = inputs, registry, runs, deployments
        self.traces = Traces((), inputs.retry)
        self.known: set[int] = set()
        """The numbers of the runs that were seen."""

    def __call__(self, events: Sequence[Event]) -> Found:
        """Those of some events, the oldest first, that nothing is known to have handled."""
        if not events:
            return Found([], [])
        first = max(events[0].moment[0] - SKEW, 0)  # what was over before then says nothing of any
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


def _deployed(inputs: Inputs, events: Iterable[Event], deployments: Deployments, first: int) -> list[Trace]:
    """The last deployments of assignments; one that failed does not count where failed runs do not."""
    wanted = {(event.record.name, event.commit): event for event in events if isinstance(event, Assignment)}
    found = []
    for each in deployments.listed() if wanted else ():
        of = each.tag, each.sha
        if of in wanted and each.task.startswith(TASK) and each.dated in {None, wanted[of].record.signature.iso}:
            del wanted[of]
            if inputs.retry is not Retry.FAILED or deployments.state(each.number) not in FAILED:
                found.append(Trace(each.tag, each.sha, each.created, each.created, each.dated))
        if not wanted or each.created < first:
            break
    return found


def _too_young(events: Sequence[Event], fetched: int | None) -> int:
    """The seconds to wait until the youngest tag must have its run, if it has one.

    Where runs are started it counts when the tags were fetched, as whoever made a tag may have had a clock that is
    behind, or may have pushed it long after.
    """
    if not events:
        return 0
    age = max(int(time.time()) - (max(event.moment[0] for event in events) if fetched is None else fetched), 0)
    return max(_YOUNG - age, 0)


def _from_the_future(events: Sequence[Event]) -> list[Problem]:
    """Tags that would be within `since` for ever, while their runs grow old."""
    text = "The tag {!r} is dated in the future and is not looked at."
    return [
        Problem(Level.WARNING, text.format(event.record.name), "'gto-action doctor' gives the command that cures it.")
        for event in events
    ]


def _answers(events: Sequence[Event], repository: Repository, registry: Registry) -> list[OfEvent]:
    """What each means, as many as an output has room for."""
    if events:
        repository.expect_commits({event.record: files_of(event.artifact) for event in events})
    answers: list[OfEvent] = []
    room = _ROOM
    for event, standing in zip(events, standings(events, registry), strict=True):
        annotation, _ = read_annotation(event.artifact, partial(repository.read_file, event.commit))
        message = repository.tags.message(event.record.oid)[0][:_MESSAGE]
        noted = Noted(annotation=annotation, message=message)
        answer = OfEvent(event=event, standing=standing, registry=registry, noted=noted)
        size = len(json.dumps(document_of(answer), ensure_ascii=False))
        if size <= _ROOM:  # or else nothing would ever come after it; ten thousand stages make such a one
            room -= size
            answers += [answer] if room >= 0 else []
        if room < 0:
            break
    return answers


def _count(events: Sequence[Event]) -> str:
    return f"{len(events)} missed {'event was' if len(events) == 1 else 'events were'}"
