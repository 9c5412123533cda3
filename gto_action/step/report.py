"""The rest of a run of `deployment/`. `step/deployment.py` imports this, and with it PyGithub, while git works."""

import time
from collections.abc import Callable

from gto_action.answer.answer import OfEvent
from gto_action.answer.explain import Question
from gto_action.answer.no_event import no_event
from gto_action.deployments.run import Reporter, outputs_of
from gto_action.errors import InputError
from gto_action.git.repository import Fetching
from gto_action.gto.registry import Registry
from gto_action.gto.tag import Tag
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import DeploymentInputs
from gto_action.job.values import Lightweight
from gto_action.render.log import headline
from gto_action.step.asked import Asked
from gto_action.step.deliver import tell
from gto_action.step.question import TagsSource, answer_of


def report_nothing(asked: Asked, inputs: DeploymentInputs, host: Host) -> None:
    """Ends a run that has no deployment to report on, or no GTO tag.

    :raises InputError: if there is a deployment to report on, and no tag that it could be of.
    """
    if inputs.deployment_id is None:
        host.log("There is no deployment to report on, because 'deployment-id' is empty.", bold=True)
    else:
        nothing = no_event(asked.trigger)
        if inputs.deployment_id:
            hint = f"Give this step the same input 'ref' as the step that made the deployment {inputs.deployment_id}."
            raise InputError(nothing.headline, hint)
        tell(nothing.problems, host)
        host.log(nothing.headline, bold=True)
    host.write_outputs(outputs_of(None, superseded=None))


def report(  # noqa: PLR0913, PLR0917 - what was asked, and what to use
    asked: Asked,
    inputs: DeploymentInputs,
    environment: Environment,
    fetching: Fetching,
    time_left: Callable[[], float],
    host: Host,
    started: float,
) -> None:
    """Makes a deployment, or reports on one.

    :raises GtoActionError: if that cannot be done.
    """
    tags = fetching.finish()
    accept = inputs.lightweight is Lightweight.ACCEPT
    registry = Registry(tags.records, accept_lightweight=accept, now=time.time())
    if inputs.deployment_id and isinstance(asked.wanted, Tag):
        # The tag may be gone or moved by now: the deployment must not stay in progress for ever.
        reporter = Reporter(inputs, environment, host, time_left())
        reporter.go_on(asked.wanted, inputs.deployment_id, registry, started)
        return
    question = Question(filters=inputs.filters, lightweight=inputs.lightweight, gto=environment.gto)
    answer = answer_of(asked, registry, TagsSource(tags, list), question, tags.remote)
    tell(answer.problems, host)
    if isinstance(answer, OfEvent):
        Reporter(inputs, environment, host, time_left()).begin(answer, started)
    else:
        host.write_outputs(outputs_of(None, superseded=None))
    host.log(headline(answer), bold=True)
