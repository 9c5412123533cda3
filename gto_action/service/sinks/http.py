"""Requests to sinks: each ends in time, and follows nobody. The only user of urllib3."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

import gto_action
from gto_action.service.rules.outcome import Came, Outcome, brief, of_status

_MOST_READ: Final = 2**16
_CONNECT: Final = 10.0
_KEPT: Final = 16
AGENT: Final = f"gto-action/{gto_action.__version__}"


_kept: Final[list[urllib3.PoolManager]] = []
_limit: Final = threading.local()
"""When this thread's request is over, by the monotonic clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    timeout: float
    """The seconds for all of it."""
    ca: str = ""
    """A file with the certificates that are trusted; empty for the system's."""


class _Bounded:
    """A connection whose answer comes in time, or not at all: a byte now and then does not keep it alive."""

    sock: Any

    def getresponse(self) -> Any:  # noqa: ANN401 - urllib3's
        alarm = threading.Timer(max(_limit.late - time.monotonic(), 0.001), self._cut, (self.sock,))
        alarm.daemon = True
        alarm.start()
        try:
            answer = super().getresponse()  # type: ignore[misc] # of the connection that this is mixed into
        finally:
            alarm.cancel()
        if time.monotonic() >= _limit.late:  # headers that were cut off look whole
            answer.close()
            raise TimeoutError
        return answer

    @staticmethod
    def _cut(sock: Any) -> None:  # noqa: ANN401 - a socket, or one with TLS
        with suppress(OSError, AttributeError):
            sock.shutdown(2)


class _Plain(_Bounded, HTTPConnection):
    pass


class _Encrypted(_Bounded, HTTPSConnection):
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Encrypted


def close() -> None:
    """Closes the connections that are kept."""
    for manager in _kept:
        manager.clear()


@cache
def _manager(ca: str) -> urllib3.PoolManager:
    """The connections, which are kept; no proxy of the environment is asked."""
    manager = urllib3.PoolManager(maxsize=_KEPT, retries=False, ca_certs=ca or None)
    _kept.append(manager)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}
    return manager


def post(request: Request, hide: Callable[[str], str]) -> Outcome:
    """Sends a request, and says what came of it.

    Args:
        request: what is sent.
        hide: takes the secrets out of what comes back, which may be anything that was sent.
    """
    late = time.monotonic() + request.timeout
    headers = {"user-agent": AGENT, **request.headers}
    limits = urllib3.Timeout(connect=min(_CONNECT, request.timeout), read=request.timeout)
    _limit.late = late
    try:
        answer = _manager(request.ca).request(
            "POST",
            request.url,
            body=request.body,
            headers=headers,
            timeout=limits,
            redirect=False,
            preload_content=False,
            decode_content=False,  # a few bytes may decode to gigabytes
        )
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        return Outcome(Came.REFUSED, _why(error, late))
    return of_status(answer.status, answer.headers.get("retry-after", ""), hide(_beginning(answer, late)), time.time())


def _beginning(answer: urllib3.BaseHTTPResponse, late: float) -> str:
    """The beginning of an answer; the connection is kept if that is all of it, and has come in time."""
    text = b""
    try:
        while time.monotonic() < late and len(text) < _MOST_READ:
            if not (data := answer.read1(_MOST_READ)):
                answer.release_conn()
                return text.decode("utf-8", "replace")
            text += data
    except (urllib3.exceptions.HTTPError, HTTPException, OSError):
        pass
    answer.close()
    return text[:_MOST_READ].decode("utf-8", "replace")


def _why(error: Exception, late: float) -> str:
    refused = isinstance(error, urllib3.exceptions.NewConnectionError)  # which is a TimeoutError to urllib3
    if time.monotonic() >= late or (isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError) and not refused):
        return "no answer in time"
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, ValueError) and not isinstance(reason, OSError):  # its text may quote a header
        return f"{type(reason).__name__}: the request cannot be made"
    said = str(reason)
    return brief(f"{type(reason).__name__}: {said.partition('): ')[2] or said}")  # without the connection, ours


def reach(url: str, timeout: float, ca: str = "") -> str:
    """Why an address cannot be reached; empty if it can. Nothing is sent."""
    _limit.late = time.monotonic() + timeout
    parts = urllib3.util.parse_url(url)
    pool = _manager(ca).connection_from_host(parts.host, parts.port, parts.scheme or "https")
    connection = pool._new_conn()  # noqa: SLF001 - the one way to connect with the pool's certificates
    try:
        connection.timeout = timeout
        connection.connect()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return _why(error, _limit.late)
    finally:
        connection.close()
    return ""
