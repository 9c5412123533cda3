"""A proxy for TLS: it connects who asks by CONNECT, and sees nothing of what goes through; or answers what a test says."""

import select
import socket
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, cast


class Tunnel(ThreadingHTTPServer):
    """A context manager."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connecting)
        self.asked: list[str] = []
        """Where they wanted to be connected to."""
        self._answer: tuple[int, Mapping[str, str]] | None = None
        self._times: int | None = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, status: int, headers: Mapping[str, str], *, times: int | None = None) -> None:
        """Answers so instead of connecting; so many times, or always."""
        self._answer, self._times = (status, headers), times

    def next_answer(self) -> tuple[int, Mapping[str, str]] | None:
        with self._lock:
            if self._times == 0:
                return None
            if self._times is not None:
                self._times -= 1
            return self._answer

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of a client that was ended: that is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
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


class _Connecting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        proxy = cast("Tunnel", self.server)
        proxy.asked.append(self.path)
        answer = proxy.next_answer()
        if answer:
            status, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            self.send_response(200, "Connected")
            self.end_headers()
            _pass(self.connection, server)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _pass(one: socket.socket, other: socket.socket) -> None:
    """Passes on what either says, until one of them ends."""
    to = {one: other, other: one}
    while True:
        for each in select.select(list(to), [], [])[0]:
            try:
                data = each.recv(1 << 16)
                to[each].sendall(data)
            except ConnectionError:
                return
            if not data:
                return
