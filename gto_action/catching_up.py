"""The answer to a job that catches up: the events that no run has handled, listed or dispatched.

`main` imports this, and with it PyGithub, only where the input `catch-up` is true.
"""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from gto_action import runner
from gto_action.annotation import files_of, read_annotation
from gto_action.answer import Answer
from gto_action.api_answers import iso
from gto_action.catch_up import Handled, WorkflowRun, events_since, missed
from gto_action.deployment import FAILED, TASK
from gto_action.deployments import Deployments
from gto_action.errors import InputError, Level, Problem, RefusedError, RemoteError
from gto_action.event import Assignment, Event, Unassignment
from gto_action.github_api import GithubApi
from gto_action.inputs import Inputs, Job, Retry
from gto_action.outputs import Outputs
from gto_action.registry import Registry
from gto_action.report import sentence
from gto_action.repository import Repository
from gto_action.standing import standing_of
from gto_action.workflow_runs import WorkflowRuns

_MATRIX: Final = 256
"""The jobs that a matrix may have (docs.github.com, "Usage limits")."""
_ROOM: Final = 400_000
"""The characters of the list: outputs may take 1 MiB, two bytes a character."""
_MESSAGE: Final = 1_000
"""The characters of a tag's message in the list."""
_REFUSALS: Final = 50
"""The tags that GitHub may refuse to dispatch in one run: each takes a second."""
_RESERVE: Final = 15.0
"""The seconds that are left for what comes after the dispatches."""
_DAY: Final = 86_400
_YOUNG: Final = 30
"""The seconds after which a tag's run, if there is one, is taken to be listed."""
_LATER: Final = "Let some minutes pass before the next catch-up."
_LAG: Final = 60.0
"""The seconds that a dispatched run may take to be listed."""


def catch_up(job: Job, repository: Repository, registry: Registry) -> Answer:
    """The events that no run of the workflow has handled.

    :raises InputError: if nobody says which workflow, or which repository.
    :raises RemoteError: if GitHub does not answer, or refuses.
    """
    inputs, environment = job.inputs, job.environment
    workflow = inputs.workflow or environment.workflow
    if not workflow or not environment.repository:
        raise InputError(
            "The input 'catch-up' needs to know which workflow of which repository on GitHub.",
            "Set the input 'workflow' to the file of the workflow, and GITHUB_REPOSITORY to 'OWNER/NAME'.",
        )
    seconds = round(repository.time_left, 1)
    api = GithubApi(environment, inputs.token, seconds, runner.log)
    runs = WorkflowRuns(api, workflow)
    start = inputs.since.start(int(time.time()))
    every = [event for event in events_since(registry, start) if _wanted(inputs, event)]
    late = [event for event in every if event.moment[0] > time.time() + _DAY]
    events = every[: len(every) - len(late)]
    found, listed = _look(inputs, events, registry, runs, start)
    if wait := _too_young(found):
        runner.log(f"Waiting {wait} seconds: the run of a tag that was made just now may not be listed yet.")
        time.sleep(min(wait, api.time_left / 2))
        found, listed = _look(inputs, events, registry, runs, start)
    if inputs.deployments:
        deployed = _deployed(inputs, found, Deployments(api), start)
        found = [event for event in found if event.record not in deployed]
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(start))
    runner.log(f"Events since {since}: {len(events)}; not handled by {workflow!r}: {len(found)}")
    problems = _from_the_future(late)
    if inputs.dispatch:
        chosen, refused, failed = _dispatch(found, inputs.limit, runs, api)
        problems += [*refused, *failed, *_wait_for(chosen, runs, {run.number for run in listed}, api)]
        documents = _documents(chosen, repository, registry)
    else:
        refused = []
        documents = _documents(found[:_MATRIX], repository, registry)
        chosen = [event for event in found if event.record.name in {each["tag"] for each in documents}]
    runner.log(f"Requests to GitHub's API: {api.requests}")
    headline = f"No event since {since} was missed"
    if found:
        headline = f"{_count(chosen)} {'dispatched' if inputs.dispatch else 'listed'}"
    if left := len(found) - len(chosen) - len(refused):
        text = f"{_count(found)} in all, and {left} of them are left."
        problems.append(Problem(Level.WARNING, text, "When these are handled the next run goes on with them."))
    rows = tuple((event.record.name, sentence(event)) for event in chosen)
    for _, said in rows:
        runner.log(f"Missed: {said}")
    return Answer(headline, Outputs(missed=tuple(documents), count=len(chosen)), tuple(problems), registry, missed=rows)


def _wanted(inputs: Inputs, event: Event) -> bool:
    stage = event.stage if isinstance(event, Assignment | Unassignment) else ""
    return inputs.match(event=event.kind.value, name=str(event.artifact), stage=str(stage))


def _look(
    inputs: Inputs, events: Sequence[Event], registry: Registry, runs: WorkflowRuns, start: int
) -> tuple[list[Event], list[WorkflowRun]]:
    """The events that were missed, and the runs that were looked at."""
    if not events:
        return [], []
    # A run is made after its tag; but a tag has the clock of whoever made it.
    listed = runs.since(max(start - _DAY, 0), (event.commit for event in events))
    return missed(events, Handled(listed, inputs.retry), registry, superseded=inputs.superseded), listed


def _deployed(inputs: Inputs, events: Iterable[Event], deployments: Deployments, start: int) -> Handled:
    """The assignments that have a deployment; one that failed does not count where failed runs do not."""
    wanted = {(event.record.name, event.commit) for event in events if isinstance(event, Assignment)}
    found = set()
    first = iso(max(start - _DAY, 0))
    for each in deployments.listed() if wanted else ():
        of = each.tag, each.sha
        if of in wanted and each.task.startswith(TASK):  # the newest of the tag
            wanted.remove(of)
            if inputs.retry is not Retry.FAILED or deployments.state(each.number) not in FAILED:
                found.add(of)
        if not wanted or each.created_at < first:
            break
    return Handled((), inputs.retry, found)


def _too_young(events: Iterable[Event]) -> int:
    """The seconds to wait until the youngest tag must have its run, if it has one."""
    age = int(time.time()) - max((event.moment[0] for event in events), default=0)
    return _YOUNG - max(age, 0) if age < _YOUNG else 0


def _from_the_future(events: Sequence[Event]) -> list[Problem]:
    """Tags that would be within `since` for ever, while their runs grow old."""
    text = "The tag {!r} is dated in the future and is not looked at."
    return [
        Problem(Level.WARNING, text.format(event.record.name), "Make it again, by a clock that is right.")
        for event in events
    ]


def _dispatch(
    events: Iterable[Event], limit: int, runs: WorkflowRuns, api: GithubApi
) -> tuple[list[Event], list[Problem], list[Problem]]:
    """Starts the workflow for each, up to the limit.

    Those it was started for, what GitHub refused of the others, and what kept it from going on.
    """
    done: list[Event] = []
    refused: list[Problem] = []
    for event in events:
        if len(done) == limit or len(refused) == _REFUSALS or api.time_left < _RESERVE:
            break
        try:
            runs.dispatch(event.record.name)
        except RefusedError as error:
            hint = "Does the workflow in the tag's commit have the trigger `workflow_dispatch`?"
            refused.append(Problem(Level.WARNING, error.message, hint, fails_strict=True))
        except RemoteError as error:
            if not done:
                raise
            return done, refused, [Problem(Level.WARNING, error.message, error.hint)]
        else:
            runner.log(f"Dispatched the workflow for {event.record.name}")
            done.append(event)
    return done, refused, []


def _wait_for(events: Iterable[Event], runs: WorkflowRuns, known: set[int], api: GithubApi) -> list[Problem]:
    """Waits until the runs that were dispatched are listed: who catches up before that would start them again."""
    expected, start = {event.record for event in events}, int(time.time()) - _DAY // 24
    end, pause = time.monotonic() + min(_LAG, api.time_left - 5), 1.0
    while expected:
        try:
            seen = Handled((run for run in runs.since(start) if run.number not in known), Retry.NONE)
        except RemoteError as error:
            return [Problem(Level.WARNING, error.message, _LATER)]
        expected = {record for record in expected if record not in seen}
        if not expected:
            break
        if time.monotonic() + pause > end:
            text = f"GitHub has not listed {len(expected)} of the runs that were dispatched."
            return [Problem(Level.WARNING, text, _LATER)]
        time.sleep(pause)
        pause *= 2
    return []


def _documents(events: Sequence[Event], repository: Repository, registry: Registry) -> list[dict[str, Any]]:
    """The `json` document of each, as many as an output can hold."""
    if events:
        repository.expect_commits({event.record: files_of(event.artifact) for event in events})
    documents: list[dict[str, Any]] = []
    room = _ROOM
    for event in events:
        annotation, _ = read_annotation(event.artifact, partial(repository.read_file, event.commit))
        message = repository.message(event.record)[:_MESSAGE]
        outputs = Outputs.of_event(event, standing_of(event, registry), annotation, message, matched=True)
        size = len(outputs.texts()["json"])
        if size <= _ROOM:  # or else nothing would ever come after it; ten thousand stages make such a one
            room -= size
            documents += [outputs.document] if room >= 0 else []
        if room < 0:
            break
    return documents


def _count(events: Sequence[Event]) -> str:
    return f"{len(events)} missed {'event was' if len(events) == 1 else 'events were'}"
