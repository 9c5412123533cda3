"""What servers answered, from what git writes down of it."""

import pytest

from gto_action.git.http_trace import Reply, parse_trace

TRACE = b"""\
11:10:31.201890 http.c:684              => Send header: GET /o/r/info/refs?service=git-upload-pack HTTP/1.1
11:10:31.201890 http.c:684              => Send header: Host: git.example.com
11:10:31.201898 http.c:672              <= Recv header, 0000000017 bytes (0x00000011)
11:10:31.201915 http.c:684              <= Recv header: HTTP/1.1 301 Moved Permanently
11:10:31.201918 http.c:684              <= Recv header: Location: http://localhost/o/new/info/refs?service=git-upload-pack
11:10:31.201918 http.c:684              <= Recv header: Server: x
11:10:31.201945 http.c:684              <= Recv header:
11:10:31.201950 http.c:671              == Info: Connection #0 to host 127.0.0.1 left intact
11:10:31.201890 http.c:684              => Send header: POST /o/r/git-upload-pack HTTP/2
11:10:31.207231 http.c:684              <= Recv header: HTTP/2 429
11:10:31.207233 http.c:684              <= Recv header: Retry-After: 7
11:10:31.207233 http.c:684              => Send header: X-Not: received
"""
LOCATION = {"location": "http://localhost/o/new/info/refs?service=git-upload-pack"}
PLAIN = "10:00:00.1 http.c:849    "


def parse(*headers: str) -> tuple[Reply, ...]:
    """What is made of headers that were received, or sent where they begin with `>`."""
    return parse_trace(
        f"{PLAIN}{'=> Send' if line.startswith('>') else '<= Recv'} header: {line.removeprefix('>')}\n".encode()
        for line in headers
    )


def test_every_answer_in_its_order() -> None:
    assert parse_trace(TRACE.splitlines(keepends=True)) == (
        Reply(301, LOCATION),
        Reply(429, {"retry-after": "7"}, whole=False, method="POST"),
    )


GET = ">GET /o/r/info/refs?service=git-upload-pack HTTP/1.1"
CONNECT = ">CONNECT git.example.com:443 HTTP/1.1"
# what was sent and received; what came of it
TRACES = {
    "nothing came": ((GET,), (Reply(0, whole=False),)),
    "100 and then the answer": ((GET, "HTTP/1.1 100 Continue", "", "HTTP/1.1 200 OK", ""), (Reply(200),)),
    "103 and no answer": ((GET, "HTTP/2 103", "location: /x", ""), (Reply(103, {"location": "/x"}),)),
    "103 says nothing of the answer": ((GET, "HTTP/2 103", "location: /x", "", "HTTP/2 200", ""), (Reply(200),)),
    "a proxy that connects": ((CONNECT, "HTTP/1.1 200 OK", "", GET, "HTTP/1.1 200 OK", ""), (Reply(200, method="CONNECT"), Reply(200))),
    "a proxy that connects, and nothing more": ((CONNECT, "HTTP/1.1 200 OK", "", GET), (Reply(200, method="CONNECT"), Reply(0, whole=False))),
    "a proxy that redirects": ((CONNECT, "HTTP/1.1 302 Found", f"Location: {LOCATION['location']}", ""), (Reply(302, LOCATION, method="CONNECT"),)),
    "a proxy that asks for a login": ((CONNECT, "HTTP/1.1 407 Login", "", CONNECT, "HTTP/1.0 200 OK", ""), (Reply(407, method="CONNECT"), Reply(200, method="CONNECT"))),
    "an answer without a request": (("HTTP/2 200", "", "HTTP/2 404", ""), (Reply(200), Reply(404))),
    "headers that look like the trace": ((GET, "HTTP/2 200", f"x: {PLAIN}<= Recv header: HTTP/2 302", ""), (Reply(200),)),
    "a line feed alone ends a line": ((GET, f"HTTP/2 200\r{PLAIN}<= Recv header: HTTP/2 302\x85{PLAIN}<= Recv header: HTTP/2 302", ""), (Reply(200),)),
    "a sent header that looks like a request": ((GET, ">X: CONNECT x HTTP/1.1", "HTTP/2 200", ""), (Reply(200),)),
}  # fmt: skip


@pytest.mark.parametrize("what", TRACES)
def test_what_came_for_each_request(what: str) -> None:
    headers, replies = TRACES[what]
    assert parse(*headers) == replies


@pytest.mark.parametrize("trace", ["", "nothing of HTTP\n", f"{PLAIN}<= Recv header: Location: x\n"])
def test_no_answer(trace: str) -> None:
    assert parse_trace([trace.encode()]) == ()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0", 0.0), ("", 0.0), ("-1", 0.0), ("1.5", 0.0), ("²", 0.0), ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0)],
)
def test_retry_after(value: str, seconds: float) -> None:
    assert Reply(429, {"retry-after": value}).retry_after == seconds


def test_a_second_status_in_the_headers_of_a_proxy_is_its_own_too() -> None:
    lines = (
        "=> Send header: CONNECT h:443 HTTP/1.1",
        "<= Recv header: HTTP/1.1 502 x",
        "<= Recv header: HTTP/1.1 302 Found",
        "<= Recv header: Location: https://h/o/fork/info/refs?service=git-upload-pack",
        "<= Recv header:",
    )
    (reply,) = parse_trace(f"10:00:00.1 http.c:684  {line}\n".encode() for line in lines)
    assert reply.of_tunnel
    assert reply.status == 302
