"""The service as a process of its own, and what it talks to: a sink that misbehaves as it is told."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, cast

from click.testing import CliRunner

from gto_action.cli.place import Place
from gto_action.service.commands import COMMANDS
from tests.support.ports import free_port

ROOT: Final = Path(__file__).parents[2]
HOOK_SECRET: Final = "the-hook-of-these-tests"
SINK_SECRET: Final = "whsec_dGhlIHNlY3JldCBvZiB0aGUgc2luayBpbiB0aGVzZSB0ZXN0cw=="
SECRETS: Final = {"HOOK_SECRET": HOOK_SECRET, "SINK_SECRET": SINK_SECRET}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that a sink got."""

    at: float
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def key(self) -> tuple[str, str]:
        return self.event["source"], self.event["subject"]

    @property
    def sequence(self) -> int:
        return int(self.event["sequence"])


class Sink(ThreadingHTTPServer):
    """A sink on loopback, which answers as `answer` says: a status, with headers and seconds to wait before."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.arrivals: list[Arrival] = []
        self.ids: set[str] = set()
        """Of the events that were taken."""
        self.answer: Callable[[int], tuple[int, Mapping[str, str], float]] = lambda _: (200, {}, 0.0)
        self.coming = b""
        """The body that `answer` is asked about."""
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/in"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def taken(self) -> list[Arrival]:
        with self.lock:
            return [each for each in self.arrivals if 200 <= each.status < 300]

    def firsts(self) -> dict[tuple[str, str], list[int]]:
        """For each artifact the sequence numbers, as each first arrived."""
        found: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        for each in self.taken():
            found[each.key].setdefault(each.sequence)
        return {key: list(numbers) for key, numbers in found.items()}

    def wait(self, number: int, seconds: float = 300.0, seen: Callable[[], str] = lambda: "") -> list[Arrival]:
        """Waits for so many different events."""
        wait_for(lambda: len(self.ids) >= number, seconds, lambda: f"{len(self.ids)} of {number} events {seen()}")
        return self.taken()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        sink = cast("Sink", self.server)
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return  # the sender was killed in the middle; no endpoint would take half a request
        headers = {name.lower(): value for name, value in self.headers.items()}
        with sink.lock:
            number, sink.coming = len(sink.arrivals), body
            status, said, wait = sink.answer(number)
            sink.arrivals.append(Arrival(time.time(), headers, body, status))
            if 200 <= status < 300:
                sink.ids.add(headers.get("webhook-id", ""))
        if wait:
            time.sleep(wait)
        self.send_response(status)
        for name, value in said.items():
            self.send_header(name, value)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """A test reads `arrivals`."""


def wait_for(is_so: Callable[[], bool], seconds: float = 300.0, seen: Callable[[], str] = lambda: "") -> None:
    """Waits until something is so; if it is not in time, `seen` says what there was instead."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not in {seconds} seconds {seen()}"
        time.sleep(0.02)


class Ran(NamedTuple):
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Service:
    """`gto-action serve`, which can be killed and started again."""

    folder: Path
    repositories: Mapping[str, str]
    sink: str = ""
    database: str = ""
    poll: str = "1h"
    provider: str = "github"
    repository_keys: str = ""
    sink_keys: str = ""
    more: str = ""
    listen: int = 0
    name: str = "serve"
    variables: dict[str, str] = field(default_factory=dict)
    wrapper: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True, parents=True)
        self.listen = self.listen or free_port()
        self.admin = free_port()
        self.config = self.folder / f"{self.name}.toml"
        self.log = self.folder / f"{self.name}.log"
        self.write()

    def write(self) -> None:
        database = self.database or f"sqlite:///{self.folder / 'serve.db'}"
        lines = [f'database = "{database}"', f'listen = "127.0.0.1:{self.listen}"', f'admin = "127.0.0.1:{self.admin}"']
        lines += ['grace = "2s"', self.more]
        for name, url in self.repositories.items():
            hook = f'{{ provider = "{self.provider}", secrets = ["env:HOOK_SECRET"] }}'
            lines += [f"[repositories.{name}]", f'url = "{url}"', f'poll = "{self.poll}"', f"hook = {hook}"]
            lines += [self.repository_keys]
        if self.sink:
            lines += ["[sinks.out]", f'http = {{ url = "{self.sink}", secrets = ["env:SINK_SECRET"] }}', self.sink_keys]
        self.config.write_text("\n".join(lines) + "\n")

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT), **SECRETS, **self.variables}

    def run(self, name: str, *arguments: str) -> Ran:
        """Another command with the same configuration, in this process."""
        command = next(each for each in COMMANDS if each.name == name)
        place = Place(None, self.environment)
        ran = CliRunner().invoke(command, [*arguments, "--config", str(self.config)], obj=place)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    def start(self, *, ready: bool = True) -> Self:
        command = [*self.wrapper, sys.executable, "-m", "gto_action", "serve", "--config", str(self.config)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stderr=log, stdout=log, start_new_session=True
            )
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, seconds: float = 300.0) -> None:
        assert self.process
        deadline = time.monotonic() + seconds
        while self.admin_status("/readyz") != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def kill(self, number: int = signal.SIGKILL) -> int:
        assert self.process
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number) if number == signal.SIGKILL else self.process.send_signal(number)
        return self.process.wait(300)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGCONT)
            self.kill()

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=60) as answer:
            return cast("str", answer.read().decode())

    def admin_status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def post(self, headers: Mapping[str, str], body: bytes, name: str = "models") -> int:
        connection = HTTPConnection("127.0.0.1", self.listen, timeout=120)
        try:
            connection.request("POST", f"/hooks/{name}", body, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()

    @contextmanager
    def tables(self) -> Iterator[sqlite3.Connection]:
        """Its database, which is one of SQLite."""
        with closing(sqlite3.connect(self.folder / "serve.db", timeout=30)) as connection, connection:
            yield connection

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        rows = [line for line in self.get("/metrics").splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
        return sum(float(line.rpartition(" ")[2]) for line in rows)
