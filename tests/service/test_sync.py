"""`gto-action sync`: what a look finds and what it writes, without the service that delivers it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.service import Ran, Service


def listed(service: Service, *options: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(service.run("deliveries", "--json", *options).stdout)
    return found


def told(service: Service) -> list[tuple[object, ...]]:
    """Every delivery, by artifact and sequence."""
    found = sorted((str(each["artifact"]), each["sequence"], each["happened"], each["tag"]) for each in listed(service))
    return list(found)


def sync(service: Service, *options: str) -> Ran:
    ran = service.run("sync", "models", *options)
    assert ran.returncode == 0, ran.stderr
    return ran


def test_the_first_look_sends_nothing_and_the_next_what_is_new(service: Service, registry: Repo) -> None:
    assert sync(service).stderr.endswith("This is the first look. Tags that were there before: 1.\n")
    assert told(service) == []
    registry.tag("churn#prod#1", time=1002)
    said = sync(service).stdout.splitlines()
    assert said[1].split() == ["churn", "1", "assignment", "churn#prod#1", "out"]
    assert sync(service).stdout == "There is nothing new.\n"
    assert told(service) == [("churn", 1, "assignment", "churn#prod#1")]


def test_a_dry_run_says_what_would_be_sent_and_writes_nothing(service: Service, registry: Repo) -> None:
    sync(service)
    registry.tag("churn#prod#1", time=1002)
    said = sync(service, "--dry-run").stdout
    assert told(service) == []
    assert sync(service).stdout == said
    assert len(told(service)) == 1


@pytest.mark.parametrize(
    ("start", "count"), [("now", 0), ("everything", 2), ("1970-01-01T00:16:42Z", 1)], ids=["now", "everything", "since"]
)
def test_where_to_start(service: Service, registry: Repo, start: str, count: int) -> None:
    registry.tag("churn#prod#1", time=1002)
    service.repository_keys = f'start = "{start}"'
    service.write()
    sync(service)
    assert len(told(service)) == count
    registry.tag("churn#prod#2", time=1003)
    sync(service)
    assert [each[1] for each in told(service)] == list(range(1, count + 2))


def test_tags_that_move_go_and_come_back_are_events_too(service: Service, registry: Repo) -> None:
    sync(service)
    registry.tag("churn#prod#1", time=1002)
    sync(service)
    oid = registry.git("rev-parse", "refs/tags/churn#prod#1")
    registry.tag("churn#prod#1", time=1003)
    sync(service)
    registry.git("update-ref", "-d", "refs/tags/churn#prod#1")
    sync(service)
    registry.git("update-ref", "refs/tags/churn#prod#1", oid)
    sync(service)
    name = "churn#prod#1"
    words = ["assignment", "moved", "deleted", "assignment"]
    assert told(service) == [("churn", number, word, name) for number, word in enumerate(words, 1)]
    assert len({each["event"] for each in listed(service)}) == len(words)


def test_what_is_there_at_once_comes_in_gtos_order(service: Service, registry: Repo) -> None:
    sync(service)
    for name, time in (("churn#prod#2", 1005), ("churn@v1.1.0", 1003), ("churn#prod#1", 1003), ("other@v1.0.0", 1001)):
        registry.tag(name, time=time)
    registry.git("update-ref", "-d", "refs/tags/churn@v1.0.0")
    sync(service)
    assert told(service) == [
        ("churn", 1, "deleted", "churn@v1.0.0"),
        ("churn", 2, "registration", "churn@v1.1.0"),
        ("churn", 3, "assignment", "churn#prod#1"),
        ("churn", 4, "assignment", "churn#prod#2"),
        ("other", 1, "registration", "other@v1.0.0"),
    ]


def test_lightweight_tags_are_no_events_unless_they_are_accepted(service: Service, registry: Repo) -> None:
    sync(service)
    registry.lightweight("churn#prod#1")
    sync(service)
    registry.git("update-ref", "-d", "refs/tags/churn#prod#1")
    sync(service)
    assert told(service) == []
    service.repository_keys = 'lightweight = "accept"'
    service.write()
    registry.lightweight("churn#prod#1")
    sync(service)
    assert told(service) == [("churn", 1, "assignment", "churn#prod#1")]


def test_a_document_is_what_gto_action_says_of_the_tag(
    service: Service, registry: Repo, server: GitServer, tmp_path: Path
) -> None:
    names = {
        "churn@v2.0.0": 1002,
        "churn#prod#1": 1003,
        "churn@v2.0.0!": 1004,
        "churn#prod!": 1005,
        "churn@deprecated": 1006,
    }
    sync(service)
    for name, time in names.items():
        registry.tag(name, time=time, message="said: é\n\n  twice\n")
    sync(service)
    with_bodies = bodies(service)
    assert {*with_bodies} == {*names}
    for name in names:
        file = tmp_path / "gto.json"
        command = ("event", name, "--repo", f"{server.url}/o/r", "--json-file", str(file))
        ran = subprocess.run(
            [sys.executable, "-m", "gto_action", *command],
            env=service.environment,
            cwd=tmp_path,
            check=False,
            capture_output=True,
        )
        assert ran.returncode == 0, ran.stderr
        assert with_bodies[name]["data"] == json.loads(file.read_text())


def bodies(service: Service) -> dict[str, dict[str, object]]:
    with service.tables() as database:
        return {tag: json.loads(body) for tag, body in database.execute("SELECT tag, body FROM gto_event")}


def test_mass_vanishing_is_not_believed_until_somebody_says_so(service: Service, registry: Repo) -> None:
    for number in range(30):
        registry.tag(f"churn#prod#{number}", time=2000 + number)
    sync(service)
    for number in range(12):
        registry.git("update-ref", "-d", f"refs/tags/churn#prod#{number}")
    for _ in range(2):
        ran = service.run("sync", "models")
        assert ran.returncode == 1
        assert "12 of 31 tags are gone at once. If that is right, run: gto-action sync models --accept" in ran.stderr
    assert told(service) == []
    sync(service, "--accept")
    assert [each[2] for each in told(service)] == ["deleted"] * 12


def test_a_remote_that_fails_changes_nothing(service: Service, registry: Repo, server: GitServer) -> None:
    sync(service)
    registry.tag("churn#prod#1", time=1002)
    server.answer(404)
    ran = service.run("sync", "models")
    assert ran.returncode == 1
    assert "Check the repository's 'url' and 'token' in the configuration." in ran.stderr
    server.mend()
    sync(service)
    assert told(service) == [("churn", 1, "assignment", "churn#prod#1")]


def test_a_repository_that_is_not_in_the_configuration(service: Service) -> None:
    ran = service.run("sync", "other")
    assert ran.returncode == 1
    assert ran.stderr == "error: The configuration has no repository 'other'. It has 'models'.\n"


def test_skip_and_redeliver(service: Service, registry: Repo) -> None:
    sync(service)
    registry.tag("churn#prod#1", time=1002)
    sync(service)
    (name,) = [str(each["id"]) for each in listed(service, "--waiting")]
    assert service.run("skip", name).stdout == "1 skipped.\n"
    assert listed(service, "--waiting") == []
    assert service.run("redeliver", name).stdout == "1 will be delivered once more.\n"
    assert service.run("skip", name).returncode == 0
    assert service.run("redeliver", "--sink", "out", "--since", "1h").stdout == "1 will be delivered once more.\n"
    assert [each["id"] for each in listed(service, "--waiting")] == [name]
    assert service.run("skip", name, name).stdout == "1 skipped.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("skip", "out:gto_none"), "There is no delivery 'out:gto_none'."),
        (("skip", "' OR 1=1 --"), 'There is no delivery "\' OR 1=1 --".'),
        (("skip", "%"), "There is no delivery '%'."),
        (("skip", ""), "There is no delivery ''."),
        (("skip", "a\0b"), "There is no delivery 'a\\x00b'."),
        (("skip", "\udcff"), "There is no delivery '\\udcff'."),
        (("skip", "\x1b[2J"), "There is no delivery '\\x1b[2J'."),
        (("skip", "../" * 5_000), "There is no delivery '../"),
        (("redeliver", "\udcff"), "There is no delivery '\\udcff'."),
        (("redeliver", "--sink", "other", "--since", "1h"), "The configuration has no sink 'other'. It has 'out'."),
        (("redeliver", "--sink", "out", "--since", "later"), "later"),
        (("sinks", "test", "\udcff"), "The configuration has no sink '\\udcff'."),
        (("sinks", "resume", "other"), "The configuration has no sink 'other'."),
        (("sync", "\udcff"), "The configuration has no repository '\\udcff'."),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_what_there_is_not(service: Service, arguments: tuple[str, ...], says: str) -> None:
    ran = service.run(*arguments)
    assert ran.returncode in {1, 2}
    assert says in ran.stderr


def test_what_has_been_sent_is_not_skipped(service: Service, registry: Repo) -> None:
    """It would look as if it had not been sent."""
    sync(service)
    registry.tag("churn#prod#1", time=1002)
    sync(service)
    (name,) = [str(each["id"]) for each in listed(service)]
    for state in ("delivered", "superseded"):
        with service.tables() as database:
            database.execute("UPDATE gto_delivery SET state = ?", [state])
        ran = service.run("skip", name)
        assert (ran.returncode, f"is not to be skipped: it is {state}." in ran.stderr) == (1, True)
        assert [each["state"] for each in listed(service)] == [state]


def test_of_many_deliveries_the_newest_are_listed(service: Service, registry: Repo) -> None:
    assert service.run("deliveries").stderr == "There is none.\n"
    sync(service)
    for number in (1, 2, 3):
        registry.tag(f"churn#prod#{number}", time=1001 + number)
        sync(service)
    ran = service.run("deliveries", "--limit", "2")
    assert [line.split()[6] for line in ran.stdout.splitlines()] == ["tag", "churn#prod#2", "churn#prod#3"]
    assert ran.stderr == "There are older ones, too: --limit says how many are shown, 2 now.\n"
    assert [each["sequence"] for each in listed(service, "--limit", "3")] == [1, 2, 3]


@pytest.mark.parametrize("also", [(), ("other@v2.0.0",)], ids=["nothing else is new", "another tag is new"])
def test_lightweight_tags_that_count_from_now_on_are_events(
    service: Service, registry: Repo, also: tuple[str, ...]
) -> None:
    registry.lightweight("light@v1.0.0", "main")
    sync(service)
    for each in also:
        registry.tag(each, time=1002)
    service.repository_keys = 'lightweight = "accept"'
    service.write()
    sync(service)
    expected = [("light", 1, "registration", "light@v1.0.0"), *(("other", 1, "registration", each) for each in also)]
    assert told(service) == expected
    assert sync(service).stdout == "There is nothing new.\n"
    service.repository_keys = ""
    service.write()
    sync(service)
    assert ("light", 2, "deleted", "light@v1.0.0") in told(service)
    assert sync(service).stdout == "There is nothing new.\n"
