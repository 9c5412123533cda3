"""The replies that git got over HTTP, from git's own trace."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

# A line of GIT_TRACE_CURL: the time, the place in git's source code, and the header.
_line: Final = re.compile(rb"\S+ \S+ +(=> Send|<= Recv) header: ?(.*)")
_request: Final = re.compile(rb"([A-Z]+) \S+ HTTP/")
_status: Final = re.compile(rb"HTTP/[\d.]+ (\d{3})\b")
_KEPT: Final = {"content-type", "location", "retry-after"}
_FINAL: Final = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to one request."""

    status: int
    """0 if there was no reply."""
    headers: dict[str, str] = field(default_factory=dict)
    """The headers that matter here, by name in lower case; the last one counts."""
    whole: bool = True
    """Whether all headers arrived."""
    method: str = "GET"
    """The method of the request."""

    @property
    def of_tunnel(self) -> bool:
        """Whether it is a proxy's reply to the request to connect; then none of it comes from the server."""
        return self.method == "CONNECT"

    @property
    def retry_after(self) -> float:
        """How many seconds the server asks to wait; 0 if it does not, or names a time of day."""
        value = self.headers.get("retry-after", "")
        return float(value) if value.isascii() and value.isdigit() else 0.0


def parse_trace(trace: Iterable[bytes]) -> tuple[Reply, ...]:
    r"""The replies, in the order of the requests, from the lines that GIT_TRACE_CURL wrote.

    >>> parse_trace([b"10:00:00.1 http.c:684  <= Recv header: HTTP/2 429\n"])
    (Reply(status=429, headers={}, whole=False, method='GET'),)
    """
    replies: list[Reply] = []
    for line in filter(None, map(_line.match, trace)):
        header = line[2].strip()
        if line[1] == b"=> Send":
            if request := _request.match(header):
                replies.append(Reply(0, whole=False, method=request[1].decode()))
        elif status := _status.match(header):
            begun = Reply(0)
            if replies and (replies[-1].status < _FINAL or not replies[-1].whole):  # 1xx is not the answer yet
                begun = replies.pop()
            replies.append(replace(begun, status=int(status[1]), headers={}, whole=False))
        elif not header and replies:
            replies[-1] = replace(replies[-1], whole=True)
        elif replies:
            name, _, value = header.decode("utf-8", "replace").partition(":")
            if name.strip().lower() in _KEPT:
                replies[-1].headers[name.strip().lower()] = value.strip()
    return tuple(replies)
