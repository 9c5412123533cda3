"""What a run of the action is asked: by its inputs, or else by what triggered it."""

from dataclasses import dataclass

from gto_action.gto.names import ArtifactName
from gto_action.gto.selector import Selector
from gto_action.gto.tag import Tag, parse_tag
from gto_action.hosts.github.runner import read_payload
from gto_action.hosts.github.trigger import trigger_of
from gto_action.job.environment import Environment
from gto_action.job.inputs import Inputs
from gto_action.job.trigger import OfDeletion, OfNothing, OfTag, Trigger
from gto_action.job.values import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run is to do, and where."""

    inputs: Inputs
    environment: Environment
    trigger: Trigger
    wanted: Selector | Tag | None
    """The version or the tag to answer for; None where there is none, as in catching up."""

    @classmethod
    def by(cls, inputs: Inputs, environment: Environment) -> "Asked":
        """What inputs and trigger ask."""
        if inputs.artifact or inputs.catch_up:
            trigger: Trigger = OfNothing("")
            return cls(inputs=inputs, environment=environment, trigger=trigger, wanted=inputs.artifact)
        trigger = trigger_of(inputs.ref, environment, read_payload(environment.event_path))
        wanted = None if isinstance(trigger, OfNothing) else parse_tag(trigger.tag_name)
        return cls(inputs=inputs, environment=environment, trigger=trigger, wanted=wanted)

    @property
    def is_about_nothing(self) -> bool:
        """Whether there is nothing to look for in a registry."""
        return not self.wanted and not self.inputs.catch_up

    @property
    def is_of_deletion(self) -> bool:
        """Whether the tag that is asked about was deleted."""
        return isinstance(self.trigger, OfDeletion)

    @property
    def tag_name(self) -> str:
        """The tag whose files will be asked for; empty where there is none, or none yet."""
        return self.trigger.tag_name if isinstance(self.trigger, OfTag) else ""

    @property
    def needed(self) -> ArtifactName | None:
        """The artifact whose tags are enough to answer; None for every tag."""
        return self.wanted.artifact if self.wanted else None

    @property
    def only(self) -> ArtifactName | None:
        """The artifact whose tags are wanted; None for every tag."""
        return self.needed if self.inputs.scope is Scope.ARTIFACT else None
