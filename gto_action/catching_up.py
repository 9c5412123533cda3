"""The answer to a job that catches up: the events that no run has handled, listed or dispatched.

`main` imports this, and with it PyGithub, only where the input `catch-up` is true.
"""

import time
from collections.abc import Iterable
from functools import partial
from typing import Final

from gto_action import runner
from gto_action.annotation import files_of, read_annotation
from gto_action.answer import Answer
from gto_action.catch_up import WorkflowRun, events_since, handled_by, missed
from gto_action.errors import InputError, Level, Problem, RefusedError
from gto_action.event import Assignment, Event, Unassignment
from gto_action.github_api import GithubApi
from gto_action.inputs import Inputs, Job, Retry
from gto_action.outputs import Outputs
from gto_action.registry import Registry
from gto_action.report import sentence
from gto_action.repository import Repository
from gto_action.standing import standing_of

_MATRIX: Final = 256
"""The jobs that a matrix may have (docs.github.com, "Usage limits")."""
_ROOM: Final = 400_000
"""The characters of the list: outputs may take 1 MiB, two bytes a character."""
_DAY: Final = 86_400
_LAG: Final = 60.0
"""The seconds that a dispatched run may take to be listed."""


def catch_up(job: Job, repository: Repository, registry: Registry) -> Answer:
    """The events that no run of the workflow has handled.

    :raises InputError: if nobody says which workflow, or which repository.
    :raises RemoteError: if GitHub does not answer, or refuses.
    """
    inputs, environment, now = job.inputs, job.environment, int(time.time())
    workflow = inputs.workflow or environment.workflow
    if not workflow or not environment.repository:
        raise InputError(
            "The input 'catch-up' needs the name of a workflow and of a repository on GitHub.",
            "Set the input 'workflow' to the file of the workflow, and GITHUB_REPOSITORY to 'OWNER/NAME'.",
        )
    api = GithubApi(
        environment.api_url, environment.repository, inputs.token, round(repository.time_left, 1), runner.log
    )
    start = inputs.since.start(now)
    events = events_since(registry, start)
    # A run is made after its tag; but a tag has the clock of whoever made it. Without an event nothing is asked.
    runs = api.runs(workflow, max(start - _DAY, 0)) if events else []
    found = missed(
        events,
        handled_by(runs, inputs.retry),
        registry,
        partial(_wanted, inputs),
        superseded=inputs.superseded,
    )
    runner.log(f"{len(events)} events since {_iso(start)}, {len(runs)} runs of {workflow}, {len(found)} events missed")
    problems: list[Problem] = []
    if inputs.dispatch:
        chosen, problems = _dispatch(found[: inputs.limit], workflow, api, runs)
        done = "dispatched"
    else:
        chosen, done = found[:_MATRIX], "listed"
    documents = _documents(chosen, repository, registry)
    kept = len(documents)
    if kept < len(found) - len(problems):
        left = f"There are {len(found) - kept} more events that were missed, and {kept} were {done} now."
        problems.append(Problem(Level.WARNING, left, "The next run goes on with them."))
    runner.log(f"GitHub's API was asked {api.requests} times")
    headline = f"{kept} missed {'event was' if kept == 1 else 'events were'} {done}"
    rows = tuple((event.record.name, sentence(event)) for event in chosen[:kept])
    for _, said in rows:
        runner.log(f"Missed: {said}")
    return Answer(headline, Outputs(missed=tuple(documents)), tuple(problems), registry, missed=rows)


def _wanted(inputs: Inputs, event: Event) -> bool:
    stage = event.stage if isinstance(event, Assignment | Unassignment) else ""
    return inputs.match(event=event.kind.value, name=str(event.artifact), stage=str(stage))


def _dispatch(
    events: Iterable[Event], workflow: str, api: GithubApi, runs: Iterable[WorkflowRun]
) -> tuple[list[Event], list[Problem]]:
    """Starts the workflow for each; those it was started for, and what GitHub refused.

    A run is listed a little after it was made. Who asks again before that would start it again, so that this waits.
    """
    done: list[Event] = []
    problems: list[Problem] = []
    known = {run.number for run in runs}
    start = int(time.time())
    for event in events:
        try:
            api.dispatch(workflow, event.record.name)
        except RefusedError as error:
            hint = "Does the workflow in the tag's commit have the trigger `workflow_dispatch`?"
            problems.append(Problem(Level.WARNING, error.message, hint, fails_strict=True))
            continue
        runner.log(f"Dispatched {workflow} for {event.record.name}")
        done.append(event)
    waited, pause = time.monotonic(), 1.0
    expected = {event.record.name for event in done}
    while expected:
        seen = (run for run in api.runs(workflow, start - _DAY // 24) if run.number not in known)
        expected -= handled_by(seen, Retry.NONE)
        left = min(_LAG - (time.monotonic() - waited), api.time_left - 5)
        if not expected:
            break
        if left < pause:
            text = f"GitHub has not listed {len(expected)} of the runs that were dispatched."
            problems.append(Problem(Level.WARNING, text, "Let some minutes pass before the next catch-up."))
            break
        time.sleep(pause)
        pause *= 2
    return done, problems


def _documents(events: Iterable[Event], repository: Repository, registry: Registry) -> list[dict[str, object]]:
    """The `json` document of each, as many as an output can hold."""
    documents: list[dict[str, object]] = []
    room = _ROOM
    for event in events:
        repository.expect_files(event.commit, files_of(event.artifact))
        annotation, _ = read_annotation(event.artifact, partial(repository.read_file, event.commit))
        message = repository.message(event.record)[:1000]
        outputs = Outputs.of_event(event, standing_of(event, registry), annotation, message, matched=True)
        room -= len(outputs.texts()["json"])
        if room < 0:
            break
        documents.append(outputs.document)
    return documents


def _iso(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
