"""Reads git's raw objects as a stream: of any size, in little memory."""

import codecs
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from gto_action.git.batch import asking
from gto_action.git.objects import unsigned
from gto_action.system.process import as_file

if TYPE_CHECKING:
    from gto_action.git.clone import Clone

_FORMAT: Final = "%(objectname) %(objecttype) %(objectsize)"
_CHUNK: Final = 2**16
_END: Final = b"\n\n"


class Scanned(NamedTuple):
    """What can be known about an object without holding it."""

    oid: str
    kind: str
    """`commit`, `tag`, `tree` or `blob`; empty if the object is missing."""
    head: bytes
    """The text before the first empty line, at most 64 KiB."""
    has_text: bool
    """Whether there is an empty line."""
    is_utf8: bool
    """Whether the text after it is UTF-8."""


def scan(clone: "Clone", oids: Iterable[str]) -> Iterator[Scanned]:
    """Yields objects of a clone, once each, while git prints them.

    :raises GitError: if git cannot read what it has fetched.
    """
    with (
        as_file(asking(*dict.fromkeys(oids))) as wanted,
        clone.reading("cat-file", f"--batch={_FORMAT}", "--buffer", stdin=wanted) as out,
    ):
        yield from scan_objects(out)


def short_messages(clone: "Clone", oids: Iterable[str]) -> dict[str, str]:
    """The messages of tags and commits, all by one git: as `Clone.message`, but of those that are short only.

    :raises GitError: if git cannot read what it has fetched.
    """
    wanted = [*dict.fromkeys(oids)]
    with closing(clone.read_all(wanted, _CHUNK)) as found:
        return {
            oid: unsigned(content.partition(_END)[2].decode("utf-8", "replace"))
            for oid, (kind, size, content) in zip(wanted, found, strict=True)
            if kind and size < _CHUNK
        }


def scanned(oid: str, kind: str, text: bytes) -> Scanned:
    """An object that is held as a whole."""
    head, found, after = text[:_CHUNK].partition(_END)
    is_utf8 = True
    if found:
        try:
            (after + text[_CHUNK:]).decode()
        except UnicodeDecodeError:
            is_utf8 = False
    return Scanned(oid, kind, head, has_text=bool(found), is_utf8=is_utf8)


def scan_objects(out: IO[bytes]) -> Iterator[Scanned]:
    """Yields the objects that `git cat-file --batch` prints after their ids, types and sizes."""
    while line := out.readline():
        oid, kind, *size = line[:-1].decode("utf-8", "replace").split(" ")
        if not size:
            yield Scanned(oid, "", b"", has_text=False, is_utf8=True)
            continue
        left = int(size[0])
        first = out.read(min(left, _CHUNK))
        left -= len(first)
        head, found, text = first.partition(_END)
        is_utf8, left = _is_utf8(text, out, left) if found else (True, left)
        while left and (skipped := len(out.read(min(left, _CHUNK)))):
            left -= skipped
        out.read(1)  # the line's end
        yield Scanned(oid, kind, head, has_text=bool(found), is_utf8=is_utf8)


def _is_utf8(text: bytes, out: IO[bytes], left: int) -> tuple[bool, int]:
    """Whether a text that continues in a stream is UTF-8, and how many of its bytes are still unread."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while True:
            decoder.decode(text, final=not left)
            if not left:
                return True, 0
            text = out.read(min(left, _CHUNK))
            left -= len(text)
            if not text:
                return False, 0
    except UnicodeDecodeError:
        return False, left
