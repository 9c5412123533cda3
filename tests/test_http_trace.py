"""What servers answered, from what git writes down of it."""

import pytest

from gto_action.http_trace import Reply, parse_trace

TRACE = """\
11:10:31.201898 http.c:672              <= Recv header, 0000000017 bytes (0x00000011)
11:10:31.201915 http.c:684              <= Recv header: HTTP/1.1 301 Moved Permanently
11:10:31.201918 http.c:684              <= Recv header: Location: http://localhost/o/new/info/refs?service=git-upload-pack
11:10:31.201945 http.c:684              <= Recv header:
11:10:31.201950 http.c:671              == Info: Connection #0 to host 127.0.0.1 left intact
11:10:31.207231 http.c:684              <= Recv header: HTTP/2 429
11:10:31.207233 http.c:684              <= Recv header: Retry-After: 7
11:10:31.207233 http.c:684              => Send header: X-Not: received
"""


def test_every_answer_in_its_order() -> None:
    location = {"location": "http://localhost/o/new/info/refs?service=git-upload-pack"}
    assert parse_trace(TRACE) == (Reply(301, location), Reply(429, {"retry-after": "7"}))


@pytest.mark.parametrize("trace", ["", "nothing of HTTP\n", "… <= Recv header: Location: x\n"])
def test_no_answer(trace: str) -> None:
    assert parse_trace(trace) == ()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0", 0.0), ("", 0.0), ("-1", 0.0), ("1.5", 0.0), ("²", 0.0), ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0)],
)
def test_retry_after(value: str, seconds: float) -> None:
    assert Reply(429, {"retry-after": value}).retry_after == seconds
