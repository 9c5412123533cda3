"""The five events: what one tag says happened, with the version that GTO's rules give it.

All have a version, a stage and candidates, which may be None or empty, and version and stage as texts, for the outputs.
"""

from dataclasses import dataclass
from typing import ClassVar

from gto_action.gto.names import ArtifactName, StageName, Version
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import EventKind


def moment_of(kind: EventKind, record: TagRecord) -> tuple[int, int, str]:
    """When something happened; in the same second the event that wins by GTO's rules comes last."""
    time, name = record.order
    return time, kind.priority, name


@dataclass(frozen=True, slots=True, kw_only=True)
class _TagEvent:
    artifact: ArtifactName
    record: TagRecord

    kind: ClassVar[EventKind]

    @property
    def moment(self) -> tuple[int, int, str]:
        """When it happened; in the same second the event that wins by GTO's rules comes last."""
        return moment_of(self.kind, self.record)

    @property
    def commit(self) -> str:
        """The commit that the tag points to, in hexadecimal digits."""
        return self.record.target


@dataclass(frozen=True, slots=True, kw_only=True)
class _VersionEvent(_TagEvent):
    version: Version
    stage: ClassVar[None] = None
    stage_text: ClassVar = ""
    candidates: ClassVar[tuple[Version, ...]] = ()

    @property
    def version_text(self) -> str:
        """The value of the output `version`."""
        return str(self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class _StageEvent(_TagEvent):
    stage: StageName
    version: Version | None
    """None if no version of the artifact is registered at the commit (R15b)."""
    candidates: tuple[Version, ...] = ()
    """The versions registered at the commit, in the order of registration, if there are several (R15c)."""

    @property
    def version_text(self) -> str:
        """The value of the output `version`: the version, or the commit if no version is registered."""
        return str(self.version) if self.version else self.commit

    @property
    def stage_text(self) -> str:
        """The value of the output `stage`."""
        return str(self.stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(_VersionEvent):
    """`churn@v3.1.0`: a version begins."""

    kind: ClassVar = EventKind.REGISTRATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Deregistration(_VersionEvent):
    """`churn@v3.1.0!`: a version ends."""

    kind: ClassVar = EventKind.DEREGISTRATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(_StageEvent):
    """`churn#prod`: the commit's version is put in a stage."""

    kind: ClassVar = EventKind.ASSIGNMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassignment(_StageEvent):
    """`churn#prod!`: the commit's version is taken out of a stage."""

    kind: ClassVar = EventKind.UNASSIGNMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation(_TagEvent):
    """`churn@deprecated`: the artifact should no longer be used; the event has no version and no stage (R21)."""

    kind: ClassVar = EventKind.DEPRECATION
    version: ClassVar[None] = None
    version_text: ClassVar = ""
    stage: ClassVar[None] = None
    stage_text: ClassVar = ""
    candidates: ClassVar[tuple[Version, ...]] = ()


Event = Registration | Deregistration | Assignment | Unassignment | Deprecation
