"""The names of objects: the hash of each, by which it is asked for, and by which it is known when it comes."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

KINDS: Final = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
"""The kinds of objects, by their number in a pack (gitformat-pack, "Object types")."""
_hex: Final = re.compile(rb"[0-9a-f]+")


class Hash(Protocol):
    """One of hashlib's."""

    def update(self, data: bytes | bytearray | memoryview, /) -> None:
        """Adds bytes."""

    def digest(self) -> bytes:
        """The hash of all of them."""
        ...


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A hash by which a repository names its objects (gitprotocol-v2, "object-format")."""

    name: str
    size: int
    """Bytes of a name; written as text it has twice as many digits."""
    new: Callable[[bytes], Hash]
    """Begins to hash. It is not about security: a name says what has come, and not who sent it."""

    def begin(self, kind: bytes, size: int) -> Hash:
        """Begins the name of an object: its text is still to be added."""
        return self.new(b"%b %d\0" % (kind, size))

    def is_name(self, text: bytes) -> bool:
        """Whether a text is the name of an object, in digits."""
        return len(text) == 2 * self.size and _hex.fullmatch(text) is not None


SHA1: Final = Algorithm("sha1", 20, partial(hashlib.sha1, usedforsecurity=False))
SHA256: Final = Algorithm("sha256", 32, partial(hashlib.sha256, usedforsecurity=False))
ALGORITHMS: Final = {each.name: each for each in (SHA1, SHA256)}
