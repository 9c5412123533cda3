"""Packets and packs as no server of ours would send them: by hand, byte by byte."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO

from gto_action.git.protocol.capabilities import Capabilities
from gto_action.git.protocol.packets import Packet, read_packets
from gto_action.git.protocol.ref_lists import MOST_LISTED, Ref, parse_refs, read_lines

COMMIT, TREE, BLOB, TAG, OFS, REF = 1, 2, 3, 4, 6, 7
KINDS = {COMMIT: "commit", TREE: "tree", BLOB: "blob", TAG: "tag"}


def lines(*texts: bytes | str) -> bytes:
    """Packets: each text as one, but `0000`, `0001` and `0002` as they are."""
    parts = (each.encode() if isinstance(each, str) else each for each in texts)
    marks = {b"0000", b"0001", b"0002"}
    return b"".join(each if each in marks else b"%04x%b" % (len(each) + 4, each) for each in parts)


def packets(data: bytes) -> Iterator[Packet]:
    return read_packets(BytesIO(data).read)


def read_refs(
    packets: Iterator[Packet], capabilities: Capabilities, prefixes: Iterable[str], most: int = MOST_LISTED
) -> Iterator[Ref]:
    """The refs of an answer, as they come."""
    return parse_refs(read_lines(packets, capabilities, prefixes, most), capabilities)


def oid(kind: int, text: bytes, algorithm: str = "sha1") -> str:
    """The name of an object."""
    return hashlib.new(algorithm, f"{KINDS[kind]} {len(text)}\0".encode() + text).hexdigest()


def head(kind: int, size: int) -> bytes:
    """What stands before an object: its kind, and its size seven bits at a time."""
    parts = [kind << 4 | size & 15]
    size >>= 4
    while size:
        parts[-1] |= 128
        parts.append(size & 127)
        size >>= 7
    return bytes(parts)


def entry(kind: int, text: bytes, *, size: int | None = None) -> bytes:
    return head(kind, len(text) if size is None else size) + zlib.compress(text)


def back(distance: int) -> bytes:
    """How far back the base of a delta is."""
    parts = [distance & 127]
    while distance := distance >> 7:
        distance -= 1
        parts.append(distance & 127 | 128)
    return bytes(reversed(parts))


def ofs_delta(distance: int, delta: bytes) -> bytes:
    return head(OFS, len(delta)) + back(distance) + zlib.compress(delta)


def ref_delta(base: str, delta: bytes) -> bytes:
    return head(REF, len(delta)) + bytes.fromhex(base) + zlib.compress(delta)


def number(size: int) -> bytes:
    """As a delta has it: the lowest seven bits first."""
    parts = [size & 127]
    while size := size >> 7:
        parts[-1] |= 128
        parts.append(size & 127)
    return bytes(parts)


def insert(before: int, text: bytes) -> bytes:
    """A delta that has all of its text itself; at most 127 bytes."""
    return number(before) + number(len(text)) + (bytes([len(text)]) + text if text else b"")


def pack(
    *entries: bytes, count: int | None = None, version: int = 2, algorithm: str = "sha1", magic: bytes = b"PACK"
) -> bytes:
    """A pack with its checksum."""
    number_of = len(entries) if count is None else count
    data = magic + version.to_bytes(4, "big") + number_of.to_bytes(4, "big") + b"".join(entries)
    return data + hashlib.new(algorithm, data).digest()
