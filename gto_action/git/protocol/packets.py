"""Packets, in which everything is sent (gitprotocol-common and gitprotocol-v2: "pkt-line", "Packet-Line Framing")."""

import enum
from binascii import Error, unhexlify
from collections.abc import Callable, Iterator
from typing import Final

from gto_action.git.protocol.faults import ProtocolError, SaidError

Read = Callable[[int], bytes]
"""Gives so many bytes of a stream, and fewer only at its end."""

_HEAD: Final = 4
MOST: Final = 65_520
"""The bytes of the longest packet, its head among them."""
_MOST_SAID: Final = 1_000
BREAKS_OFF: Final = "Its answer breaks off."


class Mark(enum.Enum):
    """A packet without content."""

    FLUSH = 0
    """The end of a question, or of an answer."""
    DELIMITER = 1
    """The end of a section."""
    END = 2
    """The end of all that came for a request of HTTP: git's helper adds it."""


Packet = bytes | Mark


def read_packets(read: Read) -> Iterator[Packet]:
    r"""The packets of a stream, one by one; it has an end only for who stops to read.

    >>> from io import BytesIO
    >>> packets = read_packets(BytesIO(b"000eversion 2\n0000").read)
    >>> next(packets), next(packets)
    (b'version 2\n', <Mark.FLUSH: 0>)

    :raises ProtocolError: if the stream ends, or has something else in it.
    """
    while True:
        head = read(_HEAD)
        try:
            high, low = unhexlify(head)
        except (Error, ValueError):
            if len(head) < _HEAD:
                raise ProtocolError(BREAKS_OFF) from None
            raise ProtocolError(f"Its answer has {head!r} where the length of a packet should be.") from None
        size = high << 8 | low
        if size < _HEAD:
            try:
                yield Mark(size)
            except ValueError:
                raise ProtocolError(f"Its answer has a packet of the length {size}.") from None
            continue
        if size > MOST:
            raise ProtocolError(f"Its answer has a packet of {size:,} bytes, and the longest has {MOST:,}.")
        content = read(size - _HEAD)
        if len(content) < size - _HEAD:
            raise ProtocolError(BREAKS_OFF)
        yield content


def packet(content: bytes) -> bytes:
    r"""The content as a packet, ready to be sent.

    >>> packet(b"done\n")
    b'0009done\n'
    """
    if len(content) > MOST - _HEAD:
        raise ValueError(len(content))
    return b"%04x%b" % (len(content) + _HEAD, content)


def line_of(content: Packet) -> bytes:
    """A packet that is a line of text, without its end.

    :raises ProtocolError: if it is a mark.
    :raises SaidError: if the server says in it that something is wrong (gitprotocol-pack, "pkt-line ERR").
    """
    if isinstance(content, Mark):
        raise ProtocolError(f"Its answer has a mark ({content.name.lower()}) where a line should be.")
    if content.startswith(b"ERR "):
        raise SaidError(said(content[4:]))
    return content[:-1] if content.endswith(b"\n") else content


def said(text: bytes) -> str:
    """What a server has to say to people: on one line, not without end, and nothing that cannot be printed."""
    words = text[:_MOST_SAID].decode("utf-8", "replace").split()
    return " ".join(filter(None, ("".join(filter(str.isprintable, word)) for word in words)))
