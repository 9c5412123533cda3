"""What a repository's registry says of changes, by the same modules as every other face: documents, and what holds."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from gto_action.answer.deleted import explain_deleted
from gto_action.answer.document import document_of
from gto_action.answer.explain import Question, explain
from gto_action.errors import Problem
from gto_action.git.tags import Tags
from gto_action.gto.event import moment_of
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.standing import current_events
from gto_action.gto.tag import Tag, parse_tag
from gto_action.job.filters import Filters
from gto_action.job.values import Lightweight
from gto_action.service.rules.ref_changes import Action, Change, Moment, Now

_MOST_KEPT: Final = 2**23
"""The bytes of files that are kept: whoever pushes may have a `dvc.yaml` of a megabyte at each commit."""


@dataclass(slots=True)
class _Source:
    """The tags as a source of files, each of which is read once where they are few, and of messages."""

    tags: Tags
    files: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def expect_files(self, commit: str, paths: Iterable[str]) -> None:
        """Starts to bring files."""
        if wanted := [path for path in paths if (commit, path) not in self.files]:
            self.tags.files.expect(commit, wanted)

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file at a commit; None if there is none."""
        if (commit, path) not in self.files:
            found = self.tags.files.read(commit, path)
            if self.size > _MOST_KEPT:
                self.files.clear()
                self.size = 0
            self.files[commit, path] = found
            self.size += len(found or b"")
        return self.files[commit, path]

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit, and its length if that is not all of it."""
        return (self.messages[oid], 0) if oid in self.messages else self.tags.message(oid)


class RegistryNow:
    """A registry as it is at a look."""

    def __init__(self, tags: Tags, lightweight: Lightweight) -> None:
        """Takes what has come.

        Args:
            tags: of all artifacts, or of one.
            lightweight: whether lightweight tags count.
        """
        self._source = _Source(tags)
        self._question = Question(lightweight=lightweight)
        self._records = tags.records
        accept = lightweight is Lightweight.ACCEPT
        self._registry = Registry(tags.records, accept_lightweight=accept, now=time.time())
        self._current = cache(self._current_tags)

    def now(self) -> dict[str, Now]:
        """GTO's tags as they are."""
        return {
            record.name: Now(record.oid, self._registry.why_ignored(record) is None)
            for record in self._records
            if parse_tag(record.name)
        }

    def moment(self, tag: Tag) -> Moment:
        """When a tag that counts says that something happened."""
        record = self.record(tag)
        assert record is not None  # noqa: S101 - it counts
        return moment_of(tag.kind, record)

    def record(self, tag: Tag) -> TagRecord | None:
        """What git says of a tag; None if there is none."""
        return self._registry.record(tag)

    def expect(self, changes: Iterable[Change]) -> None:
        """Reads at once what the documents of changes take.

        :raises GitError: if git cannot read what it has fetched.
        """
        self._source.messages = self._source.tags.short_messages(
            change.oid for change in changes if change.action is not Action.DELETED
        )

    def document(self, change: Change) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
        """The document of a change, and what is wrong beside it.

        :raises RemoteError: if a file cannot be read.
        """
        if change.action is Action.DELETED:
            deleted = explain_deleted(change.tag, Filters(), self._registry)
            return document_of(deleted), deleted.problems
        answer = explain(change.tag, self._registry, self._source, self._question)
        return document_of(answer), answer.problems

    def holds(self, tag: Tag, *, as_deleted: bool) -> bool:
        """Whether no later event supersedes that of a tag; a deletion holds until the tag is back."""
        record = self.record(tag)
        counts = record is not None and self._registry.why_ignored(record) is None
        return not counts if as_deleted else counts and str(tag) in self._current(tag.artifact)

    def _current_tags(self, name: ArtifactName) -> set[str]:
        return current_events(self._registry.artifact(name))
