"""The deliveries: which are due, what comes next for an artifact, and what has become of each."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from gto_action.service.rules.retries import FARTHEST
from gto_action.service.state.database import Database, insert_for
from gto_action.service.state.lanes import OPEN, Attempted, Delivery, Errand, Lane, State
from gto_action.service.state.tables import DELIVERY, EVENT, SINK

_MANY: Final = 2_000
NET: Final = 120.0
"""The seconds after which a worker is sent again for what an earlier one has neither delivered nor planned."""


class Deliveries:
    """The table of them."""

    def __init__(self, database: Database) -> None:
        """Reads nothing yet."""
        self._database = database

    def due(self, now: float, sinks: Iterable[str]) -> list[Errand]:
        """For which lanes a worker is to be sent."""
        query = (
            sa.select(DELIVERY.c.sink, DELIVERY.c.repository, DELIVERY.c.artifact, DELIVERY.c.sequence, DELIVERY.c.wake)
            .where(DELIVERY.c.state == State.WAITING.value, _is_due(now), DELIVERY.c.sink.in_(list(sinks)))
            .order_by(DELIVERY.c.sequence)
            .limit(_MANY)
        )
        found: dict[Lane, Errand] = {}
        with self._database.begin() as connection:
            for sink, repository, artifact, sequence, wake in connection.execute(query):
                lane = Lane(sink, repository, artifact)
                found.setdefault(lane, Errand(lane, f"{sink}:{lane.key}:{sequence}.{wake}"))
        return list(found.values())

    def sent(self, lanes: Sequence[Lane], now: float) -> None:
        """Notes that a worker has been sent for lanes."""
        with self._database.begin() as connection:
            for lane in lanes:
                connection.execute(
                    sa.update(DELIVERY)
                    .where(_of(lane), DELIVERY.c.state == State.WAITING.value, _is_due(now))
                    .values(wake=DELIVERY.c.wake + 1, wake_at=now + NET)
                )

    def head(self, lane: Lane) -> tuple[Delivery, str] | None:
        """The next delivery of a lane, with its body; None if there is none."""
        states = [each.value for each in OPEN]
        query = _SELECT.add_columns(EVENT.c.body).where(_of(lane), DELIVERY.c.state.in_(states))
        with self._database.begin() as connection:
            row = connection.execute(query.order_by(DELIVERY.c.sequence).limit(1)).mappings().first()
            return (_delivery(row), row["body"]) if row else None

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
        }
        with self._database.begin() as connection:
            waiting = sa.update(DELIVERY).where(DELIVERY.c.id == before.id, DELIVERY.c.state == State.WAITING.value)
            connection.execute(waiting.values(**values))

    def wake(self, lane: Lane, now: float) -> None:
        """Plans a worker for what comes next in a lane."""
        with self._database.begin() as connection:
            waiting = sa.update(DELIVERY).where(_of(lane), DELIVERY.c.state == State.WAITING.value)
            connection.execute(waiting.values(wake_at=now))

    def listed(
        self, states: Iterable[State], *, sink: str = "", since: float = 0.0, limit: int | None = None
    ) -> list[Delivery]:
        """Those in some states, the oldest first."""
        query = _SELECT.where(DELIVERY.c.state.in_([each.value for each in states]), DELIVERY.c.found_at >= since)
        query = query.where(DELIVERY.c.sink == sink) if sink else query
        with self._database.begin() as connection:
            ordered = query.order_by(*_ORDER).limit(limit)
            return [_delivery(row) for row in connection.execute(ordered).mappings()]

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
                    again = {"attempts": 0, "first_at": 0.0, "next_at": 0.0} if state is State.WAITING else {}
                    connection.execute(one.values(state=state.value, wake=DELIVERY.c.wake + 1, said="", **again))
                    lane = Lane(row["sink"], row["repository"], row["artifact"])
                    rest = sa.update(DELIVERY).where(_of(lane), DELIVERY.c.state == State.WAITING.value)
                    connection.execute(rest.values(wake_at=now))

    def pause(self, sink: str, said: str) -> None:
        """Notes that a sink wants nothing more, until a person says otherwise."""
        self._set_paused(sink, said, paused=True)

    def resume(self, sink: str, now: float) -> None:
        """Notes that a sink takes events again."""
        self._set_paused(sink, "", paused=False)
        with self._database.begin() as connection:
            waiting = sa.update(DELIVERY).where(DELIVERY.c.sink == sink, DELIVERY.c.state == State.WAITING.value)
            connection.execute(waiting.values(wake_at=now))

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
