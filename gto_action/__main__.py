"""The entry point of the command line: `gto-action` and `python -m gto_action`."""

import gc
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from gto_action import __version__

if TYPE_CHECKING:
    import click

_SERVICE: Final = (
    ("deliveries", "List what the service has delivered, and what waits."),
    ("redeliver", "Deliver events once more."),
    ("serve", "Run the service: take hooks, poll, and deliver events in order."),
    ("sinks", "Try a sink, or go on with one that was paused."),
    ("skip", "Give deliveries up."),
    ("sync", "Look at a repository of the service now."),
)
_NEEDED: Final = {"dbos", "prometheus_client", "psycopg", "sqlalchemy", "starlette", "urllib3", "uvicorn"}


def main() -> int:
    """Runs the command line; returns its exit code."""
    gc.disable()  # as in entrypoint.py; with many tags it would look at all of them again and again
    try:
        from gto_action.cli import commands  # noqa: PLC0415 - its requirements may not be installed
        from gto_action.cli.elsewhere import Other  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing not in {"click", "rich"}:
            raise
        if sys.argv[1:] == ["--version"]:
            sys.stdout.write(f"gto-action, version {__version__}\n")
            return 0
        sys.stderr.write(f"error: The command line needs {missing!r}, which is not installed: pip install click rich\n")
        return 1
    others = [Other(*each, partial(_of_service, each[0])) for each in _SERVICE]
    try:
        return commands.main(sys.argv[1:], os.environ, others)
    finally:
        gc.freeze()  # as in entrypoint.py


def _of_service(name: str) -> "click.Command":
    """A command of the service, whose libraries are an extra of their own.

    :raises click.ClickException: if they are not installed.
    """
    import click  # noqa: PLC0415 - as above

    gc.enable()  # it may run for months
    try:
        from gto_action.service.commands import COMMANDS  # noqa: PLC0415 - the other commands do not need it
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing not in _NEEDED:
            raise
        hint = "Install it: pip install 'gto-action[serve]'"
        raise click.ClickException(f"The command {name!r} needs {missing!r}, which is not installed. {hint}") from error
    return next(command for command in COMMANDS if command.name == name)


if __name__ == "__main__":
    raise SystemExit(main())
