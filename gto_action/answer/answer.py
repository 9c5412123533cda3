"""The answer of a run, as one type for each case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gto_action.dvc_yaml.annotation import Annotation
from gto_action.errors import Problem
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Event
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.standing import Standing
from gto_action.gto.tag import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What is known about the artifact's own data."""

    pulled: bool
    """Whether the data is in the workspace."""
    found: Mapping[str, Any]
    """The key `pull` of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is no answer: the ref is not a GTO tag, or nothing is registered."""

    headline: str
    """One sentence that says why."""
    problems: tuple[Problem, ...] = ()
    about: tuple[Registry, ArtifactName] | None = None
    """The registry and the artifact that were searched without success; None if none were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is known about a tag besides what the registry says."""

    annotation: Annotation | None = None
    """None if `dvc.yaml` does not mention the artifact at the commit."""
    message: str = ""
    """The tag's message."""
    data: Data | None = None
    """None if nobody asked for the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfEvent:
    """What a tag says happened."""

    event: Event
    standing: Standing
    registry: Registry
    noted: Noted = field(default_factory=Noted)
    unmatched: str = ""
    """One sentence that says why the filters do not match the event; empty if they do."""
    problems: tuple[Problem, ...] = ()

    @property
    def artifact(self) -> Artifact:
        """The artifact, as it is now."""
        return self.registry.artifact(self.event.artifact)

    @property
    def record(self) -> TagRecord:
        """The tag."""
        return self.event.record


@dataclass(frozen=True, slots=True, kw_only=True)
class OfVersion:
    """A version that was asked for, such as `churn@latest`."""

    selector: Selector
    version: VersionState
    registry: Registry
    noted: Noted = field(default_factory=Noted)
    unmatched: str = ""
    """As in `OfEvent`."""
    problems: tuple[Problem, ...] = ()

    @property
    def artifact(self) -> Artifact:
        """The artifact, as it is now."""
        return self.registry.artifact(self.selector.artifact)

    @property
    def record(self) -> TagRecord:
        """The tag that stands for the version."""
        return self.version.record


@dataclass(frozen=True, slots=True, kw_only=True)
class OfDeleted:
    """A tag that was deleted: what it meant, and what holds without it."""

    tag: Tag
    current: VersionState | None
    """The version that holds now in the stage of the tag; without a stage, the latest one."""
    registry: Registry
    is_wanted: bool
    """Whether the filters match what the tag meant."""
    is_back: bool
    """Whether a tag with this name exists again."""
    problems: tuple[Problem, ...] = ()

    @property
    def artifact(self) -> Artifact:
        """The artifact, as it is without the tag."""
        return self.registry.artifact(self.tag.artifact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The events that no run has handled."""

    headline: str
    is_any: bool
    """Whether there are any, be they listed, dispatched, refused or left."""
    events: tuple[Event, ...]
    """The events that were listed or dispatched."""
    answers: tuple[OfEvent, ...]
    """What they mean, for as many as fit in an output."""
    problems: tuple[Problem, ...] = ()


OfTag = OfEvent | OfVersion
"""The answers for which data can be pulled."""
Answer = Nothing | OfEvent | OfVersion | OfDeleted
