"""The files of a commit, exactly as git stores them: no attributes, filters or ignore lists change them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, TypeVar

from gto_action.errors import Kind, PullError, RemoteError, TransientRemoteError
from gto_action.git.clone import Clone
from gto_action.git.commit_tree import Entry, is_forbidden, parse_entry
from gto_action.git.program import FOR_FILES
from gto_action.gto.words import short
from gto_action.system.attempts import Attempts
from gto_action.system.process import as_file

_Answer = TypeVar("_Answer")
_CHUNK: Final = 2**20
_FILTER: Final = "--filter=blob:none"


class CommitFiles:
    """Lists a commit's files, and writes those that are wanted."""

    def __init__(self, commit: str, clone: Clone | None, fetch: Callable[..., Clone], attempts: Attempts) -> None:
        """Asks nothing yet.

        Args:
            commit: the commit's id.
            clone: a clone that has the commit's folders, if there is one already.
            fetch: makes such a clone, with options of `git fetch`.
            attempts: the time limit for the remote.
        """
        self._commit = commit
        self._clone = clone
        if clone:
            clone.memory = FOR_FILES
        self._fetch = fetch
        self._attempts = attempts
        self._whole = False

    def listed(self) -> Iterator[Entry]:
        """Every file, link and submodule, in git's order.

        :raises RemoteError: if the remote does not deliver the list.
        :raises PullError: if the list has a file that git itself would refuse to write.
        """
        with as_file() as listing:
            arguments = ("ls-tree", "-r", "-z", "--full-tree", self._commit)
            self._ask(lambda clone: clone.ask(*arguments, stdout=_emptied(listing)))
            listing.seek(0)
            for entry in map(parse_entry, _split(listing)):
                if is_forbidden(entry.path):
                    raise PullError(
                        f"The commit {short(self._commit)} has {entry.path!r}, which no checkout may write.",
                        "Somebody made it on purpose; find out who pushed it.",
                    )
                yield entry

    def write(self, wanted: Iterable[tuple[Entry, Path]]) -> None:
        """Writes files to places; a link becomes a file that contains its target.

        :raises RemoteError: if the remote does not deliver them.
        :raises OSError: if they cannot be written.
        """
        pairs = list(wanted)
        if pairs:
            self._ask(lambda clone: self._write(clone, pairs))

    def _write(self, clone: Clone, pairs: list[tuple[Entry, Path]]) -> None:
        if not self._whole:
            clone.bring(sorted({entry.oid for entry, _ in pairs}))
        with as_file() as questions:
            questions.writelines(f"{entry.oid}\n".encode() for entry, _ in pairs)
            questions.seek(0)
            with clone.reading("cat-file", "--batch", "--buffer", stdin=questions) as out:
                for entry, place in pairs:
                    _, kind, *size = out.readline().split()
                    if kind != b"blob":
                        raise RemoteError(f"The remote has not sent the file {entry.path!r}.", kind=Kind.LATER)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with place.open("wb") as file:
                        _copy(out, file, int(size[0]))
                    out.read(1)  # the end of the line

    def _ask(self, ask: Callable[[Clone], _Answer]) -> _Answer:
        """Asks a clone that fetches only wanted files; if the server does not support that, a clone with all files."""
        try:
            return self._attempts.make(lambda: ask(self._made(_FILTER)))
        except TransientRemoteError:
            raise
        except RemoteError:
            if self._whole or not self._attempts.left:
                raise
        self._clone, self._whole = None, True
        return self._attempts.make(lambda: ask(self._made()))

    def _made(self, *options: str) -> Clone:
        if not self._clone:
            self._clone = self._fetch(*options)
        return self._clone


def _emptied(file: IO[bytes]) -> IO[bytes]:
    """The file, emptied for another try."""
    file.seek(0)
    file.truncate()
    return file


def _split(listing: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := listing.read(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\0")
        yield from lines


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    while size and (chunk := source.read(min(size, _CHUNK))):
        target.write(chunk)
        size -= len(chunk)
    if size:
        raise ValueError(size)
