"""The remote: where the tags are, and what git's complaints about it mean."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from gto_action.errors import FilterError, GitError, RemoteError, TransientRemoteError
from gto_action.http_trace import Reply

# What git prints with LC_ALL=C. The first that matches counts. A status is only what was `returned`: git also says
# "error: 404 bytes of body are still expected".
_REFUSED: Final = re.compile(r"could not read (?:Username|Password)|Authentication failed|returned error: 40[13]\b")
_MEANINGS: Final[tuple[tuple[re.Pattern[str], type[GitError], Callable[[str, str], str], str], ...]] = (
    (  # what fails here, and not there: the remote's own complaints begin with "remote:"
        re.compile(
            r"^(?!remote:).*(?:No space left on device|Disk quota exceeded|Read-only file system"
            r"|[Uu]nable to create (?:temporary )?(?:file|thread)|[Oo]ut of memory|Cannot allocate memory).*$",
            re.MULTILINE,
        ),
        GitError,
        lambda _, found: f"Git cannot work on this machine: {found!r}.",
        "Free space or memory, or set TMPDIR to a folder with more space. ",
    ),
    (
        _REFUSED,
        RemoteError,
        lambda remote, _: f"The remote {remote!r} refused the token.",
        "Give the job 'permissions: contents: read', or the input 'token' a token that has it. ",
    ),
    (
        re.compile(
            r"repository '.*' (?:not found|does not exist)|returned error: 404\b|does not appear to be a git repository"
        ),
        RemoteError,
        lambda remote, _: f"The remote {remote!r} was not found.",
        "Check the address; a private repository also looks like this to a token without 'contents: read'. ",
    ),
    (
        re.compile(r"returned error: 30[12378]\b|unable to update url base from redirection"),
        RemoteError,
        lambda remote, _: f"The remote {remote!r} has moved.",
        "Use the new address; to another server no redirect is followed, to keep the token here. ",
    ),
    (
        re.compile(r"filter '[^']*' not supported|tree filter allows max depth"),
        FilterError,
        lambda remote, _: f"The remote {remote!r} refuses to leave files out.",
        "",
    ),
    (  # a lightweight tag of a folder: git leaves the folder out as it is told, and then misses it
        re.compile(r"bad revision '[0-9a-f]{40,}'"),
        FilterError,
        lambda remote, _: f"A tag of the remote {remote!r} points to a folder.",
        "",
    ),
)
_LASTING: Final = re.compile(r"(?:returned error:|HTTP) 4(?!08|29)\d\d\b")  # the server says: not so
_TRANSIENT: Final = re.compile(
    r"""
    returned\ error:\ (?:408|429|5\d\d)\b                                  # the server says: later
    | HTTP\ code\ 5\d\d\ from\ proxy | CONNECT\ tunnel\ failed,\ response\ 5 | Proxy\ CONNECT\ aborted
    | Could\ not\ resolve\ (?:host|proxy) | Resolving\ timed\ out           # it cannot be reached
    | Failed\ to\ connect | Couldn't\ connect | SSL\ connection\ timeout | gnutls_handshake\(\)\ failed:.*pull\ function
    | Connection\ (?:refused|reset|timed\ out) | Network\ is\ unreachable | No\ route\ to\ host
    | Operation\ timed\ out | Timeout\ was\ reached | SSL_ERROR_SYSCALL
    | HTTP/2\ stream\ \d+\ was\ not\ closed\ cleanly | HTTP2\ framing\ layer
    | early\ EOF | hung\ up | unexpected\ disconnect | RPC\ failed         # it broke off
    | transfer\ closed | Empty\ reply | (?:Recv|Send)\ failure | GnuTLS\ recv\ error | non-properly\ terminated
    | Operation\ too\ slow | invalid\ index-pack\ output | could\ not\ fetch | bad\ line\ length | expected\ flush
    | \d+\ bytes\ of\ (?:body|length\ header) | expected\ response\ end\ packet | expected\ 'packfile'
    | \A\s*fatal:\ Could\ not\ read\ from\ remote\ repository              # and nothing says why
    """,
    re.VERBOSE,
)
_ODD: Final = re.compile(r"[^!-~]|[#?\\]")
_ADVERTISEMENT: Final = "application/x-git-upload-pack-advertisement"
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the tags are."""

    url: str
    token: str = field(default="", repr=False)
    """Sent to this address only; empty to send none."""

    @property
    def shown(self) -> str:
        """The address for people: without a user or a password."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return self.url
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if parts.netloc else self.url

    @property
    def page(self) -> str:
        """The repository's own page on its server; empty where it is not asked over HTTP."""
        return self.shown.rstrip("/").removesuffix(".git") if self.is_http else ""

    @property
    def is_http(self) -> bool:
        """Whether it is asked over HTTP, with or without TLS."""
        return self.url.startswith(("http://", "https://"))

    @property
    def config(self) -> dict[str, str]:
        """Git's settings for talking to it."""
        settings = {
            "http.followRedirects": "false",  # git would send the token along, to whatever host is named
            "http.lowSpeedLimit": "1",
            "http.lowSpeedTime": "30",
            "protocol.version": "2",
        }
        if self.token and self.is_http:
            basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
            settings[f"http.{self.url}.extraheader"] = f"AUTHORIZATION: basic {basic}"
        return settings

    def moved(self, replies: tuple[Reply, ...]) -> "Remote | None":
        """Where the last reply says that the repository is now; None unless that is on the same server.

        A renamed repository answers so. The token goes to the same scheme, host and port, and nowhere else.
        """
        if not replies or replies[-1].status not in {301, 302, 307, 308}:
            return None
        try:
            url = urljoin(f"{self.url}/info/refs", replies[-1].headers.get("location", ""))
        except ValueError:
            return None
        url, found, _ = url.partition("/info/refs?")
        plain = found and not _ODD.search(url)  # others might read another host in it
        same = plain and url != self.url and _origin(url) and _origin(url) == _origin(self.url)
        return replace(self, url=url) if same else None

    def not_git(self, replies: tuple[Reply, ...]) -> RemoteError | None:
        """The error of a server that answers, but not as git does: git takes a page of HTML for an empty repository."""
        types = [reply.headers["content-type"] for reply in replies if "content-type" in reply.headers]
        if not self.is_http or _ADVERTISEMENT in types:
            return None
        answer = types[-1] if types else "nothing"
        return RemoteError(
            f"The remote {self.shown!r} does not answer as git does, but with {answer!r}.",
            "Check the address, and whether a proxy or a login page answers in its place.",
        )

    def error(self, stderr: str, replies: tuple[Reply, ...] = ()) -> GitError:
        """What git's complaint means for the workflow's author: not raised, but given."""
        said = f"Git says: {_last_line(stderr)}"
        for pattern, kind, message, hint in _MEANINGS:
            if found := pattern.search(stderr):
                asks = f"The remote {self.shown!r} asks for a token."
                text = asks if pattern is _REFUSED and not self.token else message(self.shown, found[0].strip())
                return kind(text, hint + said)
        if _TRANSIENT.search(stderr) and not _LASTING.search(stderr) and "repository corruption" not in stderr:
            error = TransientRemoteError(
                f"The connection to the remote {self.shown!r} failed.", "Run the job again later. " + said
            )
            error.retry_after = replies[-1].retry_after if replies else 0.0
            return error
        return RemoteError(f"Git failed at the remote {self.shown!r}.", said)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """The scheme, the host and the port; None for an address that is none, or that names a user."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port) if "@" not in parts.netloc else None


def _last_line(stderr: str) -> str:
    """The line that says most: the first fatal one, or else the last."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith("fatal:")]
    return (fatal or lines[-1:] or ["nothing"])[0]
