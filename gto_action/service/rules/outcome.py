"""What an attempt came to."""

import enum
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

_GONE: Final = 410
_SAID: Final = 300
_odd: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class Came(enum.Enum):
    """What a sink has made of an attempt."""

    TAKEN = "taken"
    REFUSED = "refused"
    """It is tried again: people repair what refuses."""
    GONE = "gone"
    """It wants nothing more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to."""

    came: Came
    said: str
    """In a few words, without secrets."""
    wait: float = 0.0
    """The seconds that the sink asks to wait; 0 if it does not."""


def of_status(status: int, retry_after: str, body: str, now: float) -> Outcome:
    """What a status of HTTP's means (Standard Webhooks, "Deliverability and reliability").

    Args:
        status: the answer's.
        retry_after: the header; empty if there is none.
        body: the beginning of the answer.
        now: in seconds since 1970.
    """
    said = brief(f"{status} {body}")
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's
        return Outcome(Came.TAKEN, said)
    if status == _GONE:
        return Outcome(Came.GONE, said)
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's
        return Outcome(Came.REFUSED, f"{status}: redirects are not followed, so that nobody sends events elsewhere")
    return Outcome(Came.REFUSED, said, _seconds(retry_after, now))


def brief(text: str) -> str:
    """The beginning of a text from strangers, on one line."""
    return _odd.sub(" ", text).strip()[:_SAID]


def _seconds(retry_after: str, now: float) -> float:
    """The seconds of `Retry-After`, which may be a date.

    >>> _seconds("120", 0), _seconds("Thu, 01 Jan 1970 00:01:00 GMT", 30), _seconds("soon", 0)
    (120.0, 30.0, 0.0)
    """
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return 0.0
