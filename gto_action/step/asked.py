"""What a run is about: what its inputs name, or else what triggered it."""

from dataclasses import dataclass

from gto_action.answer.files import files_for
from gto_action.gto.names import ArtifactName
from gto_action.gto.selector import Selector
from gto_action.gto.tag import Tag, parse_tag
from gto_action.hosts.github.runner import read_payload
from gto_action.hosts.github.trigger import trigger_of
from gto_action.job.environment import Environment
from gto_action.job.trigger import OfDeletion, OfNothing, OfTag, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The tag or the version that a run is about."""

    trigger: Trigger
    wanted: Selector | Tag | None
    """None if there is nothing to answer."""

    @classmethod
    def by(cls, ref: str, environment: Environment, selector: Selector | None = None) -> "Asked":
        """Takes the selector if there is one, else the ref, else what triggered the run."""
        if selector:
            return cls(trigger=OfNothing(""), wanted=selector)
        trigger = trigger_of(ref, environment, read_payload(environment.event_path))
        wanted = None if isinstance(trigger, OfNothing) else parse_tag(trigger.tag_name)
        return cls(trigger=trigger, wanted=wanted)

    @property
    def is_of_deletion(self) -> bool:
        """Whether the run is about a deleted tag."""
        return isinstance(self.trigger, OfDeletion)

    @property
    def tag_name(self) -> str:
        """The tag whose files will be needed; empty if there is none, or it is not known yet."""
        return self.trigger.tag_name if isinstance(self.trigger, OfTag) else ""

    @property
    def commit(self) -> str:
        """The commit that this tag must point to; empty if unknown."""
        return self.trigger.sha if isinstance(self.trigger, OfTag) else ""

    @property
    def files(self) -> tuple[str, ...]:
        """What will be read of that tag's commit."""
        return files_for(self.wanted) if isinstance(self.wanted, Tag) else ()

    @property
    def artifacts(self) -> tuple[ArtifactName, ...]:
        """The artifact whose tags suffice for the answer; none if there is nothing to answer."""
        return (self.wanted.artifact,) if self.wanted else ()
