"""Packets: what is one, and what is none."""

import pytest

from gto_action.git.protocol.faults import ProtocolError, SaidError
from gto_action.git.protocol.packets import MOST, Mark, Packet, line_of, packet, read_packets, said
from tests.support.packs import packets

READ: dict[str, tuple[bytes, list[Packet]]] = {
    "a line": (b"000eversion 2\n", [b"version 2\n"]),
    "capital digits": (b"000Eversion 2\n", [b"version 2\n"]),
    "without a line's end": (b"000dversion 2", [b"version 2"]),
    "without content": (b"0004", [b""]),
    "one byte": (b"0005a", [b"a"]),
    "what looks like a mark": (b"00080000", [b"0000"]),
    "a flush": (b"0000", [Mark.FLUSH]),
    "a delimiter": (b"0001", [Mark.DELIMITER]),
    "an end": (b"0002", [Mark.END]),
    "one after the other": (b"0005a00010005b0000", [b"a", Mark.DELIMITER, b"b", Mark.FLUSH]),
    "any bytes": (b"0008\x00\xff\n\r", [b"\x00\xff\n\r"]),
    "the longest": (b"fff0" + b"x" * (MOST - 4), [b"x" * (MOST - 4)]),
}


@pytest.mark.parametrize("what", READ)
def test_what_is_read(what: str) -> None:
    data, expected = READ[what]
    found = packets(data)
    assert [next(found) for _ in expected] == expected


REFUSED = {
    "nothing": (b"", "breaks off"),
    "one digit": (b"0", "breaks off"),
    "three digits": (b"000", "breaks off"),
    "no content": (b"0005", "breaks off"),
    "half of the content": (b"000eversi", "breaks off"),
    "the length 3": (b"0003", "length 3"),
    "one byte too long": (b"fff1" + b"x" * MOST, "65,521 bytes"),
    "the largest length": (b"ffff" + b"x" * MOST, "65,535 bytes"),
    "letters": (b"abcg....", "b'abcg' where the length"),
    "a page": (b"<html>", "b'<htm' where the length"),
    "a sign": (b"+00eversion 2\n", "where the length"),
    "a minus": (b"-001", "where the length"),
    "a space": (b" 00e", "where the length"),
    "a number with a prefix": (b"0x0e", "where the length"),
    "an underscore": (b"0_0e", "where the length"),
    "a line's end": (b"00e\n", "where the length"),
    "digits of another script": ("\u0660\u0660\u0660\u0665".encode(), "where the length"),
    "zero bytes": (b"\0\0\0\0", "where the length"),
    "gzip": (b"\x1f\x8b\x08\x00", "where the length"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(what: str) -> None:
    data, says = REFUSED[what]
    with pytest.raises(ProtocolError, match=says):
        next(packets(data))


def test_a_packet_is_asked_for_in_two_pieces() -> None:
    asked: list[int] = []

    def read(size: int) -> bytes:
        asked.append(size)
        return {4: b"0009", 5: b"done\n"}[size]

    assert next(read_packets(read)) == b"done\n"
    assert asked == [4, 5]


LINES = {
    "with an end": (b"packfile\n", b"packfile"),
    "without an end": (b"packfile", b"packfile"),
    "of two ends one": (b"packfile\n\n", b"packfile\n"),
    "nothing": (b"", b""),
    "an error in its middle": (b"x ERR y\n", b"x ERR y"),
    "no error yet": (b"ERR\n", b"ERR"),
}


@pytest.mark.parametrize("what", LINES)
def test_a_line(what: str) -> None:
    content, expected = LINES[what]
    assert line_of(content) == expected


@pytest.mark.parametrize("mark", Mark)
def test_a_mark_is_no_line(mark: Mark) -> None:
    with pytest.raises(ProtocolError, match=mark.name.lower()):
        line_of(mark)


SAID = {
    "a line": (b"not our ref", "not our ref"),
    "lines": (b"not\nour\r\n\tref\n", "not our ref"),
    "commands of a runner": (b"no\n::error::x", "no ::error::x"),
    "no UTF-8": (b"n\xff", "n�"),
    "the end that C's texts have": (b"no luck\0", "no luck"),
    "what moves a cursor": (b"no\x1b[2J\x07 \0 luck", "no[2J luck"),
    "nothing": (b"", ""),
    "too much": (b"x" * 70_000, "x" * 1_000),
}


@pytest.mark.parametrize("what", SAID)
def test_what_the_server_says(what: str) -> None:
    text, expected = SAID[what]
    assert said(text) == expected
    with pytest.raises(SaidError) as raised:
        line_of(b"ERR " + text)
    assert str(raised.value) == expected


def test_a_packet_to_be_sent() -> None:
    assert packet(b"") == b"0004"
    assert packet(b"want x\n") == b"000bwant x\n"
    assert packet(b"x" * (MOST - 4))[:5] == b"fff0x"
    with pytest.raises(ValueError, match="65517"):
        packet(b"x" * (MOST - 3))
