"""Creates a deployment on GitHub for an assignment, reports its status, and ends earlier ones."""

from typing import Final

from gto_action.answer.answer import OfEvent
from gto_action.answer.document import document_of
from gto_action.deployments.fate import fate_of
from gto_action.deployments.github import Deployment, Deployments, Report
from gto_action.deployments.plan import FAILED, TASK, Plan, described, of_tag, over, payload_of, plan, task_of
from gto_action.errors import Level, Problem, RegistryError
from gto_action.gto.event import Event
from gto_action.gto.registry import Registry
from gto_action.gto.tag import Tag
from gto_action.gto.words import sentence
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import DeploymentInputs

_MOST: Final = 50
"""How many deployments one run ends: GitHub wants a second between two writes."""
_INACTIVE: Final = "inactive"


class Reporter:
    """Changes the deployments of one artifact."""

    def __init__(self, inputs: DeploymentInputs, environment: Environment, host: Host, seconds: float) -> None:
        """Asks nothing yet.

        Args:
            inputs: what to report.
            environment: where the run is.
            host: where to log and write.
            seconds: the time limit for all requests to GitHub's API together.
        """
        self._inputs, self._host = inputs, host
        self._repository = environment.repository
        self._api = GithubApi(environment, inputs.token, seconds, host.log, host.pace)
        self._deployments = Deployments(self._api)

    def begin(self, answer: OfEvent, started: float) -> None:
        """Creates the deployment that an event requires, and ends those that are obsolete.

        Args:
            answer: what happened.
            started: when the tags were requested, in seconds since 1970; later deployments belong to other events.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        event, is_current = answer.event, answer.standing.is_current
        filters, name = self._inputs.filters, str(event.artifact)
        wanted = plan(
            event,
            answer.standing,
            answer.artifact,
            self._inputs.environment,
            lambda stage: filters.covers(name=name, stage=str(stage)),
        )
        if not is_current:
            self._host.log("No deployment is created: a later event supersedes this one, or it had no effect.")
        elif not wanted.kept:
            self._host.log("There is nothing to deploy, and no deployment to end.")
        number = self._made(answer, wanted) if wanted.environment else None
        # Right away, because a step that reports a failure needs the number, even if something fails below.
        self._host.write_outputs(outputs_of(number, superseded=not is_current))
        if number is not None:
            self._report(number, self._inputs.state.reported, sentence(event))
        for environment in wanted.kept:
            self._end(self._over(event, environment, wanted, started), environment, sentence(event))
        if wanted.kept:
            self._host.log(f"Requests to GitHub's API: {self._api.requests}")

    def go_on(self, tag: Tag, number: int, registry: Registry, started: float) -> None:
        """Reports on a deployment that an earlier step has created.

        An obsolete one stays or becomes inactive: a late `success` would make it the one that GitHub shows.

        Args:
            tag: the deployment's tag.
            number: the deployment's number.
            registry: as it is now.
            started: when the tags were requested, in seconds since 1970.

        :raises RegistryError: if the deployment is not this tag's.
        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        fate = fate_of(tag, self._found(tag, number).of, registry)
        if fate.is_odd:
            self._host.tell(Problem(Level.WARNING, fate.text, "The deployment is superseded."))
        state, is_over = self._inputs.state.reported, fate.is_over
        if is_over and self._deployments.state(number) == _INACTIVE:
            self._host.log(f"The deployment {number} is already inactive, and stays so.")
        elif is_over and state not in FAILED:
            self._report(number, _INACTIVE, fate.text)
        else:
            self._report(number, state, fate.text)
            if state not in FAILED | {_INACTIVE} and self._was_ended(number, started):
                is_over = True
                self._report(number, _INACTIVE, f"Superseded meanwhile: {fate.text}")
        self._host.write_outputs(outputs_of(number, superseded=is_over))
        self._host.log(f"Requests to GitHub's API: {self._api.requests}")
        self._host.log(fate.text, bold=True)

    def _found(self, tag: Tag, number: int) -> Deployment:
        """The deployment with a number, which must be the tag's.

        :raises RegistryError: if it is not this tag's.
        """
        found = self._deployments.get(number)
        if found is None:
            raise RegistryError(
                f"There is no deployment {number} in the repository {self._repository!r}.",
                "Use the output 'deployment-id' of a step in the same repository.",
            )
        if found.tag != str(tag) or found.task != task_of(tag.artifact):
            is_ours = found.tag and found.task.startswith(TASK)
            text = f"The deployment {number} was not made by this action."
            if is_ours:
                text = f"The deployment {number} is for the tag {found.tag!r}, not for {str(tag)!r}."
            raise RegistryError(
                text,
                "Use the output 'deployment-id' of a step for the same tag.",
            )
        return found

    def _was_ended(self, number: int, started: float) -> bool:
        """Whether a run for a later event had ended a deployment just before the last report on it.

        That event came after this run had requested the tags.
        """
        before = self._deployments.statuses(number, 2)[1:]
        return any(each.state == _INACTIVE and each.created >= int(started) for each in before)

    def _made(self, answer: OfEvent, wanted: Plan) -> int:
        """Creates the deployment of an assignment, or finds it if it exists already."""
        event, environment = answer.event, wanted.environment
        task = task_of(event.artifact)
        found = self._deployments.find(environment, task, *of_tag(event.record))
        if found:
            self._host.log(f"The deployment {found.number} to the environment {environment!r} exists already")
            return found.number
        number = self._deployments.create(
            {
                "ref": event.commit,
                "task": task,
                "environment": environment,
                "payload": payload_of(document_of(answer)),
                "description": described(sentence(event)),
                "auto_merge": False,
                "required_contexts": [],
            }
        )
        self._host.log(f"The deployment {number} to the environment {environment!r} was created")
        return number

    def _report(self, number: int, state: str, what: str) -> None:
        inputs = self._inputs
        report = Report(state, described(what), log_url=inputs.log_url, environment_url=inputs.environment_url)
        self._deployments.report(number, report)
        self._host.log(f"The deployment {number} is now in the state {state!r}")

    def _over(self, event: Event, environment: str, wanted: Plan, started: float) -> list[int]:
        """The artifact's obsolete deployments to an environment, oldest first."""
        listed = self._deployments.listed(environment=environment, task=task_of(event.artifact))
        earlier = ((one.number, one.of) for one in listed if one.created <= started)
        return over(earlier, self._deployments.state, wanted.kept[environment], wanted.before[environment])

    def _end(self, ended: list[int], environment: str, why: str) -> None:
        """Ends deployments to an environment."""
        for number in ended[:_MOST]:
            self._deployments.report(number, Report(_INACTIVE, described(why)))
            self._host.log(f"The deployment {number} to the environment {environment!r} is now inactive")
        if len(ended) > _MOST:
            text = f"{len(ended) - _MOST} more deployments to {environment!r} are obsolete but still active."
            self._host.tell(Problem(Level.WARNING, text, "The next runs will end them."))


def outputs_of(number: int | None, *, superseded: bool | None) -> dict[str, str]:
    """The outputs of the action."""
    return {
        "deployment-id": "" if number is None else str(number),
        "superseded": "" if superseded is None else str(superseded).lower(),
    }
