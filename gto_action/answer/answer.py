"""What a run has found."""

from dataclasses import dataclass, field

from gto_action.answer.document import Outputs
from gto_action.dvc_yaml.annotation import Annotation
from gto_action.errors import Problem
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Event
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.standing import Standing


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run has found: told and written at its end, all at once."""

    headline: str
    """One sentence."""
    outputs: Outputs = field(default_factory=Outputs)
    problems: tuple[Problem, ...] = ()
    registry: Registry | None = None
    """None if the tags were not asked for."""
    artifact: ArtifactName | None = None
    event: Event | None = None
    standing: Standing | None = None
    """Of the event; None without one."""
    version: VersionState | None = None
    """The version that was asked for, instead of an event."""
    asked: str = ""
    """How it was asked for, as `churn@latest`."""
    annotation: Annotation | None = None
    unmatched: str = ""
    """Why `matched` is false, in one sentence; empty if it is true."""
    missed: tuple[tuple[str, str], ...] = ()
    """The tag names of the events that were missed, each with a sentence."""

    @property
    def record(self) -> TagRecord | None:
        """The tag of the event or of the version; None without either."""
        return self.event.record if self.event else self.version.record if self.version else None

    @property
    def pulled(self) -> bool:
        """Whether the artifact itself is in the workspace."""
        return self.outputs.document.get("pulled") is True

    @property
    def state(self) -> Artifact | None:
        """The artifact as it is now; None if the tags were not asked for."""
        return self.registry.artifact(self.artifact) if self.registry and self.artifact else None
