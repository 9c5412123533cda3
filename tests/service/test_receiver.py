"""What strangers do to what listens: half requests, too many, odd ones, and what they can learn from the answers."""

import hashlib
import hmac
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import pytest

from gto_action.service.intake import Taken
from gto_action.service.receiver import PATIENCE, Gate, Listener, connection_of, hooks_app
from gto_action.service.rules.hooks import MOST_READ
from gto_action.service.rules.providers import CHECKS, Check
from tests.support.webhooks import payloads

SECRET: Final = "the secret of these tests"
HASTE: Final = 0.3
"""The patience of one that is to lose it."""
MOST: Final = 8


class Receiver:
    """What listens, in this process, to few at a time."""

    def __init__(self, head: float = PATIENCE, body: float = PATIENCE) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.bodies: list[bytes] = []
        gate = Gate(check=self._check, accept=self._accept, count=self._count)
        connection = connection_of(head, MOST)
        self.listener = Listener(hooks_app(gate, body), ("127.0.0.1", 0), connection)
        self.port = self.listener.start()

    def _check(self, name: str, headers: Mapping[str, str]) -> Check:
        return CHECKS["github"](headers, (SECRET,), "") if name == "models" else Check(headers)

    def _accept(self, _: str, __: Mapping[str, str], body: bytes) -> Taken:
        self.bodies.append(body)
        done: Taken = Future()
        done.set_result(None)
        return done

    def _count(self, name: str, outcome: str) -> None:
        self.counts[name, outcome] += 1

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(self, said: bytes) -> bytes:
        """The answer to what is said, once the other end has closed."""
        with self.connect() as connection:
            with suppress(ConnectionError):
                connection.sendall(said)
            return rest(connection)


def rest(connection: socket.socket) -> bytes:
    """What comes until the other end closes."""
    found = b""
    with suppress(ConnectionError):
        while data := connection.recv(65536):
            found += data
    return found


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def hook(body: bytes = b"{}", name: str = "models", *more: str, length: int | None = None) -> bytes:
    """A request that is right, on a connection of its own."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    size = len(body) if length is None else length
    lines = (f"POST /hooks/{name} HTTP/1.1", "host: x", f"x-hub-signature-256: sha256={signature}", *more)
    return "\r\n".join((*lines, f"content-length: {size}", "connection: close", "", "")).encode() + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    body = b"".join(chunks)
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = f"POST /hooks/models HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: sha256={signature}\r\nconnection: close\r\n"
    sent = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks)
    return head.encode() + b"transfer-encoding: chunked\r\n\r\n" + sent + end


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.listener.stop()


@contextmanager
def impatient(*, head: float = PATIENCE, body: float = PATIENCE) -> Iterator[Receiver]:
    receiver = Receiver(head, body)
    yield receiver
    receiver.listener.stop()


def test_what_is_right_is_taken(receiver: Receiver) -> None:
    assert status(receiver.ask(hook())) == 202
    assert status(receiver.ask(chunked(b"{", b"}"))) == 202
    assert receiver.bodies == [b"{}", b"{}"]


HEAD: Final = b"POST /hooks/models HTTP/1.1\r\nhost: x\r\n"


@pytest.mark.parametrize("said", [b"", b"POST /hoo", HEAD], ids=["nothing", "half a line", "half a head"])
def test_half_a_head_is_not_waited_for(said: bytes) -> None:
    """Slow loris: without this whoever connects and says nothing keeps a connection for ever."""
    with impatient(head=HASTE) as receiver, receiver.connect() as connection:
        connection.sendall(said)
        assert rest(connection) == b""


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"content-length: 9\r\n\r\n{",
        (HEAD + b"content-length: 9\r\n\r\n{").replace(b"models", b"nobody"),
        chunked(b"{}", end=b""),
        chunked(b"{}", end=b"9\r\n{"),
    ],
    ids=["half a body", "of no repository", "no last chunk", "half a chunk"],
)
def test_half_a_body_is_not_waited_for(said: bytes) -> None:
    with impatient(body=HASTE) as receiver, receiver.connect() as connection:
        connection.sendall(said)
        assert status(rest(connection)) == 408
        assert receiver.bodies == []


@pytest.mark.parametrize(
    "said", [b"P", HEAD + b"x: y\r\n", hook()[:-2]], ids=["byte by byte", "header by header", "in a body"]
)
def test_what_drips_is_not_waited_for(said: bytes) -> None:
    """A byte now and then keeps nobody waiting: all of the head counts, and all of the body."""
    with impatient(head=HASTE, body=HASTE) as receiver, receiver.connect() as connection, suppress(ConnectionError):
        connection.sendall(said)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            connection.sendall(b"x")
            time.sleep(HASTE / 10)
        pytest.fail("the connection is still there")


def test_a_second_request_that_does_not_come_is_not_waited_for() -> None:
    with impatient(head=2.0) as receiver, receiver.connect() as connection:
        connection.sendall(hook().replace(b"connection: close\r\n", b"") + b"POST /hooks/mod")
        assert status(rest(connection)) == 202


def test_who_says_nothing_keeps_nobody_out(receiver: Receiver) -> None:
    """Also those that say all but the end: the oldest of them has to go."""
    with ExitStack() as stack:
        for number in range(5 * MOST):
            connection = stack.enter_context(receiver.connect())
            connection.sendall((b"", b"POST /", HEAD + b"content-length: 9\r\n\r\n{")[number % 3])
            if number % MOST == MOST - 1:
                assert status(receiver.ask(hook())) == 202, number
    assert len(receiver.bodies) == 5


def test_all_that_come_at_once_are_answered(receiver: Receiver) -> None:
    """Who is pushed out comes again, as senders of hooks do."""

    def ask(_: int) -> int:
        for _ in range(50):
            with suppress(ConnectionError):
                if found := status(receiver.ask(hook())):
                    return found
        return 0

    with ThreadPoolExecutor(4 * MOST) as pool:
        assert {*pool.map(ask, range(100))} == {202}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (HEAD + b"x: " + b"y" * 700_000 + b"\r\n\r\n", 400),
        (HEAD + b"x: y\r\n" * 200_000 + b"\r\n", 400),
        (b"POST /hooks/" + b"m" * 700_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (HEAD + b"content-length: -1\r\n\r\n", 400),
        (HEAD + b"content-length: 1e3\r\n\r\n", 400),
        (HEAD + b"content-length: " + b"9" * 5_000 + b"\r\n\r\n", 400),
        (HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}", 400),
        (HEAD + b"content-length: 26214401\r\n\r\n", 413),
        (HEAD + b"content-length: 99999999999999999999\r\n\r\n", 413),
        (HEAD + b"transfer-encoding: chunked, gzip\r\n\r\n", 400),
        (HEAD + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n", 400),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n-1\r\n", 400),
        (b"GET /hooks/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 405),
        (b"POST /hooks/models/../other HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 404),
        (b"POST /hooks/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 404),
        (b"POST /hooks/models/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 404),
        (b"POST /hooks/models HTTP/1.1\r\nconnection: close\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10, 400),
        (HEAD + b"connection: upgrade, close\r\nupgrade: websocket\r\n\r\n", 401),
        (HEAD + b"expect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}", 100),
    ],
    ids=[
        *("a long header", "many headers", "a long path", "a negative length", "an odd length", "a length of digits"),
        *("two lengths", "too large", "far too large", "another encoding", "a large chunk", "a negative chunk"),
        *(
            "GET",
            "another path",
            "no name",
            "one slash more",
            "metrics",
            "no host",
            "TLS",
            "a web socket",
            "100-continue",
        ),
    ],
)
def test_an_odd_request(receiver: Receiver, said: bytes, expected: int) -> None:
    assert status(receiver.ask(said)) == expected
    assert receiver.bodies == []
    assert status(receiver.ask(hook())) == 202


def test_a_length_beside_chunks_smuggles_nothing(receiver: Receiver) -> None:
    """A proxy may believe the length: whatever comes after the last chunk is no second hook."""
    inner = hook(b'{"ref": 1}')
    said = chunked(b"{}").replace(b"connection: close\r\n", b"content-length: 9999\r\n") + inner
    assert status(receiver.ask(said)) == 400
    assert receiver.bodies == []


def test_a_body_without_a_length_ends_at_25_mib(receiver: Receiver) -> None:
    answer = receiver.ask(chunked(*[b"x" * 2**20] * 26))
    assert status(answer) in {413, 0}, answer  # reset, where the rest was still on its way
    assert receiver.counts["models", "too-large"] == 1
    assert receiver.bodies == []


def test_of_a_large_body_little_is_kept_and_all_is_checked(receiver: Receiver) -> None:
    body = b"x" * 5_000_000
    assert status(receiver.ask(hook(body))) == 202
    assert [len(each) for each in receiver.bodies] == [MOST_READ + 1]
    assert status(receiver.ask(hook(body).replace(b"xy", b"x").removesuffix(b"x") + b"y")) == 401


def test_nobody_learns_which_repositories_there_are(receiver: Receiver) -> None:
    """Whatever is sent, the answer is the same for a repository that there is and for one that there is not."""
    forged = hook().replace(b"sha256=", b"sha256=0")
    for said in (
        forged,
        forged.replace(b"length: 2", b"length: 99999999"),
        forged.replace(b"length: 2", b"length: x"),
        HEAD + b"content-length: 0\r\nconnection: close\r\n\r\n",
    ):
        known, unknown = (receiver.ask(said.replace(b"/models", name)) for name in (b"/models", b"/modelx"))
        assert [line for line in known.splitlines() if not line.startswith(b"date:")] == [
            line for line in unknown.splitlines() if not line.startswith(b"date:")
        ]
    assert receiver.counts["models", "forged"] == receiver.counts["modelx", "forged"] == 2


@pytest.mark.parametrize("event", ["push", "create", "delete", "ping"])
def test_githubs_payloads(receiver: Receiver, event: str) -> None:
    """Each is answered, and refused with one bit flipped."""
    for payload in payloads(event):
        body = json.dumps(payload).encode()
        right = hook(body)
        assert status(receiver.ask(right)) == 202
        flipped = bytearray(right)
        flipped[-len(body) // 2] ^= 4
        assert status(receiver.ask(bytes(flipped))) == 401
        assert receiver.bodies.pop() == body[: MOST_READ + 1]
        assert receiver.bodies == []


def test_a_repeated_header_is_no_second_guess(receiver: Receiver) -> None:
    """One signature counts, whichever: not any of many."""
    right = hook()
    (line,) = [each for each in right.split(b"\r\n") if each.startswith(b"x-hub")]
    wrong = line[:-1] + (b"0" if line[-1:] != b"0" else b"1")
    both = [status(receiver.ask(right.replace(line, b"\r\n".join(pair)))) for pair in ((line, wrong), (wrong, line))]
    assert sorted(both) == [202, 401]
    assert status(receiver.ask(right.replace(line, line + b", " + wrong[21:]))) == 401
