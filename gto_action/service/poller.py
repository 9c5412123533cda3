"""The clock: says when to look, and sends for what waits. Whatever got lost on its way is sent for again."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from gto_action.service.config.settings import Settings
from gto_action.service.log import Log
from gto_action.service.rules.retries import is_due
from gto_action.service.state.database import DatabaseError
from gto_action.service.state.deliveries import Deliveries
from gto_action.service.state.lanes import Errand, Lane
from gto_action.service.state.repositories import Repositories, RepositoryState

_TICK: Final = 1.0
_PAUSE: Final = 0.02
_AGAIN: Final = 5.0
"""The seconds after which somebody asks whether a look is still on its way."""
_HEAL: Final = 5.0
_LATE: Final = 15.0
_FORGET: Final = 600.0
_DONE: Final = 3600.0
"""The seconds for which the engine remembers what is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """What is sent for."""

    look: Callable[[str, int], None]
    is_looking: Callable[[str, int], bool]
    deliver: Callable[[Errand], None]
    awaited: Callable[[Sequence[Lane]], set[Lane]]
    busy: Callable[[], set[tuple[str, str]]]
    forget: Callable[[float], object]
    heal: Callable[[], int]


@dataclass(slots=True)
class Poller:
    """The clock's thread."""

    settings: Settings
    repositories: Repositories
    deliveries: Deliveries
    forget: Callable[[float, Sequence[str]], object]
    """Removes what is older than a time, and for which none of the sinks waits."""
    engine: Engines
    log: Log
    awake: threading.Event = field(default_factory=threading.Event)
    _stopping: bool = False
    _has_begun: bool = False
    _sent: dict[str, tuple[int, float]] = field(default_factory=dict)
    _forgot: float = 0.0
    _healed: float = 0.0
    _asked: float = 0.0
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins."""
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._stopping = True
        self.awake.set()
        if self._thread:
            self._thread.join()

    def wake(self) -> None:
        """Says that there may be something to do."""
        self.awake.set()

    def _run(self) -> None:
        while not self._stopping:
            self.awake.wait(_TICK)
            time.sleep(_PAUSE)  # of many hooks at once one does
            self.awake.clear()
            try:
                self.tick(time.time())
            except DatabaseError as error:
                self.log.fail(str(error))
                time.sleep(1.0)
            except Exception as error:  # noqa: BLE001 - the clock goes on, whatever happens
                self.log.fail(f"{type(error).__name__}: {error}")
                time.sleep(1.0)

    def tick(self, now: float) -> None:
        """Does what is due."""
        known = self._known()
        for each in self.settings.repositories:
            if each.name in known:
                self._repository(known[each.name], each.poll, now)
        sinks = [sink.name for sink in self.settings.sinks]
        while not self._stopping and (errands := self.deliveries.due(asked := time.time(), sinks)):
            awaited = self.engine.awaited([each.lane for each in errands if each.is_again])
            for errand in errands:
                if errand.lane not in awaited:  # else a sink that hangs would have more and more of them
                    self.engine.deliver(errand)
            self.deliveries.sent(errands, asked)
        if time.monotonic() - self._asked > _LATE:
            self._asked = time.monotonic()
            self._find(time.time(), sinks)
        if time.monotonic() - self._healed > _HEAL:
            self._healed = time.monotonic()
            if healed := self.engine.heal():
                self.log.caution("Work that the database had lost is taken up again.", number=healed)
        if is_due(self._forgot + _FORGET, now):
            self._forgot = now
            self._forget(now, sinks)

    def _known(self) -> dict[str, RepositoryState]:
        """What is known of the repositories; the first time all are to be looked at."""
        if not self._has_begun:
            self.repositories.poll_soon(each.name for each in self.settings.repositories)
            self._has_begun = True
        return self.repositories.all()

    def _forget(self, now: float, sinks: list[str]) -> None:
        self.engine.forget(now - _DONE)
        self.forget(now - self.settings.keep, sinks)
        self.repositories.forget_hooks(now - self.settings.keep)

    def _find(self, now: float, sinks: list[str]) -> None:
        """Sends for what waits though no worker waits or works: one got lost, whatever the reason."""
        if not self.deliveries.late(now, sinks):
            return
        busy = self.engine.busy()
        for lane in self.deliveries.late(now, sinks):  # asked last: a worker that has ended meanwhile has delivered
            if (lane.sink, lane.key) not in busy:
                self.log.caution("A worker has got lost; another is sent.", sink=lane.sink, lane=lane.key)
                self.deliveries.wake(lane, now)
                self.awake.set()

    def _repository(self, known: RepositoryState, every: float, now: float) -> None:
        if not now < known.poll_at < now + 2 * every:  # the clock may have been set back
            next_at = now + every * random.uniform(0.9, 1.1)  # noqa: S311 - spreads the load
            self.repositories.poll(known, next_at, now)
            self.awake.set()
            return
        if known.wanted <= known.done or not is_due(known.not_before, now):
            return
        looks, clock = known.looks, time.monotonic()
        if self._sent.get(known.name, (-1, 0.0))[0] != looks:
            self.engine.look(known.name, looks)
            self._sent[known.name] = looks, clock
        elif clock - self._sent[known.name][1] > _AGAIN:
            self._sent[known.name] = looks, clock
            if not self.engine.is_looking(known.name, looks):
                self.log.caution("A look has got lost; another is sent for.", repository=known.name)
                self.repositories.again(known)
                self.awake.set()
