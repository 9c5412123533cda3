"""The question of a step, put to the registry: with the refusals that only a step has."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gto_action.answer.answer import Nothing, OfDeleted, OfEvent, OfVersion
from gto_action.answer.deleted import explain_deleted
from gto_action.answer.explain import Question, Source, explain, nothing, select
from gto_action.errors import RegistryError
from gto_action.git.remote import Remote
from gto_action.git.tags import Tags
from gto_action.gto.cures import delete
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.tag import Tag, breaks_gto, correction_of, looks_like_tag
from gto_action.job.trigger import OfTag, Trigger
from gto_action.step.asked import Asked


def answer_of(
    asked: Asked, registry: Registry, source: Source, question: Question, remote: Remote
) -> Nothing | OfEvent | OfVersion | OfDeleted:
    """What a registry says about what was asked.

    :raises RegistryError: if the tag is not there, or was moved, or cannot be answered for.
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
    """Refuses a tag that is not there, or no longer where it was."""
    record = registry.record(tag)
    if record is None:
        raise RegistryError(
            f"The remote {remote.shown!r} has no tag {str(tag)!r}: it was deleted, or never pushed.",
            "Push the tag, or ask for another in the input 'ref'.",
        )
    if isinstance(trigger, OfTag):
        trigger.check(record)


@dataclass(frozen=True, slots=True)
class TagsSource:
    """The tags as the source of files and messages; `meanwhile` is called while files come."""

    tags: Tags
    meanwhile: Callable[[], object]

    def expect_files(self, commit: str, paths: Iterable[str]) -> None:
        """Starts to bring files."""
        self.tags.files.expect(commit, paths)
        self.meanwhile()  # the registry's table folds all artifacts

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file at a commit; None if there is none."""
        return self.tags.files.read(commit, path)

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit, and its length if that is not all of it."""
        return self.tags.message(oid)


def no_event(trigger: Trigger) -> Nothing:
    """The answer where the run is not about a GTO tag."""
    if isinstance(trigger, OfTag):
        reason, hint = f"The tag {trigger.tag_name!r} is not a GTO tag.", _meant(trigger.tag_name)
    else:
        reason, hint = trigger.reason, ""
    return Nothing(headline=reason, problems=(nothing(reason, hint),))


def _meant(name: str) -> str:
    """What to do if a GTO tag was meant, as `doctor` says it; nobody knows here whose tag it is."""
    if breaks_gto(name):
        return f"gto fails on it. Delete it: {delete(name)}"
    if meant := correction_of(name):
        return f"If {meant!r} is meant, delete it, and let gto make that: {delete(name)}"
    return "A GTO tag is written NAME@vX.Y.Z or NAME#STAGE." if looks_like_tag(name) else ""
