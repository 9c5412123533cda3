"""What `git for-each-ref` prints of tags."""

import re
from collections.abc import Iterable
from typing import Final

from gto_action.record import Commit, Notes, Signature, TagRecord

_FAR: Final = 2**63
_FIELDS: Final = (
    *("%(refname:lstrip=2)", "%(objectname)", "%(objecttype)", "%(*objectname)", "%(*objecttype)", "%(tag)"),
    *("%(taggername)", "%(taggeremail:trim)", "%(taggerdate:raw)"),
    *("%(authorname)", "%(authoremail:trim)", "%(committerdate:raw)", "%(*committerdate:raw)"),
)
_COMMIT_FIELDS: Final = (
    "authorname",
    "authoremail:trim",
    "committername",
    "committeremail:trim",
    "committerdate:raw",
    "contents",
)
_NOTE_FIELDS: Final = (
    *("%(refname:lstrip=2)", "%(contents)", "%(*objectname)"),
    *(f"%(*{field})" for field in _COMMIT_FIELDS),
)
# Where a signature begins, by its format: gpg, ssh, x509.
_signed = re.compile(r"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$", re.MULTILINE)

FORMAT: Final = "%00".join(_FIELDS)
"""For one line a tag; no field holds NUL or a line's end."""
NOTES_FORMAT: Final = "%00".join(_NOTE_FIELDS) + "%00"
"""For what people wrote: each field ends with NUL, which none holds, and each record with a line's end."""


def parse_record(line: bytes) -> tuple[TagRecord, bool]:
    """The record of a line in FORMAT, and whether it is of a tag of a tag.

    The target is then the other tag, as git before 2.45 looks through one tag only (R10).
    """
    fields = line.decode("utf-8", "replace").split("\0")
    name, oid, kind, target, target_type, inner_name, *who = fields
    tagger, tagger_email, tagged, author, author_email, committed, target_committed = who
    if kind != "tag":
        signature = _signature(author, author_email, committed)
        record = TagRecord(name, oid, oid, kind, annotated=False, signature=signature, committed=_seconds(committed))
        return record, False
    signature = _signature(tagger, tagger_email, tagged)
    committed_at = _seconds(target_committed)
    record = TagRecord(
        name, oid, target, target_type, inner_name=inner_name, signature=signature, committed=committed_at
    )
    return record, target_type == "tag"


def parse_notes(listing: bytes) -> Notes:
    """What people wrote, from what was printed in NOTES_FORMAT."""
    parts = [part.decode("utf-8", "replace") for part in listing.split(b"\0")]
    notes = Notes({}, {})
    size = len(_NOTE_FIELDS)
    for start in range(0, len(parts) - size, size):
        name, message, oid, *commit, said = parts[start : start + size]
        author, author_email, committer, committer_email, date = commit
        notes.messages[name.lstrip("\n")] = unsigned(message)
        if oid:
            signature = _signature(committer, committer_email, date)
            notes.commits[oid] = Commit(author, author_email, signature, said)
    return notes


def unsigned(message: str) -> str:
    """A tag's message, stripped and without a signature (R11)."""
    return _signed.split(message, maxsplit=1)[0].strip()


def oids_of(listing: bytes, wanted: Iterable[str]) -> list[str]:
    """The ids of the wanted files, from what `git ls-tree -z` printed."""
    names = set(wanted)
    entries = (entry.partition("\t") for entry in listing.decode("utf-8", "surrogateescape").split("\0"))
    return [head.split(" ")[2] for head, _, name in entries if name in names and head.split(" ")[1] == "blob"]


def _signature(name: str, email: str, date: str) -> Signature:
    """The person and the time; git's raw date is `SECONDS ZONE`, or empty."""
    _, _, zone = date.partition(" ")
    seconds = _seconds(date)
    return Signature(name, email) if seconds < 0 else Signature(name, email, seconds, zone)


def _seconds(date: str) -> int:
    """The time; -1 without one, or with one before 1970, which git prints as a number close to 2**64."""
    seconds, _, _ = date.partition(" ")
    return int(seconds) if seconds.isdigit() and int(seconds) < _FAR else -1
