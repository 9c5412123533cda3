"""What is read, kept and recorded of deliveries beside the order in which they go."""

import time
from collections.abc import Mapping

import sqlalchemy as sa

from gto_action.service.delivering import Delivering
from gto_action.service.state.lanes import OPEN, State
from gto_action.service.state.seen import SeenState
from gto_action.service.state.tables import DELIVERY
from tests.support.registered import LANE, Registry

ONE = "churn#prod#1"


def test_of_large_events_a_few_are_read_at_once_and_all_are_delivered(registered: Registry) -> None:
    """Of 16 artifacts and more at a time, else: all of them would be in memory."""
    for number in range(1, 8):
        registered.clock += 1
        large = "\U0001f600" * 2**16  # 800 KB in JSON
        registered.repo.tag(f"churn@v2.0.{number}", time=registered.clock, message=large)
    registered.look()
    assert len(registered.deliveries.heads(LANE, 20)) == 3
    registered.turn()
    assert [tag for _, tag in registered.taken()] == [f"churn@v2.0.{number}" for number in range(1, 8)]


def test_what_is_to_be_delivered_once_more_during_an_attempt_is(registered: Registry) -> None:
    registered.sink.answer = lambda _: (503, {}, 0.0)
    registered.tag(ONE)
    registered.look()
    (waiting,) = registered.deliveries.listed(OPEN)
    Delivering(registered.means).deliver(LANE)

    def again(number: int) -> tuple[int, Mapping[str, str], float]:
        if number == 1:
            registered.deliveries.decide([waiting.id], State.WAITING, time.time())
        return 200, {}, 0.0

    registered.sink.answer = again
    with registered.means.database.begin() as connection:
        connection.execute(sa.update(DELIVERY).values(next_at=0.0))
    for _ in range(2):
        Delivering(registered.means).deliver(LANE)
    assert [each.status for each in registered.sink.arrivals] == [503, 200, 200]


def test_what_waits_for_a_sink_that_was_removed_is_not_kept_for_ever(registered: Registry) -> None:
    registered.tag(ONE)
    registered.look()
    seen = SeenState(registered.means.database)
    assert seen.forget(time.time() + 1, [LANE.sink, "more"]) == 0
    assert seen.forget(time.time() + 1, ["more"]) == 1
    assert registered.deliveries.listed(OPEN) == []
