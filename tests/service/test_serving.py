"""The service as it runs: hooks in, polls beside them, events out; what goes wrong, and how it ends."""

import json
import signal
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from standardwebhooks import Webhook

from tests.support.git_server import GitServer
from tests.support.ports import free_port
from tests.support.repo import Repo
from tests.support.service import SINK_SECRET, Service, Sink, wait_for
from tests.support.wire import within

Push = Callable[..., int]


def looked(service: Service) -> None:
    """Waits for the first look, which sends nothing."""
    wait_for(lambda: any("were there before" in line["message"] for line in service.lines()))


def assert_in_order(sink: Sink) -> None:
    """First arrivals are the sequence without gaps, and one id has one body."""
    for key, numbers in sink.firsts().items():
        assert numbers == list(range(1, len(numbers) + 1)), key
    bodies: dict[str, set[bytes]] = {}
    for each in sink.arrivals:
        bodies.setdefault(each.headers["webhook-id"], set()).add(each.body)
    assert [name for name, found in bodies.items() if len(found) > 1] == []


def test_a_hook_is_answered_and_the_event_delivered(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    service.start()
    looked(service)
    registry.tag("churn#prod#1", time=1002)
    assert push(service) == 202
    (arrival,) = sink.wait(1)
    assert Webhook(SINK_SECRET).verify(arrival.body, dict(arrival.headers))
    event = arrival.event
    assert (event["type"], event["subject"]) == ("io.github.gto-action.assignment.v1", "churn")
    assert event["data"]["stage"] == "prod"
    wait_for(
        lambda: any(
            line.get("event") == event["id"] and line["message"] == "delivered: 200" for line in service.lines()
        )
    )
    assert service.metric("gto_hooks_total") == 1
    wait_for(lambda: service.metric("gto_deliveries_total") == 1)


def test_four_tags_without_a_hook_are_found_by_the_poll(service: Service, registry: Repo, sink: Sink) -> None:
    """Proof 3: GitHub and GitLab say nothing of a push with more than three tags."""
    service.poll = "1s"
    service.write()
    service.start()
    looked(service)
    for number in range(1, 6):
        registry.tag(f"churn#prod#{number}", time=1001 + number)
    sink.wait(5)
    assert_in_order(sink)


def test_polls_may_be_far_apart(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    service.poll = "6h"
    service.write()
    service.start()
    looked(service)
    registry.tag("churn#prod#1", time=1002)
    push(service)
    sink.wait(1)
    with service.tables() as database:
        assert database.execute("SELECT wanted FROM gto_repository").fetchone() == (2,)


def test_a_tag_that_comes_after_its_hook_is_found_soon(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    """A server of several machines may send a hook before all of them know; the next poll is an hour away."""
    service.start()
    looked(service)
    before = service.metric("gto_look_seconds_count")
    assert push(service) == 202
    wait_for(lambda: service.metric("gto_look_seconds_count") > before)
    registry.tag("churn#prod#1", time=1002)
    sink.wait(1, seconds=120)


def test_two_hooks_and_a_poll_at_once_are_one_event(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    """Proof 4."""
    service.poll = "1s"
    service.write()
    service.start()
    looked(service)
    for number in range(1, 4):
        registry.tag(f"churn#prod#{number}", time=1001 + number)
        assert [push(service), push(service)] == [202, 202]
    sink.wait(3)
    time.sleep(1.5)
    assert len(sink.arrivals) == 3
    assert_in_order(sink)


def test_a_sink_that_is_down_gets_everything_in_order_when_it_is_back(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    """Proof 5: other artifacts are not held up by one whose event is refused."""
    service.start()
    looked(service)
    refused = Counter(churn=0, other=0)

    def answer(_: int) -> tuple[int, dict[str, str], float]:
        """Back when each artifact has been refused."""
        if min(refused.values()):
            return 200, {}, 0.0
        refused[json.loads(sink.coming)["subject"]] += 1
        return 503, {}, 0.0

    sink.answer = answer
    for number in range(1, 4):
        registry.tag(f"churn#prod#{number}", time=1001 + number)
        registry.tag(f"other@v1.0.{number}", time=1001 + number)
    push(service)
    sink.wait(6)
    assert_in_order(sink)
    failed = [each for each in sink.arrivals if each.status == 503]
    assert {each.event["subject"] for each in failed} == {"churn", "other"}
    assert {each.sequence for each in failed} == {1}


def test_a_sink_that_is_gone_is_paused_until_somebody_resumes_it(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    service.start()
    looked(service)
    sink.answer = lambda number: (410 if number == 0 else 200, {}, 0.0)
    registry.tag("churn#prod#1", time=1002)
    registry.tag("churn#prod#2", time=1003)
    push(service)
    wait_for(lambda: service.metric("gto_paused") == 1)
    time.sleep(1.5)
    assert len(sink.arrivals) == 1
    assert service.run("sinks", "resume", "out").returncode == 0
    sink.wait(2)
    assert_in_order(sink)


def test_what_no_longer_holds_is_not_sent_to_who_does_not_want_it(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    service.sink_keys = "superseded = false"
    service.write()
    service.start()
    looked(service)
    second = registry.commit(time=2000)
    registry.tag("churn@v2.0.0", second, time=2001)
    registry.tag("churn#prod#1", "churn@v1.0.0^{commit}", time=2002)
    registry.tag("churn#prod#2", second, time=2003)
    push(service)
    sink.wait(2)
    time.sleep(0.5)
    assert [each.event["tag"] for each in sink.arrivals] == ["churn@v2.0.0", "churn#prod#2"]


def test_what_is_refused_for_long_enough_is_held_or_given_up(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    service.sink_keys = 'retry = { for = "1s", then = "skip" }'
    service.write()
    service.start()
    looked(service)
    sink.answer = lambda _: (500 if b"churn#prod#1" in sink.coming else 200, {}, 0.0)
    registry.tag("churn#prod#1", time=1002)
    registry.tag("churn#prod#2", time=1003)
    push(service)
    wait_for(lambda: service.metric("gto_dead") == 1)
    sink.wait(1)
    found = json.loads(service.run("deliveries", "--json").stdout)
    assert [(each["state"], each["tag"]) for each in found] == [("dead", "churn#prod#1"), ("delivered", "churn#prod#2")]


def test_forged_hooks_are_refused_without_a_word(service: Service, push: Push) -> None:
    service.start()
    assert push(service, "nobody") == 401
    assert service.post({"x-hub-signature-256": "sha256=" + "0" * 64}, b"{}") == 401
    assert service.post({}, b"x" * 3_000_000) == 401
    assert service.metric("gto_hooks_total") == 3
    assert raw(service, b"POST /hooks/models HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n").startswith(
        b"HTTP/1.1 413"
    )
    assert raw(service, b"POST /hooks/models HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n").startswith(
        b"HTTP/1.1 400"
    )
    assert raw(service, b"GET /hooks/models HTTP/1.1\r\nhost: x\r\n\r\n").startswith(b"HTTP/1.1 405")
    assert raw(service, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").startswith(b"HTTP/1.1 404")


def raw(service: Service, said: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", service.listen), timeout=60) as connection:
        connection.sendall(said)
        return connection.recv(4096)


@contextmanager
def locked(service: Service) -> Iterator[None]:
    """Somebody else writes to the database, and does not end."""
    connection = sqlite3.connect(service.folder / "serve.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_locked_database_is_503_and_never_202(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    """Proof 7: what is answered with 202 is delivered, and what cannot be written is not."""
    service.start()
    looked(service)
    registry.tag("churn#prod#1", time=1002)
    with locked(service):
        assert push(service) == 503
    assert push(service) == 202
    sink.wait(1)
    assert_in_order(sink)


def test_a_full_disk_is_503_and_never_202(
    tmp_path: Path, server: GitServer, registry: Repo, sink: Sink, push: Push
) -> None:
    """Proof 7: the limit of a file's size is what a process can have of a full disk without root."""
    wrapper = ("prlimit", "--fsize=700000", "--")
    with Service(tmp_path / "full", {"models": f"{server.url}/o/r"}, sink.url, wrapper=wrapper) as service:
        service.start()
        looked(service)
        statuses = []
        for _ in range(400):
            statuses.append(push(service))
            if statuses[-1] != 202:
                break
        assert statuses[-1] == 503
        service.kill()
        service.wrapper = ()
        registry.tag("churn#prod#1", time=1002)
        service.start()
        assert push(service) == 202
        sink.wait(1)


def test_mass_vanishing_stops_the_repository_and_says_so(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    """Proof 8."""
    for number in range(20):
        registry.tag(f"churn#prod#{number}", time=2000 + number)
    service.start()
    looked(service)
    for number in range(15):
        registry.git("update-ref", "-d", f"refs/tags/churn#prod#{number}")
    push(service)
    wait_for(lambda: service.metric("gto_halted") == 1)
    assert sink.arrivals == []
    assert any("15 of 21 tags are gone at once" in line["message"] for line in service.lines())
    assert service.run("sync", "models", "--accept").returncode == 0
    sink.wait(15)
    assert_in_order(sink)


def test_a_clock_that_is_set_back_holds_nothing_up(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    """Proof 9: everything that was planned was planned a day ahead."""
    service.poll = "1s"
    service.write()
    service.start()
    looked(service)
    sink.answer = lambda _: (503, {}, 0.0)
    registry.tag("churn#prod#1", time=1002)
    push(service)
    wait_for(lambda: len(sink.arrivals) >= 1)
    service.kill()
    with service.tables() as database:
        day = 86400
        database.execute(
            "UPDATE gto_delivery SET wake_at = wake_at + ?, next_at = next_at + ?, first_at = first_at + ?", [day] * 3
        )
        database.execute("UPDATE gto_repository SET poll_at = poll_at + ?, not_before = not_before + ?", [day] * 2)
    sink.answer = lambda _: (200, {}, 0.0)
    registry.tag("churn#prod#2", time=1003)
    service.start()
    sink.wait(2)
    assert_in_order(sink)


def test_sigterm_ends_in_order_and_nothing_is_lost(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    service.start()
    looked(service)
    sink.answer = lambda _: (200, {}, 5.0)
    registry.tag("churn#prod#1", time=1002)
    registry.tag("churn#prod#2", time=1003)
    push(service)
    wait_for(lambda: len(sink.arrivals) >= 1)
    with within(60):
        assert service.kill(signal.SIGTERM) == 0
    sink.answer = lambda _: (200, {}, 0.0)
    service.start()
    sink.wait(2)
    assert_in_order(sink)
    assert len(sink.arrivals) <= 3


def test_sighup_reads_the_secrets_again(
    tmp_path: Path, server: GitServer, registry: Repo, sink: Sink, push: Push
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SINK_SECRET)
    keys = f'[sinks.more]\nhttp = {{ url = "{sink.url}", secrets = ["file:{secret}"] }}'
    with Service(tmp_path / "s", {"models": f"{server.url}/o/r"}, repository_keys=keys) as service:
        service.start()
        looked(service)
        fresh = "whsec_" + "bmV3" * 8
        secret.write_text(fresh)
        assert service.process
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: any("read again" in line["message"] for line in service.lines()))
        registry.tag("churn#prod#1", time=1002)
        push(service)
        (arrival,) = sink.wait(1)
        assert Webhook(fresh).verify(arrival.body, dict(arrival.headers))
        secret.write_text("")
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: any("The secrets of before stay." in line["message"] for line in service.lines()))


def test_no_secret_is_in_the_database_or_the_log(service: Service, registry: Repo, sink: Sink, push: Push) -> None:
    service.start()
    looked(service)
    registry.tag("churn#prod#1", time=1002)
    push(service)
    sink.wait(1)
    service.kill()
    kept = b"".join(path.read_bytes() for path in service.folder.iterdir() if path.is_file())
    assert b"churn#prod#1" in kept
    for secret in (SINK_SECRET.encode(), b"the-hook-of-these-tests"):
        assert secret not in kept
    assert b"gASV" not in kept, "a pickle"


def test_a_second_service_on_the_same_sqlite_refuses(service: Service) -> None:
    service.start()
    with Service(service.folder, service.repositories, service.sink, listen=free_port(), name="second") as second:
        second.start(ready=False)
        assert second.process
        assert second.process.wait(300) == 1
        assert "Another service runs on the database" in second.log.read_text()


def test_an_address_that_is_taken(service: Service) -> None:
    with socket.create_server(("127.0.0.1", service.listen)):
        service.start(ready=False)
        assert service.process
        assert service.process.wait(300) == 1
    assert f"Nothing can listen at 127.0.0.1:{service.listen}." in service.log.read_text()


def test_check_says_what_is_wrong(service: Service, server: GitServer, sink: Sink) -> None:
    ran = service.run("serve", "--check")
    assert (ran.returncode, ran.stdout.count(" ok")) == (0, 4)
    server.answer(404)
    service.sink = "http://127.0.0.1:9/in"
    service.write()
    ran = service.run("serve", "--check")
    assert ran.returncode == 1
    assert "the repository models" in ran.stdout
    assert "NewConnectionError: Failed to establish a new connection: [Errno 111] Connection refused" in ran.stdout
    assert sink.arrivals == []


def test_check_makes_nothing(service: Service, registry: Repo) -> None:
    """Who checks may be root, and the service's user could not open what that one has made."""
    before = sorted(service.folder.iterdir())
    assert service.run("serve", "--check").returncode == 0
    assert sorted(service.folder.iterdir()) == before
    config = service.config.read_text()
    service.config.write_text(config.replace(f"{service.folder}/serve.db", f"{service.folder}/none/serve.db"))
    ran = service.run("serve", "--check")
    assert ran.returncode == 1
    assert f"No database can be made in the folder '{service.folder}/none'." in ran.stdout


def test_check_names_all_secrets_that_lack(service: Service) -> None:
    service.variables = {"HOOK_SECRET": "", "SINK_SECRET": ""}
    ran = service.run("serve", "--check")
    assert ran.returncode == 1
    for name in service.variables:
        assert f"The secret 'env:{name}' is empty or not set." in ran.stdout


def test_a_hook_that_came_while_nobody_listened(service: Service, registry: Repo, sink: Sink) -> None:
    """Its sender does not come again, and the next poll had been planned for much later."""
    service.start()
    looked(service)
    service.kill(signal.SIGTERM)
    registry.tag("churn#prod#1", time=1002)
    service.start()
    sink.wait(1)


def test_the_engine_that_has_lost_everything_is_told_again(
    service: Service, registry: Repo, sink: Sink, push: Push
) -> None:
    """Every queue follows from our own tables."""
    service.start()
    looked(service)
    sink.answer = lambda _: (503, {}, 0.0)
    for number in range(1, 4):
        registry.tag(f"churn#prod#{number}", time=1001 + number)
    push(service)
    wait_for(lambda: len(sink.arrivals) > 0)
    service.kill()
    with service.tables() as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        database.execute("PRAGMA foreign_keys = OFF")
        for name in names:
            if not name.startswith(("gto_", "sqlite_")):
                database.execute(f"DROP TABLE {name}")
    sink.answer = lambda _: (200, {}, 0.0)
    service.start()
    sink.wait(3)
    assert_in_order(sink)


def test_it_starts_soon_and_needs_little(service: Service) -> None:
    service.start()
    assert service.process
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    kilobytes = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
    assert kilobytes < 150_000
