"""Whatever fails between the wire and a server: what may pass is asked again, what lasts is told, and always in time."""

import socket
from pathlib import Path

import pytest

from gto_action.errors import GitError, RemoteError
from gto_action.git.protocol.faults import CannotError
from gto_action.git.wire.brought_tags import BroughtTags
from gto_action.git.wire.connection import Connection, Listed
from gto_action.git.wire.reading import bring_tags, read_tags
from gto_action.system.attempts import Pace
from tests.support.asked import Found, ask, asking
from tests.support.certificates import Authority
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.tunnel import Tunnel
from tests.support.wire import DVC_YAML, PLACES, RESULT, TAG, TOKEN, within
from tests.support.wire_faults import ANSWERS, BEFORE_TLS, BROKEN, FILTERS, FLEETING, GARBAGE, HEADS, HTML, LASTING, of

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


@pytest.mark.parametrize(("answer", "after", "framing"), [*BROKEN, *ENDS])
def test_an_answer_that_breaks_off(srv: Path, answer: str, after: int, framing: str) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.fault(of(answer, Fault(times=1, cut=after, framing=framing)))
        right(ask(server))
        server.fault(of(answer, Fault(cut=after, framing=framing)))
        failed(server, "", again=3)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("after", HEADS)
def test_headers_that_break_off(srv: Path, answer: str, after: int) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.fault(of(answer, Fault(times=1, head=after)))
        right(ask(server))
        server.fault(of(answer, Fault(head=after)))
        failed(server, "Fetching from the remote", again=3)


@pytest.mark.parametrize("missing", [301, 401, 403, 404, 450, 500])
def test_missing_bytes_are_no_status(srv: Path, registry: Repo, missing: int) -> None:
    refs = registry.git("for-each-ref", "--format=%(objectname) %(refname) %(*objectname)", "refs/tags")
    reply = "".join(f"{line}\n" for line in refs.splitlines())[: missing + 100].encode()
    body = b"%04x%b" % (len(reply) + 4, reply[: len(reply) - missing])
    with GitServer(srv, token=TOKEN) as server:
        server.fault(of("refs", Fault(times=1, status=200, headers=RESULT, body=body)))
        right(ask(server))


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


@pytest.mark.parametrize("hang", [0, 3, 100])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_hangs(srv: Path, answer: str, hang: int) -> None:
    with GitServer(srv, token=TOKEN) as server, within(5):
        server.fault(of(answer, Fault(hang=hang)))
        failed(server, "did not answer within 1 seconds", again=0, timeout=1)


@pytest.mark.parametrize("times", [1, 2, None])
@pytest.mark.parametrize("place", PLACES)
def test_a_connection_that_is_reset(srv: Path, place: str, times: int | None) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.fault(Fault(path=PLACES[place], times=times, reset=True))
        if times:
            right(ask(server))
        else:
            failed(server, "Fetching from the remote", again=3)


@pytest.mark.parametrize("place", PLACES)
def test_a_server_that_never_answers(srv: Path, place: str) -> None:
    with GitServer(srv, token=TOKEN) as server, within(5):
        server.stall(path=PLACES[place])
        failed(server, "did not answer within 1 seconds", again=0, timeout=1)


@pytest.mark.parametrize(("drip", "timeout"), [(0.0002, 30.0), (0.05, 2.0)])
def test_a_slow_drip(srv: Path, drip: float, timeout: float) -> None:
    log: list[str] = []
    with GitServer(srv, token=TOKEN) as server, within(40):
        server.fault(of("refs", Fault(drip=drip)))
        if timeout > 10:
            right(ask(server, log, timeout=timeout, pace=Pace(sign=0.1)))
        else:
            failed(server, "did not answer", timeout=timeout)
    assert any(line.startswith("Still fetching after") for line in log) == (timeout > 10)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", FLEETING)
def test_a_status_that_passes(srv: Path, status: int, place: str) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.answer(status, path=PLACES[place], times=2)
        right(ask(server))


@pytest.mark.parametrize("place", ["advertisement", "answer"])
@pytest.mark.parametrize("status", FLEETING)
def test_a_status_that_stays(srv: Path, status: int, place: str) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.answer(status, path=PLACES[place])
        failed(server, "failed", again=3)
        assert len(server.requests) <= 4 * 2


@pytest.mark.parametrize("place", ["advertisement", "answer"])
@pytest.mark.parametrize("status", LASTING)
def test_a_status_that_asking_again_does_not_change(srv: Path, status: int, place: str) -> None:
    with GitServer(srv, token=TOKEN) as server:
        server.answer(status, path=PLACES[place])
        failed(server, LASTING[status], again=0)
        assert len(server.requests) <= 3


@pytest.mark.parametrize("refusal", [401, 403, 404])
def test_a_token_that_is_not_enough(srv: Path, refusal: int) -> None:
    with GitServer(srv, token="another", refusal=refusal) as server:
        failed(server, "was not found" if refusal == 404 else "refused the token", again=0)


def test_the_server_says_when_to_ask_again(srv: Path) -> None:
    log: list[str] = []
    with GitServer(srv, token=TOKEN) as server:
        server.answer(429, headers={"Retry-After": "1"}, times=1)
        right(ask(server, log))
    assert "Trying again in 1.0 seconds" in log[0]


@pytest.mark.parametrize("what", GARBAGE)
def test_what_is_not_git(srv: Path, what: str) -> None:
    path, headers, body = GARBAGE[what]
    with GitServer(srv, token=TOKEN) as server:
        server.answer(200, path=path, headers=headers, body=body)
        with pytest.raises((GitError, CannotError)):
            ask(server)


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


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository(srv: Path, status: int) -> None:
    (srv / "o/r").rename(srv / "o/new")
    log: list[str] = []
    with GitServer(srv, token=TOKEN) as server:
        location = f"{server.url}/o/new.git/info/refs?service=git-upload-pack"
        server.answer(status, path="/o/r/", headers={"Location": location})
        right(ask(server, log))
        assert log == [f"The repository has moved to {server.url}/o/new.git"]
        assert len(server.requests) == 7


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["advertisement", "answer"])
def test_a_repository_on_another_server(srv: Path, status: int, place: str) -> None:
    with GitServer(srv) as elsewhere, GitServer(srv, token=TOKEN) as server:
        server.redirect(elsewhere.url, status=status, path=PLACES[place])
        failed(server, "has moved", again=0)
        assert elsewhere.requests == []


def test_redirects_in_a_circle(srv: Path) -> None:
    with GitServer(srv, token=TOKEN) as server:
        for one, other in (("r", "s"), ("s", "r")):
            location = f"{server.url}/o/{other}/info/refs?service=git-upload-pack"
            server.answer(301, path=f"/o/{one}/", headers={"Location": location})
        failed(server, "has moved", again=0)
        assert len(server.requests) == 4


@pytest.mark.parametrize(("status", "says"), [(407, "A proxy before"), (502, "Fetching"), (None, "Fetching")])
def test_a_proxy_that_refuses(srv: Path, monkeypatch: pytest.MonkeyPatch, status: int | None, says: str) -> None:
    with GitServer(srv, token=TOKEN) as server, GitServer(srv) as proxy:
        proxy.fault(Fault(reset=True) if status is None else Fault(status=status))
        monkeypatch.setenv("http_proxy", proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "")
        failed(server, says)
        assert proxy.requests
        assert server.requests == []


@pytest.mark.parametrize(("status", "times"), [*BEFORE_TLS, (403, None), (407, None)])
def test_a_proxy_is_not_the_server(
    srv: Path, tls: Authority, monkeypatch: pytest.MonkeyPatch, status: int, times: int | None
) -> None:
    with GitServer(srv, token=TOKEN, tls=tls.server()) as server, Tunnel() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "")
        headers = {
            "Location": f"{server.url}/o/fork/info/refs?service=git-upload-pack",
            "Retry-After": "3600",
            "Content-Type": "application/x-git-upload-pack-advertisement",
        }
        proxy.answer(status, headers, times=times)
        if times:
            right(ask(server, timeout=30))
        elif status in {403, 407}:
            failed(server, "The proxy refuses to connect", again=0)
        else:
            failed(server, "^Fetching from the remote", again=3)
        assert not [request for request in server.requests if "fork" in request.path]


@pytest.mark.usefixtures("tls")
def test_a_certificate_of_somebody_else(srv: Path, tmp_path: Path) -> None:
    with GitServer(srv, tls=Authority(tmp_path / "other").server()) as server:
        failed(server, "Fetching from the remote .*certificate", again=3)


def test_a_closed_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/o/r"
    failed(url, "Fetching from the remote .*Failed to connect", again=3)


def test_a_host_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy")
    failed(f"http://{'no-name-is-so-long' * 4}.invalid/o/r", "Could not resolve host", again=3)


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
