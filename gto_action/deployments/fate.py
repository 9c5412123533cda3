"""What has become of the assignment that a deployment is of, by the time that somebody reports on it."""

from dataclasses import dataclass

from gto_action.deployments.plan import TagAtCommit, of_tag
from gto_action.errors import RegistryError
from gto_action.gto.registry import Registry
from gto_action.gto.standing import current_events
from gto_action.gto.tag import Tag
from gto_action.gto.words import sentence, short


@dataclass(frozen=True, slots=True)
class Fate:
    """What has become of an assignment."""

    text: str
    """One sentence: what happened, or what has become of its tag."""
    is_over: bool = False
    """Whether the stage no longer holds its version by this assignment."""
    is_odd: bool = False
    """Whether its tag is not what it was, which is no event of GTO's."""


def fate_of(tag: Tag, deployed: TagAtCommit, registry: Registry) -> Fate:
    """What has become of the assignment that a deployment is of.

    Args:
        tag: of the assignment.
        deployed: the same tag, as it was when the deployment was made.
        registry: as it is now.
    """
    record = registry.record(tag)
    if record is None:
        return Fate(f"The tag {str(tag)!r} has been deleted since its deployment was made.", is_over=True, is_odd=True)
    _, commit, dated = deployed
    _, now, dated_now = of_tag(record)
    if now != commit:
        text = (
            f"The tag {record.name!r} has been moved since its deployment was made, "
            f"from commit {short(commit)} to {short(now)}."
        )
        return Fate(text, is_over=True, is_odd=True)
    try:
        event = registry.event(tag)
    except RegistryError as error:
        return Fate(error.message, is_over=True, is_odd=True)
    if dated not in {None, dated_now}:
        text = f"The tag {record.name!r} has been made again since its deployment was made."
        return Fate(text, is_over=True, is_odd=True)
    if record.name not in current_events(registry.artifact(tag.artifact)):
        return Fate(f"Superseded: {sentence(event)}", is_over=True)
    return Fate(sentence(event))
