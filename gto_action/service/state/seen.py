"""What has been seen: the refs, the events that follow from them, and the deliveries that follow from those."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from gto_action.service.rules.ref_changes import Seen
from gto_action.service.state.database import Connection, Database, insert_for
from gto_action.service.state.lanes import OPEN
from gto_action.service.state.tables import ARTIFACT, DELIVERY, EVENT, REF, REPOSITORY

_MANY: Final = 500
"""How many rows or values a statement has."""
_OPEN: Final = tuple(state.value for state in OPEN)
ACCEPTED: Final = " accept"
"""The end of a digest where lightweight tags counted: if they do not now, or the other way round, all is read."""
MIXED: Final = "mixed"
"""A digest where lightweight tags have counted in a part of what is seen."""
_UNSURE: Final = "unsure"


def unsure(digest: str) -> str:
    """Instead of a digest one that no list of refs has, so that the next look compares all that there is."""
    return _UNSURE + (ACCEPTED if digest.endswith(ACCEPTED) else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that has been found."""

    id: str
    artifact: str
    sequence: int
    word: str
    tag: str
    holds: bool
    body: str
    sinks: tuple[str, ...]
    """Those that want it."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An event that somebody still waits for."""

    id: str
    word: str
    tag: str
    holds: bool
    is_last: bool
    """Whether nothing has happened to the tag since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is written together."""

    refs: Mapping[str, Seen]
    """Those that are not as they were."""
    events: Sequence[NewEvent] = ()
    """In the order in which they are told."""
    holding: Mapping[str, bool] | None = None
    """What has become of earlier events, by their ids."""
    by: str
    """Who said to look."""
    accepts: bool = False
    """Whether lightweight tags count."""


class SeenState:
    """The tables of it."""

    def __init__(self, database: Database) -> None:
        """Reads nothing yet."""
        self._database = database

    def refs(self, name: str) -> dict[str, Seen]:
        """Every tag of a repository that was ever seen."""
        query = sa.select(REF.c.tag, REF.c.oid, REF.c.generation, REF.c.counted).where(REF.c.repository == name)
        with self._database.begin() as connection:
            return {tag: Seen(*rest) for tag, *rest in connection.execute(query)}

    def sequences(self, name: str) -> dict[str, int]:
        """The last sequence number of each artifact of a repository."""
        query = sa.select(ARTIFACT.c.artifact, ARTIFACT.c.sequence).where(ARTIFACT.c.repository == name)
        with self._database.begin() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def undelivered(self, name: str, artifacts: Iterable[str]) -> list[Undelivered]:
        """The events of some artifacts that somebody still waits for."""
        query = (
            sa.select(EVENT.c.id, EVENT.c.word, EVENT.c.tag, EVENT.c.holds, EVENT.c.sequence)
            .join(DELIVERY, DELIVERY.c.event == EVENT.c.id)
            .where(EVENT.c.repository == name, DELIVERY.c.state.in_(_OPEN))
            .distinct()
        )
        last = sa.select(EVENT.c.tag, sa.func.max(EVENT.c.sequence)).where(EVENT.c.repository == name)
        found: list[Undelivered] = []
        with self._database.begin() as connection:
            for some in _batches(sorted(artifacts)):
                rows = connection.execute(query.where(EVENT.c.artifact.in_(some))).all()
                numbers: dict[str, int] = {}
                if rows:
                    of_tags = connection.execute(last.where(EVENT.c.artifact.in_(some)).group_by(EVENT.c.tag))
                    numbers.update((row[0], row[1]) for row in of_tags)
                found += [
                    Undelivered(event, word, tag, holds, sequence == numbers[tag])
                    for event, word, tag, holds, sequence in rows
                ]
        return found

    def add(self, name: str, version: int, found: Found, now: float) -> bool:
        """Writes refs, the events that they mean, and their deliveries: all of it or nothing.

        Args:
            name: the repository.
            version: how often its refs had been written when somebody read them.
            found: what there is.
            now: in seconds since 1970.

        Returns:
            Whether it was written: not if somebody else has written meanwhile, who has found the same or more.
        """
        with self._database.begin() as connection:
            mine = sa.update(REPOSITORY).where(REPOSITORY.c.name == name, REPOSITORY.c.version == version)
            # until somebody says of which list these refs are, they are of none; a first look stays one
            accepted = REPOSITORY.c.digest.endswith(ACCEPTED, autoescape=True)
            as_before = accepted if found.accepts else ~accepted & (REPOSITORY.c.digest != MIXED)
            digest = sa.case(
                (REPOSITORY.c.digest == "", ""),
                (as_before, unsure(ACCEPTED if found.accepts else "")),
                else_=MIXED,
            )
            if not connection.execute(mine.values(version=version + 1, digest=digest)).rowcount:
                return False
            for holds in (True, False):
                ids = [each for each, value in (found.holding or {}).items() if value is holds]
                for some in _batches(ids):
                    connection.execute(sa.update(EVENT).where(EVENT.c.id.in_(some)).values(holds=holds))
            rows = [
                {
                    "repository": name,
                    "tag": tag,
                    "oid": seen.oid,
                    "generation": seen.generation,
                    "counted": seen.counted,
                }
                for tag, seen in found.refs.items()
            ]
            _write(connection, REF, rows)
            last = {each.artifact: each.sequence for each in found.events}
            _write(
                connection,
                ARTIFACT,
                [{"repository": name, "artifact": each, "sequence": last[each]} for each in sorted(last)],
            )
            if events := [_event(name, each, found.by, now) for each in found.events]:
                connection.execute(sa.insert(EVENT), events)
            if rows := [_delivery(name, each, sink, now) for each in found.events for sink in each.sinks]:
                connection.execute(sa.insert(DELIVERY), rows)
            return True

    def forget(self, before: float, sinks: Iterable[str]) -> int:
        """Removes the events and deliveries of artifacts of which no sink waits for one; gives how many events.

        Refs and sequence numbers stay: with them nothing is sent twice, and no number is given twice. So do events
        after one that waits, which say that it has been superseded.

        Args:
            before: what was found before this time.
            sinks: those that there are: for one that was removed nothing waits any more.
        """
        theirs = DELIVERY.c.state.in_(_OPEN), DELIVERY.c.sink.in_(list(sinks))
        waiting = sa.select(DELIVERY.c.repository, DELIVERY.c.artifact).where(*theirs)
        is_over = sa.tuple_(EVENT.c.repository, EVENT.c.artifact).not_in(waiting)
        old = sa.select(EVENT.c.id).where(EVENT.c.found_at < before, is_over).limit(_MANY)
        removed = 0
        while True:
            with self._database.begin() as connection:
                ids = list(connection.execute(old).scalars())
                connection.execute(sa.delete(DELIVERY).where(DELIVERY.c.event.in_(ids)))
                connection.execute(sa.delete(EVENT).where(EVENT.c.id.in_(ids)))
            removed += len(ids)
            if len(ids) < _MANY:
                return removed


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (values[start : start + _MANY] for start in range(0, len(values), _MANY))


def _write(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows over those with the same primary key."""
    if rows:
        keys = [column.name for column in table.primary_key]
        statement = insert_for(connection, table)
        others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows))


def _event(name: str, event: NewEvent, found_by: str, now: float) -> dict[str, Any]:
    return {
        "id": event.id,
        "repository": name,
        "artifact": event.artifact,
        "sequence": event.sequence,
        "word": event.word,
        "tag": event.tag,
        "holds": event.holds,
        "body": event.body,
        "found_by": found_by,
        "found_at": now,
    }


def _delivery(name: str, event: NewEvent, sink: str, now: float) -> dict[str, Any]:
    return {
        "id": f"{sink}:{event.id}",
        "sink": sink,
        "event": event.id,
        "repository": name,
        "artifact": event.artifact,
        "sequence": event.sequence,
        "state": "waiting",
        "attempts": 0,
        "wake": 0,
        "wake_at": now,
        "next_at": 0.0,
        "found_at": now,
        "first_at": 0.0,
        "last_at": 0.0,
        "said": "",
    }
