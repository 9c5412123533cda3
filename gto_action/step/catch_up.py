"""The action `catch-up/`: finds tags for which no run has started."""

import time
from collections.abc import Mapping

from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.server import refuse_elsewhere
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import CatchUpInputs
from gto_action.job.values import Lightweight
from gto_action.step.place import remote_of, repository_of


def run(environ: Mapping[str, str], host: Runner) -> None:
    """Finds the events that no run has handled; lists them, or starts runs for them.

    :raises GtoActionError: if it cannot find out.
    """
    refuse_elsewhere(environ, "catch-up")
    inputs, environment = read_inputs(CatchUpInputs, environ), read_environment(environ)
    remote = remote_of(environment, inputs.token)
    with repository_of(remote, environment, inputs.timeout, host) as repository:
        fetching = repository.start()
        host.log(f"Fetching the tags of {repository.remote.shown}")
        # Most of the program is imported while git works.
        from gto_action.catch_up.run import CatchUp  # noqa: PLC0415
        from gto_action.gto.registry import Registry  # noqa: PLC0415
        from gto_action.step.deliver import deliver_missed  # noqa: PLC0415

        host.debug("imported")
        tags = fetching.finish()
        host.debug("fetched")
        accept = inputs.lightweight is Lightweight.ACCEPT
        registry = Registry(tags.records, accept_lightweight=accept, now=time.time())
        host.debug(f"read {registry.size} tags")
        missed = CatchUp(inputs, environment, registry, tags, repository.time_left, host).run()
        page = tags.remote.page if environment.repository_url else ""
        deliver_missed(missed, page, host, summarises=inputs.summary)
