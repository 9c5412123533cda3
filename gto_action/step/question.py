"""Puts a step's question to the registry, and refuses what only a step has to refuse."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gto_action.answer.answer import Nothing, OfDeleted, OfEvent, OfVersion
from gto_action.answer.deleted import explain_deleted
from gto_action.answer.explain import Question, Source, explain, select
from gto_action.answer.no_event import no_event
from gto_action.errors import RegistryError
from gto_action.git.remote import Remote
from gto_action.git.tags import Tags
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.tag import Tag
from gto_action.job.trigger import OfTag, Trigger
from gto_action.step.asked import Asked


def answer_of(
    asked: Asked, registry: Registry, source: Source, question: Question, remote: Remote
) -> Nothing | OfEvent | OfVersion | OfDeleted:
    """What a registry says about what was asked.

    :raises RegistryError: if the tag is missing, was moved, or there can be no answer for it.
    """
    wanted = asked.wanted
    if wanted is None:
        return no_event(asked.trigger)
    if isinstance(wanted, Selector):
        return select(wanted, registry, source, question)
    if asked.is_of_deletion:
        return explain_deleted(wanted, question.filters, registry)
    _check(asked.trigger, wanted, remote, registry)
    return explain(wanted, registry, source, question)


def _check(trigger: Trigger, tag: Tag, remote: Remote, registry: Registry) -> None:
    """Refuses a tag that is missing or was moved."""
    record = registry.record(tag)
    if record is None:
        raise RegistryError(
            f"The remote {remote.shown!r} has no tag {str(tag)!r}: it was deleted, or never pushed.",
            "Push the tag, or name another in the input 'ref'.",
        )
    if isinstance(trigger, OfTag):
        trigger.check(record)


@dataclass(frozen=True, slots=True)
class TagsSource:
    """The tags as a source of files and messages; `meanwhile` is called while files are fetched."""

    tags: Tags
    meanwhile: Callable[[], object]

    def expect_files(self, commit: str, paths: Iterable[str]) -> None:
        """Starts fetching files."""
        self.tags.files.expect(commit, paths)
        self.meanwhile()  # the registry's table folds all artifacts

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file's content at a commit; None if there is no such file."""
        return self.tags.files.read(commit, path)

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit; and its full length in bytes if it was cut, otherwise 0."""
        return self.tags.message(oid)
