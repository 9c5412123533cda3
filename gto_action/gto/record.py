"""What git says about one tag, before it is interpreted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

UNDATED: Final = -1
"""The time of a tag without a date, which puts it before all others."""

# Tuples, because there may be a hundred thousand of them, and making a frozen dataclass takes five times as long.


class Signature(NamedTuple):
    """Who made a tag, and when.

    Parts that git could not read are empty (R12, X7: a tag may have no tagger, or one without a name).
    """

    name: str = ""
    email: str = ""
    time: int | None = None
    """Seconds since 1970; None if the tag has no date."""
    zone: str = "+0000"
    """The offset from UTC, as git writes it."""

    @property
    def iso(self) -> str:
        """The time in ISO 8601, with its zone; empty if there is no time or it is after the year 9999.

        >>> Signature(time=1669806000, zone="+0300").iso
        '2022-11-30T14:00:00+03:00'
        """
        if self.time is None:
            return ""
        try:
            return datetime.fromtimestamp(self.time, _zone(self.zone)).isoformat()
        except (OverflowError, OSError, ValueError):
            return ""


def _zone(offset: str) -> timezone:
    try:
        sign = -1 if offset[0] == "-" else 1
        return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5])))
    except (IndexError, ValueError):  # git keeps anything that somebody wrote
        return UTC


class TagRecord(NamedTuple):
    """One ref below `refs/tags/`."""

    name: str
    """The tag name: the ref without `refs/tags/`."""
    oid: str
    """What the ref points to: the tag object, or the commit of a lightweight tag."""
    target: str
    """What the tag finally points to, through tags of tags (R10 peels only once, X6 to the end)."""
    target_type: str
    """`commit`, `tree` or `blob`."""
    annotated: bool = True
    inner_name: str = ""
    """The name inside the tag object, which may differ from the ref's (R9, X5); empty for a lightweight tag."""
    signature: Signature = Signature()
    """The tagger; for a lightweight tag the commit's author, with the committer's time."""
    committed: int = -1
    """When the tag's commit was made, in seconds since 1970; -1 if unknown."""

    @property
    def order(self) -> tuple[int, str]:
        """The key of R13: time, then name; tags without a date come first."""
        time = self.signature.time
        return UNDATED if time is None else time, self.name


@dataclass(frozen=True, slots=True)
class Commit:
    """Who made a commit, and what they wrote."""

    author: str
    author_email: str
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class Notes:
    """The messages of tags, and the commits that they point to."""

    messages: dict[str, str]
    """The messages of tags, by tag name."""
    commits: dict[str, Commit]
    """The commits that annotated tags point to, by id."""
