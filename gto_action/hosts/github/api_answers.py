"""Requests to GitHub's API, and the errors that its refusals mean."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from gto_action.errors import MissingError, RefusedError, RemoteError, TransientRemoteError

PER_PAGE: Final = 100
"""The most entries that GitHub returns in one page of a list."""
_SECONDARY: Final = 60.0
"""How many seconds to wait after a secondary rate limit that does not say (docs.github.com, "Rate limits")."""
_REFUSAL, _FORBIDDEN, _INVALID, _TOO_MANY, _SERVER = 400, 403, 422, 429, 500
_LATER: Final = "Run the job again later."
_PERHAPS: Final = "GitHub may have done it anyway; run the job again later."

_tunnel: Final = re.compile(r"Tunnel connection failed: (403|407)\b")  # the words of Python's http.client


def iso(seconds: float) -> str:
    """A time in GitHub's format, from seconds since 1970.

    >>> iso(86_400)
    '1970-01-02T00:00:00Z'
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds_of(time_of_github: str) -> int:
    """The seconds since 1970, from a time in GitHub's format.

    >>> seconds_of("1970-01-02T00:00:00Z")
    86400

    :raises ValueError: if the text is not a time.
    """
    return int(datetime.fromisoformat(time_of_github).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, and the words for messages about it."""

    verb: str
    path: str
    """Below the repository's own path, with a leading slash."""
    what: str
    """What it asks for, such as `the runs of the workflow 'deploy.yml'`."""
    permission: str
    """The permission that the token needs, as in a workflow."""
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    once: bool = False
    """Whether it is not idempotent, and so never sent again."""


# For each status, message and hint.
_MISSING: Final = 404
_MEANINGS: Final = {
    401: ("{where} refused the token.", "Set the input 'token' to a valid token."),
    403: ("The token lacks the permission for {what} at {where}.", "Give the job `permissions: {permission}`."),
    _MISSING: (
        "{where} answered 'not found' when it was asked for {what}.",
        "Check the names; a token without `{permission}` gets the same answer.",
    ),
}


def refusal(url: str, request: Request, status: int, said: str, headers: Mapping[str, str], now: float) -> RemoteError:  # noqa: PLR0913, PLR0917 - all parts of an answer
    """The error that an answer means.

    Args:
        url: the API's address.
        request: the request.
        status: the answer's status, at least 300.
        said: the answer's message.
        headers: the answer's headers, with names in lower case.
        now: the time in seconds since 1970.
    """
    where = f"GitHub's API at {url!r}"
    wait = _wait(status, said, headers, now)
    if wait is not None:
        limited = TransientRemoteError(f"The rate limit of {where} is exceeded.", _LATER)
        limited.retry_after = wait
        return limited
    if status in _MEANINGS:
        words = {"where": where, "what": request.what, "permission": request.permission}
        message, hint = (text.format(**words) for text in _MEANINGS[status])
        return (MissingError if status == _MISSING else RemoteError)(message, hint)
    if status < _REFUSAL:
        message = f"{where} answered with a redirect, status {status}, when it was asked for {request.what}."
        return RemoteError(message, "Check GITHUB_API_URL, and whether the repository was renamed.")
    if status == _INVALID:
        return RefusedError(f"{where} refused {request.what}: {said[:300]!r}.")
    message = f"{where} answered with status {status} when it was asked for {request.what}."
    if status < _SERVER:
        return RemoteError(message)
    return RemoteError(message, _PERHAPS) if request.once else TransientRemoteError(message, _LATER)


def lost(url: str, request: Request, said: str) -> RemoteError:
    """The error for a connection that failed, or that a proxy refused; `said` is Python's message."""
    if status := _tunnel.search(said):
        message = f"The proxy refuses to connect to GitHub's API at {url!r}, with status {status[1]}."
        return RemoteError(message, "Check 'https_proxy' and 'no_proxy', and what the proxy allows.")
    if "CERTIFICATE_VERIFY_FAILED" in said:  # OpenSSL's word, which requests passes on
        message = f"The certificate of GitHub's API at {url!r} is not trusted."
        return RemoteError(message, "Set GIT_SSL_CAINFO to a file with the certificates to trust.")
    message = f"The connection to GitHub's API at {url!r} failed while it was asked for {request.what}."
    return RemoteError(message, _PERHAPS) if request.once else TransientRemoteError(message, _LATER)


def elsewhere(url: str) -> RemoteError:
    """The error for a redirect to another host."""
    where = f"GitHub's API at {url!r}"
    return RemoteError(f"{where} redirects to another host, which does not get the token.", "Check GITHUB_API_URL.")


def not_github(url: str) -> RemoteError:
    """The error for an answer that is not from GitHub."""
    text = f"The answer from {url!r} is not from GitHub's API."
    return RemoteError(text, "Check whether a proxy or a login page is in between.")


def _wait(status: int, said: str, headers: Mapping[str, str], now: float) -> float | None:
    """How many seconds to wait before the next request; None if no limit was hit (docs.github.com, "Rate limits")."""
    if status not in {_FORBIDDEN, _TOO_MANY}:
        return None
    if (after := headers.get("retry-after", "")).isdecimal():
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0" and (reset := headers.get("x-ratelimit-reset", "")).isdecimal():
        return max(float(reset) - now, 0.0) + 1
    if status == _TOO_MANY or "rate limit" in said.lower():
        return _SECONDARY
    return None
