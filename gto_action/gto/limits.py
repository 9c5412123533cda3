"""Tag objects and commits that git can read but gto cannot: then gto fails for every artifact (R12)."""

import codecs
import re
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

_YEAR_10000: Final = 253_402_300_800
_FAR: Final = 2**63
_ORDER: Final = (b"object", b"type", b"tag")
_person = re.compile(r".+\s+<.+>")
_date = re.compile(rb"> *(-?[0-9]+) *[^\n]*\Z")


class Raw(NamedTuple):
    """What a tag object says beyond its record."""

    target: str
    """What it points to directly, even a tag."""
    fault: str = ""
    """Why gto fails on it, as a phrase that follows its name; empty if it does not fail."""
    commit_fault: str = ""
    """Why gto fails on its commit, as a phrase that follows the commit's name."""


def fault_of_tag(head: bytes, *, has_text: bool, is_utf8: bool) -> str:
    r"""Why gto fails on a tag object, as a phrase that follows its name; empty if it does not fail.

    Args:
        head: the object up to its first empty line.
        has_text: whether there is an empty line, and so a message, if only an empty one.
        is_utf8: whether the text after it is UTF-8, including a signature.

    >>> fault_of_tag(b"object 1\ntype commit\ntag m\ntagger A <a@b> 1 +9999\n", has_text=True, is_utf8=True)
    "has the time zone '+9999'"
    """
    fields = [line.split(b" ", 1) for line in head.split(b"\n") if line and not line.startswith(b" ")]
    if tuple(field[0] for field in fields[: len(_ORDER)]) != _ORDER or any(len(field) == 1 for field in fields):
        return "does not have the form of git's tags"
    tagger = next((value for name, value in fields if name == b"tagger"), None)
    if tagger is None:
        return "has no tagger"
    if fault := _fault_of_tagger(tagger):
        return fault
    if not has_text:
        return "ends before its message"
    return "" if is_utf8 else "has a message that is not UTF-8"


def fault_of_commit(head: bytes) -> str:
    r"""Why gto fails on a commit that a tag points to, as a phrase that follows its name; empty if it does not fail.

    >>> fault_of_commit(b"tree 1\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\nencoding klingon\n")
    "has the unknown encoding 'klingon'"
    """
    lines = [line.split(b" ", 1) for line in head.split(b"\n") if line and not line.startswith(b" ")]
    fields = {field[0]: field[-1] for field in reversed(lines)}
    if not {b"author", b"committer"} <= fields.keys():
        return "has no author or no committer"
    for field in (b"author", b"committer"):
        date = _date.search(fields[field])
        seconds = int(date[1]) if date else 0
        if abs(seconds) >= _FAR or (field == b"committer" and seconds >= _YEAR_10000):
            return "has a date after the year 9999"
    encoding = fields.get(b"encoding", b"utf-8").decode("utf-8", "replace")
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        return f"has the unknown encoding {encoding!r}"
    return ""


def _fault_of_tagger(line: bytes) -> str:
    person, found, date = line.rpartition(b"> ")
    if not found:
        return "has no date"
    try:
        who = f"{person.decode()}>"
    except UnicodeDecodeError:
        return "has a tagger that is not UTF-8"
    if not _person.match(who):
        return "has a tagger without a name or without an address"
    return _fault_of_date(date)


def _fault_of_date(date: bytes) -> str:
    seconds, _, zone = date.rpartition(b" ")
    try:
        time, offset = int(seconds), int(zone[1:])
    except ValueError:
        return "has a date that is not in git's format"
    if zone[:1] not in {b"+", b"-"}:
        return "has a date that is not in git's format"
    away = abs(offset) // 100 * 60 + abs(offset) % 100
    try:
        place = timezone(timedelta(minutes=-away if (offset < 0) != (zone[:1] == b"-") else away))
    except (ValueError, OverflowError):
        return f"has the time zone {zone.decode('utf-8', 'replace')!r}"
    try:
        datetime.fromtimestamp(time, place)
    except (ValueError, OverflowError, OSError):
        return "has an impossible date"
    return ""
