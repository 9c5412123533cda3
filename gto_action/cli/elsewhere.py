"""What `gto` has and gto-action does not, and what to use instead."""

from typing import Final

import click

_WRITES: Final = "gto-action reads a registry and never writes to it."
COMMANDS: Final = {
    "register": f"{_WRITES} Use: gto register",
    "assign": f"{_WRITES} Use: gto assign",
    "promote": f"{_WRITES} Use: gto assign",
    "deprecate": f"{_WRITES} Use: gto deprecate",
}
"""The messages for gto's own commands."""
VERBOSE: Final = "There is nothing more to say: standard error says what does not count, and doctor says the rest."


class Group(click.Group):
    """A group that knows gto's other commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, except that for gto's own commands it says what to use."""
        if args and (instead := COMMANDS.get(args[0])):
            raise click.UsageError(instead, ctx)
        return super().resolve_command(ctx, args)


def _refuse(context: click.Context, _: click.Parameter, given: bool) -> None:  # noqa: FBT001 - click's signature
    if given:
        raise click.UsageError(VERBOSE, context)


verbose_option = click.option(
    "-v", "--verbose", is_flag=True, hidden=True, callback=_refuse, expose_value=False, is_eager=True
)
