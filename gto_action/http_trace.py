"""What a server answered to git, from what git traces of HTTP."""

import re
from dataclasses import dataclass, field
from typing import Final

_header: Final = re.compile(r"<= Recv header: (.*)")
_status: Final = re.compile(r"HTTP/[\d.]+ (\d{3})")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a server."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """By name in lower case; of several with one name the last."""

    @property
    def retry_after(self) -> float:
        """The seconds that the server asks to wait; 0 if it does not, or names a time of day."""
        value = self.headers.get("retry-after", "")
        return float(value) if value.isascii() and value.isdigit() else 0.0


def parse_trace(trace: str) -> tuple[Reply, ...]:
    r"""The answers in what GIT_TRACE_CURL has written, in their order.

    >>> parse_trace("10:00:00.1 http.c:684  <= Recv header: HTTP/2 429\n… <= Recv header: retry-after: 7\n")
    (Reply(status=429, headers={'retry-after': '7'}),)
    """
    replies: list[Reply] = []
    for line in _header.findall(trace):
        if status := _status.match(line):
            replies.append(Reply(int(status[1])))
        elif replies and ":" in line:
            name, _, value = line.partition(":")
            replies[-1].headers[name.strip().lower()] = value.strip()
    return tuple(replies)
