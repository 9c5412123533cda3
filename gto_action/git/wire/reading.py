"""What is read of a remote by a connection: its tags, a few refs of many, files of a commit."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final, NamedTuple

from gto_action.git.objects import unsigned
from gto_action.git.protocol.faults import ProtocolError
from gto_action.git.protocol.fetches import NO_BLOB, NO_TREE
from gto_action.git.protocol.pack import Pack, Sent
from gto_action.git.protocol.packed_bytes import Limits
from gto_action.git.protocol.ref_lists import Ref
from gto_action.git.protocol.tag_records import Heads, heads_of, records_of
from gto_action.git.protocol.trees import Tree, find_file, parse_tree, tree_of
from gto_action.git.wire.connection import Connection, Listed
from gto_action.gto.record import TagRecord

_TAGS: Final = "refs/tags/"
_AT_ONCE: Final = 100_000
"""Objects that are asked for by one question: git's server takes one of 10 MB (git-config, "http.maxRequestBuffer")."""
_MESSAGE: Final = 2**20
_OTHERS: Final = 1_000
_FOLDERS: Final = Limits(objects=2**20, packed=2**27, inflated=2**29)


@dataclass(frozen=True, slots=True)
class BroughtTags:
    """Tags that have come, with the commits that they point to."""

    records: list[TagRecord]
    packs: tuple[Pack, ...]

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit, stripped and without a signature (R11), and how many bytes it has.

        Of more than a million it is the beginning; of less the number is 0. What has not come has none.
        """
        sent = next(filter(None, (pack.read(oid) for pack in self.packs)), None)
        if sent is None:
            return "", 0
        head, blank, message = sent.text[:_MESSAGE].partition(b"\n\n")
        length = sent.size - len(head + blank) if sent.size > _MESSAGE else 0
        return unsigned(message.decode("utf-8", "replace")), length


def read_tags(connection: Connection, prefixes: Iterable[str] = (_TAGS,)) -> BroughtTags:
    """The tags whose refs begin with one of these: by two questions, if they are neither very many nor odd.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    return bring_tags(connection, connection.refs(prefixes).refs)


def bring_tags(connection: Connection, refs: list[Ref]) -> BroughtTags:
    """The tags of refs that are known.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    packs: list[Pack] = []
    heads: Heads = {}
    oids = list(dict.fromkeys(ref.oid for ref in refs))
    _bring_heads(connection, oids, NO_TREE, packs, heads)
    # A folder is left out though it is asked for by its name, where somebody has tagged one.
    _bring_heads(connection, [oid for oid in oids if oid not in heads], NO_BLOB, packs, heads)
    with connection.judged():
        return BroughtTags(records_of(refs, heads), tuple(packs))


def _bring_heads(connection: Connection, oids: list[str], leave_out: str, packs: list[Pack], heads: Heads) -> None:
    for place in range(0, len(oids), _AT_ONCE):
        part = oids[place : place + _AT_ONCE]
        most = len(part)
        # Of each a tag, its commit, and perhaps tags between them: what else comes is not what was asked for.
        limits = Limits(objects=4 * most + _OTHERS, packed=2**26 + 2**11 * most, inflated=2**28 + 2**13 * most)
        pack, found = connection.objects(part, leave_out, limits, partial(heads_of, most=2**26 + 2**10 * most))
        packs.append(pack)
        heads |= found


def list_tags(connection: Connection, most: int) -> Listed:
    """Refs of tags, and whether there are more than so many, for which none is read beyond them.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    return connection.refs([_TAGS], most=most)


def read_target(connection: Connection, tag_name: str) -> str:
    """What a tag points to in the end; empty if there is no such tag.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    name = f"{_TAGS}{tag_name}"
    found = [ref for ref in connection.refs([name], peel=True).refs if ref.name == name]
    return found[0].peeled or found[0].oid if found else ""


class Content(NamedTuple):
    """A file of a commit."""

    size: int
    text: bytes
    """All of it, or the beginning (`Limits.whole`)."""


def read_files(connection: Connection, commit: str, paths: Iterable[str]) -> dict[str, Content]:
    """The files of a commit that there are, through links within it: two questions, and more where links lead to links.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    with connection.judged():
        return _CommitFiles(connection).read(commit, tuple(paths))


class _CommitFiles:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._packs: list[Pack] = []
        self._tree = lru_cache(maxsize=None)(self._parsed)

    def read(self, commit: str, paths: tuple[str, ...]) -> dict[str, Content]:
        self._bring([commit], _FOLDERS)
        sent = self._sent(commit)
        if sent.kind != "commit":
            return {}
        root, names = tree_of(sent.text), {path: path.encode("utf-8", "surrogateescape") for path in paths}
        blobs: dict[str, Sent] = {}
        while True:
            links = {oid: blob.text for oid, blob in blobs.items()}
            found = {path: find_file(root, name, self._tree, links) for path, name in names.items()}
            missing = sorted({each.oid for each in found.values() if each} - blobs.keys())
            if not missing:
                break
            self._bring(missing, replace(_FOLDERS, objects=len(missing) + _OTHERS))
            blobs |= {oid: self._sent(oid) for oid in missing}
        files = {path: blobs[each.oid] for path, each in found.items() if each}
        return {path: Content(blob.size, blob.text) for path, blob in files.items() if blob.kind == "blob"}

    def _bring(self, oids: list[str], limits: Limits) -> None:
        """Fetches objects without holding them: a large repository has many folders, of which few are read."""
        pack, _ = self._connection.objects(oids, NO_BLOB, limits, lambda objects: deque(objects, maxlen=0))
        self._packs.append(pack)

    def _sent(self, oid: str) -> Sent:
        sent = next(filter(None, (pack.read(oid) for pack in self._packs)), None)
        if sent is None:
            raise ProtocolError(f"Its answer lacks the object {oid}.")
        return sent

    def _parsed(self, oid: str) -> Tree:
        return parse_tree(self._sent(oid).text, len(oid) // 2)
