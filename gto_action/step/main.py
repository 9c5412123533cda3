"""Runs one of the four actions and reports how it ends. The actions' exit codes are only here."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from gto_action.errors import GtoActionError
from gto_action.hosts.github.runner import Runner
from gto_action.system.attempts import NORMAL, Pace
from gto_action.system.cancellation import cancellable

_EXPECTED = 1
_BUG = 3


def main(environ: Mapping[str, str], arguments: Sequence[str] = (), pace: Pace = NORMAL) -> int:
    """Runs an action; returns its exit code: 0 for an answer, 1 for an expected failure, 3 for a bug.

    Args:
        environ: the variables that the runner sets.
        arguments: `catch-up`, `deployment` or `page`; nothing for the root action.
        pace: how fast others are asked.
    """
    host = Runner(environ, pace)
    try:
        with cancellable("The run was cancelled."):
            _run(environ, arguments, host)
    except GtoActionError as failure:
        host.error(failure)
        return _EXPECTED
    except Exception:  # noqa: BLE001 - anything unexpected is reported as a bug
        import traceback  # noqa: PLC0415 - slower to import than most others

        with suppress(OSError, AttributeError):  # standard output itself may be what fails
            for line in traceback.format_exc().splitlines():
                host.log(line)
            host.error(GtoActionError("This is a bug in gto-action.", "Please report it, with the lines above."))
        return _BUG
    return 0


def _run(environ: Mapping[str, str], arguments: Sequence[str], host: Runner) -> None:
    # Only the one that runs is imported, because importing takes long.
    match [*arguments]:
        case []:
            from gto_action.step import root  # noqa: PLC0415

            root.run(environ, host)
        case ["catch-up"]:
            from gto_action.step import catch_up  # noqa: PLC0415

            catch_up.run(environ, host)
        case ["deployment"]:
            from gto_action.step import deployment  # noqa: PLC0415

            deployment.run(environ, host)
        case ["page"]:
            from gto_action.step import page  # noqa: PLC0415

            page.run(environ, host)
        case _:
            raise AssertionError(arguments)  # action.yml passes only these
