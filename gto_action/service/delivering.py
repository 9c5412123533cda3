"""The work at a lane: to deliver what waits there, one after the other, and to note what has become of each."""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, takewhile
from typing import Final

from gto_action.service.config.settings import SinkSettings
from gto_action.service.means import Means
from gto_action.service.rules.outcome import Came, Outcome
from gto_action.service.rules.retries import Then, is_due, pause
from gto_action.service.sinks.message import Message
from gto_action.service.sinks.sink import sink_of
from gto_action.service.state.database import DatabaseError
from gto_action.service.state.deliveries import ENOUGH, Deliveries
from gto_action.service.state.lanes import Attempted, Delivery, Lane, State

_IN_TURN: Final = 200
"""How many events of an artifact are delivered before other artifacts have their turn."""
_READ: Final = 20
"""How many events of an artifact are read at once."""
_FRESH: Final = 1.0
"""The seconds for which what was read counts: a person may skip what follows, a later event take its place."""
_ALONE: Final = 2
_BROKEN_OFF: Final = 5
"""How often the service may end while a delivery is tried; from `_ALONE` on, no other such is tried beside it."""
_AFTER_FAULT: Final = 30.0
_PATIENCE: Final = 20.0
"""The seconds for which a worker waits for its turn."""


@dataclass(slots=True)
class Delivering:
    """Delivers. Any worker may be sent twice, and at any time."""

    means: Means
    _one: threading.Semaphore = field(default_factory=threading.BoundedSemaphore)
    """Who has it may try what may end the service."""
    _turns: dict[str, threading.BoundedSemaphore] = field(default_factory=dict)
    _at_work: set[str] = field(default_factory=set)

    @property
    def deliveries(self) -> Deliveries:
        """What is to be delivered."""
        return Deliveries(self.means.database)

    def deliver(self, lane: Lane) -> None:
        """Delivers what waits in a lane, one after the other, until there is nothing or something has to wait."""
        settings = self.means.settings.sink(lane.sink)
        if settings is None:
            return
        turn = self._turns.setdefault(lane.sink, threading.BoundedSemaphore(settings.concurrency))
        try:
            if not self._wait_for(turn, _PATIENCE):
                self.means.patiently(lambda: self.deliveries.wake(lane, time.time()))  # another replica may be free
                return
            try:
                self._take_turn(settings, lane)
            finally:
                turn.release()
        except DatabaseError:
            raise
        except Exception:
            self.means.patiently(lambda: self.deliveries.wake(lane, time.time() + _AFTER_FAULT))
            raise

    def _take_turn(self, settings: SinkSettings, lane: Lane) -> None:
        some = self._next(lane)
        if some and some[0][0].begun < _ALONE:
            self._deliver(settings, lane, some, _IN_TURN)
        elif some and self._wait_for(self._one, math.inf):  # of what may end the service, one at a time
            try:
                if some := self._next(lane):
                    self._deliver(settings, lane, some, 1)
            finally:
                self._one.release()

    def _wait_for(self, turn: threading.Semaphore, seconds: float) -> bool:
        """Whether it was this one's turn in time, and before the service ends."""
        deadline = time.monotonic() + seconds
        while not turn.acquire(timeout=0.5):
            if self.means.stopping.is_set() or time.monotonic() > deadline:
                return False
        return True

    def _next(self, lane: Lane) -> list[tuple[Delivery, str]]:
        """What is next in a lane and can be delivered, with its bodies."""
        if self.means.stopping.is_set():
            return []
        now, found = time.time(), self.means.patiently(lambda: self.deliveries.heads(lane, _READ))
        return [*takewhile(lambda each: each[0].state is State.WAITING and is_due(each[0].next_at, now), found)]

    def _waiting(self, lane: Lane, some: list[tuple[Delivery, str]]) -> Iterator[tuple[Delivery, str]]:
        """What waits in a lane, read anew when people or a look may have decided otherwise meanwhile."""
        while some:
            read = time.monotonic()
            for each in some:
                yield each
                if time.monotonic() - read > _FRESH or self.means.stopping.is_set():
                    break
            else:
                # for what has come since, another worker is sent
                if len(some) < _READ and sum(len(body) for _, body in some) < ENOUGH:
                    return
            some = self._next(lane)

    def _deliver(self, settings: SinkSettings, lane: Lane, some: list[tuple[Delivery, str]], turns: int) -> None:
        send = sink_of(settings, self.means.vault, self.means.variables)
        done = 0
        with self._begun(some[0][0].id):
            for delivery, body in islice(self._waiting(lane, some), turns):
                attempted = self._broken(settings, delivery) or self._attempt(settings, send, delivery, body)
                self.means.patiently(partial(self.deliveries.record, delivery, attempted))
                if attempted.state in {State.WAITING, State.HELD}:
                    return
                done += 1
        if done == turns or self.means.stopping.is_set():
            self.means.patiently(lambda: self.deliveries.wake(lane, time.time()))

    @contextmanager
    def _begun(self, name: str) -> Iterator[None]:
        """Notes that a worker begins with a delivery: if that ends the service, the next one knows.

        What follows in the lane is not noted, which would be written for each; it is when it is first itself.
        """
        self.means.patiently(lambda: self.deliveries.begin(name))
        self._at_work.add(name)
        try:
            yield
        finally:
            self._at_work.discard(name)

    def leave(self) -> None:
        """Notes that what is still being done is left because the service was told to end."""
        for name in [*self._at_work]:
            with suppress(DatabaseError):
                self.deliveries.leave(name)

    def _broken(self, settings: SinkSettings, delivery: Delivery) -> Attempted | None:
        """What becomes of a delivery that has ended the service too often; None of others."""
        if delivery.begun < _BROKEN_OFF:
            return None
        state, now = _given_up(settings), time.time()
        said = f"the service ended {delivery.begun} times while it was tried"
        self._say(delivery, state, said)
        return Attempted(state=state, said=said, began=now, ended=now, attempts=0)

    def _attempt(
        self, settings: SinkSettings, send: Callable[[Message], Outcome], delivery: Delivery, body: str
    ) -> Attempted:
        began, clock = time.time(), time.monotonic()
        if not settings.superseded and not delivery.holds:
            self.means.metrics.delivered(settings.name, State.SUPERSEDED.value)
            self._say(delivery, State.SUPERSEDED, "a later event has taken its place")
            return Attempted(state=State.SUPERSEDED, said="", began=began, ended=began, attempts=0)
        message = Message(id=delivery.event, word=delivery.word, sequence=delivery.sequence, body=body)
        outcome = send(message)
        said, ended = self.means.vault.hide(outcome.said), time.time()
        self.means.metrics.delivered(settings.name, outcome.came.value)
        if outcome.came is Came.TAKEN:
            self.means.metrics.took(settings.name, max(ended - delivery.found_at, 0.0))
            self._say(delivery, State.DELIVERED, said, seconds=time.monotonic() - clock)
            return Attempted(state=State.DELIVERED, said=said, began=began, ended=ended)
        state, next_at = State.WAITING, 0.0
        if outcome.came is Came.GONE:
            self.means.patiently(lambda: self.deliveries.pause(settings.name, said))
            remedy = f"When it does again: gto-action sinks resume {settings.name}"
            self.means.log.caution(f"The sink {settings.name!r} wants nothing more. {remedy}", sink=settings.name)
        elif settings.retry.is_over(delivery.first_at or began, ended):
            state = _given_up(settings)
        else:
            next_at = ended + pause(delivery.attempts + 1, outcome.wait, random.random())  # noqa: S311 - spreads the load
        self._say(delivery, state, said, seconds=time.monotonic() - clock)
        return Attempted(state=state, said=said, began=began, ended=ended, next_at=next_at)

    def _say(self, delivery: Delivery, state: State, said: str, *, seconds: float = 0.0) -> None:
        tell = self.means.log.tell if state in {State.DELIVERED, State.SUPERSEDED} else self.means.log.caution
        tell(
            f"{state.value}: {said}",
            event=delivery.event,
            sink=delivery.lane.sink,
            repository=delivery.lane.repository,
            artifact=delivery.lane.artifact,
            sequence=delivery.sequence,
            attempt=delivery.attempts + 1,
            seconds=round(seconds, 3),
        )


def _given_up(settings: SinkSettings) -> State:
    """What becomes of a delivery that is tried no more."""
    return State.HELD if settings.retry.then is Then.HOLD else State.DEAD
