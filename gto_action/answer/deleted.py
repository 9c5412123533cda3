"""What a deleted tag had meant, and what holds without it."""

from gto_action.answer.answer import OfDeleted
from gto_action.errors import Level, Problem
from gto_action.gto.registry import Registry
from gto_action.gto.tag import Tag
from gto_action.job.filters import Filters


def explain_deleted(tag: Tag, filters: Filters, registry: Registry) -> OfDeleted:
    """What is known of a tag that was deleted: only what its name says, as nobody has its commit.

    Args:
        tag: which should not be in the registry; it is if somebody pushed it again.
        filters: may fit what the tag had meant.
        registry: as it is now.
    """
    is_back = registry.record(tag) is not None
    return OfDeleted(
        tag=tag,
        current=registry.artifact(tag.artifact).now.concerned_by(tag),
        registry=registry,
        is_wanted=filters.match(event=tag.kind.value, name=str(tag.artifact), stage=str(tag.stage or "")),
        is_back=is_back,
        problems=(*([_back(tag)] if is_back else []), *registry.problems(tag.artifact)),
    )


def _back(tag: Tag) -> Problem:
    text = f"The tag {str(tag)!r} was deleted, and is there again."
    return Problem(Level.NOTICE, text, "The push that brought it back has a run of its own.")
