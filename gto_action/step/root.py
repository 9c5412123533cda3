"""The root action: what does this tag say happened?

It imports little, so that git starts early; `step/finish.py` brings the rest while git works.
"""

from collections.abc import Mapping

from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import AnswerInputs
from gto_action.step.asked import Asked
from gto_action.step.place import remote_of, repository_of


def run(environ: Mapping[str, str], host: Runner) -> None:
    """Answers, and does what else was asked.

    :raises GtoActionError: if there is no answer.
    """
    inputs, environment = read_inputs(AnswerInputs, environ), read_environment(environ)
    asked = Asked.by(inputs.ref, environment, inputs.artifact)
    if not asked.wanted:
        from gto_action.step.finish import finish_without_tag  # noqa: PLC0415 - see below

        finish_without_tag(asked, inputs, environment, host)
        return
    remote = remote_of(environment, inputs.token)
    with repository_of(remote, environment, inputs.timeout, host) as repository:
        only = asked.artifacts if inputs.only_artifact else ()
        fetching = repository.start(asked.tag_name, only, asked.artifacts, asked.files, asked.commit)
        host.log(f"Fetching the tags of {repository.remote.shown}")
        from gto_action.step.finish import finish  # noqa: PLC0415 - imported while git works

        finish(asked, inputs, environment, repository, fetching, host)
