"""The metrics, as Prometheus reads them. The only user of prometheus_client."""

from collections.abc import Callable
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)


class Metrics:
    """What has happened since the start, and how it is now. Artifacts are no labels: there may be thousands."""

    def __init__(self) -> None:
        """Begins with nothing."""
        # as many series again, which no alert asks for
        disable_created_metrics()  # type: ignore[no-untyped-call] # it has no types
        self._registry = CollectorRegistry()
        counter, gauge = partial(Counter, registry=self._registry), partial(Gauge, registry=self._registry)
        histogram = partial(Histogram, registry=self._registry, buckets=_SECONDS)
        self._hooks = counter("gto_hooks", "Hooks that came.", ["repository", "outcome"])
        self._looks = histogram("gto_look_seconds", "Looks at repositories.", ["repository"])
        self._failures = counter("gto_look_failures", "Looks that failed.", ["repository"])
        self._events = counter("gto_events", "Events that were found.", ["event"])
        self._deliveries = counter("gto_deliveries", "Attempts, by what came of them.", ["sink", "outcome"])
        self._took = histogram(
            "gto_delivery_seconds", "From an event's discovery to its delivery.", ["sink"], buckets=_SECONDS
        )
        self._age = gauge("gto_look_age_seconds", "Since the last look that succeeded.", ["repository"])
        self._failing = gauge("gto_failing", "Looks in a row that have failed.", ["repository"])
        self._halted = gauge("gto_halted", "Whether a person is waited for.", ["repository"])
        self._waiting = gauge("gto_waiting", "Deliveries that wait.", ["sink"])
        self._oldest = gauge("gto_oldest_waiting_seconds", "For how long the oldest has waited.", ["sink"])
        self._held = gauge("gto_held", "Deliveries that wait for a person.", ["sink"])
        self._dead = gauge("gto_dead", "Deliveries that were given up.", ["sink"])
        self._paused = gauge("gto_paused", "Whether a sink wants nothing more.", ["sink"])
        self._replicas = gauge("gto_replicas", "Replicas that run.")

    def hook(self, repository: str, outcome: str) -> None:
        """A hook came."""
        self._hooks.labels(repository, outcome).inc()

    def looked(self, repository: str, seconds: float) -> None:
        """A look took so long."""
        self._looks.labels(repository).observe(seconds)

    def look_failed(self, repository: str) -> None:
        """A look failed."""
        self._failures.labels(repository).inc()

    def found(self, word: str) -> None:
        """An event was found."""
        self._events.labels(word).inc()

    def delivered(self, sink: str, outcome: str) -> None:
        """An attempt came to something."""
        self._deliveries.labels(sink, outcome).inc()

    def took(self, sink: str, seconds: float) -> None:
        """From discovery to delivery it took so long."""
        self._took.labels(sink).observe(seconds)

    def repository(self, name: str, age: float, *, failures: int, halted: bool) -> None:
        """How a repository is."""
        self._age.labels(name).set(age)
        self._failing.labels(name).set(failures)
        self._halted.labels(name).set(halted)

    def sink(self, name: str, numbers: "tuple[int, float, int, int]", *, paused: bool) -> None:
        """How a sink is: how many wait, for how long the oldest has, how many are held, and dead."""
        gauges = (self._waiting, self._oldest, self._held, self._dead)
        for gauge, number in zip(gauges, numbers, strict=True):
            gauge.labels(name).set(number)
        self._paused.labels(name).set(paused)

    def replicas(self, number: int) -> None:
        """How many run."""
        self._replicas.set(number)

    def text(self, refresh: Callable[[], None]) -> bytes:
        """All of it, after `refresh` has said how it is now."""
        refresh()
        return generate_latest(self._registry)
