"""What the last run knew, so that of an artifact that did not change nothing is read, folded or written again.

It is in a folder of the user's own and never in the site, which may have come with a repository.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from gto_action.errors import HostError
from gto_action.gto.record import TagRecord
from gto_action.gto.timeline import Period
from gto_action.hosts.files import write
from gto_action.page.facts import EventFacts, Held, Row

_FORMAT: Final = 2
"""To be raised with any change of what is kept here."""

State = tuple[int, int]


class Known(NamedTuple):
    """One artifact, as it was."""

    digest: str
    """Of all that it follows from."""
    row: Row
    periods: tuple[Period, ...]
    periods_since: int | None
    stages: tuple[str, ...]
    """Those that it ever was in."""
    files: Mapping[str, State]
    """Its files, with their sizes and times."""


@dataclass(slots=True)
class Memory:
    """The artifacts of the last run, by the name that tags have of them, and its newest events, by tag."""

    artifacts: dict[str, Known] = field(default_factory=dict)
    events: dict[str, EventFacts] = field(default_factory=dict)


def digest_of(base: str, records: Iterable[TagRecord], *more: object) -> str:
    """What an artifact follows from: the tags around it, and `more`."""
    found = hashlib.sha256(f"{base} {more!r}".encode())
    for record in records:
        found.update(f"\0{record.name}\0{record.oid}".encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def place_of(cache: str, out: Path) -> Path | None:
    """The file that remembers a folder; None if there is no place for it."""
    name = hashlib.sha256(str(out.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Path(cache, "gto-action", "page", f"{name}.json") if cache else None


def load(place: Path | None) -> Memory:
    """What is remembered; nothing if there is nothing that can be read."""
    if not place:
        return Memory()
    try:
        found = json.loads(place.read_bytes())
        if found["format"] != _FORMAT:
            return Memory()
        artifacts = {name: _known(each) for name, each in found["artifacts"].items()}
        return Memory(artifacts, {each[4]: EventFacts(*each) for each in found["events"]})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Memory()


def save(place: Path | None, memory: Memory) -> None:
    """Remembers it; what cannot be written is forgotten."""
    if not place:
        return
    found = {
        "format": _FORMAT,
        "artifacts": {
            name: [
                *(
                    known.digest,
                    known.row,
                    [_of_period(each) for each in known.periods],
                    known.periods_since,
                    known.stages,
                ),
                known.files,
            ]
            for name, known in memory.artifacts.items()
        },
        "events": list(memory.events.values()),
    }
    with suppress(HostError):
        write(place, json.dumps(found, separators=(",", ":")), "The cache")


def _known(found: list[Any]) -> Known:
    digest, values, periods, since, stages, files = found
    row = Row(*values)
    row = row._replace(stages=tuple(Held(*each) for each in row.stages), labels=tuple(row.labels))
    states = {path: (size, time) for path, (size, time) in files.items()}
    return Known(digest, row, tuple(Period(*each) for each in periods), since, tuple(stages), states)


def _of_period(period: Period) -> list[object]:
    return [period.stage, period.version, period.start, period.end, period.began_before]
