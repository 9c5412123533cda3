"""What is broken off in the middle is taken up again, whoever broke it off: the database, the engine, an event."""

import json
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from gto_action.service.state.database import Database
from gto_action.service.state.deliveries import Deliveries
from gto_action.service.state.repositories import Repositories
from gto_action.service.state.seen import Found, NewEvent, SeenState
from tests.service.test_serving import assert_in_order, looked
from tests.support.repo import Repo
from tests.support.service import Service, Sink, wait_for
from tests.support.service_state import ask

Push = Callable[..., int]
FIRST = Path(__file__).with_name("state_1.sql")


def tell(service: Service, *statements: str) -> None:
    """Changes the database beside the service."""
    with service.tables() as database:
        for each in statements:
            database.execute(each)


def test_a_look_that_the_database_breaks_off_is_made_again(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    """Once such a look had ended for the engine, with a name that nobody ever used again."""
    service.start()
    looked(service)
    tell(service, "ALTER TABLE gto_ref RENAME TO gto_away")
    registry.tag("churn#prod#1", time=1002)
    assert push(service) == 202
    wait_for(lambda: any("no such table: gto_ref" in line["message"] for line in service.lines()))
    tell(service, "ALTER TABLE gto_repository RENAME TO gto_there")
    assert service.admin_status("/metrics") == 503
    tell(service, "ALTER TABLE gto_there RENAME TO gto_repository", "ALTER TABLE gto_away RENAME TO gto_ref")
    assert service.admin_status("/metrics") == 200
    sink.wait(1, seen=service.log.read_text)


def test_a_worker_and_a_look_that_got_lost_are_sent_again(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    """Both were sent for, and the engine knows of neither, or only that it has ended."""
    sink.answer = lambda _: (503, {}, 0.0)
    service.start()
    looked(service)
    registry.tag("churn#prod#1", time=1002)
    push(service)
    wait_for(lambda: len(sink.arrivals) == 1)
    service.kill()
    registry.tag("other@v1.0.0", time=1003)
    tell(
        service,
        "UPDATE gto_delivery SET wake_at = strftime('%s', 'now') + 100.0, next_at = 0",
        "UPDATE workflow_status SET status = 'SUCCESS', owner_xid = NULL",
        "UPDATE gto_repository SET wanted = wanted + 1, looks = looks - 1",
    )
    sink.answer = lambda _: (200, {}, 0.0)
    service.start()
    sink.wait(2, seen=service.log.read_text)
    said = [line["message"] for line in service.lines()]
    assert "A worker has got lost; another is sent." in said
    assert "A look has got lost; another is sent for." in said
    assert_in_order(sink)


def test_of_different_deliveries_each_gets_a_worker(tmp_path: Path) -> None:
    """One replica looks while the other's worker ends: with one name for both, what came between them had waited."""
    database = Database(f"sqlite:///{tmp_path / 'serve.db'}")
    database.migrate()
    Repositories(database).know(["models"])
    deliveries, now = Deliveries(database), time.time()

    def add(version: int, *numbers: int) -> None:
        found = [
            NewEvent(
                id=f"gto_{number}",
                artifact="churn",
                sequence=number,
                word="assignment",
                tag=f"churn#prod#{number}",
                holds=True,
                body="{}",
                sinks=("out",),
            )
            for number in numbers
        ]
        assert SeenState(database).add("models", version, Found(refs={}, events=found, by="test"), 1000.0)

    add(0, 1, 2)
    (one,) = deliveries.due(now, ["out"])
    add(1, 3, 4)
    (two,) = deliveries.due(now, ["out"])
    assert (one.last, two.last) == (2, 4)
    assert one.name != two.name
    deliveries.sent([one], now)
    (rest,) = deliveries.due(now, ["out"])
    assert rest.name not in {one.name, two.name}
    deliveries.sent([rest], now)
    assert deliveries.due(now, ["out"]) == []
    database.close()


def test_a_sink_that_hangs_has_no_more_workers_than_lanes(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    """Each lane is sent for again and again, as after minutes and hours; of those that wait there is one for each."""
    lanes = 4
    service.sink_keys = "concurrency = 1"
    service.write()
    sink.answer = lambda _: (200, {}, 600.0)
    service.start()
    looked(service)
    for number in range(lanes):
        registry.tag(f"a{number}@v1.0.0", time=1002)
    push(service)
    wait_for(lambda: len(sink.arrivals) == 1)
    alive = (
        "SELECT count(*) AS number FROM workflow_status WHERE status IN ('ENQUEUED', 'PENDING') AND name = 'deliver'"
    )
    wait_for(lambda: ask(service, alive) == [{"number": lanes}])
    for _ in range(2):
        tell(service, "UPDATE gto_delivery SET wake_at = 0")
        wait_for(lambda: ask(service, "SELECT id FROM gto_delivery WHERE wake_at = 0") == [])
    assert ask(service, alive)[0]["number"] <= 2 * lanes


def test_an_event_that_ends_the_service_each_time_is_given_up(
    service: Service, registry: Repo, tmp_path: Path, push: Push
) -> None:
    """The program kills who has started it; other artifacts are not held up, nor the next event when it is skipped."""
    done = tmp_path / "done"
    script = f'[ "$GTO_TAG" = "churn#prod#1" ] && kill -9 $PPID && exit; echo "$GTO_TAG" >> {done}'
    command = f"[sinks.script]\ncommand = {{ argv = ['/bin/sh', '-c', '''{script}'''] }}\n"
    service.repository_keys = f'{command}retry = {{ for = "3d", then = "skip" }}'
    service.sink = ""
    service.write()
    service.start()
    looked(service)
    for name in ("churn#prod#1", "churn#prod#2", "other@v1.0.0"):
        registry.tag(name, time=1002)
    push(service)
    ends = 0
    while not done.exists() or "churn#prod#2" not in done.read_text():
        assert service.process
        if service.process.poll() is not None:
            assert service.process.returncode == -signal.SIGKILL, service.log.read_text()
            ends += 1
            assert ends < 10, service.log.read_text()
            if ends == 1:  # the rest of the five would take a second each
                tell(service, "UPDATE gto_delivery SET begun = 3 WHERE begun = 1 AND sequence = 1")
            service.start(ready=False)
        time.sleep(0.02)
    assert ends == 3
    found = json.loads(service.run("deliveries", "--failed", "--json").stdout)
    assert [(each["tag"], each["state"], each["said"]) for each in found] == [
        ("churn#prod#1", "dead", "the service ended 5 times while it was tried")
    ]
    # Once or twice: what the service has begun when it is killed, it sends again.
    assert set(done.read_text().split()) == {"churn#prod#2", "other@v1.0.0"}


def test_a_stop_is_no_fault_of_what_was_being_delivered(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    service.start()
    looked(service)
    sink.answer = lambda _: (200, {}, 30.0)
    registry.tag("churn#prod#1", time=1002)
    push(service)
    wait_for(lambda: len(sink.arrivals) == 1)
    assert service.kill(signal.SIGTERM) == 0
    with service.tables() as database:
        assert database.execute("SELECT state, begun FROM gto_delivery").fetchall() == [("waiting", 0)]


def columns(database: sqlite3.Connection) -> dict[str, set[tuple[object, ...]]]:
    """The columns of our tables: name, type, whether it may be empty, default, place in the primary key."""
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: {row[1:] for row in database.execute(f"PRAGMA table_info({name})")}
        for name in names
        if name.startswith("gto_")
    }


def test_the_state_of_the_first_version_opens(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    """Proof 6: its tables become those of today, and what waited in it is delivered."""
    service.run("sync", "models")
    with service.tables() as database:
        today = columns(database)
    for each in service.folder.glob("serve.db*"):
        each.unlink()
    with service.tables() as database:
        database.executescript(FIRST.read_text())
        assert columns(database) != today
    registry.tag("churn#prod#1", time=1002)
    registry.tag("churn#prod#2", time=1003)
    service.start()
    push(service)
    assert [each.event["tag"] for each in sink.wait(2)] == ["churn#prod#1", "churn#prod#2"]
    assert [each.sequence for each in sink.taken()] == [1, 2]
    with service.tables() as database:
        assert columns(database) == today
        assert database.execute("SELECT number FROM gto_migration").fetchall() == [(1,), (2,), (3,)]


def test_the_state_of_a_later_version_is_refused(service: Service) -> None:
    service.run("sync", "models")
    tell(service, "UPDATE gto_migration SET number = 99 WHERE number = 2")
    ran = service.run("sync", "models")
    assert ran.returncode == 1
    assert "is of a later version: it has migration 99" in ran.stderr
