"""Standard Webhooks (1.0.0): the headers that say who sends, and whether they are true."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

_PREFIX: Final = "whsec_"
_TOLERANCE: Final = 300
"""The seconds by which two clocks may differ."""


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


def is_signed(headers: Mapping[str, str], body: bytes, keys: Iterable[bytes], now: float) -> bool:
    """Whether a message has a signature of one of the keys, and a time near to now.

    Args:
        headers: by their names in lower case.
        body: as it came.
        keys: those that are known.
        now: in seconds since 1970.
    """
    message, time = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or not time.isascii() or not time.isdigit() or abs(int(time[:12]) - now) > _TOLERANCE:
        return False
    given = [each.removeprefix("v1,") for each in headers.get("webhook-signature", "").split(" ")]
    wanted = [_signature(message, time, body, key) for key in keys]
    return any_same(given, wanted)


def any_same(given: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether any two texts are the same; how long it takes says nothing of where they differ."""
    known = [each.encode() for each in wanted]
    found = [hmac.compare_digest(text.encode("utf-8", "surrogateescape"), each) for text in given for each in known]
    return any(found)


def _signature(message: str, time: str, body: bytes, key: bytes) -> str:
    signed = b".".join((message.encode("utf-8", "surrogateescape"), time.encode(), body))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
