"""The service: what runs, from its start to its end."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from secrets import token_hex
from types import FrameType
from typing import Final

from gto_action.errors import GtoActionError
from gto_action.service.config.secrets import Vault
from gto_action.service.config.settings import Provider, Settings
from gto_action.service.delivering import Delivering
from gto_action.service.engine import Engine
from gto_action.service.intake import Intake, Taken
from gto_action.service.log import Log
from gto_action.service.looking import Looking
from gto_action.service.means import Means
from gto_action.service.metrics import CONTENT_TYPE, Metrics
from gto_action.service.opening import open_database, open_vault, read
from gto_action.service.poller import Engines, Poller
from gto_action.service.receiver import Admin, Gate, Listener, admin_app, hooks_app
from gto_action.service.rules.hooks import may_be_of_tags, named
from gto_action.service.rules.providers import CHECKS, Check
from gto_action.service.sinks.http import close
from gto_action.service.slots import FileSlot, Heirs, LostError, SessionSlots
from gto_action.service.state.database import AwayError, DatabaseError
from gto_action.service.state.deliveries import Deliveries
from gto_action.service.state.lanes import State
from gto_action.service.state.repositories import Hint, Repositories
from gto_action.service.state.seen import SeenState

STACK: Final = 2**21
"""The bytes of each thread's stack. While git starts there is room for 64 MB more in this process (`start_git`), which
would be 8 threads with the stacks that they have by default. Python 3.13 takes for granted that JSON may be nested as
deeply as needs 1.5 MB.
"""
_PATIENCE: Final = 30
"""The seconds in which the database must answer at the start."""


class Service:
    """All that runs."""

    def __init__(self, settings: Settings, variables: Mapping[str, str], log: Log, vault: Vault) -> None:
        """Opens the database, and starts nothing yet.

        :raises GtoActionError: if it cannot be opened, or another service has it.
        """
        self.settings, self.log, self.vault = settings, log, vault
        self.database = open_database(settings, vault)
        self.slots = FileSlot(self.database) if self.database.is_sqlite else SessionSlots(self.database)
        self.metrics = Metrics()
        means = Means(
            settings=settings, database=self.database, vault=vault, variables=variables, log=log, metrics=self.metrics
        )
        self.looking, self.delivering = Looking(means), Delivering(means)
        self.engine = Engine(self.database, self.slots.name, self.looking.look_at, self.delivering.deliver)
        self.poller = Poller(
            settings=settings,
            repositories=Repositories(self.database),
            deliveries=Deliveries(self.database),
            forget=SeenState(self.database).forget,
            engine=Engines(
                look=self.engine.send_to_look,
                is_looking=self.engine.is_looking,
                deliver=self.engine.send_to_deliver,
                awaited=self.engine.awaited,
                busy=self.engine.busy,
                forget=self.engine.forget,
                heal=self.engine.heal,
            ),
            log=log,
        )
        self.looking.found = self.poller.wake
        self.intake = Intake(Repositories(self.database), self.poller.wake)
        self.stopping = means.stopping
        self.exit_code = 0
        self._is_ready = False
        self._began = time.time()

    def start(self) -> dict[str, int]:
        """Starts everything; gives the ports that are listened at.

        :raises ListenError: if an address is taken.
        """
        self.engine.start((sink.name, sink.concurrency) for sink in self.settings.sinks)
        self.intake.start()
        gate = Gate(check=self._check, accept=self._accept, count=self._count)
        admin = Admin(
            is_alive=lambda: self.database.is_ready,
            is_ready=lambda: self._is_ready and not self.stopping.is_set() and self.database.is_ready,
            metrics=self._metrics,
            metrics_type=CONTENT_TYPE,
        )
        self.hooks = Listener(hooks_app(gate), self.settings.listen)
        self.admin = Listener(admin_app(admin), self.settings.admin)
        ports = {"listen": self.hooks.start(), "admin": self.admin.start()}
        self.poller.start()
        if isinstance(self.slots, SessionSlots):
            threading.Thread(target=self._watch, args=(self.slots,), name="slots", daemon=True).start()
        else:
            self.metrics.replicas(1)
        self._is_ready = True
        return ports

    def stop(self) -> None:
        """Takes nothing more, ends what is being done or leaves it to be taken up again."""
        self.stopping.set()
        self.hooks.stop()
        self.poller.stop()
        self.intake.stop()
        self.engine.stop(self.settings.grace)
        self.delivering.leave()
        self.admin.stop()
        close()
        self.slots.release()
        self.database.close()

    def _watch(self, slots: SessionSlots) -> None:
        def adopt(replica: str) -> int:
            if adopted := self.engine.adopt(replica):
                self.log.caution(f"{replica} runs no more; its work is taken over.", adopted=adopted)
            return adopted

        def failed(error: Exception) -> None:
            self.log.fail(f"{type(error).__name__}: {error}")

        heirs = Heirs(left_by=self.engine.left_by, adopt=adopt, failed=failed)
        try:
            slots.watch(self.stopping, heirs, self.metrics.replicas)
        except LostError as error:
            self.log.fail(str(error))
            self.exit_code = 1
            self.stopping.set()

    def _count(self, name: str, outcome: str) -> None:
        self.metrics.hook(name if self.settings.repository(name) else "", outcome)  # strangers make no labels

    def _check(self, name: str, headers: Mapping[str, str]) -> Check:
        repository = self.settings.repository(name)
        if repository is None or repository.hook is None:  # as much work as for one that is, so that no clock tells
            return CHECKS[Provider.GITHUB.value](headers, (token_hex(),), "")
        hook = repository.hook
        return CHECKS[hook.provider.value](headers, tuple(self.vault[each] for each in hook.secrets), hook.user)

    def _accept(self, name: str, headers: Mapping[str, str], body: bytes) -> Taken | None:
        repository = self.settings.repository(name)
        assert repository and repository.hook  # noqa: S101, PT018 - it has just been checked
        provider = repository.hook.provider.value
        delivery, event = named(provider, headers)
        return self.intake.put(Hint(name, delivery, event)) if may_be_of_tags(provider, event, body) else None

    def _metrics(self) -> bytes | None:
        try:
            return self.metrics.text(self._refresh)
        except DatabaseError:
            return None

    def _refresh(self) -> None:
        now = time.time()
        for name, known in Repositories(self.database).all().items():
            if self.settings.repository(name):
                age = max(now - (known.looked_at or self._began), 0.0)
                self.metrics.repository(name, age, failures=known.failures + known.partial, halted=known.halted)
        deliveries = Deliveries(self.database)
        counts = {(sink, state): (count, oldest) for sink, state, count, oldest in deliveries.waiting()}
        paused = deliveries.paused()
        for sink in self.settings.sinks:
            waiting, oldest = counts.get((sink.name, State.WAITING), (0, now))
            held, dead = (counts.get((sink.name, state), (0, now))[0] for state in (State.HELD, State.DEAD))
            self.metrics.sink(sink.name, (waiting, max(now - oldest, 0.0), held, dead), paused=sink.name in paused)


def serve(settings: Settings, variables: Mapping[str, str], log: Log) -> int:
    """Runs the service until it is told to end; gives the exit code.

    :raises GtoActionError: if it cannot start.
    """
    threading.stack_size(STACK)
    vault = open_vault(settings, variables)
    log.hide(vault.hide)
    log.take_over()
    service = _opened(settings, variables, log, vault)
    with _signals(service.stopping, partial(reload, vault, settings, log)):
        ports = service.start()
        log.tell("The service runs.", replica=service.slots.name, database=service.database.shown, **ports)
        while not service.stopping.wait(1.0):
            pass
        log.tell("The service ends.")
        service.stop()
    return service.exit_code


def reload(vault: Vault, settings: Settings, log: Log) -> None:
    """Reads the secrets again: all of them, or those of before stay. The environment of a process never changes."""
    try:
        read(vault, settings)
        log.tell("The secrets in files have been read again; those in variables stay until a restart.")
    except GtoActionError as error:
        log.fail(f"The secrets of before stay. {error}")


def _opened(settings: Settings, variables: Mapping[str, str], log: Log, vault: Vault) -> Service:
    """The service, once its database answers: both may be started at the same time."""
    for _ in range(_PATIENCE):
        try:
            return Service(settings, variables, log, vault)
        except AwayError as error:
            log.fail(str(error))
            time.sleep(1.0)
    return Service(settings, variables, log, vault)


@contextmanager
def _signals(stopping: threading.Event, reload: Callable[[], None]) -> Iterator[None]:
    """While this lasts, SIGTERM and SIGINT end the service in order, and SIGHUP reads the secrets again."""

    def end(_: int, __: FrameType | None) -> None:
        stopping.set()

    def again(_: int, __: FrameType | None) -> None:
        threading.Thread(target=reload, name="reload", daemon=True).start()

    handlers = {signal.SIGTERM: end, signal.SIGINT: end, signal.SIGHUP: again}
    before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
