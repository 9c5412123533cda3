"""A git server on loopback that passes git's answers on as they come, and counts what goes over the wire.

The one in `tests/support` holds whole answers, which is slow for a large registry; this one has no faults to inject.
"""

import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

_CONFIG: Final = {
    "safe.directory": "*",
    "uploadpack.allowAnySHA1InWant": "true",  # GitHub allows this
    "uploadpack.allowFilter": "true",  # and this
    "http.maxRequestBuffer": "200m",  # git's own clone asks for a million tags by one question of 50 MB
}
_BLOCK: Final = 256 * 1024


@dataclass(slots=True)
class Connection:
    """One connection, from its first request to its last answer."""

    start: float = 0
    end: float = 0
    requests: int = 0


@dataclass(slots=True)
class Traffic:
    """What clients have asked and got."""

    connections: list[Connection] = field(default_factory=list)
    received: int = 0
    """Bytes that the client got: headers and bodies."""

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(each.requests for each in self.connections)

    @property
    def round_trips(self) -> int:
        """The requests that waited for one another: those of connections side by side count once."""
        longest: list[tuple[float, int]] = [(0.0, 0)]  # by the end of the last connection
        for each in sorted(self.connections, key=lambda connection: connection.end):
            before = max(trips for end, trips in longest if end <= each.start)
            longest.append((each.end, before + each.requests))
        return max(trips for _, trips in longest)


class Server(ThreadingHTTPServer):
    """Serves the bare repositories `root/OWNER/NAME` over smart HTTP. A context manager."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, root: Path, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root.absolute()
        self.tls = tls
        where = subprocess.run(["git", "--exec-path"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        self.backend = str(Path(where, "git-http-backend"))
        self.lock = threading.Lock()
        self.traffic = Traffic()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """What GITHUB_SERVER_URL is: no slash at its end."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.server_address[1]}"

    def take(self) -> Traffic:
        """What was asked and got since the last call."""
        with self.lock:
            taken, self.traffic = self.traffic, Traffic()
            return taken

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of a client that has read enough, and hangs up."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLEOFError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # git keeps the connection, as it does with GitHub
    disable_nagle_algorithm = True
    wbufsize = _BLOCK

    def setup(self) -> None:
        if self._git.tls:
            self.request = self._git.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        self._connection = Connection()
        with self._git.lock:
            self._git.traffic.connections.append(self._connection)

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        self._serve(self._chunks() if chunked else self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Says nothing."""

    @property
    def _git(self) -> Server:
        return cast("Server", self.server)

    def _serve(self, body: bytes) -> None:
        self._connection.start = self._connection.start or time.monotonic()
        with tempfile.TemporaryFile() as question:
            question.write(body)
            question.seek(0)
            process = subprocess.Popen(
                [self._git.backend], stdin=question, stdout=subprocess.PIPE, env=self._environ(len(body))
            )
        with process:
            self._pass_on(cast("BufferedReader", process.stdout))

    def _pass_on(self, answer: BufferedReader) -> None:
        """The backend's answer, headers first, in chunks as they come."""
        headers = {}
        while line := answer.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name != "Status")
        status = headers.get("Status", "200 OK")
        self._connection.requests += 1
        self._send(f"HTTP/1.1 {status}\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        while block := answer.read1(_BLOCK):
            self._send(b"%x\r\n%b\r\n" % (len(block), block))
        self._send(b"0\r\n\r\n")

    def _send(self, data: bytes) -> None:
        with self._git.lock:  # counted first: the client may be done, and asked about, before this goes on
            self._git.traffic.received += len(data)
        self._connection.end = time.monotonic()
        self.wfile.write(data)
        self.wfile.flush()

    def _environ(self, length: int) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        environ = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": str(len(_CONFIG)),
            "PATH_INFO": re.sub(r"\A(/[^/]+/[^/]+?)(?:\.git)?/", r"\1/", path),
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": self.client_address[0],
        }
        for number, (key, value) in enumerate(_CONFIG.items()):
            environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return environ

    def _chunks(self) -> bytes:
        body = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(body)
