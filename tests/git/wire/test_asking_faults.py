"""What only the wire can get wrong; what fails between it and a server is in the tests that are made of both ways."""

from pathlib import Path

import pytest

from gto_action.errors import GitError, RemoteError
from gto_action.git.protocol.faults import CannotError
from gto_action.git.wire.brought_tags import BroughtTags
from gto_action.git.wire.connection import Connection, Listed
from gto_action.git.wire.reading import bring_tags, read_tags
from tests.support.asked import Found, ask, asking
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.wire import DVC_YAML, TAG, TOKEN
from tests.support.wire_faults import ANSWERS, FILTERS, HTML, of

pytestmark = pytest.mark.usefixtures("registry")


def right(found: Found) -> None:
    assert len(found.records) == 32
    assert found.files["dvc.yaml"].text == DVC_YAML.encode()
    assert found.target == found.records[0].target


def failed(server: GitServer | str, says: str, *, again: int | None = None, timeout: float = 20) -> GitError:
    log: list[str] = []
    with pytest.raises(GitError, match=says or None) as raised:
        ask(server, log, timeout=timeout)
    if again is not None:
        assert len([line for line in log if "Trying again" in line]) == again, log
    return raised.value


# Half of a packet's length, and what the helper adds where an answer breaks off, are together the mark of an end.
ENDS = [
    ("refs", after, framing) for after in (3, 72, 73, 74, -1, -2, -3, -5) for framing in ("length", "chunked", "close")
]


@pytest.mark.parametrize(("answer", "after", "framing"), ENDS)
def test_an_answer_that_breaks_off(srv: Path, answer: str, after: int, framing: str) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.fault(of(answer, Fault(times=1, cut=after, framing=framing)))
        right(ask(server))
        server.fault(of(answer, Fault(cut=after, framing=framing)))
        failed(server, "", again=3)


@pytest.mark.parametrize("place", [0, 3, 5, 12, 40, 100, 300, 700, 1500, 2500, -2, -20, -30])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_changed_byte(srv: Path, registry: Repo, answer: str, place: int) -> None:
    """An error, or what does not matter: a name of the server's, a letter of a tag's name."""
    with GitServer(srv, token=TOKEN) as server:
        if answer == "pack":
            server.fault(of(answer, Fault(flip=place)))
            with pytest.raises((GitError, CannotError)):
                ask(server)
            return
        server.fault(of(answer, Fault(times=1, flip=place)))
        try:
            records = ask(server).records
        except (GitError, CannotError):
            return
    known = set(registry.git("for-each-ref", "--format=%(objectname)", "refs/tags").split())
    assert {record.oid for record in records} <= known


@pytest.mark.parametrize("path", ["", "/info/refs", "/o/r/git-upload-pack"])
@pytest.mark.parametrize("body", [b"<html>Sign in</html>\n", b"face it: sign in\n", b"0000", b""])
def test_a_login_page_is_named(srv: Path, path: str, body: bytes) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.answer(200, headers=HTML, path=path, body=body)
        # Git, which takes an answer without a service for that of a plain file server, asks for another file then.
        failed(
            server,
            "does not answer like a git server" if path == "/info/refs" else "'text/html; charset=utf-8'",
            again=0,
        )


# what a server cannot: by its own word, or when it is asked
CANNOT = {"none is known": "'filter'", "none is allowed": "does not support partial clones", "no tree": "does not support partial clones", "no blob": "does not support partial clones", "no ids": ""}  # fmt: skip


@pytest.mark.parametrize("what", FILTERS)
def test_a_server_without_filters(srv: Path, what: str) -> None:
    with GitServer(srv, token=TOKEN, config=FILTERS[what]) as server:
        if says := CANNOT[what]:
            with pytest.raises(CannotError, match=says):
                ask(server)
        else:
            right(ask(server))


def test_a_server_without_the_newer_protocol(srv: Path) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.speaks_v2 = False
        with pytest.raises(CannotError, match="does not speak version 2"):
            ask(server)


@pytest.mark.parametrize("gone", ["a tag", "the repository"])
def test_refs_that_change_between_two_questions(srv: Path, registry: Repo, gone: str) -> None:
    """What was listed is no longer there when it is asked for."""
    before = registry.git("rev-parse", TAG)
    listed: list[Listed] = []

    def question(connection: Connection) -> BroughtTags:
        if not listed:
            listed.append(connection.refs(["refs/tags/"]))
            if gone == "the repository":
                (srv / "o/r").rename(srv / "o/gone")
            else:
                registry.tag(TAG, time=70)
                registry.git("gc", "-q", "--prune=now")
            return bring_tags(connection, listed[0].refs)
        return read_tags(connection)

    with GitServer(srv, token=TOKEN) as server, asking(f"{server.url}/o/r") as asked:
        if gone == "a tag":
            oids = {record.oid for record in asked.ask(question).records}
            assert before in {ref.oid for ref in listed[0].refs}
            assert len(oids) == len(listed[0].refs)
            assert before not in oids
        else:
            with pytest.raises(RemoteError, match="was not found"):
                asked.ask(question)
