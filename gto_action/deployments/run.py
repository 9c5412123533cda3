"""A deployment on GitHub for an assignment, how it goes, and the end of those before."""

from typing import Final

from gto_action.answer.answer import OfEvent
from gto_action.answer.document import document_of
from gto_action.deployments.github import Deployments, Report
from gto_action.deployments.plan import FAILED, Plan, described, of_tag, over, payload_of, plan, task_of
from gto_action.errors import InputError, Level, Problem, RegistryError
from gto_action.gto.words import sentence
from gto_action.hosts.github.api import GithubApi
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import DeploymentInputs

_MOST: Final = 50
"""The deployments that one run says are over: GitHub wants a second between two writes."""
_INACTIVE: Final = "inactive"


class Reporter:
    """What one event does to the deployments of its artifact."""

    def __init__(
        self, answer: OfEvent, inputs: DeploymentInputs, environment: Environment, host: Host, seconds: float
    ) -> None:
        """Asks nothing yet.

        Args:
            answer: what happened.
            inputs: what is to be reported.
            environment: where the run is.
            host: takes what is said and written.
            seconds: that everything asked of GitHub's API may take together.

        :raises InputError: if nobody says which repository.
        """
        if not environment.repository:
            raise InputError(
                "A deployment needs to know which repository on GitHub it is of.",
                "Set GITHUB_REPOSITORY to 'OWNER/NAME'.",
            )
        self._answer, self._inputs, self._host = answer, inputs, host
        self._event = answer.event
        self._repository = environment.repository
        self._api = GithubApi(environment, inputs.token, seconds, host.log, host.pace)
        self._deployments = Deployments(self._api)

    def begin(self, started: float) -> None:
        """Makes the deployment that the event asks for, and ends those that are over.

        Args:
            started: when the tags were asked for, in seconds since 1970: what was deployed later is another event's.

        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        standing = self._answer.standing
        filters, name = self._inputs.filters, str(self._event.artifact)
        wanted = plan(
            self._event,
            standing,
            self._inputs.environment,
            lambda stage: filters.covers(name=name, stage=str(stage)),
        )
        if not standing.is_current:
            self._host.log("Deployments are left alone, as a later event supersedes this one, or it had no effect.")
        elif not wanted.kept:
            self._host.log("There is nothing to deploy, and nothing that is over.")
        number = self._made(wanted) if wanted.environment else None
        self._write(number)
        if number is not None:
            self._report(number, self._inputs.state.reported, sentence(self._event))
        for environment in wanted.kept:
            self._end(self._over(environment, wanted, started), environment)
        if wanted.kept:
            self._host.log(f"Requests to GitHub's API: {self._api.requests}")

    def go_on(self, number: int) -> None:
        """Reports on a deployment that an earlier step has made.

        One that is over stays so: a late `success` would make it the one that GitHub shows.

        :raises RegistryError: if the deployment is not this tag's.
        :raises RemoteError: if GitHub does not answer, or refuses.
        """
        found = self._deployments.get(number)
        record = self._event.record
        if found is None:
            raise RegistryError(
                f"There is no deployment {number} in the repository {self._repository!r}.",
                "Use the output 'deployment-id' of a step of the same repository.",
            )
        if found.tag != record.name:
            of = f"of the tag {found.tag!r}" if found.tag else "none of this action's"
            raise RegistryError(
                f"The deployment {number} is {of}, not of the tag {record.name!r}.",
                "Use the output 'deployment-id' of a step for the same tag.",
            )
        self._write(number)
        is_over = not self._answer.standing.is_current
        state = self._inputs.state
        if is_over and self._deployments.state(number) == _INACTIVE:
            self._host.log(f"The deployment {number} is over already: a later event supersedes this one.")
        elif is_over and state.reported not in FAILED:
            self._report(number, _INACTIVE, f"Superseded. {sentence(self._event)}")
        else:
            self._report(number, state.reported, sentence(self._event))
        self._host.log(f"Requests to GitHub's API: {self._api.requests}")

    def _write(self, number: int | None) -> None:
        """Writes the outputs at once: whoever reports a failure needs the number, whatever fails after it was given."""
        self._host.write_outputs(outputs_of(number, superseded=not self._answer.standing.is_current))

    def _made(self, wanted: Plan) -> int:
        """The deployment of the event, which may be there already."""
        event, environment = self._event, wanted.environment
        task = task_of(event.artifact)
        found = self._deployments.find(environment, task, *of_tag(event.record))
        if found:
            self._host.log(f"The deployment {found.number} to the environment {environment!r} is there already")
            return found.number
        number = self._deployments.create(
            {
                "ref": event.commit,
                "task": task,
                "environment": environment,
                "payload": payload_of(document_of(self._answer)),
                "description": described(sentence(event)),
                "auto_merge": False,
                "required_contexts": [],
            }
        )
        self._host.log(f"The deployment {number} to the environment {environment!r} was made")
        return number

    def _report(self, number: int, state: str, what: str) -> None:
        inputs = self._inputs
        report = Report(state, described(what), log_url=inputs.log_url, environment_url=inputs.environment_url)
        self._deployments.report(number, report)
        self._host.log(f"The deployment {number} is in the state {state!r} now")

    def _over(self, environment: str, wanted: Plan, started: float) -> list[int]:
        """The deployments of the artifact to an environment that are over, the oldest first."""
        listed = self._deployments.listed(environment=environment, task=task_of(self._event.artifact))
        earlier = ((one.number, (one.tag, one.sha, one.dated)) for one in listed if one.created <= started)
        return over(earlier, self._deployments.state, wanted.kept[environment], wanted.before[environment])

    def _end(self, ended: list[int], environment: str) -> None:
        """Ends deployments to an environment."""
        for number in ended[:_MOST]:
            self._deployments.report(number, Report(_INACTIVE, described(sentence(self._event))))
            self._host.log(f"The deployment {number} to the environment {environment!r} is inactive now")
        if len(ended) > _MOST:
            text = f"{len(ended) - _MOST} more deployments to {environment!r} are over and are still active."
            self._host.tell(Problem(Level.WARNING, text, "The next runs go on with them."))


def outputs_of(number: int | None, *, superseded: bool | None) -> dict[str, str]:
    """The outputs of the action."""
    return {
        "deployment-id": "" if number is None else str(number),
        "superseded": "" if superseded is None else str(superseded).lower(),
    }
