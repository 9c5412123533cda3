"""The engine: who does which work when, so that each lane has one worker and no work is lost. The only user of DBOS.

What DBOS keeps can be made again from our tables at any time: it is told what to do, and knows nothing else.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from gto_action.errors import GtoActionError
from gto_action.service.state.database import Database
from gto_action.service.state.lanes import Errand, Lane

_VERSION: Final = "1"
"""Of what the workflows take. By default it would be a hash of the code, and an upgrade would strand what waits."""
_LOOKS: Final = "looks"
_SINK: Final = "sink:"
_LOOK: Final = "look"
_DELIVER: Final = "deliver"
_AT_ONCE: Final = 256
"""How many looks are taken from the queue at the same time: most of them may wait for one host."""
_AHEAD: Final = 6
"""How many times as many lanes a replica takes as it delivers at the same time, since it asks rarely."""
_POLL: Final = 0.75
"""The seconds after which a replica looks for work."""
_MOST_RECOVERED: Final = 1_000_000
"""A workflow is never given up: what is done in it is counted by ourselves."""
_MANY: Final = 500
_CONNECTIONS: Final = 8
"""How many connections to PostgreSQL it has beside ours: a server takes 100 by default, of all replicas together."""
_ALIVE: Final = ["ENQUEUED", "PENDING"]


class EngineError(GtoActionError):
    """The engine cannot start."""


class Engine:
    """DBOS, as far as it is used."""

    def __init__(
        self,
        database: Database,
        replica: str,
        look: Callable[[str], object],
        deliver: Callable[[Lane], None],
    ) -> None:
        """Starts nothing yet.

        Args:
            database: where it keeps its own tables, too.
            replica: the name of this one, which is the same when it is started again.
            look: looks at a repository.
            deliver: delivers what waits in a lane.
        """
        config = DBOSConfig(
            name="gto-action",
            system_database_url=database.address.replace("postgresql+psycopg:", "postgresql:"),
            executor_id=replica,
            application_version=_VERSION,
            serializer=DBOSPortableJSONSerializer(),  # the default is pickle: who writes the database would run code
            log_level="WARNING",
            run_migrations=True,
            use_listen_notify=False,  # nobody waits for another workflow
            sys_db_pool_size=_CONNECTIONS,
        )
        if database.is_sqlite:
            config["system_database_engine"] = database.engine  # with WAL, which DBOS does not set, and one connection
        self._dbos = DBOS(config=config)
        self._replica = replica
        self._running: set[str] = set()
        """The names of what is being done here."""
        self._doubtful: set[str] = set()
        self._sinks: tuple[tuple[str, int], ...] = ()

        @DBOS.workflow(name=_LOOK, max_recovery_attempts=_MOST_RECOVERED)
        def look_at(repository: str) -> None:
            with self._noted():
                look(repository)

        @DBOS.workflow(name=_DELIVER, max_recovery_attempts=_MOST_RECOVERED)
        def deliver_lane(sink: str, repository: str, artifact: str) -> None:
            with self._noted():
                deliver(Lane(sink, repository, artifact))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        name = str(DBOS.workflow_id)
        self._running.add(name)
        try:
            yield
        finally:
            self._running.discard(name)

    def start(self, sinks: Iterable[tuple[str, int]]) -> None:
        """Starts: takes up what this replica had begun, then whatever comes.

        Args:
            sinks: their names, and for how many artifacts each is delivered to at the same time.

        :raises EngineError: if it cannot: the database may be away for a moment.
        """
        self._sinks = tuple(sinks)
        queues = {_LOOKS: _AT_ONCE, **{f"{_SINK}{name}": concurrency * _AHEAD for name, concurrency in self._sinks}}
        DBOS.listen_queues(list(queues))
        try:
            DBOS.launch()
            for name, concurrency in queues.items():
                DBOS.register_queue(
                    name,
                    partition_concurrency=1,
                    worker_concurrency=concurrency,
                    polling_interval_sec=_POLL,
                    on_conflict="always_update",
                )
        except Exception as error:
            said = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise EngineError(f"The engine cannot start ({said}).", "Start the service again.") from error

    def send_to_look(self, repository: str, looks: int) -> None:
        """Has a repository looked at; of several with the same number one counts."""
        self._enqueue(_LOOK, _LOOKS, f"{_LOOK}:{repository}:{looks}", repository, repository)

    def send_to_deliver(self, errand: Errand) -> None:
        """Has a lane delivered; of several errands with the same name one counts."""
        lane = errand.lane
        arguments = lane.sink, lane.repository, lane.artifact
        self._enqueue(_DELIVER, f"{_SINK}{lane.sink}", errand.name, lane.key, *arguments)

    @staticmethod
    def _enqueue(workflow: str, queue: str, name: str, key: str, *arguments: str) -> None:
        options: Any = {
            "workflow_name": workflow,
            "queue_name": queue,
            "workflow_id": name,
            "queue_partition_key": key,
            "app_version": _VERSION,
        }
        DBOS.enqueue_workflow_with_options(options, *arguments)

    def adopt(self, replica: str) -> int:
        """Takes over what a replica had begun that runs no more; gives how much."""
        return self._resume(self._begun_by([replica]).get(replica, {}))

    def left_by(self, replicas: Collection[str]) -> set[str]:
        """Those that have begun something and not ended it."""
        return {*self._begun_by(replicas)} if replicas else set()

    def heal(self) -> int:
        """Takes up again what is said to be done here, and is not; gives how much.

        When the database goes away in the middle of an answer, DBOS may have claimed what it never starts, or ended
        what it could not write down. Either would block its lane for ever.
        """
        mine = self._begun_by([self._replica]).get(self._replica, {})
        begun = {name: queue for name, queue in mine.items() if name not in self._running}
        lost = {name: queue for name, queue in begun.items() if name in self._doubtful}  # not only now, but for a while
        self._doubtful = begun.keys() - lost.keys()
        return self._resume(lost)

    def is_looking(self, repository: str, looks: int) -> bool:
        """Whether a look that was sent for waits for its turn, or goes on."""
        names = [f"{_LOOK}:{repository}:{looks}"]
        return bool(DBOS.list_workflows(workflow_ids=names, status=_ALIVE, load_input=False, load_output=False))

    @staticmethod
    def awaited(lanes: Sequence[Lane]) -> set[Lane]:
        """Those of some lanes for which a worker waits for its turn, and so will find what is there now."""
        if not lanes:
            return set()
        prefixes = [f"{lane.sink}:{lane.key}:" for lane in lanes]
        found = _workers("ENQUEUED", {lane.sink for lane in lanes}, workflow_id_prefix=prefixes)
        return {lane for lane in lanes if (lane.sink, lane.key) in found}

    def busy(self) -> set[tuple[str, str]]:
        """The sinks and keys of the lanes for which a worker waits for its turn, or goes on."""
        return _workers(_ALIVE, {name for name, _ in self._sinks})

    def _begun_by(self, replicas: Iterable[str]) -> dict[str, dict[str, str]]:
        """What each replica has begun and not ended, by name, and its queues."""
        queues = [_LOOKS, *(f"{_SINK}{name}" for name, _ in self._sinks)]
        found: dict[str, dict[str, str]] = {}
        for each in DBOS.list_workflows(
            status="PENDING", executor_id=[*replicas], queue_name=queues, load_input=False, load_output=False
        ):
            found.setdefault(str(each.executor_id), {})[each.workflow_id] = str(each.queue_name)
        return found

    @staticmethod
    def _resume(begun: Mapping[str, str]) -> int:
        for queue in sorted({*begun.values()}):
            DBOS.resume_workflows([name for name, its in begun.items() if its == queue], queue_name=queue)
        return len(begun)

    def forget(self, before: float) -> int:
        """Removes what was done before a time; gives how much. DBOS itself keeps it for ever."""
        removed = 0
        until = datetime.fromtimestamp(before, UTC).isoformat()
        while True:
            done = DBOS.list_workflows(
                status=["SUCCESS", "ERROR", "CANCELLED"],
                completed_before=until,
                limit=_MANY,
                load_input=False,
                load_output=False,
            )
            if names := [each.workflow_id for each in done]:
                DBOS.delete_workflows(names)
            removed += len(names)
            if len(names) < _MANY:
                return removed

    def stop(self, grace: float) -> None:
        """Takes nothing more, and waits so many seconds for what is being done; the rest is taken up again."""
        logging.getLogger("dbos").setLevel(logging.CRITICAL)  # what is broken off now is no news
        DBOS.destroy(workflow_completion_timeout_sec=max(int(grace), 1))


def _workers(status: str | list[str], sinks: Iterable[str], **more: Any) -> set[tuple[str, str]]:  # noqa: ANN401 - DBOS's
    """The sinks and keys of the lanes that have a worker with such a status."""
    queues = sorted(f"{_SINK}{name}" for name in sinks)
    found = DBOS.list_workflows(status=status, queue_name=queues, load_input=False, load_output=False, **more)
    return {(str(each.queue_name).removeprefix(_SINK), str(each.queue_partition_key)) for each in found}
