"""The action `catch-up/`: finds tags for which no run has started."""

import time
from collections.abc import Mapping

from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.server import refuse_elsewhere
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import CatchUpInputs
from gto_action.job.values import Lightweight
from gto_action.step.place import all_tags


def run(environ: Mapping[str, str], host: Runner) -> None:
    """Finds the events that no run has handled; lists them, or starts runs for them.

    :raises GtoActionError: if it cannot find out.
    """
    refuse_elsewhere(environ, "catch-up")
    inputs, environment = read_inputs(CatchUpInputs, environ), read_environment(environ)
    with all_tags(environment, inputs.token, inputs.timeout, host) as coming:
        # Most of the program is imported while git works.
        from gto_action.catch_up.run import CatchUp  # noqa: PLC0415
        from gto_action.gto.registry import Registry  # noqa: PLC0415
        from gto_action.step.deliver import deliver_missed  # noqa: PLC0415

        tags = coming.tags()
        accept = inputs.lightweight is Lightweight.ACCEPT
        registry = Registry(tags.records, accept_lightweight=accept, now=time.time())
        host.debug(f"read {registry.size} tags")
        missed = CatchUp(inputs, environment, registry, tags, coming.repository.time_left, host).run()
        deliver_missed(missed, coming.page(tags), host, summarises=inputs.summary)
        host.debug("delivered")
