"""The remote: where the tags are."""

import base64
import re
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from gto_action.errors import GitError, RemoteError
from gto_action.git.address import parse_address, shown
from gto_action.git.failures import Failure, not_git
from gto_action.git.http_trace import Reply

_ODD: Final = re.compile(r"[^!-~]|[@#?\\]")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the tags are."""

    url: str
    """As git is asked for it: over HTTP without a user and a password, which may be in what it is made of."""
    token: str = field(default="", repr=False)
    """Sent to this address only; empty to send none."""
    token_user: str = field(default="x-access-token", repr=False)
    """Whom the token belongs to: GitHub's word, which most servers take."""
    user: str = field(default="", repr=False)
    """That the address named; empty if none."""
    password: str = field(default="", repr=False)
    """That the address had; not sent where there is a token."""
    blank: bool = field(default=False, repr=False)
    """Whether the address had an empty one, which is sent too."""

    def __post_init__(self) -> None:
        """Takes the address apart.

        :raises GitError: if it cannot be used.
        """
        address = parse_address(self.url)
        object.__setattr__(self, "url", address.url)
        object.__setattr__(self, "user", address.user or self.user)
        object.__setattr__(self, "password", address.password or self.password)
        object.__setattr__(self, "blank", address.blank or self.blank)

    @property
    def shown(self) -> str:
        """The address for people: without a user or a password."""
        return shown(self.url)

    @property
    def page(self) -> str:
        """The repository's own page on its server; empty where it is not asked over HTTP."""
        known = self.is_http and self.shown == self.url
        return self.url.rstrip("/").removesuffix(".git") if known else ""

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
        if not self.is_http:
            return settings
        # A key with a `=` cannot be handed to git: then it is for the folder above.
        scope = self.url if "=" not in self.url else self.url.partition("=")[0].rpartition("/")[0]
        who = f"{self.token_user}:{self.token}" if self.token else f"{self.user}:{self.password}"
        if self.token or self.password or self.blank:
            basic = base64.b64encode(who.encode("utf-8", "surrogateescape")).decode()
            settings[f"http.{scope}.extraheader"] = f"AUTHORIZATION: basic {basic}"
        elif self.user:
            settings[f"credential.{scope}.username"] = self.user
        return settings

    def moved(self, said: str, replies: tuple[Reply, ...]) -> "Remote | None":
        """Where the server's last reply says that the repository is now; None unless that is on the same server.

        A renamed repository answers so. The token goes to the same scheme, host and port, and nowhere else. Git, too,
        has to say that the server answered so: a proxy may answer anything before a connection is made.
        """
        status = replies[-1].status if replies and not replies[-1].of_tunnel else 0
        if status not in {301, 302, 307, 308} or f"The requested URL returned error: {status}" not in said:
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
        """The error of a server that answers, but not as git does; None if it does."""
        return not_git(replies, self.shown) if self.is_http else None

    def error(self, said: str, replies: tuple[Reply, ...] | None = None, status: int | None = None) -> GitError:
        """What a failure of git's means for the workflow's author: not raised, but given.

        Args:
            said: what git complained of.
            replies: what came for each of its requests; None if nobody knows.
            status: that it exited with; None if nobody knows.
        """
        known = replies if self.is_http else None
        sent = "token" if self.token else "password" if self.password or self.blank else ""
        return Failure(said=said, status=status, replies=known, remote=self.shown, sent=sent).error()


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """The scheme, the host and the port; None for an address that is none, or that names a user."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port) if "@" not in parts.netloc else None
