"""The deliveries: which are due, what comes next for an artifact, and what has become of each."""

import time
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Final

import sqlalchemy as sa

from gto_action.service.rules.retries import FARTHEST
from gto_action.service.state.database import Database, insert_for
from gto_action.service.state.lanes import OPEN, Attempted, Delivery, Errand, Lane, State
from gto_action.service.state.tables import DELIVERY, EVENT, SINK

_MANY: Final = 2_000
_AT_ONCE: Final = 50
NET: Final = 120.0
"""The seconds after which a worker is sent again for what an earlier one has neither delivered nor planned."""
ENOUGH: Final = 2**21
"""The bytes of bodies after which no more are read at once: whoever pushes may make each 800 KB large."""
_LATE: Final = 15.0
"""The seconds after which somebody asks whether that one is still on its way."""


class Deliveries:
    """The table of them."""

    def __init__(self, database: Database) -> None:
        """Reads nothing yet."""
        self._database = database

    def due(self, now: float, sinks: Iterable[str]) -> list[Errand]:
        """For which lanes a worker is to be sent: some of them, so that replicas seldom send for the same."""
        ends = sa.func.min(DELIVERY.c.sequence).label("first"), sa.func.max(DELIVERY.c.sequence).label("last")
        due = (
            sa.select(*_LANE, *ends, sa.func.min(DELIVERY.c.wake).label("least"))
            .where(_WAITS, _is_due(now), _takes(sinks))
            .group_by(*_LANE)
        )
        due = due.order_by(sa.func.random())
        with self._database.begin() as connection:
            return [
                Errand(lane := Lane(*row), f"{lane.sink}:{lane.key}:{first}-{last}.{wake}", last, least > 0)
                for *row, first, last, least, wake in connection.execute(_firsts(due, _AT_ONCE, DELIVERY.c.wake))
            ]

    def sent(self, errands: Sequence[Errand], now: float) -> None:
        """Notes that workers have been sent, for what was due when `due` was asked and not for what has come since."""
        with self._database.begin() as connection:
            for each in sorted(errands, key=lambda each: each.name):  # else replicas could wait for each other's rows
                theirs = _of(each.lane), _WAITS, _is_due(now), DELIVERY.c.sequence <= each.last
                planned = sa.update(DELIVERY).where(*theirs)
                connection.execute(planned.values(wake=DELIVERY.c.wake + 1, wake_at=time.time() + NET))

    def late(self, now: float, sinks: Iterable[str]) -> list[Lane]:
        """The lanes for which a worker was sent a while ago, though what is first there could be delivered."""
        first = sa.func.min(DELIVERY.c.sequence).label("first")
        lanes = sa.select(*_LANE, first).where(_OPEN, _takes(sinks)).group_by(*_LANE)
        sent = DELIVERY.c.wake_at > now, DELIVERY.c.wake_at < now + NET - _LATE
        with self._database.begin() as connection:
            rows = connection.execute(_firsts(lanes, _MANY).where(_WAITS, *sent, DELIVERY.c.next_at <= now))
            return [Lane(*row[:3]) for row in rows]

    def heads(self, lane: Lane, most: int) -> list[tuple[Delivery, str]]:
        """What comes next in a lane, with its bodies, until those are `ENOUGH`; nothing if the sink is paused."""
        paused = sa.exists().where(SINK.c.name == lane.sink, SINK.c.paused)
        query = _SELECT.add_columns(sa.func.length(EVENT.c.body).label("size")).where(_of(lane), _OPEN, ~paused)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(DELIVERY.c.sequence).limit(most)).mappings().all()
            before = accumulate((row["size"] for row in rows), initial=0)
            some = [_delivery(row) for row, size in zip(rows, before, strict=False) if size < ENOUGH]
            of_events = sa.select(EVENT.c.id, EVENT.c.body).where(EVENT.c.id.in_([each.event for each in some]))
            bodies = {row[0]: row[1] for row in connection.execute(of_events)} if some else {}
        return [(each, bodies[each.event]) for each in some]

    def begin(self, name: str) -> None:
        """Notes that a worker begins with a delivery: if the process ends, this stays."""
        self._begun(name, 1)

    def leave(self, name: str) -> None:
        """Notes that a worker leaves a delivery because the service is told to end."""
        self._begun(name, -1)

    def _begun(self, name: str, more: int) -> None:
        with self._database.begin() as connection:
            waiting = sa.update(DELIVERY).where(DELIVERY.c.id == name, _WAITS)
            connection.execute(waiting.values(begun=DELIVERY.c.begun + more))

    def record(self, before: Delivery, after: Attempted) -> None:
        """Notes what an attempt has come to, unless a person has decided meanwhile."""
        values = {
            "state": after.state.value,
            "attempts": before.attempts + after.attempts,
            "said": after.said,
            "first_at": before.first_at or after.began,
            "last_at": after.ended,
            "next_at": after.next_at,
            "wake_at": after.next_at,
            "wake": DELIVERY.c.wake + 1,  # the next worker is another than the one whose attempt this was
            "begun": 0,
        }
        with self._database.begin() as connection:
            same = DELIVERY.c.id == before.id, _WAITS, DELIVERY.c.attempts == before.attempts
            connection.execute(sa.update(DELIVERY).where(*same).values(**values))

    def wake(self, lane: Lane, at: float) -> None:
        """Plans another worker for what waits in a lane."""
        with self._database.begin() as connection:
            waiting = sa.update(DELIVERY).where(_of(lane), _WAITS)
            connection.execute(waiting.values(wake=DELIVERY.c.wake + 1, wake_at=at))

    def listed(
        self, states: Iterable[State], *, sink: str = "", since: float = 0.0, limit: int | None = None
    ) -> list[Delivery]:
        """Those in some states, the oldest first; of more than `limit` the newest."""
        query = _SELECT.where(DELIVERY.c.state.in_([each.value for each in states]), DELIVERY.c.found_at >= since)
        query = query.where(DELIVERY.c.sink == sink) if sink else query
        with self._database.begin() as connection:
            newest = query.order_by(*(sa.desc(each) for each in _ORDER)).limit(limit)
            return [_delivery(row) for row in reversed(connection.execute(newest).mappings().all())]

    def named(self, name: str) -> Delivery | None:
        """One by its id; None if there is none."""
        with self._database.begin() as connection:
            row = connection.execute(_SELECT.where(DELIVERY.c.id == name)).mappings().first()
            return _delivery(row) if row else None

    def decide(self, names: Iterable[str], state: State, now: float) -> None:
        """A person decides: to be delivered once more, or skipped. What follows in the lanes goes on."""
        with self._database.begin() as connection:
            for name in names:
                row = connection.execute(sa.select(DELIVERY).where(DELIVERY.c.id == name)).mappings().first()
                if row:
                    one = sa.update(DELIVERY).where(DELIVERY.c.id == name)
                    again = (
                        {"attempts": 0, "begun": 0, "first_at": 0.0, "next_at": 0.0} if state is State.WAITING else {}
                    )
                    connection.execute(one.values(state=state.value, said="", **again))
                    lane = Lane(row["sink"], row["repository"], row["artifact"])
                    rest = sa.update(DELIVERY).where(_of(lane), _WAITS)
                    connection.execute(rest.values(wake=DELIVERY.c.wake + 1, wake_at=now))

    def pause(self, sink: str, said: str) -> None:
        """Notes that a sink wants nothing more, until a person says otherwise."""
        self._set_paused(sink, said, paused=True)

    def resume(self, sink: str, now: float) -> None:
        """Notes that a sink takes events again."""
        self._set_paused(sink, "", paused=False)
        with self._database.begin() as connection:
            waiting = sa.update(DELIVERY).where(DELIVERY.c.sink == sink, _WAITS)
            connection.execute(waiting.values(wake=DELIVERY.c.wake + 1, wake_at=now))

    def paused(self) -> dict[str, str]:
        """The sinks that want nothing more, and what they have said."""
        with self._database.begin() as connection:
            return {
                row[0]: row[1] for row in connection.execute(sa.select(SINK.c.name, SINK.c.said).where(SINK.c.paused))
            }

    def _set_paused(self, sink: str, said: str, *, paused: bool) -> None:
        with self._database.begin() as connection:
            statement = insert_for(connection, SINK).values(name=sink, paused=paused, said=said)
            changed = statement.on_conflict_do_update(index_elements=["name"], set_={"paused": paused, "said": said})
            connection.execute(changed)

    def waiting(self) -> list[tuple[str, State, int, float]]:
        """For each sink and state, how many are in it, and when the oldest was found."""
        query = sa.select(DELIVERY.c.sink, DELIVERY.c.state, sa.func.count(), sa.func.min(DELIVERY.c.found_at))
        with self._database.begin() as connection:
            rows = connection.execute(query.group_by(DELIVERY.c.sink, DELIVERY.c.state))
            return [(sink, State(state), count, oldest) for sink, state, count, oldest in rows]


_LANE: Final = (DELIVERY.c.sink, DELIVERY.c.repository, DELIVERY.c.artifact)
_WAITS: Final = DELIVERY.c.state == State.WAITING.value
_OPEN: Final = DELIVERY.c.state.in_([each.value for each in OPEN])
_SELECT: Final = sa.select(DELIVERY, EVENT.c.word, EVENT.c.tag, EVENT.c.holds).join(
    EVENT, EVENT.c.id == DELIVERY.c.event
)


_ORDER: Final = (
    DELIVERY.c.found_at,
    DELIVERY.c.repository,
    DELIVERY.c.artifact,
    DELIVERY.c.sequence,
    DELIVERY.c.sink,
)


def _takes(sinks: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether a delivery is to one of some sinks that is not paused."""
    paused = sa.select(SINK.c.name).where(SINK.c.paused)
    return sa.and_(DELIVERY.c.sink.in_(list(sinks)), DELIVERY.c.sink.not_in(paused))


def _firsts(lanes: "sa.Select[Any]", most: int, *more: "sa.ColumnElement[Any]") -> "sa.Select[Any]":
    """What is first in lanes, with `more` of it."""
    some = lanes.limit(most).subquery()
    same = [some.c[column.name] == column for column in _LANE]
    return sa.select(some, *more).join(DELIVERY, sa.and_(*same, DELIVERY.c.sequence == some.c.first))


def _is_due(now: float) -> sa.ColumnElement[bool]:
    """As `retries.is_due`, for the database."""
    return sa.or_(DELIVERY.c.wake_at <= now, DELIVERY.c.wake_at > now + FARTHEST)


def _of(lane: Lane) -> sa.ColumnElement[bool]:
    return sa.and_(
        DELIVERY.c.sink == lane.sink, DELIVERY.c.repository == lane.repository, DELIVERY.c.artifact == lane.artifact
    )


def _delivery(row: Any) -> Delivery:  # noqa: ANN401 - a row
    names = (
        "sequence",
        "attempts",
        "begun",
        "wake",
        "next_at",
        "found_at",
        "first_at",
        "last_at",
        "said",
        "event",
        "word",
        "tag",
    )
    lane, state = Lane(row["sink"], row["repository"], row["artifact"]), State(row["state"])
    return Delivery(id=row["id"], lane=lane, state=state, holds=row["holds"], **{name: row[name] for name in names})
