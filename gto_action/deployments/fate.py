"""What has happened to a deployment's assignment by the time somebody reports on the deployment."""

from dataclasses import dataclass

from gto_action.deployments.plan import TagAtCommit, of_tag
from gto_action.errors import RegistryError
from gto_action.gto.registry import Registry
from gto_action.gto.standing import current_events
from gto_action.gto.tag import Tag
from gto_action.gto.words import sentence, short


@dataclass(frozen=True, slots=True)
class Fate:
    """What has happened to an assignment."""

    text: str
    """One sentence: the event, or what has happened to its tag."""
    is_over: bool = False
    """Whether the stage no longer holds its version because of this assignment."""
    is_odd: bool = False
    """Whether its tag was changed or deleted, which is not a GTO event."""


def fate_of(tag: Tag, deployed: TagAtCommit, registry: Registry) -> Fate:
    """What has happened to a deployment's assignment.

    Args:
        tag: the assignment's tag.
        deployed: the same tag, as it was when the deployment was created.
        registry: as it is now.
    """
    record = registry.record(tag)
    if record is None:
        return Fate(
            f"The tag {str(tag)!r} has been deleted since its deployment was created.", is_over=True, is_odd=True
        )
    _, commit, dated = deployed
    _, now, dated_now = of_tag(record)
    if now != commit:
        text = (
            f"The tag {record.name!r} has been moved since its deployment was created, "
            f"from commit {short(commit)} to {short(now)}."
        )
        return Fate(text, is_over=True, is_odd=True)
    try:
        event = registry.event(tag)
    except RegistryError as error:
        return Fate(error.message, is_over=True, is_odd=True)
    if dated not in {None, dated_now}:
        text = f"The tag {record.name!r} has been made again since its deployment was created."
        return Fate(text, is_over=True, is_odd=True)
    if record.name not in current_events(registry.artifact(tag.artifact)):
        return Fate(f"Superseded: {sentence(event)}", is_over=True)
    return Fate(sentence(event))
