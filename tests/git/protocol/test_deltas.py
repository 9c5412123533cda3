"""Deltas: what they make of a text, and what is none."""

import pytest

from gto_action.git.protocol.deltas import apply_delta
from gto_action.git.protocol.faults import ProtocolError, TooMuchError
from tests.support.packs import insert, number

BASE = b"0123456789"
LARGE = bytes(range(256)) * 1_200


def delta(base: bytes, size: int, *instructions: bytes) -> bytes:
    return number(len(base)) + number(size) + b"".join(instructions)


MADE = {
    "nothing": (BASE, delta(BASE, 0), b""),
    "of nothing": (b"", insert(0, b"new"), b"new"),
    "its own text": (BASE, insert(10, b"new"), b"new"),
    "the longest of its own": (BASE, insert(10, b"n" * 127), b"n" * 127),
    "all of the base": (BASE, delta(BASE, 10, b"\x90\x0a"), BASE),
    "the beginning": (BASE, delta(BASE, 3, b"\x90\x03"), b"012"),
    "the end": (BASE, delta(BASE, 3, b"\x91\x07\x03"), b"789"),
    "with a place of four bytes": (BASE, delta(BASE, 3, b"\x9f\x07\0\0\0\x03"), b"789"),
    "with a length of three bytes": (BASE, delta(BASE, 3, b"\xf1\x07\x03\0\0"), b"789"),
    "a high byte alone": (LARGE, delta(LARGE, 2, b"\x92\x01\x02"), LARGE[256:258]),
    "65,536 bytes as a length of none": (LARGE, delta(LARGE, 65_536, b"\x80"), LARGE[:65_536]),
    "65,536 bytes as a length of 0": (LARGE, delta(LARGE, 65_536, b"\xf0\0\0\0"), LARGE[:65_536]),
    "more than that": (LARGE, delta(LARGE, 0x12345, b"\xf0\x45\x23\x01"), LARGE[:0x12345]),
    "mixed": (BASE, delta(BASE, 6, b"\x90\x02", b"\x02ab", b"\x91\x08\x02"), b"01ab89"),
    "the same twice": (BASE, delta(BASE, 20, b"\x90\x0a", b"\x90\x0a"), BASE * 2),
    "a length with a byte too many": (BASE, b"\x8a\x00\x03\x03new", b"new"),
}  # fmt: skip


@pytest.mark.parametrize("what", MADE)
def test_what_it_makes(what: str) -> None:
    base, given, expected = MADE[what]
    assert apply_delta(base, given, 1_000_000) == expected


REFUSED = {
    "nothing": (b"", "breaks off"),
    "only a size": (b"\x0a", "breaks off"),
    "a size that breaks off": (b"\x8a", "breaks off"),
    "the second size breaks off": (b"\x0a\x80", "breaks off"),
    "a size of 70 bits": (b"\xff" * 10 + b"\x01", "impossible size"),
    "of a smaller text": (delta(BASE[:9], 3, b"\x90\x03"), "of another object"),
    "of a larger text": (delta(BASE + b"x", 3, b"\x90\x03"), "of another object"),
    "no instructions": (delta(BASE, 3), "breaks off"),
    "too few": (delta(BASE, 5, b"\x90\x03"), "breaks off"),
    "too many": (delta(BASE, 3, b"\x90\x03", b"\x90\x01"), "not there"),
    "an instruction that is reserved": (delta(BASE, 3, b"\0"), "unknown instruction"),
    "its text breaks off": (delta(BASE, 3, b"\x03ne"), "not there"),
    "a copy breaks off": (delta(BASE, 3, b"\x91\x07"), "breaks off"),
    "a copy from beyond the end": (delta(BASE, 3, b"\x91\x0b\x03"), "not there"),
    "a copy over the end": (delta(BASE, 3, b"\x91\x08\x03"), "not there"),
    "a copy from far": (delta(BASE, 3, b"\x9f\xff\xff\xff\xff\x03"), "not there"),
    "a copy of much": (delta(BASE, 3, b"\xf0\xff\xff\xff"), "not there"),
    "more text than it says": (delta(BASE, 3, b"\x04news"), "not there"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_none(what: str) -> None:
    given, says = REFUSED[what]
    with pytest.raises(ProtocolError, match=says):
        apply_delta(BASE, given, 1_000_000)


@pytest.mark.parametrize("size", [101, 10**10, 2**62])
def test_what_it_makes_is_too_large(size: int) -> None:
    with pytest.raises(TooMuchError, match=f"{size:,} bytes"):
        apply_delta(BASE, delta(BASE, size, b"\x90\x0a"), 100)
