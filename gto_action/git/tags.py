"""Every tag of a remote, once it has come."""

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
    """The tags of a remote, and the way to what their commits hold."""

    def __init__(  # noqa: PLR0913, PLR0917 - the last three are for a remote that is far away
        self,
        workshop: Workshop,
        remote: Remote,
        clone: Clone,
        too_large: TooLargeError | None = None,
        cloning_files: tuple[Process, Clone] | None = None,
        patience: float = 0.0,
    ) -> None:
        """Takes what has come.

        Args:
            workshop: where more can be fetched.
            remote: where the tags came from, if it has moved.
            clone: has the tags, with the commits that they point to.
            too_large: what kept tags away that are not needed.
            cloning_files: a clone of one tag that is being made, with the folders of its commit.
            patience: the seconds that are waited for what only makes the run faster.
        """
        self.remote = remote
        """Where the tags came from: another address than at first, if the repository has moved."""
        self.clone = clone
        """Has the tags and the commits, and what git brings of them when it is asked."""
        self.too_large = too_large
        """What kept tags away that are not needed; None if all are here."""
        self._workshop = workshop
        self.files = Files(workshop, remote, clone, self._ref_of, cloning_files, patience)
        """The files of the commits."""

    @cached_property
    def records(self) -> list[TagRecord]:
        """Every tag there is, in the order of the names.

        :raises GitError: if git cannot read what it has fetched.
        """
        return read_records(self.clone, self._workshop.scratch.folder)

    def notes(self) -> Notes:
        """What is written in every tag, and of the commits they point to: in one process, for those who want it all."""
        return parse_notes(self.clone.ask("for-each-ref", f"--format={NOTES_FORMAT}", "refs/tags"))

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit (`Clone.message`)."""
        return self.clone.message(oid)

    def files_of(self, record: TagRecord) -> CommitFiles:
        """All files of the commit that a tag points to, which are brought as they are asked for."""

        def fetch(*options: str) -> Clone:
            clone = self._workshop.clone(self.remote, memory=FOR_FILES)
            clone.fetch([f"refs/tags/{record.name}"], record.target, *options, bare=True)
            return clone

        return CommitFiles(record.target, self.files.with_folders(record.target), fetch, self._workshop.attempts)

    def _ref_of(self, commit: str) -> str:
        """A ref that leads to a commit."""
        named = (record.name for record in self.records if record.target == commit)
        return next((f"refs/tags/{name}" for name in named), "HEAD")
