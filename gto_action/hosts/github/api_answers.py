"""What is asked of GitHub's API, and what its refusals mean."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from gto_action.errors import MissingError, RefusedError, RemoteError, TransientRemoteError

PER_PAGE: Final = 100
"""The most that GitHub gives in one page of a list."""
_SECONDARY: Final = 60.0
"""The seconds to wait after a secondary rate limit that does not say how long (docs.github.com, "Rate limits")."""
_REFUSAL, _FORBIDDEN, _INVALID, _TOO_MANY, _SERVER = 400, 403, 422, 429, 500
_LATER: Final = "Run the job again later."
_PERHAPS: Final = "It may have been done nevertheless; run the job again later."

_tunnel: Final = re.compile(r"Tunnel connection failed: (403|407)\b")  # the words of Python's http.client


def iso(seconds: float) -> str:
    """A time as GitHub writes it, from seconds since 1970.

    >>> iso(86_400)
    '1970-01-02T00:00:00Z'
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds_of(time_of_github: str) -> int:
    """The seconds since 1970 of a time as GitHub writes it.

    >>> seconds_of("1970-01-02T00:00:00Z")
    86400

    :raises ValueError: if it is none.
    """
    return int(datetime.fromisoformat(time_of_github).timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, and the words for it."""

    verb: str
    path: str
    """Below the repository's own, with a slash at its beginning."""
    what: str
    """That it is for, as `the runs of the workflow 'deploy.yml'`."""
    permission: str
    """That the token needs, as a workflow writes it."""
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    once: bool = False
    """Whether it must not be sent again where nobody knows if it was done."""


# status: the sentence, the hint
_MISSING: Final = 404
_MEANINGS: Final = {
    401: ("{where} refused the token.", "The input 'token' needs one that is valid."),
    403: ("The token may not ask {where} for {what}.", "Give the job `permissions: {permission}`."),
    _MISSING: (
        "{where} has nothing where {what} should be.",
        "Look at the names; without `{permission}` it is the same.",
    ),
}


def refusal(url: str, request: Request, status: int, said: str, headers: Mapping[str, str], now: float) -> RemoteError:  # noqa: PLR0913, PLR0917 - all that an answer has
    """The error that an answer means.

    Args:
        url: of the API.
        request: what was asked.
        status: of the answer, from 300.
        said: its message.
        headers: with names in lower case.
        now: seconds since 1970.
    """
    where = f"GitHub's API at {url!r}"
    wait = _wait(status, said, headers, now)
    if wait is not None:
        limited = TransientRemoteError(f"{where} limits how often it is asked.", _LATER)
        limited.retry_after = wait
        return limited
    if status in _MEANINGS:
        words = {"where": where, "what": request.what, "permission": request.permission}
        message, hint = (text.format(**words) for text in _MEANINGS[status])
        return (MissingError if status == _MISSING else RemoteError)(message, hint)
    if status < _REFUSAL:
        message = f"{where} redirects who asks for {request.what}, with status {status}; that is not followed."
        return RemoteError(message, "Look at GITHUB_API_URL, and whether the repository has been renamed.")
    if status == _INVALID:
        return RefusedError(f"{where} refused {request.what}: {said[:300]!r}.")
    message = f"{where} answered with status {status} when it was asked for {request.what}."
    if status < _SERVER:
        return RemoteError(message)
    return RemoteError(message, _PERHAPS) if request.once else TransientRemoteError(message, _LATER)


def lost(url: str, request: Request, said: str) -> RemoteError:
    """The error of a connection that failed, or that a proxy did not make; `said` is what Python says of it."""
    if status := _tunnel.search(said):
        message = f"The proxy refuses to connect to GitHub's API at {url!r}, with status {status[1]}."
        return RemoteError(message, "Look at 'https_proxy' and 'no_proxy', and what the proxy lets through.")
    if "CERTIFICATE_VERIFY_FAILED" in said:  # OpenSSL's word, which requests hands on
        message = f"The certificate of GitHub's API at {url!r} is not trusted."
        return RemoteError(message, "Set GIT_SSL_CAINFO to a file with the certificates to trust.")
    message = f"The connection to GitHub's API at {url!r} failed while it was asked for {request.what}."
    return RemoteError(message, _PERHAPS) if request.once else TransientRemoteError(message, _LATER)


def elsewhere(url: str) -> RemoteError:
    """The error of a redirection to another host."""
    where = f"GitHub's API at {url!r}"
    return RemoteError(f"{where} sends to another address, which does not get the token.", "Look at GITHUB_API_URL.")


def not_github(url: str) -> RemoteError:
    """The error of an answer that is none of GitHub's."""
    return RemoteError(f"What answers at {url!r} is not GitHub's API.", "A proxy, or a login page, stands between.")


def _wait(status: int, said: str, headers: Mapping[str, str], now: float) -> float | None:
    """The seconds to wait before the next request; None if the answer is no limit (docs.github.com, "Rate limits")."""
    if status not in {_FORBIDDEN, _TOO_MANY}:
        return None
    if (after := headers.get("retry-after", "")).isdecimal():
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0" and (reset := headers.get("x-ratelimit-reset", "")).isdecimal():
        return max(float(reset) - now, 0.0) + 1
    if status == _TOO_MANY or "rate limit" in said.lower():
        return _SECONDARY
    return None
