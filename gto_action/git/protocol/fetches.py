"""Objects, asked for and answered: a pack, in pieces (gitprotocol-v2, "fetch")."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gto_action.git.protocol.capabilities import Capabilities
from gto_action.git.protocol.faults import CannotError, ProtocolError, SaidError, TooMuchError
from gto_action.git.protocol.packets import Mark, Packet, line_of, packet, said

_DATA, _PROGRESS, _ERROR = 1, 2, 3  # the bands of "side-band-64k" (gitprotocol-pack, "Packfile Data")
_BEFORE: Final = (b"acknowledgments", b"shallow-info")
"""Sections that may come before the pack; what is in them is for who goes on fetching later."""
_section: Final = re.compile(rb"[a-z][a-z-]{1,40}")
_MOST_LINES: Final = 4_000_000
_MOST_PROGRESS: Final = 2**20
NO_TREE: Final = "tree:0"
"""Tags and commits, without folders and files (git-rev-list, "--filter")."""
NO_BLOB: Final = "blob:none"
"""Without files that are not asked for by name."""


def ask_for_objects(capabilities: Capabilities, oids: Iterable[str], leave_out: str) -> bytes:
    """The question for objects, and for what they lead to, but for older commits and what is left out.

    It is complete: the answer is a pack that needs nothing beside it.
    """
    lines = [b"command=fetch\n"]
    if capabilities.names_algorithm:
        lines.append(f"object-format={capabilities.algorithm.name}\n".encode())
    head = b"".join(map(packet, lines))
    options = (b"no-progress\n", b"ofs-delta\n", b"deepen 1\n", f"filter {leave_out}\n".encode())
    wants = b"".join(packet(f"want {oid}\n".encode()) for oid in oids)
    return b"".join((head, b"0001", *map(packet, options), wants, packet(b"done\n"), b"0000"))


def read_pack_data(packets: Iterator[Packet]) -> Iterator[bytes]:
    """The pack of an answer, in the pieces in which it comes.

    :raises ProtocolError: if the answer is not as it should be.
    :raises SaidError: if the server says that it cannot go on.
    :raises CannotError: if it sends what others may understand.
    """
    _skip_sections(packets)
    progress = _MOST_PROGRESS
    for content in packets:
        if content is Mark.FLUSH:
            return
        if isinstance(content, Mark) or not content:
            raise ProtocolError("Its answer has something else where a piece of a pack should be.")
        band = content[0]
        if band == _DATA:
            yield content[1:]
        elif band == _ERROR:
            raise SaidError(said(content[1:]))
        elif band == _PROGRESS:
            progress -= len(content)
            if progress < 0:
                raise TooMuchError(f"The server sends more than {_MOST_PROGRESS:,} bytes about its progress.")
        else:
            line_of(content)
            raise ProtocolError(f"Its answer has a piece of a pack on the unknown band {band}.")


def _skip_sections(packets: Iterator[Packet]) -> None:
    """Reads up to the pack."""
    left = list(_BEFORE)
    while (section := line_of(next(packets))) != b"packfile":
        if section not in left:
            if _section.fullmatch(section) and section not in _BEFORE:  # a git that knows it can still clone
                raise CannotError(f"The server sends a section {section.decode()!r} before its pack.")
            raise ProtocolError(f"Its answer has {section[:40]!r} where a pack should begin.")
        del left[: left.index(section) + 1]
        for _ in range(_MOST_LINES):
            if (content := next(packets)) is Mark.DELIMITER:
                break
            line_of(content)
        else:
            raise TooMuchError(f"The server sends more than {_MOST_LINES:,} lines before its pack.")
