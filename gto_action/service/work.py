"""What the service does when it is told to: it looks at a repository, and delivers what waits in a lane."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlsplit

from gto_action.errors import GtoActionError
from gto_action.service.config.secrets import Vault
from gto_action.service.config.settings import RepositorySettings, Settings, SinkSettings
from gto_action.service.log import Log
from gto_action.service.look import Asked, BusyError, Eyes, HaltedError, Looked, look
from gto_action.service.metrics import Metrics
from gto_action.service.rules.outcome import Came, Outcome
from gto_action.service.rules.retries import Then, is_due, pause
from gto_action.service.sinks.message import Message
from gto_action.service.sinks.sink import sink_of
from gto_action.service.state.database import Database, DatabaseError
from gto_action.service.state.deliveries import Deliveries
from gto_action.service.state.lanes import Attempted, Delivery, Lane, State
from gto_action.service.state.repositories import Repositories, RepositoryState
from gto_action.service.state.seen import SeenState
from gto_action.system.attempts import Pace

_Value = TypeVar("_Value")
_IN_TURN: Final = 200
"""How many events of an artifact are delivered before other artifacts have their turn."""
_PER_HOST: Final = 4
"""How many repositories of a host are looked at at the same time."""
_FIRST_PAUSE: Final = 15.0
_LONGEST_PAUSE: Final = 3600.0
_TRIES: Final = 60
"""How often a database that fails is asked again, once a second."""


@dataclass(slots=True)
class Work:
    """The work, and what it is done with. Any of it may be done twice, and at any time."""

    settings: Settings
    database: Database
    vault: Vault
    variables: Mapping[str, str]
    log: Log
    metrics: Metrics
    found: Callable[[], None] = lambda: None
    """Is called when there may be something to deliver."""
    pace: Pace = field(default_factory=Pace)
    stopping: threading.Event = field(default_factory=threading.Event)
    _hosts: dict[str, threading.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: threading.Semaphore(_PER_HOST))
    )

    @property
    def repositories(self) -> Repositories:
        """What is known of the repositories."""
        return Repositories(self.database)

    @property
    def deliveries(self) -> Deliveries:
        """What is to be delivered."""
        return Deliveries(self.database)

    def look_at(self, name: str, *, by: str = "service", accept: bool = False, dry: bool = False) -> Looked | None:
        """Looks at a repository, if somebody wants it; None if nothing was to be done, or it has failed.

        :raises GtoActionError: if it has failed, and `by` is not the service, which notes it.
        """
        of = self.settings.repository(name)
        known = self._patiently(self.repositories.all).get(name)
        if of is None or known is None:
            return None
        began = time.monotonic()
        try:
            with self._hosts[urlsplit(of.url).hostname or ""]:
                looked = self._look(of, known, Asked(by=by, token=self._token(of), accept=accept, dry=dry))
        except BusyError:  # who was faster has written what there was; what is left is still wanted
            return None
        except GtoActionError as error:
            if not isinstance(error, DatabaseError) and not dry:
                self._failed(known, error)
            if by != "service":
                raise
            return None
        if not dry:
            self._patiently(
                lambda: self.repositories.looked(name, done=known.wanted, digest=looked.digest, now=time.time())
            )
        self._told(name, looked, time.monotonic() - began)
        return looked

    def _look(self, of: RepositorySettings, known: RepositoryState, asked: Asked) -> Looked:
        def said(line: str) -> None:
            self.log.tell(line, repository=of.name)

        eyes = Eyes(seen=SeenState(self.database), sinks=self.settings.sinks, log=said, pace=self.pace)
        return look(of, known, eyes, asked)

    def _token(self, of: RepositorySettings) -> str:
        return self.vault[of.token] if of.token else ""

    def _failed(self, known: RepositoryState, error: GtoActionError) -> None:
        wait = min(_FIRST_PAUSE * (1 << min(known.failures, 10)), _LONGEST_PAUSE) * random.uniform(1, 1.2)  # noqa: S311
        said = self.vault.hide(str(error))
        self.metrics.look_failed(known.name)
        self.log.fail(said, repository=known.name, failures=known.failures + 1)
        self._patiently(
            lambda: self.repositories.failed(
                known.name,
                error=said,
                not_before=time.time() + wait,
                halted=isinstance(error, HaltedError),
                now=time.time(),
            )
        )

    def _told(self, name: str, looked: Looked, seconds: float) -> None:
        self.metrics.looked(name, seconds)
        for problem in looked.problems:
            self.log.caution(str(problem), repository=name)
        if looked.is_first:
            self.log.tell(f"{looked.tags} tags were there before; {len(looked.events)} of them count.", repository=name)
        for event in looked.events:
            self.metrics.found(event.word)
            self.log.tell(
                f"{event.word}: {event.tag}",
                repository=name,
                event=event.id,
                sequence=event.sequence,
                sinks=list(event.sinks),
            )
        if looked.events:
            self.found()

    def deliver(self, lane: Lane) -> None:
        """Delivers what waits in a lane, one after the other, until there is nothing or something has to wait."""
        settings = self.settings.sink(lane.sink)
        if settings is None:
            return
        send = sink_of(settings, self.vault, self.variables)
        for _ in range(_IN_TURN):
            if self.stopping.is_set():
                break
            if lane.sink in self._patiently(self.deliveries.paused):
                return
            found = self._patiently(lambda: self.deliveries.head(lane))
            if found is None or found[0].state is State.HELD or not is_due(found[0].next_at, time.time()):
                return
            attempted = self._attempt(settings, send, *found)
            self._patiently(partial(self.deliveries.record, found[0], attempted))
            if attempted.state in {State.WAITING, State.HELD}:
                return
        self._patiently(lambda: self.deliveries.wake(lane, time.time()))

    def _attempt(
        self, settings: SinkSettings, send: Callable[[Message], Outcome], delivery: Delivery, body: str
    ) -> Attempted:
        began, clock = time.time(), time.monotonic()
        if not settings.superseded and not delivery.holds:
            self.metrics.delivered(settings.name, State.SUPERSEDED.value)
            self._say(delivery, State.SUPERSEDED, "a later event has taken its place")
            return Attempted(state=State.SUPERSEDED, said="", began=began, ended=began, attempts=0)
        message = Message(id=delivery.event, word=delivery.word, sequence=delivery.sequence, body=body)
        outcome = send(message)
        said, ended = self.vault.hide(outcome.said), time.time()
        self.metrics.delivered(settings.name, outcome.came.value)
        if outcome.came is Came.TAKEN:
            self.metrics.took(settings.name, max(ended - delivery.found_at, 0.0))
            self._say(delivery, State.DELIVERED, said, seconds=time.monotonic() - clock)
            return Attempted(state=State.DELIVERED, said=said, began=began, ended=ended)
        state, next_at = State.WAITING, 0.0
        if outcome.came is Came.GONE:
            self._patiently(lambda: self.deliveries.pause(settings.name, said))
        elif settings.retry.is_over(delivery.first_at or began, ended):
            state = State.HELD if settings.retry.then is Then.HOLD else State.DEAD
        else:
            next_at = ended + pause(delivery.attempts + 1, outcome.wait, random.random())  # noqa: S311 - spreads the load
        self._say(delivery, state, said, seconds=time.monotonic() - clock)
        return Attempted(state=state, said=said, began=began, ended=ended, next_at=next_at)

    def _say(self, delivery: Delivery, state: State, said: str, *, seconds: float = 0.0) -> None:
        tell = self.log.tell if state in {State.DELIVERED, State.SUPERSEDED} else self.log.caution
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

    def _patiently(self, ask: Callable[[], _Value]) -> _Value:
        """What a database says that may be away for a minute: it may be started again."""
        for _ in range(_TRIES):
            try:
                return ask()
            except DatabaseError as error:
                self.log.fail(str(error))
                if self.stopping.wait(1.0):
                    raise
        return ask()
