"""What `deployment/` does once git works. `step/deployment.py` imports this, and with it PyGithub."""

import time
from collections.abc import Callable

from gto_action.answer.answer import OfEvent
from gto_action.answer.explain import Question
from gto_action.answer.no_event import no_event
from gto_action.deployments.run import Reporter, outputs_of
from gto_action.git.repository import Fetching
from gto_action.gto.registry import Registry
from gto_action.hosts.host import Host
from gto_action.job.environment import Environment
from gto_action.job.inputs import DeploymentInputs
from gto_action.job.values import Lightweight
from gto_action.render.log import headline
from gto_action.step.asked import Asked
from gto_action.step.deliver import tell
from gto_action.step.question import TagsSource, answer_of


def report_nothing(asked: Asked, inputs: DeploymentInputs, host: Host) -> None:
    """Ends a run that has no deployment to report on, or no GTO tag."""
    if inputs.deployment_id is None:
        host.log("There is no deployment to report on, as 'deployment-id' is empty.", bold=True)
    else:
        nothing = no_event(asked.trigger)
        tell(nothing.problems, host)
        host.log(nothing.headline, bold=True)
    host.write_outputs(outputs_of(None, superseded=None))


def report(  # noqa: PLR0913, PLR0917 - what was asked, and what may be used
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
    question = Question(filters=inputs.filters, lightweight=inputs.lightweight, gto=environment.gto)
    answer = answer_of(asked, registry, TagsSource(tags, list), question, tags.remote)
    tell(answer.problems, host)
    if not isinstance(answer, OfEvent):
        host.write_outputs(outputs_of(None, superseded=None))
    else:
        reporter = Reporter(answer, inputs, environment, host, time_left())
        if inputs.deployment_id:
            reporter.go_on(inputs.deployment_id)
        else:
            reporter.begin(started)
    host.log(headline(answer), bold=True)
