"""What `gto` has and gto-action does not, and what to use instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Other:
    """A command of another face."""

    name: str
    help: str
    """What it does, on one line."""
    make: Callable[[], click.Command]
    """Imports it, which may take long or fail."""


class Group(click.Group):
    """A group that knows gto's other commands, and the commands of another face."""

    others: Mapping[str, Other] = {}
    """The commands of another face, by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Its own commands and those of another face."""
        return sorted({*super().list_commands(ctx), *self.others})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of its own commands, or one of another face, which is imported now."""
        other = self.others.get(cmd_name)
        return other.make() if other else super().get_command(ctx, cmd_name)

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands, without importing those of another face."""
        own = [(name, command.get_short_help_str()) for name, command in self.commands.items() if not command.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(sorted([*own, *((each.name, each.help) for each in self.others.values())]))

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
