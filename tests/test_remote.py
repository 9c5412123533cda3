"""What git says of a remote, and what we say of it."""

import pytest

from gto_action.errors import RemoteError, TransientRemoteError
from gto_action.http_trace import Reply
from gto_action.remote import Remote

URL = "https://git.example.com/o/r"

# what git 2.39 to 2.55 print, and what is made of it
SAID = {
    "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled": "asks for a token",
    "remote: Invalid username or token.\nfatal: Authentication failed for 'https://git.example.com/o/r/'": "asks for a token",
    "fatal: unable to access 'https://git.example.com/o/r/': The requested URL returned error: 403": "asks for a token",
    "remote: Not Found\nfatal: repository 'https://git.example.com/o/r/' not found": "was not found",
    "fatal: 'o/r' does not appear to be a git repository\nfatal: Could not read from remote repository.": "was not found",
    "fatal: repository '/srv/o/r' does not exist": "was not found",
    "fatal: unable to access 'https://git.example.com/o/r/': The requested URL returned error: 301": "has moved",
    "fatal: unable to access 'x': The requested URL returned error: 500": "connection",
    "error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503\nfatal: expected flush": "connection",
    "fatal: unable to access 'x': The requested URL returned error: 429": "connection",
    "fatal: unable to access 'x': Could not resolve host: git.example.com": "connection",
    "fatal: unable to access 'x': Failed to connect to git.example.com port 443 after 2 ms: Couldn't connect to server": "connection",
    "fatal: unable to access 'x': Recv failure: Connection reset by peer": "connection",
    "error: RPC failed; curl 18 transfer closed with 1 bytes remaining to read\nfatal: early EOF": "connection",
    "fatal: the remote end hung up unexpectedly": "connection",
    "fatal: unable to access 'x': Operation too slow. Less than 1 bytes/sec transferred the last 30 seconds": "connection",
    **{
        f"error: {number} bytes of body are still expected\nfatal: early EOF": "connection"
        for number in (301, 401, 403, 404, 472, 500)
    },
    "error: 1 bytes of length header were received\nfatal: invalid ls-refs response: 1": "connection",
    "fatal: expected response end packet after ref listing": "connection",
    "fatal: expected 'packfile'": "connection",
    "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights": "connection",
    "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.": "Git failed",
    "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413\nfatal: expected flush": "Git failed",
    "fatal: could not fetch 1 from promisor remote": "connection",
    "fatal: unable to access 'x': SSL certificate problem: unable to get local issuer certificate": "Git failed",
    "fatal: bad object 1\nremote: aborting due to possible repository corruption on the remote side.\nfatal: early EOF": "Git failed",
    "": "Git failed",
    **{
        f"fatal: unable to access 'https://git.example.com/o/r/': {passes}": "connection"
        for passes in (
            "HTTP/2 stream 7 was not closed cleanly before end of the underlying stream",
            "Error in the HTTP2 framing layer",
            "gnutls_handshake() failed: Error in the pull function.",
            "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to git.example.com:443",
            "SSL connection timeout",
            "Resolving timed out after 5000 milliseconds",
            "Operation timed out after 300000 milliseconds with 0 out of 0 bytes received",
            "Timeout was reached",
            "Received HTTP code 503 from proxy after CONNECT",
            "CONNECT tunnel failed, response 502",
            "Could not resolve proxy: proxy.example.com",
            "Proxy CONNECT aborted",
        )
    },
    "fatal: unable to access 'x': Received HTTP code 407 from proxy after CONNECT": "Git failed",
    "fatal: unable to access 'x': CONNECT tunnel failed, response 403": "Git failed",
    "fatal: bad revision '2222222222222222222222222222222222222222'": "points to a folder",
    "fatal: filter 'tree' not supported": "refuses to leave files out",
    "remote: fatal: write error: No space left on device\nfatal: early EOF": "connection",
}
# What fails here is no fault of the remote's.
LOCAL = [
    "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output",
    "error: unable to write file x: Disk quota exceeded\nfatal: unpack-objects failed",
    "fatal: Out of memory, malloc failed (tried to allocate 1 bytes)\nfatal: fetch-pack: invalid index-pack output",
    "fatal: mmap failed: Cannot allocate memory\nfatal: fetch-pack: invalid index-pack output",
    "fatal: unable to create thread: Resource temporarily unavailable\nfatal: fetch-pack: invalid index-pack output",
    "fatal: Unable to create temporary file '/tmp/x': Read-only file system",
]


@pytest.mark.parametrize("stderr", SAID)
def test_what_git_says(stderr: str) -> None:
    error = Remote(URL).error(stderr)
    assert SAID[stderr] in error.message
    assert repr(URL) in error.message
    assert isinstance(error, TransientRemoteError) == (SAID[stderr] == "connection")
    assert "\n" not in str(error)


@pytest.mark.parametrize("stderr", LOCAL)
def test_what_git_says_of_this_machine(stderr: str) -> None:
    error = Remote(URL).error(stderr)
    assert stderr.splitlines()[0] in error.message
    assert "TMPDIR" in error.hint
    assert not isinstance(error, RemoteError)


def test_a_refused_token_is_named_so() -> None:
    assert "refused the token" in Remote(URL, "t").error("fatal: Authentication failed").message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, URL),
        ("https://user:secret@git.example.com/o/r", URL),
        ("https://user:sec@ret@git.example.com:8443/o/r", "https://git.example.com:8443/o/r"),
        ("git@git.example.com:o/r", "git@git.example.com:o/r"),
        ("file:///srv/o/r", "file:///srv/o/r"),
        ("http://[", "http://["),
    ],
)
def test_shown(url: str, shown: str) -> None:
    assert Remote(url).shown == shown


@pytest.mark.parametrize("url", ["file:///srv/o/r", "git@git.example.com:o/r", "ssh://git.example.com/o/r"])
def test_the_token_goes_nowhere_but_over_http(url: str) -> None:
    assert not [key for key in Remote(url, "t").config if "extraheader" in key]


def test_the_token_is_not_in_a_traceback() -> None:
    assert "s3cret" not in repr(Remote(URL, "s3cret"))


MOVED = {
    "https://git.example.com/o/new.git/info/refs?service=git-upload-pack": "https://git.example.com/o/new.git",
    "https://GIT.example.com:443/o/new/info/refs?service=git-upload-pack": "https://GIT.example.com:443/o/new",
    "/o/new/info/refs?service=git-upload-pack": "https://git.example.com/o/new",
    "https://git.example.com:8443/o/new/info/refs?service=git-upload-pack": "",
    "http://git.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://evil.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://git.example.com@evil.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://user@git.example.com/o/new/info/refs?service=git-upload-pack": "",
    "//evil.example.com/o/new/info/refs?service=git-upload-pack": "",
    "https://git.example.com/o/r/info/refs?service=git-upload-pack": "",
    "https://git.example.com/login": "",
    **{
        f"https://git.example.com{odd}/info/refs?service=git-upload-pack": ""
        for odd in (
            "#@evil.example.com/o/r",
            "/o/new?x=y",
            "/o/new#x",
            "\\\\@evil.example.com/o/r",
            "/o/n w",
            "/o/n\x7f",
            "/ö",
        )
    },
    "https://[/info/refs?service=git-upload-pack": "",
    "": "",
}


@pytest.mark.parametrize("location", MOVED)
def test_moved(location: str) -> None:
    moved = Remote(URL, "t").moved((Reply(200), Reply(301, {"location": location})))
    assert moved == (Remote(MOVED[location], "t") if MOVED[location] else None)


@pytest.mark.parametrize("status", [200, 303, 304, 401, 404])
def test_not_moved(status: int) -> None:
    location = "https://git.example.com/o/new/info/refs?service=git-upload-pack"
    assert Remote(URL).moved((Reply(status, {"location": location}),)) is None
    assert Remote(URL).moved(()) is None


ADVERTISEMENT = "application/x-git-upload-pack-advertisement"


@pytest.mark.parametrize(
    ("url", "types", "named"),
    [
        (URL, [ADVERTISEMENT, "application/x-git-upload-pack-result"], None),
        (URL, ["text/html"], "'text/html'"),
        (URL, [], "'nothing'"),
        ("file:///srv/o/r", [], None),
        ("ssh://git.example.com/o/r", [], None),
    ],
)
def test_not_git(url: str, types: list[str], named: str | None) -> None:
    error = Remote(url).not_git(tuple(Reply(200, {"content-type": each}) for each in types))
    assert (named in str(error)) if named else error is None


def test_a_server_may_say_when_to_ask_again() -> None:
    said = "fatal: unable to access 'x': The requested URL returned error: 429"
    error = Remote(URL).error(said, (Reply(429, {"retry-after": "7"}),))
    assert isinstance(error, TransientRemoteError)
    assert error.retry_after == 7.0
