"""Deltas: an object as what another one becomes (gitformat-pack, "Deltified representation")."""

from typing import Final

from gto_action.git.protocol.faults import ProtocolError, TooMuchError

_COPY: Final = 0x80
_ALL: Final = 0x10000
"""The bytes of a copy that says 0."""


def apply_delta(base: bytes, delta: bytes, most: int) -> bytes:
    r"""The text that a delta makes of another.

    Args:
        base: the other.
        delta: what is to be copied of it, and put between.
        most: the bytes that the result may have.

    >>> apply_delta(b"churn v1", b"\x08\x08\x90\x07\x012", 100)
    b'churn v2'

    :raises ProtocolError: if the delta is not one of this text.
    :raises TooMuchError: if the result is too large.
    """
    try:
        return _apply(base, delta, most)
    except IndexError:
        raise ProtocolError("Its answer has a delta that breaks off.") from None


def _apply(base: bytes, delta: bytes, most: int) -> bytes:
    size_before, place = _size(delta, 0)
    size, place = _size(delta, place)
    if size_before != len(base):
        raise ProtocolError("Its answer has a delta of another object than the one that it names.")
    if size > most:
        raise TooMuchError(f"The server sends an object of {size:,} bytes as a delta, and at most {most:,} are taken.")
    parts, left, end = [], size, len(delta)
    while place < end:
        code = delta[place]
        place += 1
        if code & _COPY:
            start, length, place = _copy(delta, code, place)
            part = base[start : start + length]
        elif code:
            length = code
            part = delta[place : place + length]
            place += length
        else:
            raise ProtocolError("Its answer has a delta with an unknown instruction.")
        left -= length
        if len(part) < length or left < 0:
            raise ProtocolError("Its answer has a delta that copies what is not there.")
        parts.append(part)
    if left:
        raise ProtocolError("Its answer has a delta that breaks off.")
    return b"".join(parts)


def _size(delta: bytes, place: int) -> tuple[int, int]:
    """A number in seven bits at a time, the lowest first, and the place after it."""
    size = shift = 0
    while True:
        byte = delta[place]
        place += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return size, place
        if shift > 63:  # noqa: PLR2004 - bits of any size there is
            raise ProtocolError("Its answer has a delta of an impossible size.")


def _copy(delta: bytes, code: int, place: int) -> tuple[int, int, int]:
    """Where a copy starts, how many bytes it has, and the place after it; the code says which bytes are there."""
    numbers = 0
    for bit in range(7):
        if code & 1 << bit:
            numbers |= delta[place] << 8 * bit
            place += 1
    return numbers & 0xFFFFFFFF, numbers >> 32 or _ALL, place
