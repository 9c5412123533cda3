"""Who sends a hook: each provider's signature, checked over the raw body while it comes."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from gto_action.service.rules.signing import any_same, key_of

Headers = Mapping[str, str]
"""By their names in lower case."""
_TOLERANCE: Final = 300
"""The seconds by which two clocks may differ (Standard Webhooks)."""


class Check:
    """Whether a request is signed with one of the secrets, once all of its body has come."""

    def __init__(self, headers: Headers) -> None:
        """Of a request with these headers."""
        self._headers = headers

    def feed(self, data: bytes) -> None:
        """Takes more of the body."""

    @property
    def is_right(self) -> bool:
        """Whether somebody has sent it who knows a secret."""
        return False


class _Hmac(Check):
    """A header with an HMAC-SHA256 of the body."""

    def __init__(self, headers: Headers, secrets: Iterable[str], header: str, prefix: str) -> None:
        super().__init__(headers)
        self._given = headers.get(header, "")
        self._prefix = prefix
        self._sums = [hmac.new(secret.encode(), digestmod=hashlib.sha256) for secret in secrets]

    def feed(self, data: bytes) -> None:
        for each in self._sums:
            each.update(data)

    @property
    def is_right(self) -> bool:
        return any_same([self._given], [f"{self._prefix}{each.hexdigest()}" for each in self._sums])


class _Same(Check):
    """A header that is a secret itself."""

    def __init__(self, headers: Headers, header: str, wanted: Iterable[str]) -> None:
        super().__init__(headers)
        self._is_right = any_same([headers.get(header, "")], wanted)

    @property
    def is_right(self) -> bool:
        return self._is_right


class _Standard(Check):
    """The headers of Standard Webhooks."""

    def __init__(self, headers: Headers, secrets: Iterable[str]) -> None:
        super().__init__(headers)
        message, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        self._given = [each.removeprefix("v1,") for each in headers.get("webhook-signature", "").split(" ")[:_MOST]]
        self._is_now = sent.isascii() and sent.isdigit() and abs(int(sent[:12]) - time.time()) <= _TOLERANCE
        head = f"{message}.{sent}.".encode("utf-8", "surrogateescape")
        self._sums = [hmac.new(key_of(secret), head, hashlib.sha256) for secret in secrets]

    def feed(self, data: bytes) -> None:
        for each in self._sums:
            each.update(data)

    @property
    def is_right(self) -> bool:
        return any_same(self._given, [base64.b64encode(each.digest()).decode() for each in self._sums]) and self._is_now


_MOST: Final = 8
"""How many signatures of a request are looked at."""


def _gitlab(headers: Headers, secrets: tuple[str, ...], _: str) -> Check:
    """By the signing token where GitLab signs, else by the plain token."""
    if "webhook-signature" in headers:
        return _Standard(headers, secrets)
    return _Same(headers, "x-gitlab-token", secrets)


def _azure(headers: Headers, secrets: tuple[str, ...], user: str) -> Check:
    wanted = (base64.b64encode(f"{user}:{secret}".encode()).decode() for secret in secrets)
    return _Same(headers, "authorization", [f"Basic {each}" for each in wanted])


def _generic(headers: Headers, secrets: tuple[str, ...], _: str) -> Check:
    if "webhook-signature" in headers:
        return _Standard(headers, secrets)
    return _Same(headers, "authorization", [f"Bearer {secret}" for secret in secrets])


def _signed(header: str, prefix: str) -> Callable[[Headers, tuple[str, ...], str], Check]:
    return lambda headers, secrets, _: _Hmac(headers, secrets, header, prefix)


CHECKS: Final[Mapping[str, Callable[[Headers, tuple[str, ...], str], Check]]] = {
    "github": _signed("x-hub-signature-256", "sha256="),
    "gitlab": _gitlab,
    "bitbucket": _signed("x-hub-signature", "sha256="),
    "bitbucket-dc": _signed("x-hub-signature", "sha256="),
    "gitea": _signed("x-gitea-signature", ""),
    "forgejo": _signed("x-forgejo-signature", ""),
    "azure": _azure,
    "generic": _generic,
}
"""How a request is checked, by provider: with its headers, the secrets, and Azure's user. No provider's header counts
for another."""
