"""All tags of a remote, once they are fetched, with access to the files of their commits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gto_action.errors import RemoteError
from gto_action.git.program import FOR_FILES
from gto_action.git.remote import Remote
from gto_action.git.workshop import Workshop
from gto_action.gto.record import Notes, TagRecord

if TYPE_CHECKING:
    from gto_action.git.clone import Clone
    from gto_action.git.commit_files import CommitFiles
    from gto_action.git.object_scan import Scanned


class Store(Protocol):
    """Holds fetched tags and the commits that they point to."""

    @property
    def records(self) -> list[TagRecord]:
        """All tags, by name.

        :raises GitError: if they cannot be read.
        """
        ...

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit, stripped and without its signature (R11), and its size in bytes.

        A message of more than a million bytes is cut; of a shorter one the size is 0.
        """
        ...

    def short_messages(self, oids: Iterable[str]) -> dict[str, str]:
        """The messages of many, as `message` has them, without those that are long; empty where that saves nothing."""
        ...

    def notes(self) -> Notes:
        """The messages of all tags and of their commits."""
        ...

    def scan(self, oids: Iterable[str]) -> "Iterator[Scanned]":
        """Tags and commits as they are stored, each once; a missing one has no kind."""
        ...


class Files(Protocol):
    """The files of the commits that tags point to; a commit may be called `HEAD`."""

    def expect(self, commit: str, paths: Iterable[str]) -> None:
        """Starts fetching files that will be read, all at once, and returns meanwhile.

        Nothing depends on it: a file that is not there in time is fetched when it is read.
        """
        ...

    def expect_all(self, wanted: Mapping[TagRecord, Iterable[str]]) -> None:
        """The same for the commits of one tag or many."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file at a commit, through symbolic links within the commit; None if there is none.

        A file that is too large to be parsed is cut.

        :raises RemoteError: if the remote does not deliver it.
        """
        ...

    def lacks(self, commit: str, path: str) -> bool:
        """Whether a commit may have a file that is missing here, because a partial clone leaves files out."""
        ...

    def with_folders(self, commit: str) -> "Clone | None":
        """A clone that has the folders of a commit, if there is one already."""
        ...

    def end(self) -> None:
        """Ends what is in progress."""
        ...


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a remote."""

    workshop: Workshop
    """Fetches more."""
    remote: Remote
    """Where the tags came from; a new address if the repository has moved."""
    store: Store
    files: Files
    """The files of the commits."""
    incomplete: RemoteError | None = None
    """Why tags that are not needed are missing; None if this is not the reason."""
    more_than: int = 0
    """If the remote has more tags than this, only the needed ones were fetched; 0 if all were."""

    @property
    def records(self) -> list[TagRecord]:
        """All tags, by name (`Store.records`)."""
        return self.store.records

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit (`Store.message`)."""
        return self.store.message(oid)

    def short_messages(self, oids: Iterable[str]) -> dict[str, str]:
        """The messages of many (`Store.short_messages`)."""
        return self.store.short_messages(oids)

    def notes(self) -> Notes:
        """The messages of all tags and of their commits (`Store.notes`)."""
        return self.store.notes()

    def scan(self, oids: Iterable[str]) -> "Iterator[Scanned]":
        """Tags and commits as they are stored (`Store.scan`)."""
        return self.store.scan(oids)

    def files_of(self, record: TagRecord) -> "CommitFiles":
        """All files of the commit that a tag points to; they are fetched on demand."""
        from gto_action.git.commit_files import CommitFiles  # noqa: PLC0415 - rarely needed

        def fetch(*options: str) -> "Clone":
            clone = self.workshop.clone(self.remote, memory=FOR_FILES)
            clone.fetch([f"refs/tags/{record.name}"], record.target, *options, bare=True)
            return clone

        return CommitFiles(record.target, self.files.with_folders(record.target), fetch, self.workshop.attempts)
