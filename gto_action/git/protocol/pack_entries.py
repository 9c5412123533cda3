"""The entries of a pack: what stands before each object (gitformat-pack, "Pack entries")."""

from typing import Final, NamedTuple

from gto_action.git.protocol.faults import ProtocolError

_PACK: Final = b"PACK"
_VERSIONS: Final = (2, 3)
HEAD: Final = 12
"""The bytes of a pack before its first entry."""
MOST_HEAD: Final = 64
"""More bytes than stand before any object."""
_MOST_BITS: Final = 63
_OFS_DELTA, _REF_DELTA = 6, 7
_PLAIN: Final = range(1, 5)


class Entry(NamedTuple):
    """What an entry says of itself."""

    kind: int
    """Of the object; 0 for a delta, whose kind is that of its base."""
    size: int
    """Bytes of the object, or of the delta, when it is inflated."""
    place: int
    """Where what is deflated begins."""
    base: int | bytes | None
    """What a delta is of: the place of an entry before it, or the name of an object of the pack."""


def parse_head(head: bytes | bytearray) -> int:
    """How many objects a pack has, from its first bytes.

    :raises ProtocolError: if they are not those of a pack.
    """
    if len(head) < HEAD:
        raise ProtocolError("Its answer breaks off before a pack.")
    version = int.from_bytes(head[4:8], "big")
    if not head.startswith(_PACK) or version not in _VERSIONS:
        raise ProtocolError(f"Its answer has {head[:8]!r} where a pack should begin.")
    return int.from_bytes(head[8:HEAD], "big")


def parse_entry(head: bytes | bytearray, place: int, name_size: int) -> Entry:
    r"""An entry, from the bytes at its place.

    >>> parse_entry(b"\x9d\x0ax\x9c", 12, 20)
    Entry(kind=1, size=173, place=14, base=None)

    :raises ProtocolError: if there is none.
    """
    try:
        return _parse_entry(head, place, name_size)
    except IndexError:
        raise ProtocolError("Its answer breaks off within a pack.") from None


def _parse_entry(head: bytes | bytearray, place: int, name_size: int) -> Entry:
    byte = head[0]
    kind, size, shift, here = byte >> 4 & 7, byte & 15, 4, 1
    while byte & 0x80:
        byte = head[here]
        size |= (byte & 0x7F) << shift
        shift += 7
        here += 1
        if shift > _MOST_BITS:
            raise ProtocolError("Its answer has an object of an impossible size.")
    if kind in _PLAIN:
        return Entry(kind, size, place + here, None)
    if kind == _OFS_DELTA:
        back, here = _distance(head, here)
        if not HEAD <= place - back < place:
            raise ProtocolError("Its answer has a delta of what is not in the pack.")
        return Entry(0, size, place + here, place - back)
    if kind == _REF_DELTA:
        base = bytes(head[here : here + name_size])
        if len(base) < name_size:
            raise IndexError
        return Entry(0, size, place + here + name_size, base)
    raise ProtocolError(f"Its answer has an object of the unknown kind {kind}.")


def _distance(head: bytes | bytearray, here: int) -> tuple[int, int]:
    """How far back the base is, and the place after this number, the highest seven bits of which come first."""
    byte = head[here]
    here += 1
    back = byte & 0x7F
    while byte & 0x80:
        byte = head[here]
        here += 1
        back = back + 1 << 7 | byte & 0x7F
        if back >> _MOST_BITS:
            raise ProtocolError("Its answer has a delta of what is not in the pack.")
    return back, here
