"""The entry point of the command line: `gto-action` and `python -m gto_action`."""

import os
import sys

from gto_action import __version__


def main() -> int:
    """Runs the command line; returns its exit code."""
    try:
        from gto_action.cli import commands  # noqa: PLC0415 - its requirements may not be installed
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing not in {"click", "rich"}:
            raise
        if sys.argv[1:] == ["--version"]:
            sys.stdout.write(f"gto-action, version {__version__}\n")
            return 0
        sys.stderr.write(f"error: The command line needs {missing!r}, which is not installed: pip install click rich\n")
        return 1
    return commands.main(sys.argv[1:], os.environ)


if __name__ == "__main__":
    raise SystemExit(main())
