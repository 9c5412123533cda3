"""Folders of a commit, and the way through them to a file, as git goes it (git-cat-file, "--follow-symlinks").

But for a `.` in the text of a link: it is here, as in a checkout, and to git a name, which no file has.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from gto_action.git.protocol.faults import ProtocolError

_commit: Final = re.compile(rb"tree ([0-9a-f]+)\n")
# A mode in octal digits, a name, and NUL; behind it the bytes of an object's name.
_entry: Final = re.compile(rb"([0-7]{1,7}) ([^\0]+)\0")
_TYPE: Final = 0o170000
_FOLDER, _FILE, _LINK = 0o040000, 0o100000, 0o120000
_MOST_LINKS: Final = 40
_LONGEST_LINK: Final = 2**16
"""No system has a longer one."""


class TreeEntry(NamedTuple):
    """What a folder has by a name."""

    mode: int
    oid: str


class Wanted(NamedTuple):
    """A link whose text has to come before anybody knows where it leads."""

    oid: str


Tree = Mapping[bytes, TreeEntry]


def tree_of(commit: bytes) -> str:
    """The name of a commit's own folder, from its text.

    :raises ProtocolError: if it has none.
    """
    found = _commit.match(commit)
    if not found:
        raise ProtocolError("Its answer has a commit without a tree.")
    return found[1].decode()


def parse_tree(text: bytes, name_size: int) -> dict[bytes, TreeEntry]:
    """The entries of a folder, by their names; of two with one name the first.

    :raises ProtocolError: if it is none.
    """
    entries: dict[bytes, TreeEntry] = {}
    place = 0
    while place < len(text):
        found = _entry.match(text, place)
        place = found.end() + name_size if found else place
        if not found or place > len(text):
            raise ProtocolError("Its answer has a tree that is damaged.")
        entries.setdefault(found[2], TreeEntry(int(found[1], 8), text[place - name_size : place].hex()))
    return entries


def find_file(
    root: str, path: bytes, tree: Callable[[str], Tree], links: Mapping[str, bytes]
) -> TreeEntry | Wanted | None:
    """The file at a path, through links within the commit; None if there is none.

    Args:
        root: the name of the commit's own folder.
        path: from there.
        tree: gives a folder by its name.
        links: the texts of links that have come, by their names.
    """
    above, left, followed = [tree(root)], path.split(b"/")[::-1], 0
    while left:
        name = left.pop()
        if name == b"..":
            above.pop()
            if not above:
                return None  # out of the commit
        if name in {b"", b".", b".."}:
            continue
        found = above[-1].get(name)
        kind = found.mode & _TYPE if found else 0
        if found and kind == _FOLDER:
            above.append(tree(found.oid))
        elif found and kind == _LINK:
            followed += 1
            if found.oid not in links:
                return Wanted(found.oid)
            text = links[found.oid]
            if followed > _MOST_LINKS or len(text) > _LONGEST_LINK or text.startswith(b"/"):
                return None
            left = b"/".join((text, *left[::-1])).partition(b"\0")[0].split(b"/")[::-1]
        else:
            return found if kind == _FILE and not left else None
    return None
