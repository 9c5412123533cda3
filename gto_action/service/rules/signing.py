"""Standard Webhooks (1.0.0): the headers that say who sends, and whether they are true."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

_PREFIX: Final = "whsec_"
_LEAST: Final = 16
"""The bytes of a secret that nobody guesses."""


def key_of(secret: str) -> bytes:
    """The bytes of a secret: `whsec_` and Base64, or any other text as it is.

    :raises ValueError: if it is not Base64 after `whsec_`.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError as error:  # binascii.Error is one, and what is not ASCII another
        raise ValueError("after 'whsec_' it is not Base64") from error


def why_weak(secret: str) -> str:
    """Why a secret should not sign; empty if it may.

    >>> why_weak("short")
    'has 5 bytes, which can be guessed'
    """
    try:
        length = len(key_of(secret))
    except ValueError as error:
        return f"cannot be used: {error}"
    return "" if length >= _LEAST else f"has {length} bytes, which can be guessed"


def sign(message: str, time: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """The headers of a message: a signature for each key, so that a receiver can change from one to the next.

    Args:
        message: its id, the same at each attempt.
        time: of the attempt, in seconds since 1970.
        body: as it is sent.
        keys: any of which the receiver may have.
    """
    signatures = " ".join(f"v1,{_signature(message, str(time), body, key)}" for key in keys)
    signed = {"webhook-signature": signatures} if signatures else {}
    return {"webhook-id": message, "webhook-timestamp": str(time), **signed}


def any_same(given: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether any two texts are the same; how long it takes says nothing of where they differ."""
    known = [each.encode() for each in wanted]
    found = [hmac.compare_digest(text.encode("utf-8", "surrogateescape"), each) for text in given for each in known]
    return any(found)


def _signature(message: str, time: str, body: bytes, key: bytes) -> str:
    signed = b".".join((message.encode("utf-8", "surrogateescape"), time.encode(), body))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
