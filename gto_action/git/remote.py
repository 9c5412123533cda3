"""The remote: where the tags are."""

import base64
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from gto_action.errors import GitError, RemoteError
from gto_action.git.address import parse_address, shown

if TYPE_CHECKING:
    from gto_action.git.http_trace import Reply

_ODD: Final = re.compile(r"[^!-~]|[@#?\\]")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the tags are."""

    url: str
    """For git's command line: over HTTP without user and password, which the given address may have."""
    token: str = field(default="", repr=False)
    """Sent only to this address; empty for none."""
    token_user: str = field(default="x-access-token", repr=False)
    """The user to send with the token: GitHub's name, which most servers accept."""
    user: str = field(default="", repr=False)
    """From the address; empty if it names none."""
    password: str = field(default="", repr=False)
    """From the address; not sent if there is a token."""
    blank: bool = field(default=False, repr=False)
    """Whether the address had an empty password, which is sent too."""

    def __post_init__(self) -> None:
        """Splits the address into its parts.

        :raises GitError: if it cannot be used.
        """
        address = parse_address(self.url)
        object.__setattr__(self, "url", address.url)
        object.__setattr__(self, "user", address.user or self.user)
        object.__setattr__(self, "password", address.password or self.password)
        object.__setattr__(self, "blank", address.blank or self.blank)

    @property
    def shown(self) -> str:
        """The address for people, without user and password."""
        return shown(self.url)

    @property
    def page(self) -> str:
        """The repository's own page on its server; empty if git does not use HTTP."""
        known = self.is_http and self.shown == self.url
        return self.url.rstrip("/").removesuffix(".git") if known else ""

    @property
    def is_http(self) -> bool:
        """Whether git uses HTTP, with or without TLS."""
        return self.url.startswith(("http://", "https://"))

    @property
    def config(self) -> dict[str, str]:
        """Git's settings for talking to it."""
        settings = {
            "http.followRedirects": "false",  # otherwise git would send the token to any host that a redirect names
            "http.lowSpeedLimit": "1",
            "http.lowSpeedTime": "30",
            "http.version": "HTTP/1.1",  # with HTTP/2 an old git traces the token, in small letters
            "protocol.version": "2",
        }
        if not self.is_http:
            return settings
        # A key with a `=` cannot be passed to git, so the setting is for the folder above it.
        scope = self.url if "=" not in self.url else self.url.partition("=")[0].rpartition("/")[0]
        who = f"{self.token_user}:{self.token}" if self.token else f"{self.user}:{self.password}"
        if self.token or self.password or self.blank:
            basic = base64.b64encode(who.encode("utf-8", "surrogateescape")).decode()
            # In this spelling: a git before 2.34 keeps no other one out of its trace, which is a file.
            settings[f"http.{scope}.extraheader"] = f"Authorization: basic {basic}"
        elif self.user:
            settings[f"credential.{scope}.username"] = self.user
        return settings

    def moved(self, said: str, replies: "tuple[Reply, ...]") -> "Remote | None":
        """The new place that the server's last reply names; None unless it is on the same server.

        Servers redirect for a renamed repository. The token goes only to the same scheme, host and port. Git itself
        must report the redirect too, because a proxy may answer anything before there is a connection.
        """
        from urllib.parse import urljoin  # noqa: PLC0415 - rarely needed

        status = replies[-1].status if replies and not replies[-1].of_tunnel else 0
        if status not in {301, 302, 307, 308} or f"The requested URL returned error: {status}" not in said:
            return None
        try:
            url = urljoin(f"{self.url}/info/refs", replies[-1].headers.get("location", ""))
        except ValueError:
            return None
        url, found, _ = url.partition("/info/refs?")
        plain = found and not _ODD.search(url)  # others may find another host in it
        same = plain and url != self.url and _origin(url) and _origin(url) == _origin(self.url)
        return replace(self, url=url) if same else None

    def not_git(self, replies: "tuple[Reply, ...]") -> RemoteError | None:
        """The error for a server that answers, but is not a git server; None if it is one."""
        from gto_action.git.failures import not_git  # noqa: PLC0415 - rarely needed

        return not_git(replies, self.shown) if self.is_http else None

    def lacking(self, said: str) -> RemoteError:
        """What to warn of if it lacks objects of tags that are not needed; returned, not raised."""
        return RemoteError(
            f"The remote {self.shown!r} does not deliver all of its tags.",
            "In a clone, 'git fsck' names the damaged ones.",
            said=said,
        )

    def error(self, said: str, replies: "tuple[Reply, ...] | None" = None, status: int | None = None) -> GitError:
        """What git's failure means for the workflow's author; returned, not raised.

        Args:
            said: git's standard error.
            replies: the replies to its requests; None if unknown.
            status: git's exit status; None if unknown.
        """
        from gto_action.git.failures import Failure  # noqa: PLC0415 - rarely needed

        known = replies if self.is_http else None
        sent = "token" if self.token else "password" if self.password or self.blank else ""
        return Failure(said=said, status=status, replies=known, remote=self.shown, sent=sent).error()


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None if the address is invalid or names a user."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - rarely needed

    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port) if "@" not in parts.netloc else None
