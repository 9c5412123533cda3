"""The tags of a clone."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from gto_action.git.clone import Clone
from gto_action.git.object_scan import Scanned, scan, short_messages
from gto_action.git.objects import NOTES_FORMAT, parse_notes
from gto_action.git.records import read_records
from gto_action.gto.record import Notes, TagRecord


class ClonedTags:
    """The tags of a clone, read by git on demand."""

    def __init__(self, clone: Clone, scratch: Path) -> None:
        """Reads nothing yet.

        Args:
            clone: has the tags, with the commits that they point to.
            scratch: a folder for files that git reads and writes.
        """
        self._clone, self._scratch = clone, scratch

    @cached_property
    def records(self) -> list[TagRecord]:
        """All tags, by name.

        :raises GitError: if git cannot read what it has fetched.
        """
        return read_records(self._clone, self._scratch)

    def notes(self) -> Notes:
        """The messages of all tags and of their commits, read in one process."""
        return parse_notes(self._clone.ask("for-each-ref", f"--format={NOTES_FORMAT}", "refs/tags"))

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit (`Clone.message`)."""
        return self._clone.message(oid)

    def short_messages(self, oids: Iterable[str]) -> dict[str, str]:
        """The messages of many, read in one process (`short_messages`)."""
        return short_messages(self._clone, oids)

    def scan(self, oids: Iterable[str]) -> Iterator[Scanned]:
        """Tags and commits as they are."""
        return scan(self._clone, oids)

    def ref_of(self, commit: str) -> str:
        """A ref that leads to a commit."""
        named = (record.name for record in self.records if record.target == commit)
        return next((f"refs/tags/{name}" for name in named), "HEAD")
