"""A deployment on GitHub for an assignment, and the end of those before; only where the input `deployments` asks.

It comes after the outputs have been written: whatever GitHub says of it, they are safe.
"""

from typing import Final

from gto_action.answer.answer import OfEvent
from gto_action.answer.document import document_of
from gto_action.deployments.github import Deployments
from gto_action.deployments.plan import Plan, described, of_tag, over, payload_of, plan, task_of
from gto_action.errors import InputError, Level, Problem
from gto_action.gto.event import Assignment, Event
from gto_action.gto.words import sentence
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import Inputs
from gto_action.render.markup import code

_MOST: Final = 50
"""The deployments that one run says are over: GitHub wants a second between two writes."""


def deploy(  # noqa: PLR0913, PLR0917 - what it knows, and what it may use
    answer: OfEvent, inputs: Inputs, environment: Environment, host: Host, seconds: float, started: float
) -> None:
    """Makes the deployment that the event of an answer asks for, and ends those that are over.

    Args:
        answer: what the run has found.
        inputs: what it is to do.
        environment: where it runs.
        host: takes what is said and written.
        seconds: that everything asked of GitHub's API may take together.
        started: when the tags were asked for, in seconds since 1970: what was deployed later is another event's.

    :raises InputError: if nobody says which repository.
    :raises RemoteError: if GitHub does not answer, or refuses.
    """
    event, standing = answer.event, answer.standing
    if isinstance(event, Assignment) and answer.unmatched:
        host.log("Deployments are left alone, as 'matched' is false.")
        return
    name = str(event.artifact)
    wanted = plan(event, standing, inputs.environment, lambda stage: inputs.filters.covers(name=name, stage=str(stage)))
    if not standing.is_current:
        host.log("Deployments are left alone, as a later event supersedes this one, or it had no effect.")
    if not wanted.kept:
        return
    if not environment.repository:
        raise InputError(
            "The input 'deployments' needs to know which repository on GitHub.",
            "Set GITHUB_REPOSITORY to 'OWNER/NAME'.",
        )
    api = GithubApi(environment, inputs.token, seconds, host.log)
    deployments = Deployments(api)
    said = [_create(answer, wanted, deployments, host)] if wanted.environment else []
    for each, kept in wanted.kept.items():
        listed = deployments.listed(environment=each, task=task_of(event.artifact))
        earlier = ((one.number, (one.tag, one.sha, one.dated)) for one in listed if one.created <= started)
        ended = over(earlier, deployments.state, kept, wanted.before[each])
        said += _end(deployments, ended, each, event, host)
    host.log(f"Requests to GitHub's API: {api.requests}")
    if inputs.summary and said:
        host.write_summary(f"<p>{'<br>'.join(said)}</p>\n\n")


def _create(answer: OfEvent, wanted: Plan, deployments: Deployments, host: Host) -> str:
    """The deployment of the event, which may be there already; its number is an output at once."""
    event = answer.event
    task = task_of(event.artifact)
    found = deployments.find(wanted.environment, task, *of_tag(event.record))
    if found:
        number, what = found.number, "is there already"
    else:
        number, what = (
            deployments.create(
                {
                    "ref": event.commit,
                    "task": task,
                    "environment": wanted.environment,
                    "payload": payload_of(document_of(answer)),
                    "description": described(sentence(event)),
                    "auto_merge": False,
                    "required_contexts": [],
                }
            ),
            "was made",
        )
    host.write_outputs({"deployment-id": str(number)})
    host.log(f"The deployment {number} to the environment {wanted.environment!r} {what}")
    return f"Deployment {number} to the environment {code(wanted.environment)} {what}"


def _end(deployments: Deployments, ended: list[int], environment: str, event: Event, host: Host) -> list[str]:
    """Ends the deployments of an artifact to an environment that are over."""
    for number in ended[:_MOST]:
        deployments.end(number, described(sentence(event)))
        host.log(f"The deployment {number} to the environment {environment!r} is inactive now")
    if len(ended) > _MOST:
        text = f"{len(ended) - _MOST} more deployments to {environment!r} are over and are still active."
        host.tell(Problem(Level.WARNING, text, "The next runs go on with them."))
    said = f"{len(ended[:_MOST])} deployment{'s' if len(ended) > 1 else ''} to the environment {code(environment)}"
    return [f"{said} {'are' if len(ended) > 1 else 'is'} inactive now"] if ended else []
