"""A tag that is too large to be read holds up its own artifact, and no other."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from gto_action.errors import TooLargeError
from gto_action.gto.names import ArtifactName
from gto_action.service.look import Looked, _Reading
from gto_action.service.looking import Looking
from gto_action.service.parts import Artifacts, TooMuchError, parts_of, read_apart
from gto_action.service.registry import RegistryNow
from gto_action.service.rules.ref_changes import Now
from gto_action.service.state.repositories import Hint, Repositories
from tests.service.test_between_questions import delete
from tests.service.test_sync import listed, sync, told
from tests.support.huge import add_huge, tag_huge
from tests.support.registered import means_of
from tests.support.repo import Repo
from tests.support.service import Service

HUGE = 100
_read = _Reading.read


def only_parts(reading: _Reading, before: Looked, only: Artifacts, tags: Mapping[str, Now]) -> Looked:
    """Reads as always, but not all artifacts at once."""
    if not only:
        raise TooMuchError
    return _read(reading, before, only, tags)


SAID = "The tags of 'big' are too large to be read. The remote "


@pytest.fixture
def big(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the artifact `big` all that is asked for is too large, as where one tag really is; that takes seconds each time."""
    ask = _Reading._registry  # noqa: SLF001 - where the tags come from

    @contextmanager
    def asked(reading: _Reading, only: Artifacts) -> Iterator[RegistryNow]:
        with ask(reading, only) as registry:
            if any(name.startswith("big@") for name in registry.now()):
                raise TooLargeError("The remote sends 104,857,759 bytes in one piece.", "One names the largest tag.")
            yield registry

    monkeypatch.setattr(_Reading, "_registry", asked)


def test_of_several_artifacts_those_are_read_that_can_be(service: Service, registry: Repo) -> None:
    sync(service)
    tag_huge(registry, "big@v1.0.0", HUGE)
    for name in ("a", "b", "c", "d"):
        registry.tag(f"{name}@v1.0.0", time=1002)
    ran = service.run("sync", "models")
    assert ran.returncode == 1
    assert SAID in ran.stderr
    assert "names the largest tag." in ran.stderr
    assert [each[0] for each in told(service)] == ["a", "b", "c", "d"]
    registry.tag("big@v1.1.0", time=1003)
    delete(registry, "big@v1.0.0")
    sync(service)
    assert [each[3] for each in told(service) if each[0] == "big"] == ["big@v1.1.0"]
    assert sync(service).stdout == "There is nothing new.\n"


def test_one_that_is_not_of_gto_holds_up_nothing(service: Service, registry: Repo) -> None:
    """Not even the first look."""
    tag_huge(registry, "backup", HUGE)
    sync(service)
    for name in ("a", "b"):
        registry.tag(f"{name}@v1.0.0", time=1002)
    sync(service)
    assert [each[0] for each in told(service)] == ["a", "b"]
    assert sync(service).stdout == "There is nothing new.\n"


@pytest.mark.usefixtures("big")
def test_a_first_look_knows_all_or_is_none(service: Service, registry: Repo) -> None:
    """Else the old tags of an artifact would be new once it can be read."""
    service.repository_keys = 'start = "1970-01-01"'
    service.write()
    registry.tag("big@v2.0.0", time=1002)
    ran = service.run("sync", "models")
    assert (ran.returncode, told(service)) == (1, [])
    assert SAID in ran.stderr
    delete(registry, "big@v2.0.0")
    assert "This is the first look. Tags that were there before: 1." in sync(service).stderr
    assert [each[3] for each in told(service)] == ["churn@v1.0.0"]


@pytest.mark.usefixtures("big")
def test_what_is_not_believed_is_asked_of_all_artifacts(service: Service, registry: Repo) -> None:
    """A mirror has made tags lightweight, and there is one that is too large: some artifacts lose one of many tags."""
    names = [f"a{number}@v1.0.{patch}" for number in range(4) for patch in range(12)]
    for name in names:
        registry.tag(name, time=1002)
    sync(service)
    registry.tag("big@v1.0.0", time=1002)
    target = registry.git("rev-parse", "main")
    changed = [name for name in names if name.endswith(("0", "1", "2"))]
    registry.git(
        "update-ref", "--stdin", stdin="".join(f"update refs/tags/{each} {target}\n" for each in changed).encode()
    )
    for _ in range(2):
        ran = service.run("sync", "models")
        assert (ran.returncode, told(service)) == (1, [])
        assert f"{len(changed)} of {len(names) + 1} tags no longer count at once." in ran.stderr


def test_what_there_was_no_time_for_may_be_anything(
    service: Service, registry: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"a{number}@v1.0.0" for number in range(20)]
    for name in names:
        registry.tag(name, time=1002)
    sync(service)
    monkeypatch.setattr(_Reading, "read", only_parts)
    with monkeypatch.context() as patch:
        patch.setattr("gto_action.service.look.read_apart", lambda parts, read, _: read_apart(parts, read, -1))
        for name in ("new@v1.0.0", "newer@v1.0.0"):
            registry.tag(name, time=1003)
        ran = service.run("sync", "models")
        assert (ran.returncode, told(service)) == (1, [])
        assert "There was no time for those of 2 artifacts." in ran.stderr
        for name in names[:11]:
            registry.lightweight(name, "main")
        assert "11 of 21 tags no longer count at once." in service.run("sync", "models").stderr
    assert "11 of 21 tags no longer count at once." in service.run("sync", "models").stderr
    sync(service, "--accept")
    assert len(told(service)) == 13


@pytest.mark.usefixtures("big")
def test_a_setting_that_is_taken_back_while_some_cannot_be_read(service: Service, registry: Repo) -> None:
    """What was told under one setting is not what is seen under the other."""

    def set_to(lightweight: str) -> None:
        service.repository_keys = f'lightweight = "{lightweight}"'
        service.write()

    registry.lightweight("light@v1.0.0", "main")
    set_to("accept")
    sync(service)
    registry.tag("big@v1.0.0", time=1002)
    words: list[object] = []
    for setting, word in (("warn", "deleted"), ("accept", "registration")):
        set_to(setting)
        assert service.run("sync", "models").returncode == 1
        words.append(word)
        assert [each[2] for each in told(service)] == words
    delete(registry, "big@v1.0.0")
    sync(service)
    assert [each[2] for each in told(service)] == words


def test_a_folder_that_is_too_large_holds_up_its_artifact(service: Service, registry: Repo) -> None:
    """It is read for the document of the event."""
    sync(service)
    tree = add_huge(registry, "tree", b"", HUGE, b"100644 abcd\0" + b"\x11" * 20)
    who = "A <a@b> 1000 +0000"
    text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n".encode()
    commit = registry.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=text)
    registry.tag("big@v1.0.0", commit, time=1002)
    registry.tag("a@v1.0.0", "churn@v1.0.0^{commit}", time=1002)
    ran = service.run("sync", "models")
    assert (ran.returncode, [each[0] for each in told(service)]) == (1, ["a"])
    assert SAID in ran.stderr


@pytest.mark.usefixtures("big")
def test_other_artifacts_are_not_held_up(service: Service, registry: Repo) -> None:
    """By no pause: there is one after any other failure."""
    with means_of(service) as means:
        looking, repositories = Looking(means), Repositories(means.database)

        def look(name: str) -> Looked | None:
            registry.tag(name, time=1003)
            repositories.want([Hint("models", "d", "push")], time.time())
            return looking.look_at("models")

        repositories.want([Hint("models", "d", "push")], time.time())
        assert looking.look_at("models")
        for number in range(3):
            looked = look(f"big@v1.0.{number}")
            assert looked
            assert str(looked.error).startswith(SAID)
        looked = look("churn@v1.1.0")
        assert looked
        assert [each.tag for each in looked.events] == ["churn@v1.1.0"]
        known = repositories.all()["models"]
        assert (known.partial, known.failures, known.not_before, known.wanted) == (4, 0, 0.0, known.done)


@pytest.mark.parametrize("seed", range(3))
def test_in_parts_the_same_is_found_as_at_once(service: Service, registry: Repo, seed: int) -> None:
    """Whatever becomes of the tags: two services look at them, of which one can never read all together."""
    some = random.Random(seed)
    names = [f"{artifact}{event}" for artifact in "abcd" for event in ("@v1.0.0", "@v1.1.0", "#prod#1", "@v1.0.0!#2")]
    keys = some.choice(["", 'start = "everything"', 'start = "1970-01-01"', 'lightweight = "accept"'])
    services = []
    for name in ("at-once", "in-parts"):
        with Service(service.folder / name, service.repositories, service.sink, repository_keys=keys) as each:
            services.append(each)
    for step in range(5):
        for name in some.sample(names, some.randint(1, 6)):
            has_it = registry.git("tag", "--list", name)
            if has_it and some.random() < 0.5:
                delete(registry, name)
            elif some.random() < 0.2:
                registry.lightweight(name, "main")
            else:
                registry.tag(name, time=2000 + some.randint(0, 99), message=f"{step}")
        accept = ["--accept"] if step else []
        sync(services[0], *accept)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_Reading, "read", only_parts)
            sync(services[1], *accept)
        assert told(services[0]) == told(services[1])
        bodies = [{each["id"]: each["event"] for each in listed(service)} for service in services]
        assert bodies[0] == bodies[1]
    assert told(services[0])


def test_what_cannot_be_read_stands_alone() -> None:
    names = [ArtifactName(f"a{number}") for number in range(1_000)]
    large = {names[number] for number in (0, 1, 500, 999)}
    asked: list[Artifacts] = []

    def read(part: Artifacts) -> None:
        asked.append(part)
        if part & large:
            raise TooMuchError from ValueError("why")

    found = read_apart(parts_of(frozenset(names)), read, 60)
    assert frozenset().union(*found.parts) == {*names} - large
    assert str(found.unread) == "The tags of 'a0', 'a1', 'a500', 'a999' are too large to be read. why"
    assert len(asked) < 100
    late = read_apart(parts_of(frozenset(names)), read, -1)
    assert (late.parts, str(late.unread)) == ([], "There was no time for those of 1000 artifacts.")


def test_the_names_of_a_part_fit_on_a_command_line() -> None:
    names = frozenset(ArtifactName(f"{number}{'x' * 3_000}") for number in range(100))
    parts = list(parts_of(names))
    assert frozenset().union(*parts) == names
    assert max(len(part) for part in parts) == 21
