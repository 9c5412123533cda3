"""Parses what git prints about tags, and about what they point to."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Final

from gto_action.gto.record import Commit, Notes, Signature, TagRecord

_FAR: Final = 2**63
_CHUNK: Final = 2**20
_MOST_HEAD: Final = 2**18
_MOST_NAME: Final = 2**12  # no ref has a longer name
_READ: Final = {"tag", "commit"}
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
# The first line of a signature: gpg, ssh, x509.
_signed = re.compile(r"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$", re.MULTILINE)

# The head of a tag object, as git itself writes it.
_tag_object = re.compile(
    rb"object ([0-9a-f]+)\ntype ([a-z]+)\ntag ([^\n]*)\ntagger ([^<>\n]*) <([^<>\n]*)> ([0-9]{1,15}) ([+-][0-9]{4})\n"
)
_target = re.compile(rb"object ([0-9a-f]+)\ntype ([a-z]+)\n")
_committed = re.compile(rb"^committer [^\n]*?> *([0-9]{1,20})", re.MULTILINE)
# The same, as others may have made it: without a tagger, or with one that git reads as best it can (R12).
_any_tag_object = re.compile(rb"object ([0-9a-f]+)\ntype ([a-z]+)\ntag ([^\n]*)(?:\ntagger ([^\n]*))?")
_email = re.compile("<([^>]*)>")
_date = re.compile(r"> *([+-]?[0-9]{1,20})(?![0-9])(?: *([+-]?[0-9]{1,4}))?")

GitObject = tuple[str, str, str, bytes]
"""An object that a tag may point to: id, type, name, head of its text."""

REFS_FORMAT: Final = "%(objectname) %(refname:lstrip=2)"
"""The output of `git for-each-ref`, as input for `git cat-file`."""
OBJECT_FORMAT: Final = "%(objectname) %(objecttype) %(objectsize) %(rest)"
"""What `git cat-file --batch` prints before each object."""
NOTES_FORMAT: Final = "%00".join(_NOTE_FIELDS) + "%00"
"""For messages and persons: fields end with NUL, which none contains, and records with a line end."""


def read_objects(out: IO[bytes]) -> Iterator[GitObject]:
    """The objects that `git cat-file --batch` prints.

    The text of a tree or a blob, which may have any size, is left out, and so are messages. The type of a missing
    object is empty.
    """
    while head := out.readline():
        oid, kind, *size_and_name = head[:-1].decode("utf-8", "replace").split(" ", 3)
        if not size_and_name:
            yield oid, "", "", b""
            continue
        left = int(size_and_name[0]) + 1  # with the line end
        name = size_and_name[1]
        text = b""
        if kind in _READ:
            text = out.read(min(left, _MOST_HEAD))
            left -= len(text)
        while left and (skipped := len(out.read(min(left, _CHUNK)))):
            left -= skipped
        yield oid, kind, name, head_of(text)


def head_of(text: bytes) -> bytes:
    """The text of a tag or a commit before its message."""
    return text[: text.find(b"\n\n", 0, _MOST_HEAD) + 1] or text[:_MOST_HEAD]


def target_of(text: bytes) -> tuple[str, str]:
    """What a tag object points to, and its type; empty if the object is not as git makes it."""
    found = _target.match(text)
    return (found[1].decode(), found[2].decode()) if found else ("", "")


def parse_object(read: GitObject, end: tuple[str, str] | None, committed: Mapping[str, int]) -> TagRecord:
    """The record of a tag, from the object that its ref points to.

    Args:
        read: the object, with the tag's name.
        end: for a tag of a tag, the object that it finally points to, and its type.
        committed: when the commits that tags point to were made, in seconds since 1970.
    """
    oid, kind, name, text = read
    if kind == "commit":
        signature, made = parse_commit(text)
        return TagRecord(name, oid, oid, kind, annotated=False, signature=signature, committed=made)
    if kind != "tag":
        return TagRecord(name, oid, oid, kind, annotated=False)
    if found := _tag_object.match(text):
        target, target_type, inner_name, who, email, time, zone = found.groups()
        signature = Signature(_text(who), _text(email), int(time), zone.decode())
    elif found := _any_tag_object.match(text):
        target, target_type, inner_name, tagger = found.groups(b"")
        signature = signature_of(_text(tagger))
    else:
        return TagRecord(name, oid, oid, kind)
    where, what = end or (target.decode(), target_type.decode())
    return TagRecord(name, oid, where, what, True, _text(inner_name[:_MOST_NAME]), signature, committed.get(where, -1))  # noqa: FBT003


def commit_time(text: bytes) -> int:
    """When a commit was made, in seconds since 1970; -1 if it has no time."""
    found = _committed.search(text)
    return int(found[1]) if found and int(found[1]) < _FAR else -1


def parse_commit(text: bytes) -> tuple[Signature, int]:
    """The author of a commit with the committer's time; and that time by itself, -1 if there is none."""
    lines = dict(line.split(" ", 1) for line in reversed(_text(text).split("\n")) if " " in line)
    author, committer = signature_of(lines.get("author", "")), signature_of(lines.get("committer", ""))
    time = -1 if committer.time is None else committer.time
    return committer._replace(name=author.name, email=author.email), time


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def signature_of(line: str) -> Signature:
    """A person and a time, read as git's for-each-ref does, except that an invalid time is no time, not 1970."""
    name, found, _ = line.partition(" <")
    email = _email.search(line)
    date = _date.search(line)
    person = (name if found else "", email[1] if email else "")
    if not date or not 0 <= int(date[1]) < _FAR:
        return Signature(*person)
    return Signature(*person, int(date[1]), f"{int(date[2] or 0):+05d}")


def parse_notes(listing: bytes) -> Notes:
    """Messages and persons, from output in NOTES_FORMAT."""
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
    """The ids of the wanted files, from the output of `git ls-tree -z`."""
    names = set(wanted)
    entries = (entry.partition("\t") for entry in listing.decode("utf-8", "surrogateescape").split("\0"))
    return [head.split(" ")[2] for head, _, name in entries if name in names and head.split(" ")[1] == "blob"]


def _signature(name: str, email: str, date: str) -> Signature:
    """A person and a time; git's raw date is `SECONDS ZONE`, or empty."""
    _, _, zone = date.partition(" ")
    seconds = _seconds(date)
    return Signature(name, email) if seconds < 0 else Signature(name, email, seconds, zone)


def _seconds(date: str) -> int:
    """The time; -1 if there is none or it is before 1970 (X8), which git prints as a number close to 2**64."""
    seconds, _, _ = date.partition(" ")
    return int(seconds) if seconds.isdigit() and int(seconds) < _FAR else -1
