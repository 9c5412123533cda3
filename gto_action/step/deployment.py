"""The action `deployment/`: records an assignment as a deployment on GitHub, and reports its status."""

import time
from collections.abc import Mapping

from gto_action.errors import InputError
from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.server import refuse_elsewhere
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import DeploymentInputs
from gto_action.step.asked import Asked
from gto_action.step.place import remote_of, repository_of


def run(environ: Mapping[str, str], host: Runner) -> None:
    """Creates a deployment, or reports on one.

    :raises GtoActionError: if that fails.
    """
    refuse_elsewhere(environ, "deployment")
    inputs, environment = read_inputs(DeploymentInputs, environ), read_environment(environ)
    asked = Asked.by(inputs.ref, environment)
    if inputs.deployment_id is None or not asked.wanted:
        from gto_action.step.report import report_nothing  # noqa: PLC0415 - see below

        report_nothing(asked, inputs, host)
        return
    if not environment.repository:
        raise InputError(
            "The repository of the deployment is unknown.",
            "Set GITHUB_REPOSITORY to 'OWNER/NAME'.",
        )
    started = time.time()
    with repository_of(remote_of(environment, inputs.token), environment, inputs.timeout, host) as repository:
        needs_files = not inputs.deployment_id  # for the payload of a new one
        fetching = repository.start(
            asked.tag_name if needs_files else "", asked.artifacts, asked.artifacts, asked.files, asked.commit
        )
        host.log(f"Fetching the tags of {repository.remote.shown}")
        from gto_action.step.report import report  # noqa: PLC0415 - imported while git works

        report(asked, inputs, environment, fetching, lambda: repository.time_left, host, started)
