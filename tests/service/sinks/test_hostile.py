"""Sinks that want more than an event: secrets, memory, time, somebody else's answer, a place to stay."""

import json
import os
import resource
import signal
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from ssl import SSLContext, SSLError
from typing import Any, Final, cast

import pytest

from gto_action.service.config.secrets import Secret, Vault
from gto_action.service.config.settings import (
    CommandTarget,
    DispatchTarget,
    HttpTarget,
    PipelineTarget,
    SinkSettings,
    Target,
)
from gto_action.service.rules.outcome import Came, Outcome
from gto_action.service.sinks.message import Message
from gto_action.service.sinks.sink import sink_of
from tests.service.sinks.test_sinks import KEY, VARIABLES, deliver, document, message, to
from tests.support.certificates import Authority
from tests.support.machine import ANOTHER_DAY
from tests.support.openapi import check_request
from tests.support.service import Sink

TOKEN: Final = VARIABLES["TOKEN"]


class Scripted(ThreadingTCPServer):
    """A server that answers the requests of each connection as `say` does, which may close it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, say: Callable[[int, bytes], Iterator[bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Scripted)
        self.say = say
        self.number = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/in"


class _Scripted(StreamRequestHandler):
    def handle(self) -> None:
        server = cast("Scripted", self.server)
        with suppress(OSError):
            while line := self.rfile.readline():
                request, length = line, 0
                while (line := self.rfile.readline()) not in {b"\r\n", b""}:
                    request += line
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                request += b"\r\n" + self.rfile.read(length)
                server.number += 1
                for part in server.say(server.number, request):
                    self.wfile.write(part)
                    self.wfile.flush()


@contextmanager
def scripted(say: Callable[[int, bytes], Iterator[bytes]]) -> Iterator[Scripted]:
    with Scripted(say) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def answer(body: bytes, *more: bytes, status: bytes = b"500 No") -> bytes:
    head = b"\r\n".join((b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *more))
    return head + b"\r\n\r\n" + body


TARGETS: Final[dict[str, Callable[[str], Target]]] = {
    "http": to,
    "dispatch": lambda url: DispatchTarget(repository="acme/deploy", token=Secret("env:TOKEN"), api=url),
    "pipeline": lambda url: PipelineTarget(project="a/b", ref="main", trigger_token=Secret("env:TOKEN"), url=url),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "before", [0, 290, 2**16 - 12, 2**16 - 40], ids=["whole", "at what is kept", "cut", "at the end"]
)
@pytest.mark.parametrize("filler", [b"x", b"\0"], ids=["text", "NUL"])
def test_a_sink_that_sends_back_what_it_got_tells_no_secret(target: str, before: int, filler: bytes) -> None:
    """Whole or cut off: what it says is in the log, the database and on terminals."""

    def say(_: int, request: bytes) -> Iterator[bytes]:
        assert TOKEN.encode() in request
        yield answer(filler * before + TOKEN.encode() + b" " + request)

    with scripted(say) as server:
        outcome = deliver(TARGETS[target](server.url), timeout=10)
    assert outcome.came is Came.REFUSED
    assert TOKEN[:6] not in outcome.said


@pytest.mark.parametrize("status", [b"200 OK", b"500 No"])
def test_an_answer_without_end(status: bytes) -> None:
    def say(_: int, __: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 " + status + b"\r\nconnection: close\r\n\r\n"
        while True:
            yield b"x" * 2**16

    with scripted(say) as server:
        before, began = memory(), time.monotonic()
        outcome = deliver(to(server.url), timeout=60)
        assert time.monotonic() - began < 30, "it was read to an end that it has not"
        assert (outcome.came is Came.TAKEN) is (status == b"200 OK")
        assert len(outcome.said) <= 300
        assert memory() - before < 20_000_000


def memory() -> int:
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024


def test_an_answer_that_grows_when_it_is_unpacked() -> None:
    packer = zlib.compressobj(wbits=31)  # bit by bit, or this process would have had all of it in memory
    bomb = b"".join([*(packer.compress(bytes(2**20)) for _ in range(300)), packer.flush()])

    def say(_: int, __: bytes) -> Iterator[bytes]:
        yield answer(bomb, b"content-encoding: gzip")

    with scripted(say) as server:
        before = memory()
        assert deliver(to(server.url), timeout=20).came is Came.REFUSED
        assert memory() - before < 20_000_000


@pytest.mark.parametrize(
    "head",
    [b"x: y\r\n" * 5_000, b"x: " + b"y" * 200_000 + b"\r\n", b"x y\0\r\n\x1b[2J"],
    ids=["many headers", "a long header", "odd headers"],
)
def test_headers_that_are_too_much(head: bytes) -> None:
    def say(_: int, __: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 500 No\r\n" + head + b"\r\n"
        raise ConnectionError

    with scripted(say) as server:
        outcome = deliver(to(server.url), timeout=10)
    assert outcome.came is Came.REFUSED
    assert outcome.said.isprintable()


def test_interim_answers_without_end() -> None:
    def say(_: int, __: bytes) -> Iterator[bytes]:
        while True:
            yield b"HTTP/1.1 100 Continue\r\n\r\n"

    with scripted(say) as server:
        began = time.monotonic()
        outcome = deliver(to(server.url), timeout=1.0)
        assert time.monotonic() - began < 10
    assert outcome.came is Came.REFUSED
    # Python 3.14 reads no more than a hundred of them.
    assert outcome.said == "no answer in time" or "more than 100 interim responses" in outcome.said


def test_what_a_sink_says_is_one_line_without_what_moves_a_cursor() -> None:
    def say(_: int, __: bytes) -> Iterator[bytes]:
        yield answer("no\r\nlevel=error \x1b[2J\u202e \0 \x9b1A".encode())

    with scripted(say) as server:
        said = deliver(to(server.url)).said
    assert said.isprintable()
    assert said.startswith("500 no level=error")


def test_an_answer_to_come_does_not_count_for_the_next_event() -> None:
    """Whoever answers twice has not taken the event after: on a kept connection it might look so."""

    def say(number: int, _: bytes) -> Iterator[bytes]:
        if number == 1:
            yield answer(b"", status=b"200 OK") * 2
        else:
            yield answer(b"", b"connection: close")

    with scripted(say) as server:
        assert deliver(to(server.url)).came is Came.TAKEN
        time.sleep(0.1)
        assert deliver(to(server.url)).came is Came.REFUSED
        assert server.number == 2


@pytest.mark.parametrize(
    "said", ["9" * 400, "-5", "1e9", "nan", "Thu, 01 Jan 99999 00:00:00 GMT", "\u0663", "5, 7", ""]
)
def test_an_odd_time_to_wait(said: str) -> None:
    def say(_: int, __: bytes) -> Iterator[bytes]:
        yield answer(b"", f"retry-after: {said}".encode())

    with scripted(say) as server:
        outcome = deliver(to(server.url))
    assert outcome.came is Came.REFUSED
    assert 0 <= outcome.wait < 1e10


class Encrypted(Sink):
    """A sink with TLS."""

    def __init__(self, tls: SSLContext) -> None:
        super().__init__()
        self._tls = tls

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        with suppress(SSLError), self._tls.wrap_socket(request, server_side=True) as connection:
            super().finish_request(connection, client_address)


def test_only_those_certificates_are_trusted_that_are_named(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    with Encrypted(ours.server()) as sink:
        url = sink.url.replace("http:", "https:")
        for ca in ("", str(theirs.file)):
            outcome = deliver(HttpTarget(url=url, secrets=(KEY,), ca=ca))
            assert outcome.came is Came.REFUSED
            assert "certificate verify failed" in outcome.said
        assert sink.arrivals == []
        assert deliver(HttpTarget(url=url, secrets=(KEY,), ca=str(ours.file))).came is Came.TAKEN


def test_an_event_that_is_too_large_for_github_is_sent_without_its_largest_part(sink: Sink) -> None:
    """Whoever may push would otherwise hold up everything behind a tag with a long message."""
    sink.answer = lambda _: (204, {}, 0.0)
    target = DispatchTarget(repository="acme/deploy", token=Secret("env:TOKEN"), api=sink.url.removesuffix("/in"))
    large = document(message="x" * 1_000_000, description="\u65e5" * 20_000)
    sent = Message(id="gto_x", word="assignment", sequence=7, body=json.dumps({"data": large}))
    assert deliver(target, sent).came is Came.TAKEN
    (arrival,) = sink.arrivals
    body = json.loads(arrival.body)
    check_request("POST", "/repos/acme/deploy/dispatches", {}, body)
    assert len(json.dumps(body["client_payload"])) < 65_536
    assert body["client_payload"]["document"] == {**large, "message": None, "description": None}


@pytest.mark.parametrize(
    "said",
    [
        "-rf",
        "--flag=x",
        "$(id)",
        "`id`",
        ";id",
        "a\nb",
        "\r\n",
        "' or 1=1",
        "../../etc/passwd",
        "%s%n",
        "\u202e",
        "\udce9",
    ],
    ids=ascii,
)
def test_what_a_repository_says_is_no_argument(tmp_path: Path, said: str) -> None:
    """Nor a variable of another name: the program's arguments are those of the configuration."""
    show = "import json, os, sys; json.dump([sys.argv, dict(os.environ)], open(sys.argv[1], 'w'))"
    argv = (sys.executable, "-c", show, str(tmp_path / "out.json"))
    assert deliver(CommandTarget(argv=argv), message(description=said, path=said), timeout=30).came is Came.TAKEN
    arguments, variables = json.loads((tmp_path / "out.json").read_text())
    assert arguments == ["-c", argv[3]]
    of_the_day = {*ANOTHER_DAY} if "DATEFUDGE" in os.environ else set()
    assert {name for name in variables if not name.startswith("GTO_")} - of_the_day <= {"PATH", "LC_CTYPE"}


def test_a_message_larger_than_any_variable(tmp_path: Path) -> None:
    count = "import os, sys; print(len(sys.stdin.read()), len(os.environ['GTO_DESCRIPTION']))"
    large = message(description="x" * 2_000_000)
    outcome = deliver(CommandTarget(argv=(sys.executable, "-c", count)), large, timeout=30)
    assert outcome == Outcome(Came.TAKEN, f"exit 0 {len(json.dumps(large.document))} 0")


def test_a_program_that_does_not_read() -> None:
    assert (
        deliver(CommandTarget(argv=("/bin/true",)), message(description="x" * 2_000_000), timeout=30).came is Came.TAKEN
    )


STAY: Final = """
import os, signal, sys, time
if not os.fork():
    if sys.argv[2]: os.setsid()
    if sys.argv[3]: os.dup2(os.open("/dev/null", os.O_RDWR), 1); os.dup2(1, 2)
    for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(each, signal.SIG_IGN)
    open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(60)
while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read(): time.sleep(0.01)
print("done")
"""


@pytest.mark.parametrize("quiet", ["", "quiet"], ids=["holds the output", "holds nothing"])
@pytest.mark.parametrize("away", ["", "away"], ids=["stays", "gets away"])
def test_what_a_program_leaves_running(tmp_path: Path, away: str, quiet: str) -> None:
    """It is ended, and not waited for; what has made a session of its own belongs to systemd or the container."""
    file = tmp_path / "number"
    argv = (sys.executable, "-c", STAY, str(file), away, quiet)
    began = time.monotonic()
    assert deliver(CommandTarget(argv=argv), timeout=50) == Outcome(Came.TAKEN, "exit 0 done")
    assert time.monotonic() - began < 30, "it was waited for"
    number = int(file.read_text())
    if away:
        os.kill(number, signal.SIGKILL)
        return
    deadline = time.monotonic() + 20
    while is_alive(number):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_program_has_no_open_file_of_the_service(tmp_path: Path) -> None:
    show = "import os; print(sorted(os.listdir('/proc/self/fd'), key=int))"
    with (tmp_path / "database").open("w"):
        outcome = deliver(CommandTarget(argv=(sys.executable, "-c", show)), timeout=30)
    assert outcome.said == "exit 0 ['0', '1', '2', '3']"


def test_a_line_of_a_secret_is_not_said() -> None:
    vault = Vault({"KEY": "-----BEGIN-----\nbGluZSBvZiBhIGtleQ\n-----END-----\n", "PATH": "/usr/bin:/bin"})
    secret = Secret("env:KEY")
    vault.take(vault.fresh([secret]))
    code = "import os, sys; sys.exit(os.environ['KEY'].splitlines()[1])"
    target = CommandTarget(argv=(sys.executable, "-c", code), environment=(("KEY", secret),))
    outcome = sink_of(SinkSettings(name="out", target=target, timeout=30), vault, {})(message())
    assert outcome == Outcome(Came.REFUSED, "exit 1 ***")
