"""What git says of a remote that fails, and what we make of it."""

from collections.abc import Mapping

import pytest

from gto_action.errors import GitError, RemoteError, TransientRemoteError
from gto_action.git.http_trace import Reply
from gto_action.git.remote import Remote
from gto_action.hosts.github.advice import advice
from tests.support.git_words import URL

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
    "remote: \nremote: ERROR: The project you were looking for could not be found or you don't have permission to view it.\nfatal: Could not read from remote repository.": ("was not found", "2.39.5"),
    "remote: TF401019: The Git repository with name or identifier r does not exist or you do not have permissions.\nfatal: Could not read from remote repository.": ("was not found", "2.39.5"),
    "fatal: unable to access 'https://git.example.com/o/r/': The requested URL returned error: 301": ("has moved", ALL),
    "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413\nfatal: expected flush": ("Git failed", ALL),
    "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.": ("Git failed", ALL),
    "Host key verification failed.\nfatal: Could not read from remote repository.": ("Git failed", ALL),
    "fatal: bad object 1\nremote: aborting due to possible repository corruption on the remote side.\nfatal: early EOF": ("Git failed", "2.39.5"),
    "fatal: unable to access 'x': The requested URL returned error: 407": ("requires a login", ALL),
    "fatal: transport 'ext' not allowed": ("Git failed", ALL),
    "fatal: couldn't find remote ref refs/tags/x": ("Git failed", ALL),
    "error: object 7e85e808: missingEmail: invalid author/committer line - missing email\nfatal: fsck error in packed object\nfatal: index-pack failed": ("Git failed", "2.30.2 2.39.5"),
    "error: object 7e85e808: missingEmail: invalid author/committer line - missing email\nfatal: fsck error in packed object\nfatal: fetch-pack: invalid index-pack output": ("Git failed", "2.47.3 2.53.0"),
    "fatal: loose object 2222222222222222222222222222222222222222 (stored in ./objects/22/x) is corrupt\nfatal: the remote end hung up unexpectedly": ("Git failed", "2.39.5"),
    "fatal: bad revision '2222222222222222222222222222222222222222'": ("points to a folder", "2.39.5 2.47.3 2.53.0"),
    "fatal: filter 'tree' not supported": ("does not support partial clones", "2.39.5 2.47.3 2.53.0"),
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
    "fatal: remote error: fatal: write error: No space left on device",
    "fatal: remote error: Out of memory\nerror: cannot run x: No such file or directory",
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
    assert "TMPDIR" in advice(error)
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
    assert advice(error).startswith("Set GIT_SSL_CAINFO to a file with the certificates to trust. Git says: ")
    assert error.kind is None, "the command line has no other advice"


def test_a_git_that_was_killed() -> None:
    error = Remote(URL).error("", (Reply(200),), -9)
    assert error.message == "Git cannot work on this machine: 'git was ended by signal 9'."
    assert not isinstance(error, RemoteError)


def test_an_option_that_git_does_not_know() -> None:
    error = Remote(URL).error("error: unknown option `x'\nusage: git clone", (), 129)
    assert (type(error), error.message) == (RemoteError, f"Git failed while talking to the remote {URL!r}.")


GIT = {"content-type": "application/x-git-upload-pack-result"}
PAGE = {"content-type": "text/html"}
# what came for each request; what is made of it; whether it may pass
ANSWERED: Mapping[str, tuple[tuple[Reply, ...], str, bool]] = {
    "nothing was asked": ((), "Fetching", True),
    "nothing came": ((Reply(0, whole=False),), "Fetching", True),
    "nothing came at last": ((Reply(404), Reply(0, whole=False)), "Fetching", True),
    "broken off": ((Reply(200, GIT),), "Fetching", True),
    "broken off in the headers": ((Reply(200, whole=False),), "Fetching", True),
    "a page": ((Reply(200, PAGE),), "does not answer like a git server, but with 'text/html'", False),
    "a page of no type": ((Reply(200),), "does not answer like a git server, but with 'nothing'", False),
    "a page of an error that passes": ((Reply(503, PAGE),), "Fetching", True),
    **{f"status {status}": ((Reply(status),), "Fetching", True) for status in (100, 408, 425, 429, *range(500, 512), 599)},
    **{f"status {status}": ((Reply(status),), "has moved", False) for status in range(300, 309)},
    **{f"status {status}": ((Reply(status),), "asks for a token", False) for status in (401, 403)},
    **{f"status {status}": ((Reply(status),), "Git failed", False) for status in (400, 402, 405, 406, 409, 410, 411, 413, 451, 499)},
    "status 404": ((Reply(404),), "was not found", False),
    "status 407": ((Reply(407),), "A proxy in front of the remote", False),
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
        ("remote: \nremote: ====\nremote: ERROR: None.\nremote: \nremote: ====\nremote: \nfatal: Could not read from remote repository.\n", "remote: ERROR: None."),
        ("@@@@@@\nHost key verification failed.\nfatal: Could not read from remote repository.", "Host key verification failed."),
        ("fatal: Could not read from remote repository.\n\nPlease", "fatal: Could not read from remote repository."),
    ],
)  # fmt: skip
def test_the_line_that_says_most(said: str, words: str) -> None:
    assert advice(Remote(URL).error(said)).endswith(f"Git says: {words}")


@pytest.mark.parametrize("said", ["", "\nremote: ====\n"])
def test_a_git_that_says_nothing(said: str) -> None:
    assert advice(Remote(URL).error(said)).endswith("Git gives no reason.")


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
