"""Folders and files of commits, as far as they have been fetched."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from gto_action.git.protocol.faults import ProtocolError, TooMuchError
from gto_action.git.protocol.fetches import NO_BLOB
from gto_action.git.protocol.pack import Pack, Sent
from gto_action.git.protocol.packed_bytes import Limits
from gto_action.git.protocol.trees import Tree, find_file, parse_tree, tree_of
from gto_action.git.wire.connection import Connection

_FOLDERS: Final = Limits(objects=2**19, packed=2**26, inflated=2**29)
_OTHERS: Final = 1_000
_MOST: Final = 2**20 + 1
"""The bytes of a file that are kept: one more than yaml12 takes."""
_MOST_KEPT: Final = 2**27
"""The bytes of packs, folders and files that are kept; a clone keeps them on disk."""
_WEIGHT: Final = 8
"""A folder that has been parsed takes more memory than its text."""


class Content(NamedTuple):
    """A file of a commit."""

    size: int
    text: bytes
    """All of it, or the beginning."""


class Folders:
    """What is known of some commits: more after each question, and nothing is fetched twice."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._packs: list[Pack] = []
        self._roots: dict[str, str] = {}
        """The name of the folder of each commit; empty for what is no commit."""
        self._trees: dict[str, Tree] = {}
        self._blobs: dict[str, tuple[str, Content]] = {}
        """The kind and the text of what was asked for as a file."""
        self._files: dict[str, dict[str, Content | None]] = {}
        """By commit and path; None where there is no file."""
        self._kept = 0

    def known(self, commit: str, path: str) -> bool:
        """Whether it is known what is at a path, or that nothing is."""
        return path in self._files.get(commit, ())

    def file(self, commit: str, path: str) -> Content | None:
        """What is known to be at a path; None if there is no file."""
        return self._files[commit][path]

    def bring(self, connection: Connection, wanted: Mapping[str, Iterable[str]]) -> None:
        """Asks for files of commits: by two questions, and more where links lead to links.

        Args:
            connection: whom to ask.
            wanted: the paths, by commit.

        :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
        :raises CannotError: if it cannot be asked this way.
        """
        with connection.judged():
            self._bring(connection, {commit: tuple(paths) for commit, paths in wanted.items()})

    def _bring(self, connection: Connection, wanted: Mapping[str, tuple[str, ...]]) -> None:
        if new := [commit for commit in wanted if commit not in self._roots]:
            self._bring_folders(connection, new)
        while True:
            links = {oid: content.text for oid, (_, content) in self._blobs.items()}
            found = {
                (commit, path): find_file(root, path.encode("utf-8", "surrogateescape"), self._tree, links)
                for commit, paths in wanted.items()
                if (root := self._roots[commit])
                for path in paths
            }
            missing = sorted({each.oid for each in found.values() if each} - self._blobs.keys())
            if not missing:
                break
            self._bring_blobs(connection, missing)
        for commit, paths in wanted.items():
            known = self._files.setdefault(commit, {})
            for path in paths:
                entry = found.get((commit, path))
                kind, content = self._blobs[entry.oid] if entry else ("", None)
                known[path] = content if kind == "blob" else None

    def _bring_folders(self, connection: Connection, commits: list[str]) -> None:
        """Fetches folders and keeps them packed: a large repository has many, and few of them are read."""
        pack, _ = connection.objects(commits, NO_BLOB, _FOLDERS, _pass_by)
        self._packs.append(pack)
        self._keep(pack.size)
        for commit in commits:
            sent = self._sent(commit)
            self._roots[commit] = tree_of(sent.text) if sent.kind == "commit" else ""

    def _bring_blobs(self, connection: Connection, oids: list[str]) -> None:
        wanted = set(oids)

        def take(objects: Iterable[Sent]) -> dict[str, tuple[str, Content]]:
            return {
                each.oid: (each.kind, Content(each.size, each.text[:_MOST])) for each in objects if each.oid in wanted
            }

        _, found = connection.objects(oids, NO_BLOB, replace(_FOLDERS, objects=len(oids) + _OTHERS), take)
        if lacking := wanted - found.keys():
            raise ProtocolError(f"Its answer lacks the object {min(lacking)}.")
        self._blobs |= found
        self._keep(sum(len(content.text) for _, content in found.values()))

    def _sent(self, oid: str) -> Sent:
        sent = next(filter(None, (pack.read(oid) for pack in self._packs)), None)
        if sent is None:
            raise ProtocolError(f"Its answer lacks the object {oid}.")
        return sent

    def _tree(self, oid: str) -> Tree:
        if oid not in self._trees:
            sent = self._sent(oid)
            if sent.size > len(sent.text):
                raise TooMuchError(f"The server sends a folder of {sent.size:,} bytes.")
            self._keep(_WEIGHT * sent.size)
            self._trees[oid] = parse_tree(sent.text, len(oid) // 2)
        return self._trees[oid]

    def _keep(self, size: int) -> None:
        """Counts what is kept.

        :raises TooMuchError: if this is too much.
        """
        self._kept += size
        if self._kept > _MOST_KEPT:
            raise TooMuchError(f"The server sends more than {_MOST_KEPT:,} bytes of folders and files.")


def _pass_by(objects: Iterable[Sent]) -> None:
    for _ in objects:
        pass
