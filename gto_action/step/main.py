"""The action: reads what is asked, starts git, and turns what goes wrong into exit codes.

Little is imported here: git works meanwhile (`step/finish.py`).
"""

import time
from collections.abc import Mapping
from contextlib import suppress

from gto_action.errors import GtoActionError
from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.step.asked import Asked
from gto_action.step.place import repository_of
from gto_action.system.cancellation import cancellable

_EXPECTED = 1
_BUG = 3


def main(environ: Mapping[str, str]) -> int:
    """Runs the action; gives its exit code: 0 an answer, 1 a failure that was foreseen, 3 a bug."""
    host = Runner(environ)
    try:
        with cancellable("The run was cancelled."):
            _run(environ, host)
    except GtoActionError as failure:
        host.error(failure)
        return _EXPECTED
    except Exception:  # noqa: BLE001 - whatever nobody foresaw is told as a bug
        import traceback  # noqa: PLC0415 - takes longer to import than most of the others

        with suppress(OSError, AttributeError):  # standard output itself may be what fails
            for line in traceback.format_exc().splitlines():
                host.log(line)
            host.error(GtoActionError("This is a bug in gto-action.", "Please report it, with the lines above."))
        return _BUG
    return 0


def _run(environ: Mapping[str, str], host: Runner) -> None:
    asked = Asked.by(read_inputs(environ), read_environment(environ))
    if asked.is_about_nothing:
        from gto_action.step.finish import finish_without_tag  # noqa: PLC0415 - see below

        finish_without_tag(asked, host)
        return
    started = time.time()
    with repository_of(asked, host) as repository:
        repository.start(asked.tag_name, asked.only, asked.needed)
        host.log(f"Fetching the tags of {repository.remote.shown}")
        from gto_action.step.finish import finish  # noqa: PLC0415 - most of what a run needs is imported while git works

        finish(asked, host, repository, started)
