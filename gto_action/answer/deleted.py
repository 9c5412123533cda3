"""What a deleted tag had meant, and what holds without it."""

from gto_action.answer.answer import OfDeleted
from gto_action.errors import Level, Problem
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.registry import Registry
from gto_action.gto.tag import Kind, Tag
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
        current=_concerned(tag, registry.artifact(tag.artifact)),
        registry=registry,
        is_wanted=filters.match(event=tag.kind.value, name=str(tag.artifact), stage=str(tag.stage or "")),
        is_back=is_back,
        problems=(*([_back(tag)] if is_back else []), *registry.problems(tag.artifact)),
    )


def _concerned(tag: Tag, artifact: Artifact) -> VersionState | None:
    """The version that holds now where the tag had its say; a deprecated artifact has none (R20)."""
    if not artifact.active or tag.kind is Kind.DEPRECATION:
        return None
    return artifact.stages.get(tag.stage) if tag.stage else artifact.latest


def _back(tag: Tag) -> Problem:
    text = f"The tag {str(tag)!r} was deleted, and is there again."
    return Problem(Level.NOTICE, text, "The push that brought it back has a run of its own.")
