"""The commands of the service."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from gto_action.cli.checking import ADVICE
from gto_action.cli.place import EXPECTED, Place, failing
from gto_action.cli.terminal import show_json, show_lines, show_note, show_table
from gto_action.errors import InputError, Kind
from gto_action.job.values import Since, since
from gto_action.service.check import checks
from gto_action.service.config.read import read_settings
from gto_action.service.log import Log
from gto_action.service.metrics import Metrics
from gto_action.service.opening import open_database, open_vault
from gto_action.service.rules.outcome import Came
from gto_action.service.sinks.sink import sample, sink_of
from gto_action.service.state.deliveries import FAILED, OPEN, Deliveries, Delivery, State
from gto_action.service.work import Work
from gto_action.system.cancellation import leave

_CONFIG: Final = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=Path("serve.toml"),
    show_default=True,
    envvar="GTO_ACTION_SERVE_CONFIG",
    help="The configuration.",
)
_ADVICE: Final = {
    **ADVICE,
    Kind.REFUSED: "Check the repository's 'token' in the configuration.",
    Kind.MISSING: "Check the repository's 'url' and 'token' in the configuration.",
    Kind.MOVED: "Use the new address as the repository's 'url'.",
}


class _Opened:
    """What a command works with beside a service that may be running."""

    def __init__(self, config: Path, variables: Mapping[str, str]) -> None:
        self.settings = read_settings(config)
        self.vault = open_vault(self.settings, variables)
        self.database = open_database(self.settings, self.vault)
        self.deliveries = Deliveries(self.database)
        self.variables = variables


@contextmanager
def _opened(place: Place, config: Path) -> Iterator[_Opened]:
    with failing(_ADVICE):
        opened = _Opened(config, place.variables)
        try:
            yield opened
        finally:
            opened.database.close()


@click.command()
@_CONFIG
@click.option("--check", is_flag=True, help="Check the configuration, the secrets, the repositories and the sinks.")
@click.pass_context
def serve(context: click.Context, /, config: Path, *, check: bool) -> None:
    """Run the service: take hooks, poll, and deliver events in order."""
    place: Place = context.obj
    if check:
        with failing(_ADVICE):
            settings = read_settings(config)
            found = list(checks(settings, place.variables))
        show_table(("what", "is"), [(each.what, each.wrong or "ok") for each in found])
        context.exit(EXPECTED if any(each.wrong for each in found) else 0)
    with failing(_ADVICE):
        from gto_action.service.serving import serve as run  # noqa: PLC0415 - the engine takes half a second

        leave(run(read_settings(config), place.variables, Log()))  # a sink may let its thread hang


@click.command()
@_CONFIG
@click.argument("repository")
@click.option("--dry-run", is_flag=True, help="Say what would be sent now, and write nothing.")
@click.option("--accept", is_flag=True, help="Go on though so many tags are gone that the service has stopped.")
@click.pass_obj
def sync(place: Place, /, config: Path, repository: str, *, dry_run: bool, accept: bool) -> None:
    """Look at REPOSITORY of the configuration now. The service that runs delivers what is found."""
    with _opened(place, config) as opened:
        if opened.settings.repository(repository) is None:
            names = ", ".join(repr(each.name) for each in opened.settings.repositories)
            raise InputError(f"The configuration has no repository {repository!r}.", f"It has {names}.")
        log, metrics = _Notes(), Metrics()
        work = Work(
            settings=opened.settings,
            database=opened.database,
            vault=opened.vault,
            variables=place.variables,
            log=log,
            metrics=metrics,
        )
        looked = work.look_at(repository, by="sync", accept=accept, dry=dry_run)
    if looked is None:
        show_note("Another look is going on, which finds the same.")
        return
    for problem in looked.problems:
        show_note(f"{problem.level.value}: {problem}")
    if looked.is_first:
        show_note(f"This is the first look: {looked.tags} tags were there before.")
    rows = [
        (each.artifact, str(each.sequence), each.word, each.tag, ", ".join(each.sinks) or "-") for each in looked.events
    ]
    show_table(("artifact", "sequence", "event", "tag", "sinks"), rows)
    if not rows:
        show_lines(["There is nothing new."])


class _Notes(Log):
    """For people, who see what there is to see in the table."""

    def _write(self, level: str, message: str, fields: dict[str, Any]) -> None:
        if level == "info" and "event" not in fields and not message.endswith("count."):
            show_note(message)


@click.command()
@_CONFIG
@click.option("--waiting", is_flag=True, help="Only those that wait, for their turn or for a person.")
@click.option("--failed", is_flag=True, help="Only those that were tried for long enough.")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="As a list of JSON objects.")
@click.pass_obj
def deliveries(  # noqa: PLR0913 - all but two are keywords
    place: Place, /, config: Path, *, waiting: bool, failed: bool, limit: int, as_json: bool
) -> None:
    """List deliveries, the oldest first."""
    if waiting and failed:
        raise click.UsageError("--waiting and --failed cannot be given together.")
    states = OPEN if waiting else FAILED if failed else tuple(State)
    with _opened(place, config) as opened:
        found = opened.deliveries.listed(states, limit=limit)
    if as_json:
        show_json([_document(each) for each in found])
    else:
        head = ("id", "sink", "artifact", "sequence", "event", "tag", "state", "attempts", "said")
        show_table(head, [tuple(map(str, _row(each))) for each in found])


def _row(each: Delivery) -> tuple[object, ...]:
    where = f"{each.lane.repository}/{each.lane.artifact}"
    return (
        *(each.id, each.lane.sink, where, each.sequence, each.word, each.tag),
        *(each.state.value, each.attempts, each.said),
    )


def _document(each: Delivery) -> dict[str, Any]:
    return {
        "id": each.id,
        "sink": each.lane.sink,
        "repository": each.lane.repository,
        "artifact": each.lane.artifact,
        "sequence": each.sequence,
        "event": each.event,
        "happened": each.word,
        "tag": each.tag,
        "state": each.state.value,
        "attempts": each.attempts,
        "found_at": each.found_at,
        "last_at": each.last_at or None,
        "next_at": each.next_at or None,
        "said": each.said,
    }


@click.command()
@_CONFIG
@click.argument("ids", nargs=-1, metavar="[ID]…")
@click.option("--sink", default="", help="Those of a sink.")
@click.option("--since", "from_", default="", metavar="TIME", help="Those found since then, such as 2h.")
@click.pass_obj
def redeliver(place: Place, /, config: Path, ids: Sequence[str], sink: str, from_: str) -> None:
    """Deliver once more, with the same ids: those of ID, or those of --sink that were found --since."""
    if bool(ids) == bool(sink) or bool(sink) != bool(from_):
        raise click.UsageError("Give the IDs of deliveries, or --sink and --since.")
    with _opened(place, config) as opened:
        if sink:
            start = _start(since("since", from_))
            found = [each.id for each in opened.deliveries.listed(tuple(State), sink=sink, since=start)]
        else:
            found = _known(opened, ids)
        opened.deliveries.decide(found, State.WAITING, time.time())
    show_lines([f"{len(found)} will be delivered once more."])


def _start(given: Since) -> float:
    return float(given.start(int(time.time())))


def _known(opened: _Opened, ids: Sequence[str]) -> list[str]:
    for each in ids:
        if opened.deliveries.named(each) is None:
            raise InputError(f"There is no delivery {each!r}.", "See all with: gto-action deliveries")
    return list(ids)


@click.command()
@_CONFIG
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.pass_obj
def skip(place: Place, /, config: Path, ids: Sequence[str]) -> None:
    """Give deliveries up; those behind them go on."""
    with _opened(place, config) as opened:
        opened.deliveries.decide(_known(opened, ids), State.SKIPPED, time.time())
    show_lines([f"{len(ids)} skipped."])


@click.group()
def sinks() -> None:
    """Try a sink, or go on with one that wanted nothing more."""


@sinks.command("test")
@_CONFIG
@click.argument("name")
@click.pass_context
def test(context: click.Context, /, config: Path, name: str) -> None:
    """Send a sample event to the sink NAME, marked as a test."""
    with _opened(context.obj, config) as opened:
        settings = opened.settings.sink(name)
        if settings is None:
            raise InputError(f"The configuration has no sink {name!r}.")
        outcome = sink_of(settings, opened.vault, opened.variables)(sample(time.time()))
        said = opened.vault.hide(outcome.said)
    show_lines([f"{outcome.came.value}: {said}"])
    context.exit(0 if outcome.came is Came.TAKEN else EXPECTED)


@sinks.command()
@_CONFIG
@click.argument("name")
@click.pass_obj
def resume(place: Place, /, config: Path, name: str) -> None:
    """Go on with the sink NAME, which has answered 410 (Gone)."""
    with _opened(place, config) as opened:
        if opened.settings.sink(name) is None:
            raise InputError(f"The configuration has no sink {name!r}.")
        opened.deliveries.resume(name, time.time())
    show_lines([f"The sink {name} takes events again."])


COMMANDS: Final = (serve, sync, deliveries, redeliver, skip, sinks)
