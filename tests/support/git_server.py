"""A git server on loopback: smart HTTP as GitHub speaks it, with the faults that GitHub has on a bad day.

In a test, `with GitServer(root, token="…") as server:` serves `root/OWNER/NAME` as `server.url + "/OWNER/NAME"`.
By hand: `GIT_SERVER_TOKEN=… python tests/support/git_server.py ROOT --port 8418`.
"""

import argparse
import base64
import binascii
import contextlib
import gzip
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, cast

_BACKEND_CONFIG: Final = {
    "safe.directory": "*",  # the repositories may belong to somebody else
    "uploadpack.allowAnySHA1InWant": "true",  # GitHub allows this
    "uploadpack.allowFilter": "true",  # and these filters, but no deeper tree and no combination of them
    "uploadpackfilter.allow": "false",
    "uploadpackfilter.blob:none.allow": "true",
    "uploadpackfilter.blob:limit.allow": "true",
    "uploadpackfilter.tree.allow": "true",
    "uploadpackfilter.tree.maxDepth": "0",
    "http.receivepack": "false",
}
_USER: Final = "x-access-token"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it came."""

    method: str
    path: str
    """With the query, as in the request line."""
    authorizations: tuple[str, ...]
    """Every Authorization header. GitHub answers 400 to two of them."""
    status: int
    """What was answered."""

    @property
    def authorized(self) -> bool:
        """Whether an Authorization header came."""
        return bool(self.authorizations)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of the headers, for those that are `basic` with the user `x-access-token`."""
        return tuple(token for token in map(_token, self.authorizations) if token is not None)


@dataclass(slots=True)
class Fault:
    """What happens to requests instead of a right answer."""

    path: str = ""
    """A part of the path (and query) of those it happens to, such as `git-upload-pack`."""
    asks: bytes = b""
    """A part of the body of those it happens to, such as `command=fetch`; empty for any."""
    times: int | None = None
    """To how many; None for all until `GitServer.mend`."""
    status: int | None = None
    """This status instead of the answer."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    head: int | None = None
    """The answer breaks off after so many bytes of its status line and headers."""
    cut: int | None = None
    """The answer's body breaks off after so many bytes; before so many of its end, if negative."""
    framing: str = "length"
    """How a client learns where the body ends: `length`, `chunked`, or `close`, which is the connection's end."""
    flip: int | None = None
    """The byte at this place of the answer's body is another one; from the end, if negative."""
    hang: int | None = None
    """Nothing comes after so many bytes of the answer's body, until the server ends."""
    stall: bool = False
    """No answer at all, until the server ends."""
    reset: bool = False
    """The connection is reset instead of answered."""
    drip: float = 0.0
    """The seconds before each byte of the answer's body."""
    endless: bytes = b""
    """After `body` this again and again, as long as somebody reads."""
    squeezed: bool = False
    """Whether what is endless is sent with gzip."""
    bare: bool = False
    """Whether what is endless comes where headers should end, and not as the body."""


class GitServer(ThreadingHTTPServer):
    """Serves the repositories `root/OWNER/NAME`, bare or not, for reading. A context manager."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        root: Path,
        *,
        token: str = "",
        refusal: int = HTTPStatus.UNAUTHORIZED,
        user: str = _USER,
        host: str = "127.0.0.1",
        port: int = 0,
        mount: str = "",
        config: Mapping[str, str | None] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """With a token, who does not bring it gets `refusal`: 401 as for a bad one, 403, or 404 as for a hidden one.

        The token is the password of `user`, which is GitHub's own, or that of another server that git is pushed to.
        With a `mount` such as `/git`, repositories are below it. The `config` is git's, beside what GitHub's would be;
        None takes a setting away. With `tls` it is asked over https://.
        """
        super().__init__((host, port), _Handler)
        self._tls = tls
        self.root = root.absolute()
        self.token = token
        self.refusal = refusal
        self.user = user
        self.mount = mount
        self.speaks_v2 = True
        settings = {**_BACKEND_CONFIG, **(config or {})}
        self.config = {name: value for name, value in settings.items() if value is not None}
        self.requests: list[Request] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """What GITHUB_SERVER_URL is: no slash at its end."""
        host, port = self.server_address[:2]
        return f"http{'s' if self._tls else ''}://{host if isinstance(host, str) else host.decode()}:{port}{self.mount}"

    def answer(
        self,
        status: int,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        path: str = "",
        times: int | None = None,
    ) -> None:
        """Answers with a fixed status from now on."""
        self.fault(Fault(path=path, times=times, status=status, headers=headers or {}, body=body))

    def redirect(self, url: str, *, status: int = HTTPStatus.FOUND, path: str = "", times: int | None = None) -> None:
        """Redirects to the same path (and query) under another server's `url`."""
        self.fault(Fault(path=path, times=times, status=status, headers={"Location": url.rstrip("/") + "{path}"}))

    def cut(self, after: int, *, path: str = "git-upload-pack", times: int | None = None) -> None:
        """Breaks answers off after so many bytes of the body."""
        self.fault(Fault(path=path, times=times, cut=after))

    def stall(self, *, path: str = "", times: int | None = None) -> None:
        """Leaves requests without an answer."""
        self.fault(Fault(path=path, times=times, stall=True))

    def fault(self, fault: Fault) -> None:
        """Adds a fault; of several that fit a request the one added first happens."""
        with self._lock:
            self._faults.append(fault)

    def mend(self) -> None:
        """Ends all faults."""
        with self._lock:
            self._faults.clear()

    def next_fault(self, path: str, body: bytes) -> Fault | None:
        """The fault that happens to a request for `path`; counts it as happened."""
        with self._lock:
            for fault in self._faults:
                if fault.path in path and fault.asks in body and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """In the thread of the connection, so that a slow handshake holds up no other."""
        if self._tls:
            with self._tls.wrap_socket(request, server_side=True) as connection:
                super().finish_request(connection, client_address)
        else:
            super().finish_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of a client that went away: that is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    _headers_buffer: list[bytes]
    protocol_version = "HTTP/1.1"  # git keeps the connection, as it does with GitHub
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            self._serve(self._chunks())
        else:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name in the base class
        """The script prints; a test reads `requests`."""

    @property
    def _git(self) -> GitServer:
        return cast("GitServer", self.server)

    def _serve(self, body: bytes) -> None:
        plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        fault = self._git.next_fault(self.path, plain)
        if fault and fault.stall:
            self._record(0)
            self._git.ended.wait()
            self.close_connection = True
        elif fault and fault.reset:
            self._record(0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif fault and fault.endless:
            self._record(HTTPStatus.OK)
            with contextlib.suppress(ConnectionError):
                self._answer_without_end(fault)
            self.close_connection = True
        elif fault and fault.status is not None:
            headers = {name: value.replace("{path}", self.path) for name, value in fault.headers.items()}
            self._answer(fault.status, headers, fault.body)
        elif self._git.token and [_token(each, self._git.user) for each in self._authorizations()] != [self._git.token]:
            self._refuse()
        else:
            status, headers, answer = self._backend(body)
            self._answer(status, headers, answer, fault)

    def _refuse(self) -> None:
        status = self._git.refusal
        if len(self._authorizations()) > 1:
            self._answer(HTTPStatus.BAD_REQUEST, {}, b"Duplicate header: Authorization\n")
        elif status == HTTPStatus.NOT_FOUND:
            self._answer(status, {"Content-Type": "text/plain"}, b"Repository not found.\n")
        elif status == HTTPStatus.UNAUTHORIZED:
            self._answer(status, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"Bad credentials\n")
        else:
            self._answer(status, {"Content-Type": "text/plain"}, b"Read access to repository not granted.\n")

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes, fault: Fault | None = None) -> None:
        self._record(status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        framing = fault.framing if fault else "length"
        if framing == "length":
            self.send_header("Content-Length", str(len(body)))
        elif framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        if fault and (fault.cut is not None or framing == "close"):
            self.send_header("Connection", "close")
        if fault and fault.head is not None:
            self.wfile.write(b"".join(self._headers_buffer)[: fault.head])
            self._headers_buffer.clear()
            self.close_connection = True
            return
        self.end_headers()
        if fault:
            self._answer_wrongly(body, fault)
        else:
            self.wfile.write(body)

    def _answer_wrongly(self, body: bytes, fault: Fault) -> None:
        if fault.flip is not None:
            place = fault.flip % len(body)
            body = body[:place] + bytes([body[place] ^ 0x55]) + body[place + 1 :]
        sent = body[: fault.cut][: fault.hang]
        if fault.framing == "chunked":
            end = b"\r\n0\r\n\r\n" if len(sent) == len(body) else b""
            sent = b"%x\r\n%b" % (len(body), sent) + end
        if fault.drip:
            for place in range(len(sent)):
                if self._git.ended.wait(fault.drip):
                    break
                self.wfile.write(sent[place : place + 1])
        else:
            self.wfile.write(sent)
        if fault.hang is not None:
            self.wfile.flush()
            self._git.ended.wait()
            self.close_connection = True

    def _answer_without_end(self, fault: Fault) -> None:
        self.send_response(HTTPStatus.OK)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        many = fault.endless * (2**16 // len(fault.endless) + 1)
        if fault.bare:
            self.flush_headers()
        else:
            if fault.squeezed:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Connection", "close")
            self.end_headers()
        first = fault.body
        if fault.squeezed:
            pressed = zlib.compressobj(wbits=31)
            first = pressed.compress(first) + pressed.flush(zlib.Z_FULL_FLUSH)
            many *= 16
            many = (pressed.compress(many) + pressed.flush(zlib.Z_FULL_FLUSH)) * 16
        self.wfile.write(first)
        while not self._git.ended.is_set():
            self.wfile.write(many)

    def _backend(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path, _, query = self.path.partition("?")
        environ = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            # GIT_CONFIG_COUNT is younger than the oldest git
            "GIT_CONFIG_PARAMETERS": " ".join(f"'{name}={value}'" for name, value in self._git.config.items()),
            # GitHub takes an address with and without `.git`.
            "PATH_INFO": re.sub(r"\A(/[^/]+/[^/]+?)(?:\.git)?/", r"\1/", path.removeprefix(self._git.mount)),
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", "") if self._git.speaks_v2 else "",
            "REMOTE_ADDR": self.client_address[0],
        }
        answer = subprocess.run([_backend()], input=body, env=environ, capture_output=True, check=False).stdout
        head, _, answer = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = headers.pop("Status", "200 OK")
        return int(status.split()[0]), headers, answer

    def _authorizations(self) -> tuple[str, ...]:
        return tuple(self.headers.get_all("Authorization", []))

    def _record(self, status: int) -> None:
        self._git.requests.append(Request(self.command, self.path, self._authorizations(), status))

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def _token(authorization: str, wanted: str = _USER) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return password if user == wanted else None


@cache
def _backend() -> str:
    where = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    return str(Path(where, "git-http-backend"))


def _main() -> None:
    parser = argparse.ArgumentParser(description="A git server on loopback. GIT_SERVER_TOKEN: the token it demands.")
    parser.add_argument("root", type=Path, help="repositories are in ROOT/OWNER/NAME")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8418)
    parser.add_argument("--refusal", type=int, default=401, choices=(401, 403, 404))
    given = parser.parse_args()
    token = os.environ.get("GIT_SERVER_TOKEN", "")
    with GitServer(given.root, token=token, refusal=given.refusal, host=given.host, port=given.port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    _main()
