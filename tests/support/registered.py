"""A registry that was looked at once, and the work that is done on it in this process, when a test says so."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gto_action.service.config.read import read_settings
from gto_action.service.delivering import Delivering
from gto_action.service.log import Log
from gto_action.service.looking import Looking
from gto_action.service.means import Means
from gto_action.service.metrics import Metrics
from gto_action.service.opening import open_database, open_vault
from gto_action.service.state.deliveries import Deliveries
from gto_action.service.state.lanes import OPEN, Lane, State
from tests.support.repo import Repo
from tests.support.service import Service, Sink

LANE = Lane("out", "models", "churn")


@dataclass
class Registry:
    """A registry, and the work that is done on it when the test says so."""

    repo: Repo
    means: Means
    sink: Sink
    clock: int = 2000

    def look(self) -> None:
        assert Looking(self.means).look_at("models", by="sync")

    def turn(self) -> None:
        """All that waits has its turn now, whatever was planned."""
        waiting = [each.id for each in self.deliveries.listed(OPEN)]
        self.deliveries.decide(waiting, State.WAITING, time.time())
        Delivering(self.means).deliver(LANE)

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.means.database)

    def tag(self, name: str, version: str = "churn@v1.0.0") -> None:
        """Makes a tag, or moves it, later than all others."""
        self.clock += 1
        self.repo.tag(name, f"{version}^{{commit}}", time=self.clock)

    def delete(self, name: str) -> None:
        self.repo.git("update-ref", "-d", f"refs/tags/{name}")

    def taken(self) -> list[tuple[str, str]]:
        """What the sink has taken: what happened, and to which tag."""
        return [(each.event["type"].split(".")[3], each.event["tag"]) for each in self.sink.taken()]


@contextmanager
def means_of(service: Service) -> Iterator[Means]:
    """What a service would work with, in this process."""
    settings = read_settings(service.config)
    vault = open_vault(settings, service.environment)
    database = open_database(settings, vault)
    yield Means(
        settings=settings,
        database=database,
        vault=vault,
        variables=service.environment,
        log=Log(io.StringIO()),
        metrics=Metrics(),
    )
    database.close()


@contextmanager
def looked_at(service: Service, registry: Repo, sink: Sink) -> Iterator[Registry]:
    """Looked at once, so that what follows is new."""
    service.sink_keys = "superseded = false"
    service.write()
    with means_of(service) as means:
        found = Registry(registry, means, sink)
        for number in (2, 3):
            found.repo.tag(f"churn@v{number}.0.0", found.repo.commit(time=1000 + number), time=1000 + number)
        found.look()
        yield found
