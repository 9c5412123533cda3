"""Measures the service: `make bench-service ARGS="--postgres"`. Prints a table, with what must be reached beside it."""

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.support.git_server import GitServer  # noqa: E402 - below the repository's root
from tests.support.hooks import push_hook  # noqa: E402
from tests.support.many_tags import Pushes  # noqa: E402
from tests.support.postgres import Postgres  # noqa: E402
from tests.support.repo import Repo  # noqa: E402
from tests.support.service import Service, Sink, wait_for  # noqa: E402

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Table:
    """What was measured."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, found: str, wanted: str) -> None:
        """A row, which is printed at once."""
        self.rows.append((what, found, wanted))
        print(f"{what:<52} {found:>24}   {wanted}", flush=True)


def pushes_in(folder: Path, artifacts: int) -> Pushes:
    """A remote with a version, and a model of what is pushed to it."""
    repo = Repo(folder / "srv/o/r")
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: models/churn.pkl}}\n"})
    repo.tag("a0@v1.0.0", time=1_600_000_000)
    return Pushes(repo, artifacts, random.Random(17))  # noqa: S311 - random tags need no cryptography


def start(service: Service) -> float:
    """Starts it; gives the seconds until it was ready, once the first look is over."""
    began = time.monotonic()
    service.start()
    ready = time.monotonic() - began
    wait_for(lambda: any("were there before" in line["message"] for line in service.lines()), 120)
    return ready


def _number(service: Service) -> int:
    if service.process is None:
        raise RuntimeError("It does not run.")
    return service.process.pid


def processor(service: Service) -> float:
    """The seconds of a processor that it has taken."""
    parts = Path(f"/proc/{_number(service)}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, parts[11:15])) / _TICKS


def memory(service: Service) -> int:
    """The megabytes that it has."""
    status = Path(f"/proc/{_number(service)}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) // 1024


def idle(table: Table, service: Service, seconds: float) -> None:
    """What it needs when nothing happens."""
    time.sleep(2)
    before = processor(service)
    time.sleep(seconds)
    table.add("idle, of a core", f"{(processor(service) - before) / seconds:.1%}", "at most 3 %")
    table.add("idle, memory", f"{memory(service)} MB", "at most 120 MB")


def hooks(table: Table, service: Service, number: int) -> None:
    """How fast hooks are taken."""
    took: list[float] = []
    lock = threading.Lock()

    def one(_: int) -> None:
        began = time.monotonic()
        if (status := push_hook(service, padding=6000)) != HTTPStatus.ACCEPTED:
            raise RuntimeError(f"The answer was {status}.")
        with lock:
            took.append(time.monotonic() - began)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(number)))
    rate, p99 = number / (time.monotonic() - began), statistics.quantiles(took, n=100)[98]
    table.add(f"{number} hooks of 6 kB, 8 clients", f"{rate:.0f}/s, p99 {p99 * 1000:.0f} ms", "150/s, p99 250 ms")


def latency(table: Table, service: Service, sink: Sink, pushes: Pushes, number: int) -> None:
    """From a pushed tag to the sink's answer."""
    took = []
    for _ in range(number):
        known = pushes.count
        began = time.monotonic()
        pushes.push(1)
        push_hook(service)
        sink.wait(known + 1, 60)
        took.append(time.monotonic() - began)
    table.add("a tag pushed to 2xx, 1,000 tags, p50", f"{statistics.median(took):.2f} s", "at most 2 s")


def deliveries(  # noqa: PLR0913 - what is measured
    table: Table, service: Service, sink: Sink, pushes: Pushes, *, number: int, name: str, wanted: str
) -> None:
    """How fast events are delivered, with the look that finds them and without."""
    known = pushes.count
    began = time.monotonic()
    for _ in range(number // 1000 or 1):
        pushes.push(min(number, 1000))
    pushed = time.monotonic() - began
    push_hook(service)
    began = time.monotonic()
    sink.wait(pushes.count, 600)
    whole = time.monotonic() - began
    new = [each.at for each in sink.taken()[known:]]
    rate = len(new) / max(max(new) - min(new), 0.001)
    table.add(f"{name}: {len(new)} events delivered", f"{rate:.0f}/s", wanted)
    table.add(f"{name}: pushed (in {pushed:.0f} s) to all delivered", f"{whole:.0f} s", "10,000 in 120 s")


def unchanged(table: Table, folder: Path, number: int) -> None:
    """A look at many tags of which none has changed."""
    pushes = pushes_in(folder, 300)
    for _ in range(number // 10_000 or 1):
        pushes.push(min(number, 10_000))
    pushes.repo.git("pack-refs", "--all")
    with Service(folder / "s", {"models": f"file://{pushes.repo.path}"}) as service:
        start(service)
        before = service.metric("gto_look_seconds_sum"), service.metric("gto_look_seconds_count")
        for _ in range(3):
            done = service.metric("gto_look_seconds_count")
            push_hook(service)
            wait_for(lambda done=done: service.metric("gto_look_seconds_count") > done)  # type: ignore[misc]
        total, count = (service.metric(f"gto_look_seconds_{each}") for each in ("sum", "count"))
        seconds = (total - before[0]) / (count - before[1])
        table.add(f"a look at {number:,} unchanged tags", f"{seconds:.2f} s", "at most 1 s")


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=2000, help="how many are delivered")
    parser.add_argument("--tags", type=int, default=100_000, help="how many have not changed")
    parser.add_argument("--postgres", action="store_true", help="three replicas, too")
    given = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as name, Sink() as sink:
        folder = Path(name)
        pushes = pushes_in(folder / "one", 300)
        with GitServer(folder / "one/srv") as server:
            url = {"models": f"{server.url}/o/r"}
            with Service(folder / "one/s", url, sink.url) as service:
                table.add("start, until ready", f"{start(service):.2f} s", "at most 1.5 s")
                idle(table, service, 10)
                hooks(table, service, 2000)
                deliveries(table, service, sink, pushes, number=1000, name="SQLite", wanted="100/s")
                latency(table, service, sink, pushes, 15)
                if given.events > 1000:  # noqa: PLR2004 - those above
                    deliveries(table, service, sink, pushes, number=given.events, name="SQLite", wanted="100/s")
                table.add("memory after all that", f"{memory(service)} MB", "")
        unchanged(table, folder / "many", given.tags)
    if given.postgres:
        with tempfile.TemporaryDirectory() as name, Sink() as sink, Postgres() as database, ExitStack() as stack:
            folder = Path(name)
            pushes = pushes_in(folder, 300)
            server = stack.enter_context(GitServer(folder / "srv"))
            url = {"models": f"{server.url}/o/r"}
            three = [
                stack.enter_context(Service(folder / "s", url, sink.url, database=database.url, name=f"r{each}"))
                for each in range(3)
            ]
            start(three[0])
            for each in three[1:]:
                each.start()
            deliveries(
                table, three[0], sink, pushes, number=given.events, name="PostgreSQL, 3 replicas", wanted="150/s"
            )


if __name__ == "__main__":
    main()
