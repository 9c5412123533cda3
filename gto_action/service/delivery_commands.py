"""The commands about deliveries and sinks."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gto_action.cli.place import EXPECTED, Place
from gto_action.cli.terminal import show_json, show_lines, show_note, show_table
from gto_action.errors import InputError
from gto_action.job.values import Since, since
from gto_action.service.config.settings import SinkSettings
from gto_action.service.opened import CONFIG, Opened, opened_by
from gto_action.service.rules.outcome import Came
from gto_action.service.sinks.sink import sample, sink_of
from gto_action.service.state.lanes import DONE, FAILED, OPEN, Delivery, State


@click.command()
@CONFIG
@click.option("--waiting", is_flag=True, help="Only those that wait, for their turn or for a person.")
@click.option("--failed", is_flag=True, help="Only those that were tried for long enough.")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="How many at most: the newest.")
@click.option("--json", "as_json", is_flag=True, help="As a list of JSON objects.")
@click.pass_obj
def deliveries(  # noqa: PLR0913 - all but two are keywords
    place: Place, /, config: Path, *, waiting: bool, failed: bool, limit: int, as_json: bool
) -> None:
    """List deliveries, the oldest first."""
    if waiting and failed:
        raise click.UsageError("--waiting and --failed cannot be given together.")
    states = OPEN if waiting else FAILED if failed else tuple(State)
    with opened_by(place, config) as opened:
        found = opened.deliveries.listed(states, limit=limit + 1)
    if len(found) > limit:
        show_note(f"There are older ones, too: --limit says how many are shown, {limit:,} now.")
        found = found[1:]
    if as_json:
        show_json([_document(each) for each in found])
    elif not found:
        show_note("There is none.")
    else:
        head = ("found", "id", "sink", "artifact", "sequence", "event", "tag", "state", "attempts", "said")
        show_table(head, [tuple(map(str, _row(each))) for each in found])


def _row(each: Delivery) -> tuple[object, ...]:
    where = f"{each.lane.repository}/{each.lane.artifact}"
    found = datetime.fromtimestamp(each.found_at, UTC).isoformat(timespec="seconds")
    return (
        *(found, each.id, each.lane.sink, where, each.sequence, each.word, each.tag),
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
@CONFIG
@click.argument("ids", nargs=-1, metavar="[ID]…")
@click.option("--sink", default="", help="Those of a sink.")
@click.option("--since", "from_", default="", metavar="TIME", help="Those found since then, such as 2h.")
@click.pass_obj
def redeliver(place: Place, /, config: Path, ids: Sequence[str], sink: str, from_: str) -> None:
    """Deliver once more, with the same ids: those of ID, or those of --sink that were found --since."""
    if bool(ids) == bool(sink) or bool(sink) != bool(from_):
        raise click.UsageError("Give the IDs of deliveries, or --sink and --since.")
    with opened_by(place, config) as opened:
        if sink:
            _check_sink(opened, sink)
            start = _start(since("since", from_))
            found = [each.id for each in opened.deliveries.listed(tuple(State), sink=sink, since=start)]
        else:
            found = _known(opened, ids)
        opened.deliveries.decide(found, State.WAITING, time.time())
    show_lines([f"{len(found)} will be delivered once more."])


def _start(given: Since) -> float:
    return float(given.start(int(time.time())))


def _known(opened: Opened, ids: Sequence[str], *, undone: bool = False) -> list[str]:
    """Each once.

    :raises InputError: if there is no such delivery, or one that has been sent already and should not have been.
    """
    for each in ids:
        # a terminal can spell what no database takes
        found = opened.deliveries.named(each) if each.isascii() and each.isprintable() else None
        if found is None:
            raise InputError(f"There is no delivery {each!r}.", "See all with: gto-action deliveries")
        if undone and found.state in DONE:
            raise InputError(f"The delivery {each!r} is not to be skipped: it is {found.state.value}.")
    return list(dict.fromkeys(ids))


def _check_sink(opened: Opened, name: str) -> SinkSettings:
    """The settings of a sink.

    :raises InputError: if there is none of that name.
    """
    settings = opened.settings.sink(name)
    if settings is None:
        names = ", ".join(repr(each.name) for each in opened.settings.sinks) or "none"
        raise InputError(f"The configuration has no sink {name!r}.", f"It has {names}.")
    return settings


@click.command()
@CONFIG
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.pass_obj
def skip(place: Place, /, config: Path, ids: Sequence[str]) -> None:
    """Give deliveries up; those behind them go on."""
    with opened_by(place, config) as opened:
        found = _known(opened, ids, undone=True)
        opened.deliveries.decide(found, State.SKIPPED, time.time())
    show_lines([f"{len(found)} skipped."])


@click.group()
def sinks() -> None:
    """Try a sink, or go on with one that wanted nothing more."""


@sinks.command("test")
@CONFIG
@click.argument("name")
@click.pass_context
def test(context: click.Context, /, config: Path, name: str) -> None:
    """Send a sample event to the sink NAME, marked as a test."""
    with opened_by(context.obj, config) as opened:
        settings = _check_sink(opened, name)
        outcome = sink_of(settings, opened.vault, opened.variables)(sample(time.time()))
        said = opened.vault.hide(outcome.said)
    show_lines([f"{outcome.came.value}: {said}"])
    context.exit(0 if outcome.came is Came.TAKEN else EXPECTED)


@sinks.command()
@CONFIG
@click.argument("name")
@click.pass_obj
def resume(place: Place, /, config: Path, name: str) -> None:
    """Go on with the sink NAME, which has answered 410 (Gone)."""
    with opened_by(place, config) as opened:
        _check_sink(opened, name)
        opened.deliveries.resume(name, time.time())
    show_lines([f"The sink {name} takes events again."])
