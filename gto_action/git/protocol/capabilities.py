"""What a server says that it can do (gitprotocol-v2, "Capability Advertisement")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from gto_action.git.protocol.faults import CannotError, ProtocolError, TooMuchError
from gto_action.git.protocol.object_names import ALGORITHMS, Algorithm
from gto_action.git.protocol.packets import Mark, Packet, line_of

_MOST: Final = 1_000
_NEEDED: Final = ("shallow", "filter")
# key = 1*(ALPHA | DIGIT | "-_"), and a value of any characters
_capability: Final = re.compile(rb"([A-Za-z0-9_-]+)(?:=([^\0\n]*))?")
_OLDER: Final = re.compile(rb"version [01]|[0-9a-f]{40,64} ")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What matters here."""

    algorithm: Algorithm
    """How it names objects."""
    names_algorithm: bool
    """Whether it has said so, and wants to hear it."""


def read_capabilities(packets: Iterator[Packet]) -> Capabilities:
    """What a server can do, from the packets with which it begins.

    :raises ProtocolError: if they are not as they should be.
    :raises CannotError: if it does not speak the protocol, or cannot leave out what nobody needs.
    """
    first = line_of(next(packets))
    if first != b"version 2":
        if _OLDER.match(first):
            raise CannotError("The server does not speak version 2 of git's protocol.")
        raise ProtocolError(f"Its answer begins with {first[:40]!r}.")
    found: dict[bytes, bytes] = {}
    for content in islice(packets, _MOST):
        if content is Mark.FLUSH:
            return _checked(found)
        matched = _capability.fullmatch(line := line_of(content))
        if not matched:
            raise ProtocolError(f"Its answer has {line[:40]!r} where it should say what it can do.")
        found.setdefault(matched[1], matched[2] or b"")
    raise TooMuchError(f"The server lists {_MOST:,} capabilities or more.")


def _checked(found: dict[bytes, bytes]) -> Capabilities:
    name = found.get(b"object-format", b"sha1").decode("utf-8", "replace")
    if name not in ALGORITHMS:
        raise CannotError(f"The server names objects by {name[:40]!r}.")
    if b"ls-refs" not in found:
        raise CannotError("The server does not list refs by version 2 of git's protocol.")
    able = found.get(b"fetch", b"").decode("utf-8", "replace").split(" ")
    missing = [each for each in _NEEDED if each not in able]
    if missing:
        raise CannotError(f"The server cannot fetch with {' and '.join(map(repr, missing))}.")
    return Capabilities(ALGORITHMS[name], b"object-format" in found)
