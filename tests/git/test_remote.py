"""What git says of a remote, and what we say of it."""

import base64
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.errors import GitError, RemoteError, TransientRemoteError
from gto_action.git.http_trace import Reply
from gto_action.git.remote import Remote

URL = "https://git.example.com/o/r"

# What git says where no answer of HTTP is known, what is made of it, and the versions of git that were seen to say so.
ALL = "2.30.2 2.39.5 2.47.3 2.53.0"
FINAL = {
    "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled": ("asks for a token", ALL),
    "remote: Invalid username or token.\nfatal: Authentication failed for 'https://git.example.com/o/r/'": ("asks for a token", "2.39.5"),
    "fatal: unable to access 'https://git.example.com/o/r/': The requested URL returned error: 403": ("asks for a token", ALL),
    "error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403\nfatal: expected flush after ref listing": ("asks for a token", ALL),
    "remote: Not Found\nfatal: repository 'https://git.example.com/o/r/' not found": ("was not found", ALL),
    "fatal: 'o/r' does not appear to be a git repository\nfatal: Could not read from remote repository.": ("was not found", ALL),
    "fatal: repository '/srv/o/r' does not exist": ("was not found", ALL),
    "fatal: remote error: access denied or repository not exported: /o/r": ("was not found", ALL),
    "ERROR: Repository not found.\nfatal: Could not read from remote repository.": ("was not found", "2.39.5"),
    "fatal: unable to access 'https://git.example.com/o/r/': The requested URL returned error: 301": ("has moved", ALL),
    "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413\nfatal: expected flush": ("Git failed", ALL),
    "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.": ("Git failed", ALL),
    "Host key verification failed.\nfatal: Could not read from remote repository.": ("Git failed", ALL),
    "fatal: bad object 1\nremote: aborting due to possible repository corruption on the remote side.\nfatal: early EOF": ("Git failed", "2.39.5"),
    "fatal: unable to access 'x': The requested URL returned error: 407": ("asks for a login", ALL),
    "fatal: transport 'ext' not allowed": ("Git failed", ALL),
    "fatal: couldn't find remote ref refs/tags/x": ("Git failed", ALL),
    "error: object 7e85e808: missingEmail: invalid author/committer line - missing email\nfatal: fsck error in packed object\nfatal: index-pack failed": ("Git failed", "2.30.2 2.39.5"),
    "error: object 7e85e808: missingEmail: invalid author/committer line - missing email\nfatal: fsck error in packed object\nfatal: fetch-pack: invalid index-pack output": ("Git failed", "2.47.3 2.53.0"),
    "fatal: loose object 2222222222222222222222222222222222222222 (stored in ./objects/22/x) is corrupt\nfatal: the remote end hung up unexpectedly": ("Git failed", "2.39.5"),
    "fatal: bad revision '2222222222222222222222222222222222222222'": ("points to a folder", "2.39.5 2.47.3 2.53.0"),
    "fatal: filter 'tree' not supported": ("refuses to leave files out", "2.39.5 2.47.3 2.53.0"),
}  # fmt: skip
# Everything else is asked for again, whatever the words: those of git's, of curl's in several releases, and of nobody's.
PASSING = [
    "",
    "fatal: unable to access 'x': The requested URL returned error: 500",
    "error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503\nfatal: expected flush",
    "fatal: unable to access 'x': The requested URL returned error: 429",
    "fatal: unable to access 'x': Could not resolve host: git.example.com",
    "fatal: unable to access 'x': Failed to connect to git.example.com port 443 after 2 ms: Couldn't connect to server",
    "fatal: unable to access 'x': Failed to connect to git.example.com:443 after 2 ms: Could not connect to server",
    "fatal: unable to access 'x': Recv failure: Connection reset by peer",
    "error: RPC failed; curl 18 transfer closed with 1 bytes remaining to read\nfatal: early EOF",
    "error: RPC failed; curl 18 end of response with 124 bytes missing\nfatal: early EOF",
    "error: RPC failed; curl 99 words of a curl to come\nfatal: words of a git to come",
    "fatal: the remote end hung up unexpectedly",
    "fatal: remote error: upload-pack: not our ref 2222222222222222222222222222222222222222",
    *(
        f"error: {number} bytes of body are still expected\nfatal: early EOF"
        for number in (301, 401, 403, 404, 472, 500)
    ),
    "error: 1 bytes of length header were received\nfatal: invalid ls-refs response: 1",
    "fatal: expected response end packet after ref listing",
    "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights",
    "ssh: Could not resolve hostname h: Name or service not known\nfatal: Could not read from remote repository.",
    "fatal: could not fetch 1 from promisor remote",
    "fatal: unable to access 'x': SSL certificate problem: unable to get local issuer certificate",
    "fatal: unable to access 'x': CONNECT tunnel failed, response 403",
    "remote: fatal: write error: No space left on device\nfatal: early EOF",
    "remote: fatal: unable to access 'x': The requested URL returned error: 404\nfatal: early EOF",
]
# What fails here is no fault of the remote's.
LOCAL = [
    "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output",
    "error: unable to write file x: Disk quota exceeded\nfatal: unpack-objects failed",
    "fatal: Out of memory, malloc failed (tried to allocate 1 bytes)\nfatal: fetch-pack: invalid index-pack output",
    "fatal: mmap failed: Cannot allocate memory\nfatal: fetch-pack: invalid index-pack output",
    "fatal: unable to create thread: Resource temporarily unavailable\nfatal: fetch-pack: invalid index-pack output",
    "fatal: Unable to create temporary file '/tmp/x': Read-only file system",
    "error: index-pack died of signal 9\nfatal: fetch-pack: invalid index-pack output",
    "error: cannot fork() for index-pack: Resource temporarily unavailable\nfatal: fetch-pack: unable to fork off index-pack",
]


@pytest.mark.parametrize("said", FINAL)
def test_what_lasts(said: str) -> None:
    meaning, versions = FINAL[said]
    assert versions
    error = Remote(URL).error(said)
    assert meaning in error.message
    assert repr(URL) in error.message
    assert isinstance(error, RemoteError)
    assert not isinstance(error, TransientRemoteError)
    assert "\n" not in str(error)


@pytest.mark.parametrize("said", PASSING)
def test_everything_else_may_pass(said: str) -> None:
    error = Remote(URL).error(said, status=128)
    assert isinstance(error, TransientRemoteError)
    assert error.message == f"Fetching from the remote {URL!r} failed."
    assert "\n" not in str(error)


@pytest.mark.parametrize("said", LOCAL)
def test_what_git_says_of_this_machine(said: str) -> None:
    error = Remote(URL).error(said)
    assert said.splitlines()[0] in error.message
    assert "TMPDIR" in error.hint
    assert not isinstance(error, RemoteError)


@pytest.mark.parametrize("program", ["ssh", "/opt/an ssh"])
def test_a_program_that_is_not_there(program: str) -> None:
    said = f"error: cannot run {program}: No such file or directory\nfatal: unable to fork"
    error = Remote("git@git.example.com:o/r").error(said, status=128)
    assert (type(error), str(error)) == (GitError, f"Git cannot run the program {program!r}. Install it.")


@pytest.mark.parametrize(
    "said",
    [
        "server certificate verification failed. CAfile: none CRLfile: none",
        "SSL certificate problem: unable to get local issuer certificate",
        "SSL: no alternative certificate subject name matches target host name 'x'",
    ],
)
def test_a_certificate_that_is_not_trusted(said: str) -> None:
    error = Remote(URL).error(f"fatal: unable to access 'x': {said}", (Reply(0, whole=False),), 128)
    assert error.hint.startswith("Set GIT_SSL_CAINFO to a file with the certificates to trust. Git says: ")
    assert error.kind is None, "the command line has no other advice"


def test_a_git_that_was_killed() -> None:
    error = Remote(URL).error("", (Reply(200),), -9)
    assert error.message == "Git cannot work on this machine: 'git was ended by signal 9'."
    assert not isinstance(error, RemoteError)


def test_an_option_that_git_does_not_know() -> None:
    error = Remote(URL).error("error: unknown option `x'\nusage: git clone", (), 129)
    assert (type(error), error.message) == (RemoteError, f"Git failed at the remote {URL!r}.")


GIT = {"content-type": "application/x-git-upload-pack-result"}
PAGE = {"content-type": "text/html"}
# what came for each request; what is made of it; whether it may pass
ANSWERED: Mapping[str, tuple[tuple[Reply, ...], str, bool]] = {
    "nothing was asked": ((), "Fetching", True),
    "nothing came": ((Reply(0, whole=False),), "Fetching", True),
    "nothing came at last": ((Reply(404), Reply(0, whole=False)), "Fetching", True),
    "broken off": ((Reply(200, GIT),), "Fetching", True),
    "broken off in the headers": ((Reply(200, whole=False),), "Fetching", True),
    "a page": ((Reply(200, PAGE),), "does not answer as git does, but with 'text/html'", False),
    "a page of no type": ((Reply(200),), "does not answer as git does, but with 'nothing'", False),
    "a page of an error that passes": ((Reply(503, PAGE),), "Fetching", True),
    **{f"status {status}": ((Reply(status),), "Fetching", True) for status in (100, 408, 425, 429, *range(500, 512), 599)},
    **{f"status {status}": ((Reply(status),), "has moved", False) for status in range(300, 309)},
    **{f"status {status}": ((Reply(status),), "asks for a token", False) for status in (401, 403)},
    **{f"status {status}": ((Reply(status),), "Git failed", False) for status in (400, 402, 405, 406, 409, 410, 411, 413, 451, 499)},
    "status 404": ((Reply(404),), "was not found", False),
    "status 407": ((Reply(407),), "A proxy before the remote", False),
    **{f"CONNECT {status}": ((Reply(status, method="CONNECT"),), "The proxy refuses to connect", False) for status in (403, 407)},
    **{f"CONNECT {status}": ((Reply(status, PAGE, method="CONNECT"),), "Fetching", True) for status in (200, 301, 302, 401, 404, 429, 502)},
}  # fmt: skip


@pytest.mark.parametrize("what", ANSWERED)
def test_what_was_answered_counts_and_not_what_is_said(what: str) -> None:
    replies, meaning, passes = ANSWERED[what]
    for said in ("", "fatal: anything", "fatal: unable to access 'x': The requested URL returned error: 418"):
        error = Remote(URL).error(said, replies, 128)
        assert meaning in error.message
        assert isinstance(error, TransientRemoteError) == passes


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("fatal: one\nfatal: two", "fatal: one"),
        ("error: one\nerror: two", "error: two"),
        ("git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure", "git@h: Permission denied (publickey)."),
        ("fatal: Could not read from remote repository.\n\nPlease", "fatal: Could not read from remote repository."),
        ("", "nothing"),
    ],
)  # fmt: skip
def test_the_line_that_says_most(said: str, words: str) -> None:
    assert Remote(URL).error(said).hint.endswith(f"Git says: {words}")


def test_a_refused_token_is_named_so() -> None:
    assert "refused the token" in Remote(URL, "t").error("fatal: Authentication failed").message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, URL),
        ("https://user:secret@git.example.com/o/r", URL),
        ("https://user:sec@ret@git.example.com:8443/o/r", "https://git.example.com:8443/o/r"),
        ("git@git.example.com:o/r", "git.example.com:o/r"),
        ("file:///srv/o/r", "file:///srv/o/r"),
    ],
)
def test_shown(url: str, shown: str) -> None:
    assert Remote(url).shown == shown


@pytest.mark.parametrize("url", ["file:///srv/o/r", "git@git.example.com:o/r", "ssh://git.example.com/o/r"])
def test_the_token_goes_nowhere_but_over_http(url: str) -> None:
    assert not [key for key in Remote(url, "t").config if "extraheader" in key]


def test_a_password_of_the_address_is_sent_as_a_token_would_be() -> None:
    remote = Remote("https://ada:s3%63ret@git.example.com/o/r")
    assert (remote.url, remote.page) == (URL, URL)
    header = f"AUTHORIZATION: basic {base64.b64encode(b'ada:s3cret').decode()}"
    assert remote.config[f"http.{URL}.extraheader"] == header
    assert "s3cret" not in repr(remote)
    assert "refused the password" in remote.error("", (Reply(401),)).message


def test_a_token_goes_before_a_password() -> None:
    config = Remote("https://ada:s3cret@git.example.com/o/r", "t").config
    assert config[f"http.{URL}.extraheader"] == f"AUTHORIZATION: basic {base64.b64encode(b'x-access-token:t').decode()}"


def test_a_user_alone_is_for_those_who_know_the_password() -> None:
    config = Remote("https://ada@git.example.com/o/r").config
    assert config[f"credential.{URL}.username"] == "ada"
    assert not [key for key in config if "extraheader" in key]


def test_an_empty_password_is_sent_as_git_does() -> None:
    """The user is a token then."""
    config = Remote("https://t0ken:@git.example.com/o/r").config
    assert config[f"http.{URL}.extraheader"] == f"AUTHORIZATION: basic {base64.b64encode(b't0ken:').decode()}"
    assert "refused the password" in Remote("https://t0ken:@git.example.com/o/r").error("", (Reply(401),)).message


def test_who_asks_stays_the_same_where_the_repository_moves() -> None:
    location = "https://git.example.com/o/new/info/refs?service=git-upload-pack"
    remote = Remote("https://ada:s3cret@git.example.com/o/r")
    moved = remote.moved(RETURNED.format(301), (Reply(301, {"location": location}),))
    assert moved
    assert (moved.url, moved.user, moved.password) == ("https://git.example.com/o/new", "ada", "s3cret")


def test_a_user_in_what_git_says_is_not_told() -> None:
    said = "fatal: could not read Password for 'https://s3cret@git.example.com': terminal prompts disabled"
    assert str(Remote(URL).error(said)).endswith("for 'https://git.example.com': terminal prompts disabled")


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


# of git 2.30.2, 2.39.5, 2.47.3 and 2.53.0
RETURNED = f"fatal: unable to access '{URL}/': The requested URL returned error: {{}}"


@pytest.mark.parametrize("location", MOVED)
def test_moved(location: str) -> None:
    moved = Remote(URL, "t").moved(RETURNED.format(301), (Reply(200), Reply(301, {"location": location})))
    assert moved == (Remote(MOVED[location], "t") if MOVED[location] else None)


@pytest.mark.parametrize("status", [200, 303, 304, 401, 404])
def test_not_moved(status: int) -> None:
    location = "https://git.example.com/o/new/info/refs?service=git-upload-pack"
    assert Remote(URL).moved(RETURNED.format(status), (Reply(status, {"location": location}),)) is None
    assert Remote(URL).moved(RETURNED.format(status), ()) is None


LOCATION = "https://git.example.com/o/new/info/refs?service=git-upload-pack"


@pytest.mark.parametrize(
    "said", ["", "fatal: unable to access 'x': CONNECT tunnel failed, response 302", RETURNED.format(301)]
)
def test_git_has_to_say_that_it_has_moved(said: str) -> None:
    reply = Reply(302, {"location": LOCATION})
    assert Remote(URL).moved(said, (reply,)) is None
    assert Remote(URL).moved(RETURNED.format(302), (reply,)) == Remote(LOCATION.partition("/info")[0])


_statuses = st.integers(0, 599) | st.sampled_from([301, 302, 307, 308, 401, 403, 404, 407, 429, 503])
_replies = st.builds(
    Reply,
    _statuses,
    st.fixed_dictionaries(
        {},
        optional={
            "location": st.sampled_from([LOCATION, "/o/new/info/refs?service=git-upload-pack"]),
            "retry-after": st.integers(0, 9999).map(str),
            "content-type": st.sampled_from(["text/html", "application/x-git-upload-pack-advertisement"]),
        },
    ),
    st.booleans(),
    st.sampled_from(["CONNECT", "CONNECT", "GET", "POST"]),
)


@given(
    st.lists(_replies, max_size=4), _replies, st.sampled_from(["", *(RETURNED.format(status) for status in (302, 404))])
)
def test_what_a_proxy_answers_to_connect_is_never_the_servers_word(before: list[Reply], last: Reply, said: str) -> None:
    replies = (*before, replace(last, method="CONNECT"))
    assert Remote(URL).moved(said, replies) is None
    error = Remote(URL).error(said, replies, 128)
    assert getattr(error, "retry_after", 0.0) == 0.0
    assert isinstance(error, TransientRemoteError) == (last.status not in {403, 407})
    assert error.message.startswith(
        "The proxy" if last.status == 403 else ("The proxy", "A proxy") if last.status == 407 else "Fetching"
    )


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


@pytest.mark.parametrize(("method", "seconds"), [("GET", 7.0), ("POST", 7.0), ("CONNECT", 0.0)])
def test_a_server_may_say_when_to_ask_again(method: str, seconds: float) -> None:
    said = "fatal: unable to access 'x': The requested URL returned error: 429"
    error = Remote(URL).error(said, (Reply(429, {"retry-after": "7"}, method=method),))
    assert isinstance(error, TransientRemoteError)
    assert error.retry_after == seconds
