"""Sorts what DVC and the libraries of its remotes raise into the few kinds that a person can do something about.

`worker.py` loads this in DVC's own environment, so it imports only the standard library.
"""

import errno
import re
from collections.abc import Iterator


class WorkerError(Exception):
    """A failure that a person can do something about."""

    def __init__(self, kind: str, text: str = "") -> None:
        super().__init__(text)
        self.kind = kind


# For each kind of failure, the names of the exceptions that show it, anywhere in their chain.
_KINDS = {
    "remote missing": ("NoRemoteError", "RemoteNotFoundError", "NoRemoteInExternalRepoError"),
    "no credentials": (
        *("NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "CredentialUnavailableError"),
        *("TokenRetrievalError", "UnauthorizedSSOTokenError", "ProfileNotFound", "AuthError"),
    ),
    "refused": (
        *("PermissionError", "PermissionDenied", "ClientAuthenticationError", "InvalidAccessKeyId", "Forbidden"),
        *("HostKeyNotVerifiable", "RefreshError"),
    ),
    "time": ("TimeoutError", "ServerTimeoutError", "ConnectTimeoutError", "ReadTimeoutError"),
    "connection": (
        "EndpointConnectionError",
        "ClientConnectorError",
        "ConnectionError",
        "gaierror",
        "ServiceRequestError",
    ),
    "ignored": ("OutputIsIgnoredError",),
    "config": ("ConfigError", "RemoteConfigError"),
    "object missing": (
        *("FileMissingError", "FileNotFoundError", "CollectCacheError", "CheckoutError", "DataIndexDirError"),
        *("NoSuchBucket", "NoSuchKey", "ResourceNotFoundError", "NotFound"),
    ),
}
_REFUSED = {401, 403}
_ERRORS = {errno.ENOSPC: "disk", errno.EDQUOT: "disk", errno.ELOOP: "path"}


def explain(error: BaseException) -> tuple[str, str]:
    """The kind of a failure, and the message of its cause."""
    chain = list(_chain(error))
    own = next((each for each in chain if isinstance(each, WorkerError)), None)
    if own:
        return own.kind, str(own)
    for each in chain:
        if found := re.search(r"(\w+) is supported, but requires", str(each)):
            return "package", found[1]
        if isinstance(each, OSError) and each.errno in _ERRORS:
            return _ERRORS[each.errno], each.strerror or ""
        if getattr(each, "status", None) in _REFUSED or getattr(each, "code", None) in _REFUSED:
            return "refused", _words(each)
    for kind, names in _KINDS.items():
        for each in chain:
            if {base.__name__ for base in type(each).__mro__} & {*names}:
                return kind, _words(each)
    return "unknown", f"{type(error).__name__}: {_words(error)}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _words(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
