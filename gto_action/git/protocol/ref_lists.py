"""Refs, asked for and answered (gitprotocol-v2, "ls-refs")."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from gto_action.git.protocol.capabilities import Capabilities
from gto_action.git.protocol.faults import ProtocolError, TooMuchError
from gto_action.git.protocol.packets import Mark, Packet, line_of, packet

MOST_LISTED: Final = 2**28
"""The bytes of a list that are taken, if nothing else is said: a million tags have 120 MB."""
MOST_REFS: Final = 1_050_000
"""The wanted refs that are taken: each takes 250 bytes, however short its line is."""
_LONGEST: Final = 4_096
"""The bytes of a prefix that the server is told; no ref has a longer name."""
# What no ref's name has (git check-ref-format); git leaves out what is named so.
_no_ref: Final = re.compile(rb"\.\.|//|@\{|/\.|\.lock(?:/|$)|[./]$|[\x00-\x20\x7f~^:?*[\\]")


class Ref(NamedTuple):
    """A ref of the remote."""

    name: str
    """All of it, as `refs/tags/churn@v1.0.0`; bytes that are not UTF-8 are surrogates."""
    oid: str
    """What it points to."""
    peeled: str = ""
    """What a tag object points to in the end; empty for no tag object, or where nobody asked."""
    symref: str = ""
    """The ref that it stands for; empty where it stands for none, or where nobody asked."""


def ask_for_refs(
    capabilities: Capabilities, prefixes: Iterable[str], *, peel: bool = False, symrefs: bool = False
) -> bytes:
    """The question for all refs whose names begin with one of these."""
    lines = [b"command=ls-refs\n"]
    if capabilities.names_algorithm:
        lines.append(f"object-format={capabilities.algorithm.name}\n".encode())
    head = b"".join(map(packet, lines))
    options = [*([b"peel\n"] if peel else []), *([b"symrefs\n"] if symrefs else [])]
    options += [b"ref-prefix %b\n" % prefix.encode("utf-8", "surrogateescape")[:_LONGEST] for prefix in prefixes]
    return head + b"0001" + b"".join(map(packet, options)) + b"0000"


def read_lines(
    packets: Iterator[Packet], capabilities: Capabilities, prefixes: Iterable[str], most: int = MOST_LISTED
) -> Iterator[bytes]:
    """The lines of an answer that are about wanted refs, one by one, as they come: who has enough stops to read.

    To count them takes a tenth of the time that it takes to parse them.

    :raises ProtocolError: if the answer is not as it should be.
    :raises TooMuchError: if it has more than `most` bytes, or than `MOST_REFS` of these lines.
    """
    wanted = tuple(prefix.encode("utf-8", "surrogateescape") for prefix in prefixes)
    is_name, name_at, left = capabilities.algorithm.is_name, 2 * capabilities.algorithm.size + 1, most
    refs_left = MOST_REFS
    for content in packets:
        if content is Mark.FLUSH:
            return
        line = line_of(content)
        left -= len(line)
        if left < 0:
            raise TooMuchError(f"The server lists more than {most:,} bytes of refs.")
        if line.startswith(wanted, name_at):
            refs_left -= 1
            if refs_left < 0:
                raise TooMuchError(f"The server lists more than {MOST_REFS:,} refs.")
            yield line
            continue
        oid, _, _ = line.partition(b" ")
        if not is_name(oid) and oid != b"unborn":  # a server may send other refs too
            raise _odd(line)
    raise AssertionError  # pragma: no cover - packets have no end but an error


def parse_refs(lines: Iterable[bytes], capabilities: Capabilities) -> Iterator[Ref]:
    """The refs of these lines, but for names that no ref can have, and for refs to nothing.

    :raises ProtocolError: if one is not as it should be.
    """
    is_name = capabilities.algorithm.is_name
    for line in lines:
        oid, _, rest = line.partition(b" ")
        name, *attributes = rest.split(b" ")
        if not is_name(oid):
            raise _odd(line)
        if _no_ref.search(name) or not oid.strip(b"0"):
            continue
        peeled = symref = b""
        for attribute in attributes:
            if attribute.startswith(b"peeled:"):
                peeled = attribute[7:]
                if not is_name(peeled):
                    raise ProtocolError(f"Its answer has {attribute[:80]!r} where an object's name should be.")
            elif attribute.startswith(b"symref-target:"):
                symref = attribute[14:]
        yield Ref(_text(name), oid.decode(), peeled.decode(), symref.decode("utf-8", "replace"))


def _odd(line: bytes) -> ProtocolError:
    return ProtocolError(f"Its answer has {line[:80]!r} where a ref should be.")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
