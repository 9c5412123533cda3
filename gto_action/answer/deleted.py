"""What a deleted tag had meant, and what holds without it."""

from gto_action.answer.answer import Answer
from gto_action.answer.document import Outputs
from gto_action.errors import Level, Problem
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.registry import Registry
from gto_action.gto.tag import Kind, Tag
from gto_action.gto.words import sentence_of_deleted
from gto_action.job.inputs import Inputs


def explain_deleted(tag: Tag, inputs: Inputs, registry: Registry) -> Answer:
    """What is known of a tag that was deleted: only what its name says, as nobody has its commit.

    Args:
        tag: which is not to be in the registry; it is if somebody pushed it again.
        inputs: `events`, `names` and `stages` may fit what the tag had meant.
        registry: as it is now.
    """
    artifact = registry.artifact(tag.artifact)
    current = _concerned(tag, artifact)
    back = registry.record(tag) is not None
    matched = inputs.match(event=tag.kind.value, name=str(tag.artifact), stage=str(tag.stage or ""))
    outputs = Outputs.of_deleted(tag, artifact, current, matched=matched, back=back)
    problems = [_back(tag)] if back else []
    return Answer(
        sentence_of_deleted(tag, str(current or "")),
        outputs,
        (*problems, *registry.problems(tag.artifact)),
        registry,
        tag.artifact,
    )


def _concerned(tag: Tag, artifact: Artifact) -> VersionState | None:
    """The version that holds now where the tag had its say; a deprecated artifact has none (R20)."""
    if not artifact.active or tag.kind is Kind.DEPRECATION:
        return None
    return artifact.stages.get(tag.stage) if tag.stage else artifact.latest


def _back(tag: Tag) -> Problem:
    text = f"The tag {str(tag)!r} was deleted, and is there again."
    return Problem(Level.NOTICE, text, "The push that brought it back has a run of its own.")
