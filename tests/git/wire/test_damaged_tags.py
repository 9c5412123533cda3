"""Tags of other artifacts that a server lists, and cannot deliver: a warning, and an answer without them."""

from pathlib import Path

import pytest

from gto_action.errors import GitError
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.tags import Tags
from gto_action.gto.names import ArtifactName
from tests.git.wire.test_asking_lies import CAPABILITIES, GOOD, REFS, T_OID, lie
from tests.support.asked import QUICK
from tests.support.git_server import Fault, GitServer
from tests.support.packs import lines
from tests.support.repo import Repo
from tests.support.wire import RESULT, TOKEN

LOST = "1" * 40


def damage(registry: Repo, name: str) -> str:
    """A tag whose commit is missing."""
    text = f"object {LOST}\ntype commit\ntag {name}\ntagger A <a@example.com> 1 +0000\n\nm\n"
    oid = registry.git("hash-object", "-t", "tag", "-w", "--stdin", "--literally", stdin=text.encode())
    registry.git("update-ref", f"refs/tags/{name}", oid)
    return oid


def fetch(url: str, log: list[str] | None = None, *, needed: str = "churn") -> Tags:
    with Repository(Remote(url, token=TOKEN), log=(log if log is not None else []).append, pace=QUICK) as repository:
        tags = repository.start(needed=[ArtifactName(needed)] if needed else []).finish()
        assert tags.records  # a clone is read while it is there
        return tags


@pytest.fixture
def damaged(registry: Repo) -> str:
    damage(registry, "other@v9.0.0")
    return registry.path.as_uri()


@pytest.mark.usefixtures("way")
def test_an_artifact_has_an_answer(damaged: str) -> None:
    log: list[str] = []
    tags = fetch(damaged, log)
    assert [record.name for record in tags.records] == ["churn#prod#4", "churn@v3.1.0"]
    assert tags.more_than == 0
    assert tags.incomplete
    assert tags.incomplete.message == f"The remote {tags.remote.shown!r} does not deliver all of its tags."
    assert log == []


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("needed", ["", "other"])
def test_what_is_needed_is_not_left_out(damaged: str, needed: str) -> None:
    with pytest.raises(GitError):
        fetch(damaged, needed=needed)


def test_nothing_is_left_out_of_a_whole_registry(registry: Repo) -> None:
    tags = fetch(registry.path.as_uri())
    assert len(tags.records) == 32
    assert tags.incomplete is None


NOT_OURS = lines(f"ERR upload-pack: not our ref {LOST}\n")


def test_what_may_pass_is_asked_again_first(srv: Path, registry: Repo) -> None:
    """A tag may have been moved between two questions: that is no damage."""
    log: list[str] = []
    assert registry.git("tag")
    with GitServer(srv, token=TOKEN) as server:
        server.fault(Fault(asks=b"command=fetch", times=1, status=200, headers=RESULT, body=NOT_OURS))
        tags = fetch(f"{server.url}/o/r", log)
    assert len(tags.records) == 32
    assert tags.incomplete is None
    assert sum("Trying again" in line for line in log) == 1


def test_what_does_not_pass(srv: Path, registry: Repo, way: str) -> None:
    log: list[str] = []
    other = registry.git("rev-parse", "other@v1.0.7")
    with GitServer(srv, token=TOKEN) as server:
        server.fault(Fault(asks=f"want {other}".encode(), status=200, headers=RESULT, body=NOT_OURS))
        tags = fetch(f"{server.url}/o/r", log)
    assert [record.name for record in tags.records] == ["churn#prod#4", "churn@v3.1.0"]
    assert tags.incomplete
    assert "not our ref" in tags.incomplete.said
    assert sum("Trying again" in line for line in log) == {"wire": 1, "clone": 3}[way]


@pytest.mark.usefixtures("way")
def test_an_object_that_cannot_be_read(registry: Repo) -> None:
    """As after a power cut on the server: what is stored is not what was written."""
    oid = damage(registry, "other@v9.0.0")
    path = registry.path / "objects" / oid[:2] / oid[2:]
    path.chmod(0o600)
    path.write_bytes(b"")
    tags = fetch(registry.path.as_uri())
    assert [record.name for record in tags.records] == ["churn#prod#4", "churn@v3.1.0"]
    assert tags.incomplete


def test_an_object_that_does_not_come(srv: Path) -> None:
    with GitServer(srv) as server:
        lie(server, CAPABILITIES, lines(f"{LOST} refs/tags/other@v1.0.0\n") + REFS, GOOD)
        server.fault(Fault(asks=b"ref-prefix refs/tags/a@", status=200, headers=RESULT, body=REFS))
        tags = fetch(f"{server.url}/o/r", needed="a")
    assert [record.oid for record in tags.records] == [T_OID]
    assert tags.incomplete
    assert tags.incomplete.said == f"Its answer lacks the object {LOST}."
