"""Nothing is lost and nothing is out of order, whatever is killed when. Small here; `make serve-deep` has all of it."""

import os
import random
import re
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.support.churn import DVC_YAML
from tests.support.git_server import GitServer
from tests.support.many_tags import Pushes
from tests.support.postgres import Postgres
from tests.support.ref_journal import Journal, Told
from tests.support.repo import Repo
from tests.support.service import Service, Sink, wait_for
from tests.support.service_state import looks_of, what_is_missing

Push = Callable[..., int]
SEED: Final = int(os.environ.get("GTO_ACTION_SERVE_SEED", "17"))
SQLITE: Final = int(os.environ.get("GTO_ACTION_SERVE_SQLITE", "200"))
POSTGRES: Final = int(os.environ.get("GTO_ACTION_SERVE_POSTGRES", "1000"))
STORM: Final = int(os.environ.get("GTO_ACTION_SERVE_STORM", "500"))
AT_ONCE: Final = 16
"""The attempts of a service at the same time, at most."""


def check(service: Service, sink: Sink, pushes: Pushes, kills: int) -> str:
    """Holds what has arrived against what was pushed and what the remote has written down; gives the figures."""
    taken, looks = sink.taken(), looks_of(service)
    told: dict[str, dict[int, Told]] = defaultdict(dict)
    firsts: dict[str, dict[int, str]] = defaultdict(dict)
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for each in taken:
        bodies[each.headers["webhook-id"]].add(each.body)
        event = each.event
        word = re.fullmatch(r"io\.github\.gto-action\.(\w+)\.v1", event["type"])
        assert word
        firsts[event["subject"]].setdefault(each.sequence, f"{word[1]} {event['tag']}")
        one = Told(event["id"], word[1], event["tag"], looks[event["id"]])
        told[event["subject"]].setdefault(each.sequence, one)
    for artifact, expected in pushes.events.items():
        found = firsts[artifact]
        assert list(found) == list(range(1, len(expected) + 1)), f"{artifact} has gaps or is out of order: {found}"
        assert Counter(found.values()) == Counter(expected), artifact
    assert {*firsts} == {*pushes.events}
    assert pushes.journal
    # It judges their order, too: a push that is being written while somebody looks is seen in any part.
    pushes.journal.hold([[*each.values()] for each in told.values()])
    assert all(len(each) == 1 for each in bodies.values()), "one id has two bodies"
    repeated = len(taken) - len(bodies)
    assert repeated <= kills * AT_ONCE, f"{repeated} repeated after {kills} kills"
    return f"seed {SEED}: {len(bodies)} events, {kills} kills, {repeated} repeated"


def tags_in(sink: Sink) -> set[str]:
    """The tags that the service has seen for sure; and "deleted" with a tag, if it has seen that."""
    events = [each.event for each in sink.taken()]
    gone = {f"deleted {event['tag']}" for event in events if event["type"].endswith(".deleted.v1")}
    return gone | {str(event["tag"]) for event in events}


def all_arrive(services: Sequence[Service], sink: Sink, pushes: Pushes, seconds: float) -> None:
    """Waits for all that was pushed."""
    sink.wait(pushes.count, seconds, lambda: f"with the seed {SEED}: {what_is_missing(services, sink.ids)}")


@pytest.fixture
def pushes(repo: Repo) -> Pushes:
    repo.commit({"dvc.yaml": DVC_YAML})
    repo.tag("a0@v1.0.0", time=1_600_000_000)
    return Pushes(repo, artifacts=20, random=random.Random(SEED), journal=Journal(repo))


def started(service: Service) -> Service:
    service.start()
    wait_for(lambda: any("were there before" in line["message"] for line in service.lines()))
    return service


def test_sqlite_and_kills(
    tmp_path: Path, server: GitServer, pushes: Pushes, sink: Sink, record_property: Callable[[str, object], None]
) -> None:
    """Proof 1."""
    rounds = max(SQLITE // 100, 3)
    with Service(tmp_path / "s", {"models": f"{server.url}/o/r"}, sink.url, poll="1s") as service:
        started(service)
        for _ in range(rounds):
            pushes.push(SQLITE // rounds, tags_in(sink))
            time.sleep(pushes.random.uniform(0.1, 3))
            service.kill()
            service.start(ready=False)
            if pushes.random.random() < 0.3:  # while it starts, too
                time.sleep(pushes.random.uniform(0, 1))
                service.kill()
                service.start(ready=False)
            elif pushes.random.random() < 0.7:  # or at work, however slow the machine is
                service.wait_ready()
        all_arrive([service], sink, pushes, 200 + SQLITE / 5)
        said = check(service, sink, pushes, 2 * rounds)
    record_property("figures", said)
    print(said)  # noqa: T201 - with -s


def replicas(tmp_path: Path, server: GitServer, database: Postgres, sink: Sink, number: int) -> list[Service]:
    url = {"models": f"{server.url}/o/r"}
    return [
        Service(tmp_path / "s", url, sink.url, database=database.url, poll="1s", name=f"replica-{each}")
        for each in range(number)
    ]


def test_postgres_replicas_kills_and_restarts(
    tmp_path: Path, server: GitServer, pushes: Pushes, sink: Sink, database: Postgres
) -> None:
    """Proof 2."""
    pushes.artifacts = max(POSTGRES // 33, 10)
    kills = 0
    with ExitStack() as stack:
        three = [stack.enter_context(each) for each in replicas(tmp_path, server, database, sink, 3)]
        started(three[0])
        for each in three[1:]:
            each.start()
        rounds = 4 + POSTGRES // 1000
        restarts = {rounds // 3, 2 * rounds // 3}
        for number in range(rounds):
            pushes.push(POSTGRES // rounds, tags_in(sink))
            time.sleep(pushes.random.uniform(0.5, 2))
            if number in restarts:
                database.restart()
                kills += len(three)
            else:
                one = pushes.random.choice(three)
                one.kill()
                kills += 1
                time.sleep(pushes.random.uniform(0, 3))
                one.start(ready=False)
        all_arrive(three, sink, pushes, 200 + POSTGRES / 5)
        print(check(three[0], sink, pushes, kills))  # noqa: T201 - with -s


def test_another_replicas_work_is_taken_over(
    tmp_path: Path, server: GitServer, pushes: Pushes, sink: Sink, database: Postgres
) -> None:
    with ExitStack() as stack:
        one, two = (stack.enter_context(each) for each in replicas(tmp_path, server, database, sink, 2))
        started(one)
        sink.answer = lambda _: (200, {}, 30.0)
        pushes.push(1)
        wait_for(lambda: len(sink.arrivals) == 1)
        two.start()
        sink.answer = lambda _: (200, {}, 0.0)
        one.kill()
        began = time.monotonic()
        wait_for(lambda: len(sink.arrivals) == 2)
        took = time.monotonic() - began
        print(f"taken over after {took:.1f} s")  # noqa: T201 - with -s
        assert took < 60  # ten where nothing else runs; without the other replica it would be for ever


def test_a_replica_that_is_stopped_and_resumed(
    tmp_path: Path, server: GitServer, pushes: Pushes, sink: Sink, database: Postgres
) -> None:
    """Proof 10."""
    with ExitStack() as stack:
        one, two = (stack.enter_context(each) for each in replicas(tmp_path, server, database, sink, 2))
        started(one)
        two.start()
        pushes.push(40)
        time.sleep(0.5)
        assert one.process
        os.killpg(one.process.pid, signal.SIGSTOP)
        pushes.push(40)
        time.sleep(4)
        os.killpg(one.process.pid, signal.SIGCONT)
        all_arrive([one, two], sink, pushes, 300)
        print(check(one, sink, pushes, 1))  # noqa: T201 - with -s


def test_a_storm_of_forged_and_real_hooks(
    tmp_path: Path, server: GitServer, pushes: Pushes, sink: Sink, push: Push
) -> None:
    """Proof 11: real ones are taken, forged ones are not, and what was taken is delivered."""
    with Service(tmp_path / "s", {"models": f"{server.url}/o/r"}, sink.url) as service:
        started(service)
        statuses: Counter[tuple[str, int]] = Counter()
        lock = threading.Lock()

        def send(number: int) -> None:
            if number % 2:
                found = "forged", service.post({"x-hub-signature-256": "sha256=" + "0" * 64}, b"{}" + b" " * 6000)
            else:
                found = "real", push(service)
            with lock:
                statuses[found] += 1

        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            for number, _ in enumerate(pool.map(send, range(2 * STORM))):
                if number == STORM:
                    pushes.push(20)
        seconds = time.monotonic() - began
        assert push(service) == 202
        all_arrive([service], sink, pushes, 300)
        assert {*statuses} == {("forged", 401), ("real", 202)}, statuses
        print(f"{2 * STORM / seconds:.0f} requests a second;", check(service, sink, pushes, 0))  # noqa: T201 - with -s
