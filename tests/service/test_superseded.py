"""`superseded = false`: what no longer holds when its turn comes is not sent, and what holds is.

The naive model knows every event and the tags of the last look: an event holds if it is the last that happened to its
tag, and the tag is a version, or the newest assignment; or the event is that the tag went.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gto_action.service.state.lanes import OPEN, State
from gto_action.service.state.seen import SeenState
from tests.support.registered import LANE, Registry

STAGE = "churn#prod"


ONE, TWO = f"{STAGE}#1", f"{STAGE}#2"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([("tag", ONE)], [("assignment", ONE)], id="it holds"),
        pytest.param([("tag", ONE), ("tag", TWO)], [("assignment", TWO)], id="a later one"),
        pytest.param([("tag", ONE), ("tag", ONE)], [("moved", ONE)], id="moved"),
        pytest.param([("tag", ONE), ("tag", ONE), ("tag", ONE)], [("moved", ONE)], id="moved twice"),
        pytest.param([("tag", ONE), ("delete", ONE)], [("deleted", ONE)], id="deleted"),
        pytest.param([("tag", ONE), ("delete", ONE), ("tag", ONE)], [("assignment", ONE)], id="deleted and back"),
        pytest.param(
            [("tag", ONE), ("delete", ONE), ("tag", ONE), ("delete", ONE)], [("deleted", ONE)], id="deleted twice"
        ),
        pytest.param(
            [("tag", ONE), ("tag", TWO), ("delete", TWO)],
            [("assignment", ONE), ("deleted", TWO)],
            id="it holds again",
        ),
        pytest.param([("tag", ONE), ("tag", f"{STAGE}!#2")], [("unassignment", f"{STAGE}!#2")], id="unassigned"),
        pytest.param([("tag", ONE), ("tag", "other@v1.0.0")], [("assignment", ONE)], id="another artifact"),
    ],
)
def test_what_is_sent_when_its_turn_comes(
    registered: Registry, steps: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    for what, name in steps:
        registered.tag(name) if what == "tag" else registered.delete(name)
        registered.look()
    registered.turn()
    assert registered.taken() == expected


def test_it_is_asked_again_at_each_attempt(registered: Registry) -> None:
    registered.sink.answer = lambda _: (503, {}, 0.0)
    registered.tag(ONE)
    registered.look()
    registered.turn()
    assert [each.event["tag"] for each in registered.sink.arrivals] == [ONE]
    registered.sink.answer = lambda _: (200, {}, 0.0)
    registered.tag(TWO)
    registered.look()
    registered.turn()
    assert [each.event["tag"] for each in registered.sink.arrivals] == [ONE, TWO]
    found = registered.deliveries.listed(tuple(State))
    assert [(each.tag, each.state) for each in found] == [(ONE, State.SUPERSEDED), (TWO, State.DELIVERED)]


def test_what_superseded_it_is_remembered_for_as_long_as_it_waits(registered: Registry) -> None:
    registered.tag(ONE)
    registered.look()
    (first,) = registered.deliveries.listed(OPEN)
    registered.tag(ONE)
    registered.look()
    second = registered.deliveries.listed(OPEN)[1]
    registered.deliveries.decide([second.id], State.SKIPPED, time.time())
    assert SeenState(registered.means.database).forget(time.time() + 1, [LANE.sink]) == 0
    registered.tag(TWO)
    registered.look()
    registered.delete(TWO)
    registered.look()
    registered.turn()
    assert registered.taken() == [("deleted", TWO)]
    assert registered.deliveries.named(first.id).state is State.SUPERSEDED  # type: ignore[union-attr]
    assert SeenState(registered.means.database).forget(time.time() + 1, [LANE.sink]) == 4


@dataclass
class Happened:
    """An event, as the naive model knows it."""

    word: str
    tag: str
    at: int


def holds(event: Happened, events: list[Happened], seen: dict[str, int]) -> bool:
    if [each for each in events if each.tag == event.tag][-1] is not event:
        return False
    if event.word == "deleted":
        return event.tag not in seen
    assignments = [at for name, at in seen.items() if name.startswith(STAGE)]
    return event.tag in seen and (not event.tag.startswith(STAGE) or seen[event.tag] == max(assignments))


class Walk:
    """What happens at random, and what the naive model says of it."""

    def __init__(self, registered: Registry, seed: int) -> None:
        self.registered, self.chance = registered, random.Random(seed)
        self.there = {f"churn@v{number}.0.0": 1000 + number for number in (1, 2, 3)}
        self.seen = dict(self.there)
        self.waiting: list[Happened] = []
        self.events: list[Happened] = []

    def change(self) -> None:
        name = f"{STAGE}#{self.chance.randrange(1, 5)}"
        if name in self.there and self.chance.random() < 0.5:
            self.registered.delete(name)
            del self.there[name]
        else:
            self.registered.tag(name, f"churn@v{self.chance.randrange(1, 4)}.0.0")
            self.there[name] = self.registered.clock

    def look(self) -> None:
        self.registered.look()
        gone = [Happened("deleted", name, 0) for name in sorted(self.seen.keys() - self.there.keys())]
        new = [
            Happened("moved" if name in self.seen else "assignment", name, at)
            for name, at in self.there.items()
            if self.seen.get(name) != at
        ]
        fresh = gone + sorted(new, key=lambda each: each.at)
        self.events += fresh
        self.waiting += fresh
        self.seen = dict(self.there)

    def turn(self, *, share: float) -> None:
        """What waits has its turn, and so large a share of the attempts fails."""
        failed: list[bool] = []

        def answer(_: int) -> tuple[int, dict[str, str], float]:
            failed.append(self.chance.random() < share)
            return (503 if failed[-1] else 200), {}, 0.0

        sink = self.registered.sink
        sink.answer, before = answer, len(sink.arrivals)
        self.registered.turn()
        sent = [(each.event["type"].split(".")[3], each.event["tag"]) for each in sink.arrivals[before:]]
        assert sent == list(self._expected(iter(failed)))

    def _expected(self, failed: Iterator[bool]) -> Iterator[tuple[str, str]]:
        while self.waiting:
            event = self.waiting[0]
            if holds(event, self.events, self.seen):
                yield event.word, event.tag
                if next(failed, False):
                    return
            self.waiting.pop(0)


@pytest.mark.parametrize("seed", [17])
def test_what_is_sent_is_what_holds_by_a_naive_model(registered: Registry, seed: int) -> None:
    """Tags come, move and go at random, between looks and attempts that fail at random."""
    walk = Walk(registered, seed)
    for _ in range(25):
        for _ in range(walk.chance.randrange(3)):
            walk.change()
        if walk.chance.random() < 0.7:
            walk.look()
        if walk.chance.random() < 0.4:
            walk.turn(share=0.5)
    walk.look()
    walk.turn(share=0.0)
    assert not walk.waiting
    assert len(walk.events) > 10
