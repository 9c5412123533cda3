"""What a deleted tag meant, and what holds without it."""

from gto_action.answer.answer import OfDeleted
from gto_action.errors import Level, Problem
from gto_action.gto.registry import Registry
from gto_action.gto.tag import Tag
from gto_action.job.filters import Filters


def explain_deleted(tag: Tag, filters: Filters, registry: Registry) -> OfDeleted:
    """What is known about a deleted tag: only what its name says, because its commit is unknown.

    Args:
        tag: the deleted tag; the registry has it only if somebody pushed it again.
        filters: compared with what the tag meant.
        registry: as it is now.
    """
    record = registry.record(tag)
    is_back = record is not None and registry.why_ignored(record) is None
    return OfDeleted(
        tag=tag,
        current=registry.artifact(tag.artifact).now.concerned_by(tag),
        registry=registry,
        is_wanted=filters.match(event=tag.kind.value, name=str(tag.artifact), stage=str(tag.stage or "")),
        is_back=is_back,
        problems=(*([_back(tag)] if is_back else []), *registry.problems(tag.artifact)),
    )


def _back(tag: Tag) -> Problem:
    text = f"The tag {str(tag)!r} was deleted, but exists again."
    return Problem(Level.NOTICE, text, "See the run of the push that brought it back.")
