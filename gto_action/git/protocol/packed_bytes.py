"""The bytes of a pack: as they come, again where a delta needs them, and inflated within bounds."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from gto_action.git.protocol.allowance import Allowance
from gto_action.git.protocol.faults import ProtocolError, TooMuchError
from gto_action.git.protocol.object_names import Hash

_STEP: Final = 2**16
_MARGIN: Final = 64
"""What zlib adds to what it cannot press: 6 bytes, and 5 for each 16 KB."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken of one pack: it is a stranger's."""

    objects: int
    packed: int
    """Bytes of the pack."""
    inflated: int
    """Bytes of all deltas and objects together, also of those that deltas make, while they come.

    What is inflated twice counts twice.
    """
    whole: int = 2**23
    """Bytes of an object that is held as a whole; of a larger one it is the beginning."""
    delta: int = 2**20
    """Bytes of a delta."""


class PackedBytes:
    """Keeps what has come, since any part of it may be asked for again."""

    def __init__(self, chunks: Iterator[bytes], limits: Limits, allowance: Allowance) -> None:
        """Takes the pieces of a pack; reads none yet."""
        self._chunks = chunks
        self._limits, self._allowance = limits, allowance
        self._most = self._left = limits.inflated
        self._data = bytearray()

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return len(self._data)

    def begin_again(self, most: int | None = None) -> None:
        """Lets as much be inflated as at first, or at most so many bytes."""
        self._most = self._left = min(most or self._limits.inflated, self._limits.inflated)

    def count(self, size: int) -> None:
        """Counts what is made.

        :raises TooMuchError: if this is more than is taken.
        """
        self._left -= size
        if self._left < 0:
            raise TooMuchError(f"The server sends objects of more than {self._most:,} bytes.")
        self._allowance.take(size)

    def read(self, start: int, end: int) -> bytearray:
        """The bytes between two places, and fewer only where the pack ends.

        :raises TooMuchError: if the pack has more bytes than are taken.
        """
        while len(self._data) < end and (chunk := next(self._chunks, None)) is not None:
            self._data += chunk
            self._allowance.take(len(chunk))
            if len(self._data) > self._limits.packed:
                raise TooMuchError(f"The server sends a pack of more than {self._limits.packed:,} bytes.")
        return self._data[start:end]

    def add_to(self, digest: Hash, end: int) -> None:
        """Adds all up to a place to a hash."""
        with memoryview(self._data) as view, view[:end] as part:
            digest.update(part)

    def inflate(self, start: int, size: int) -> tuple[bytes, int]:
        """A text of a known size, and the place after it.

        :raises ProtocolError: if it is not inflated to this size.
        :raises TooMuchError: if this is more than is taken.
        """
        self.count(size)
        inflater = zlib.decompressobj()
        packed = self.read(start, start + size + (size >> 8) + _MARGIN)
        try:
            text = inflater.decompress(packed, size + 1)
        except zlib.error:
            raise ProtocolError("Its answer has an object that is damaged.") from None
        if inflater.eof and len(text) == size:
            return text, start + len(packed) - len(inflater.unused_data)
        parts: list[bytes] = []  # pressed badly, or not what it should be
        end = self._inflate(start, size, parts.append)
        return b"".join(parts), end

    def inflate_through(self, start: int, size: int, take: Callable[[bytes], object]) -> int:
        """Gives a text of a known size away, piece by piece; the place after it.

        :raises ProtocolError: if it is not inflated to this size.
        :raises TooMuchError: if this is more than is taken.
        """
        self.count(size)
        return self._inflate(start, size, take)

    def _inflate(self, start: int, size: int, take: Callable[[bytes], object]) -> int:
        inflater, left = zlib.decompressobj(), size + 1
        packed: bytes | bytearray = b""
        while not inflater.eof:
            if not packed:
                packed = self.read(start, start + _STEP)
                start += len(packed)
                if not packed:
                    raise ProtocolError("Its answer breaks off within a pack.")
            try:
                piece = inflater.decompress(packed, min(left, _STEP))
            except zlib.error:
                raise ProtocolError("Its answer has an object that is damaged.") from None
            left -= len(piece)
            if not left:
                raise ProtocolError("Its answer has an object that is larger than it says.")
            take(piece)
            packed = inflater.unconsumed_tail
        if left > 1:
            raise ProtocolError("Its answer has an object that is smaller than it says.")
        return start - len(inflater.unused_data)


class Head:
    """The beginning of a text that is too large to be held."""

    def __init__(self, most: int, pass_on: Callable[[bytes], object]) -> None:
        """Takes no piece yet; all of each is passed on, and the first `most` bytes are kept."""
        self.text = bytearray()
        self._most, self._pass_on = most, pass_on

    def take(self, piece: bytes) -> None:
        """A piece of it, the next one."""
        self._pass_on(piece)
        self.text += piece[: self._most - len(self.text)]
