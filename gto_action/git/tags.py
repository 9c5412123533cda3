"""Every tag of a remote, once it has come, and the way to what their commits hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gto_action.errors import TooLargeError
from gto_action.git.program import FOR_FILES
from gto_action.git.remote import Remote
from gto_action.git.workshop import Workshop
from gto_action.gto.record import Notes, TagRecord

if TYPE_CHECKING:
    from gto_action.git.clone import Clone
    from gto_action.git.commit_files import CommitFiles
    from gto_action.git.object_scan import Scanned


class Store(Protocol):
    """Where tags are that have come, with the commits that they point to."""

    @property
    def records(self) -> list[TagRecord]:
        """All tags, by name.

        :raises GitError: if they cannot be read.
        """
        ...

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit, stripped and without a signature (R11), and how many bytes it has.

        Of more than a million it is the beginning; of less the number is 0.
        """
        ...

    def notes(self) -> Notes:
        """What is written in every tag, and of the commits they point to."""
        ...

    def scan(self, oids: Iterable[str]) -> "Iterator[Scanned]":
        """Tags and commits as they are, each once; what has not come has no kind."""
        ...


class Files(Protocol):
    """The files of the commits that tags point to; the name of a commit may be `HEAD`."""

    def expect(self, commit: str, paths: Iterable[str]) -> None:
        """Starts to bring files that will be read, all at once, and returns while they come.

        Nothing depends on it: a file that has not come is brought when it is read.
        """
        ...

    def expect_all(self, wanted: Mapping[TagRecord, Iterable[str]]) -> None:
        """The same for the commits of one tag or many."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file at a commit, through symbolic links within the commit; None if there is none.

        Of one that is larger than what anybody parses it is the beginning.

        :raises RemoteError: if the remote does not deliver it.
        """
        ...

    def lacks(self, commit: str, path: str) -> bool:
        """Whether a commit may have a file that is not found, since it is read in a clone that leaves files out."""
        ...

    def with_folders(self, commit: str) -> "Clone | None":
        """A clone that has the folders of a commit, if there is one already."""
        ...

    def end(self) -> None:
        """Ends what is still on its way."""
        ...


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a remote."""

    workshop: Workshop
    """Where more can be fetched."""
    remote: Remote
    """Where the tags came from: another address than at first, if the repository has moved."""
    store: Store
    files: Files
    """Those of the commits."""
    too_large: TooLargeError | None = None
    """What kept tags away that are not needed; None if nothing did."""
    more_than: int = 0
    """If the remote has more tags than this, those that are not needed have been left out; 0 if none have been."""

    @property
    def records(self) -> list[TagRecord]:
        """Every tag that has come (`Store.records`)."""
        return self.store.records

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit (`Store.message`)."""
        return self.store.message(oid)

    def notes(self) -> Notes:
        """What people wrote (`Store.notes`)."""
        return self.store.notes()

    def scan(self, oids: Iterable[str]) -> "Iterator[Scanned]":
        """Tags and commits as they are (`Store.scan`)."""
        return self.store.scan(oids)

    def files_of(self, record: TagRecord) -> "CommitFiles":
        """All files of the commit that a tag points to; they are fetched on demand."""
        from gto_action.git.commit_files import CommitFiles  # noqa: PLC0415 - rarely needed

        def fetch(*options: str) -> "Clone":
            clone = self.workshop.clone(self.remote, memory=FOR_FILES)
            clone.fetch([f"refs/tags/{record.name}"], record.target, *options, bare=True)
            return clone

        return CommitFiles(record.target, self.files.with_folders(record.target), fetch, self.workshop.attempts)
