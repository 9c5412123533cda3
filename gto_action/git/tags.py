"""All tags of a remote, once they are fetched."""

from functools import cached_property

from gto_action.errors import TooLargeError
from gto_action.git.clone import Clone
from gto_action.git.commit_files import CommitFiles
from gto_action.git.files import Files
from gto_action.git.objects import NOTES_FORMAT, parse_notes
from gto_action.git.program import FOR_FILES
from gto_action.git.records import read_records
from gto_action.git.remote import Remote
from gto_action.git.workshop import Workshop
from gto_action.gto.record import Notes, TagRecord
from gto_action.system.process import Process


class Tags:
    """The tags of a remote, with access to the files of their commits."""

    def __init__(  # noqa: PLR0913, PLR0917 - the last three are for distant remotes
        self,
        workshop: Workshop,
        remote: Remote,
        clone: Clone,
        too_large: TooLargeError | None = None,
        cloning_files: tuple[Process, Clone] | None = None,
        patience: float = 0.0,
    ) -> None:
        """Takes what was fetched.

        Args:
            workshop: makes more clones.
            remote: where the tags came from; a new address if the repository has moved.
            clone: has the tags and the commits that they point to.
            too_large: why tags that are not needed are missing.
            cloning_files: a clone of one tag, still in progress, with the folders of its commit.
            patience: how many seconds to wait for what only makes the run faster.
        """
        self.remote = remote
        """Where the tags came from; a new address if the repository has moved."""
        self.clone = clone
        """Has the tags and the commits; git fetches files into it on demand."""
        self.too_large = too_large
        """Why tags that are not needed are missing; None if all are here."""
        self._workshop = workshop
        self.files = Files(workshop, remote, clone, self._ref_of, cloning_files, patience)
        """The files of the commits."""

    @cached_property
    def records(self) -> list[TagRecord]:
        """All tags, by name.

        :raises GitError: if git cannot read what it has fetched.
        """
        return read_records(self.clone, self._workshop.scratch.folder)

    def notes(self) -> Notes:
        """The messages of all tags and of their commits, read in one process."""
        return parse_notes(self.clone.ask("for-each-ref", f"--format={NOTES_FORMAT}", "refs/tags"))

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit (`Clone.message`)."""
        return self.clone.message(oid)

    def files_of(self, record: TagRecord) -> CommitFiles:
        """All files of the commit that a tag points to; they are fetched on demand."""

        def fetch(*options: str) -> Clone:
            clone = self._workshop.clone(self.remote, memory=FOR_FILES)
            clone.fetch([f"refs/tags/{record.name}"], record.target, *options, bare=True)
            return clone

        return CommitFiles(record.target, self.files.with_folders(record.target), fetch, self._workshop.attempts)

    def _ref_of(self, commit: str) -> str:
        """A ref that leads to a commit."""
        named = (record.name for record in self.records if record.target == commit)
        return next((f"refs/tags/{name}" for name in named), "HEAD")
