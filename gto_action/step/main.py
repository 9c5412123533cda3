"""The three actions: which of them runs, and what its end is told as. The only exit codes of the actions."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from gto_action.errors import GtoActionError
from gto_action.hosts.github.runner import Runner
from gto_action.system.attempts import NORMAL, Pace
from gto_action.system.cancellation import cancellable

_EXPECTED = 1
_BUG = 3


def main(environ: Mapping[str, str], arguments: Sequence[str] = (), pace: Pace = NORMAL) -> int:
    """Runs an action; gives its exit code: 0 an answer, 1 a failure that was foreseen, 3 a bug.

    Args:
        environ: the variables that the runner sets.
        arguments: `catch-up` or `deployment`; nothing for the action at the root.
        pace: how fast others are asked.
    """
    host = Runner(environ, pace)
    try:
        with cancellable("The run was cancelled."):
            _run(environ, arguments, host)
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


def _run(environ: Mapping[str, str], arguments: Sequence[str], host: Runner) -> None:
    # Each is imported by itself: the others take long to import.
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
        case _:
            raise AssertionError(arguments)  # the action.yml says it
