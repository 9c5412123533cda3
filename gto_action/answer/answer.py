"""What a run has found."""

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
    """What is known of the artifact's own data."""

    pulled: bool
    """Whether it is in the workspace."""
    found: Mapping[str, Any]
    """The key `pull` of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is nothing to answer for: the ref is not a GTO tag, or nothing is registered."""

    headline: str
    """One sentence that says why."""
    problems: tuple[Problem, ...] = ()
    about: tuple[Registry, ArtifactName] | None = None
    """What was looked through in vain; None if nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is known of a tag beside the registry."""

    annotation: Annotation | None = None
    """None if `dvc.yaml` has nothing of the artifact at the commit."""
    message: str = ""
    """Of the tag."""
    data: Data | None = None
    """None if nobody asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfEvent:
    """What a tag says happened."""

    event: Event
    standing: Standing
    registry: Registry
    noted: Noted = field(default_factory=Noted)
    unmatched: str = ""
    """Why the event is not one that was asked for, in one sentence; empty if it is."""
    problems: tuple[Problem, ...] = ()

    @property
    def artifact(self) -> Artifact:
        """The artifact as it is now."""
        return self.registry.artifact(self.event.artifact)

    @property
    def record(self) -> TagRecord:
        """The tag."""
        return self.event.record


@dataclass(frozen=True, slots=True, kw_only=True)
class OfVersion:
    """A version that was asked for, as `churn@latest`."""

    selector: Selector
    version: VersionState
    registry: Registry
    noted: Noted = field(default_factory=Noted)
    unmatched: str = ""
    """As of an event."""
    problems: tuple[Problem, ...] = ()

    @property
    def artifact(self) -> Artifact:
        """The artifact as it is now."""
        return self.registry.artifact(self.selector.artifact)

    @property
    def record(self) -> TagRecord:
        """The tag that speaks for the version."""
        return self.version.record


@dataclass(frozen=True, slots=True, kw_only=True)
class OfDeleted:
    """A tag that was deleted: what it had meant, and what holds without it."""

    tag: Tag
    current: VersionState | None
    """The version that holds now where the tag had its say."""
    registry: Registry
    is_wanted: bool
    """Whether the event that the tag was is one that was asked for."""
    is_back: bool
    """Whether there is such a tag again."""
    problems: tuple[Problem, ...] = ()

    @property
    def artifact(self) -> Artifact:
        """The artifact as it is without the tag."""
        return self.registry.artifact(self.tag.artifact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What no run has handled."""

    headline: str
    events: tuple[Event, ...]
    """Those that were listed, or dispatched."""
    answers: tuple[OfEvent, ...]
    """What they mean: of as many as an output has room for."""
    problems: tuple[Problem, ...] = ()


OfTag = OfEvent | OfVersion
"""What an artifact's data can be brought for."""
Answer = Nothing | OfEvent | OfVersion | OfDeleted
