"""The files of a clone's commits: fetched together if they are known in advance, otherwise one by one when read."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from functools import cache
from typing import Final

from gto_action.errors import FilterError, GitError, RemoteError
from gto_action.git.clone import Clone
from gto_action.git.paths import is_in_git, within
from gto_action.git.program import FOR_FILES
from gto_action.git.remote import Remote
from gto_action.git.workshop import Workshop
from gto_action.gto.record import TagRecord
from gto_action.system.process import Process

_MOST: Final = 2**20 + 1  # one more than yaml12 accepts
_MOST_TOGETHER: Final = 2**26
"""The bytes of files that are held because somebody will ask for them; others are read when they are asked for."""
_MOST_FOLDER: Final = 2**23


class ClonedFiles:
    """The files of the commits that the tags of a remote point to."""

    def __init__(  # noqa: PLR0913, PLR0917 - created in one place
        self,
        workshop: Workshop,
        remote: Remote,
        clone: Clone,
        ref_of: Callable[[str], str],
        cloning: tuple[Process, Clone] | None,
        patience: float,
    ) -> None:
        """Fetches nothing yet.

        Args:
            workshop: makes more clones.
            remote: what to fetch from.
            clone: has every commit; git fetches files into it on demand.
            ref_of: returns a ref that leads to a commit.
            cloning: a clone of one tag, still in progress, with the folders of its commit.
            patience: how many seconds to wait for what only makes the run faster.
        """
        self._workshop, self._remote, self._clone, self._ref_of = workshop, remote, clone, ref_of
        self._cloning, self._patience = cloning, patience
        self._clones: dict[str, Clone] = {}
        """Where to read the files of a commit, if not in the clone that has every commit."""
        self._fetching: Process | None = None
        self._expected: tuple[Clone, list[tuple[str, str]]] | None = None
        """Commits and paths that are to be read together, as soon as one of them is asked for."""
        self._together: dict[tuple[str, str], bytes | None] = {}
        """What has been read so."""

    def expect(self, commit: str, paths: Iterable[str]) -> None:
        """Starts fetching all files that will be read, and returns while git works.

        Nothing depends on it: files that do not arrive are fetched when they are read.
        """
        clone = self._clones[commit] = self._made_for(commit) or self._clone
        self._fetching = clone.fetch_files(clone.ids_of(commit, paths, self._soon))

    def expect_all(self, wanted: Mapping[TagRecord, Iterable[str]]) -> None:
        """Fetches files of the commits of one or many tags, in two requests; nothing depends on it either."""
        paths: dict[str, dict[str, None]] = {}
        for record, own in wanted.items():
            paths.setdefault(record.target, {}).update(dict.fromkeys(filter(is_in_git, own)))
        clone = self._clone
        if not clone.is_shared:
            clone = self._workshop.clone(self._remote)
            try:
                tags = [f"refs/tags/{record.name}" for record in wanted]
                clone.fetch(tags, next(iter(paths)), "--filter=blob:none", bare=True)
            except RemoteError:
                return
            every = dict.fromkeys(path for own in paths.values() for path in own)
            self._clones |= dict.fromkeys(paths, clone)
            self._fetching = clone.fetch_files(clone.lacking(paths, every, self._soon))
        self._together = {}
        self._expected = clone, [(commit, path) for commit, own in paths.items() for path in own]

    def read(self, commit: str, path: str) -> bytes | None:
        """A file's content at a commit, following symbolic links within the commit; None if there is no such file.

        Of a file that is too large to be parsed, only the beginning.

        :raises RemoteError: if the remote does not deliver it.
        """
        if (place := within(path)) is None:
            return None
        if self._fetching:
            self._workshop.attempts.wait(self._fetching, self._soon)
            self._fetching = None
        self._read_together()
        if (commit, path) in self._together:
            return self._together[commit, path]
        try:
            return self._read(self._clones.get(commit, self._clone), commit, place)
        except FilterError as error:  # the server sends only what a ref leads to
            self._workshop.log(f"{error.message} Fetching without the filter instead.")
            oid = self._clone.ask("rev-parse", "--verify", commit).decode().strip()
            clone = self._clones[commit] = self._workshop.attempts.make(lambda: self._whole(oid))
            return self._read(clone, oid, place)

    def lacks(self, commit: str, path: str) -> bool:
        """Whether a commit may have a file that is missing here, because a partial clone leaves files out."""
        try:
            return bool(self._clone.ask("ls-tree", commit, "--", path))
        except GitError:  # the list of files was left out too
            return True

    def with_folders(self, commit: str) -> Clone | None:
        """A clone that has the folders of a commit, if there is one already."""
        clone = self._clones.get(commit)
        return clone if clone is not self._clone else None

    def end(self) -> None:
        """Does nothing: git is ended with the scratch folder."""

    def _read_together(self) -> None:
        """Reads what is expected, in one process; without success each file is read when it is asked for."""
        if not self._expected:
            return
        (clone, pairs), self._expected = self._expected, None
        held: dict[bytes, bytes] = {}  # the same file is at many commits
        room = _MOST_TOGETHER
        with (
            suppress(GitError),
            closing(clone.read_all((f"{at}:/{within(path)}" for at, path in pairs), _MOST)) as found,
        ):
            for pair, (kind, size, content) in zip(pairs, found, strict=True):
                if size > _MOST or kind == "dangling":
                    continue  # who asks for it is told, or led further
                if content not in held:
                    room -= size
                    if room < 0:
                        break
                self._together[pair] = held.setdefault(content, content) if kind == "blob" else None

    def _read(self, clone: Clone, commit: str, path: str) -> bytes | None:
        def read(name: str, most: int = _MOST) -> tuple[str, int, bytes]:
            return self._workshop.attempts.make(lambda: clone.read(name, most))

        kind, size, content = read(f"{commit}:/{path}")
        if kind == "dangling" and (oid := _followed(read, commit, path)):
            kind, size, content = read(oid)
        if size > _MOST:
            self._workshop.log(f"The file {path!r} has {size:,} bytes; only the first {_MOST:,} are read.")
        return content if kind == "blob" else None

    def _whole(self, commit: str) -> Clone:
        """A clone with all files of a commit."""
        clone = self._workshop.clone(self._remote, memory=FOR_FILES)
        clone.fetch([self._ref_of(commit)], commit, bare=True)
        return clone

    @property
    def _soon(self) -> float:
        """How many seconds to wait for what only makes the run faster; this leaves time to do without it."""
        return min(self._patience, self._workshop.attempts.left / 2)

    def _made_for(self, commit: str) -> Clone | None:
        """The clone of the one tag, if it is complete and the tag still points to the commit."""
        if not self._cloning:
            return None
        (process, clone), self._cloning = self._cloning, None
        if self._workshop.attempts.wait(process, self._soon)[0] != 0:
            return None
        status, found, _ = clone.start("rev-parse", "HEAD^{commit}").wait(timeout=self._soon)
        return clone if status == 0 and found.decode().strip() == commit else None


def _followed(read: Callable[[str, int], tuple[str, int, bytes]], commit: str, path: str) -> str:
    """The id of the file to which links lead that git does not follow to their end; empty if there is none."""
    from gto_action.git.protocol.faults import ProtocolError  # noqa: PLC0415 - rarely needed
    from gto_action.git.protocol.trees import Wanted, find_file, parse_tree, tree_of  # noqa: PLC0415 - as above

    links: dict[str, bytes] = {}
    tree = cache(lambda oid: parse_tree(read(oid, _MOST_FOLDER)[2], len(oid) // 2))
    try:
        root = tree_of(read(f"{commit}^{{commit}}", _MOST)[2])
        while isinstance(found := find_file(root, path.encode("utf-8", "surrogateescape"), tree, links), Wanted):
            links[found.oid] = read(found.oid, _MOST)[2]
    except ProtocolError:  # a folder that is damaged, or too large to be held
        return ""
    return found.oid if found else ""
