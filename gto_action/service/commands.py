"""The commands of the service."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from gto_action.cli.place import EXPECTED, Place, failing
from gto_action.cli.terminal import show_lines, show_note, show_table
from gto_action.errors import InputError
from gto_action.service.check import checks
from gto_action.service.config.read import read_settings
from gto_action.service.delivery_commands import deliveries, redeliver, sinks, skip
from gto_action.service.log import Log
from gto_action.service.look import Looked
from gto_action.service.looking import Looking
from gto_action.service.means import Means
from gto_action.service.metrics import Metrics
from gto_action.service.opened import CONFIG, OWN_ADVICE, opened_by
from gto_action.system.cancellation import leave


@click.command()
@CONFIG
@click.option("--check", is_flag=True, help="Check the configuration, the secrets, the repositories and the sinks.")
@click.pass_context
def serve(context: click.Context, /, config: Path, *, check: bool) -> None:
    """Run the service: take hooks, poll, and deliver events in order."""
    place: Place = context.obj
    if check:
        with failing(OWN_ADVICE):
            settings = read_settings(config)
            found = list(checks(settings, place.variables))
        show_table(("what", "is"), [(each.what, each.wrong or "ok") for each in found])
        context.exit(EXPECTED if any(each.wrong for each in found) else 0)
    with failing(OWN_ADVICE):
        from gto_action.service.serving import serve as run  # noqa: PLC0415 - the engine takes half a second

        leave(run(read_settings(config), place.variables, Log()))  # a sink may let its thread hang


@click.command()
@CONFIG
@click.argument("repository")
@click.option("--dry-run", is_flag=True, help="Say what would be sent now, and write nothing.")
@click.option("--accept", is_flag=True, help="Go on though so many tags are gone that the service has stopped.")
@click.pass_obj
def sync(place: Place, /, config: Path, repository: str, *, dry_run: bool, accept: bool) -> None:
    """Look at REPOSITORY of the configuration now. The service that runs delivers what is found."""
    with opened_by(place, config) as opened:
        if opened.settings.repository(repository) is None:
            names = ", ".join(repr(each.name) for each in opened.settings.repositories)
            raise InputError(f"The configuration has no repository {repository!r}.", f"It has {names}.")
        log, metrics = _Notes(), Metrics()
        log.hide(hide := opened.vault.hide)
        means = Means(
            settings=opened.settings,
            database=opened.database,
            vault=opened.vault,
            variables=place.variables,
            log=log,
            metrics=metrics,
        )
        looked = Looking(means).look_at(repository, by="sync", accept=accept, dry=dry_run)
        _show(looked, hide)
        if looked and looked.error:
            raise looked.error


def _show(looked: Looked | None, hide: Callable[[str], str]) -> None:
    if looked is None:
        show_note("Another look is going on, which finds the same.")
        return
    for problem in looked.problems:
        show_note(hide(f"{problem.level.value}: {problem}"))
    if looked.is_first:
        show_note(f"This is the first look. Tags that were there before: {looked.tags}.")
    rows = [
        (each.artifact, str(each.sequence), each.word, each.tag, ", ".join(each.sinks) or "-") for each in looked.events
    ]
    show_table(("artifact", "sequence", "event", "tag", "sinks"), rows)
    if not rows and not looked.error:
        show_lines(["There is nothing new."])


class _Notes(Log):
    """For people, who see what there is to see in the table."""

    def _write(self, level: str, message: str, fields: dict[str, Any]) -> None:
        if level == "info" and "event" not in fields and not message.endswith("are sent."):
            show_note(self._hide(message))


COMMANDS: Final = (serve, sync, deliveries, redeliver, skip, sinks)
