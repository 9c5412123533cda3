"""What the pages and the API say of a registry, as values: both are made of these and of nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gto_action.dvc_yaml.annotation import Annotation
from gto_action.errors import Problem
from gto_action.gto.timeline import Period
from gto_action.page.spelling import LONGEST


class Held(NamedTuple):
    """What a stage of an artifact holds now."""

    stage: str
    version: str = ""
    """The version, or the commit where none is registered; empty if it holds none."""
    sha: str = ""
    tag: str = ""
    """The tag that stands for the version."""
    assignment: str = ""
    """The tag that put it there."""
    since: str = ""
    """When that was, in ISO 8601; empty for a tag without a date."""
    author: str = ""
    """Who made that tag."""
    path: str | None = ""
    """From its `dvc.yaml`; None if that was not read."""


class VersionFacts(NamedTuple):
    """One version at one commit."""

    version: str
    """The version, or the commit where none is registered."""
    sha: str
    tag: str
    """The tag that stands for it."""
    created_at: str
    """When that was made, in ISO 8601; empty for a tag without a date."""
    author: str
    active: bool
    """Whether it counts; not if it is deregistered."""
    stages: tuple[str, ...]
    """The stages that hold it now."""
    before: tuple[str, ...]
    """The stages that it was in and that hold it no more."""
    annotation: Annotation | None
    is_read: bool
    """Whether its `dvc.yaml` was looked at, so that no annotation means that there is none."""


class EventFacts(NamedTuple):
    """What one tag says happened."""

    event: str
    name: str
    version: str
    """The version, or the commit where none is registered; empty for a deprecation."""
    stage: str
    tag: str
    sha: str
    author: str
    created_at: str
    """In ISO 8601; empty for a tag without a date."""
    previous_version: str
    """Just before: the stage's version for an (un)assignment, the latest one for a (de)registration."""
    previous_sha: str
    is_current: bool
    """Whether it is in force."""


class Row(NamedTuple):
    """What is said of an artifact beside all others."""

    name: str
    active: bool
    latest: str
    """The latest version; empty if there is none."""
    stages: tuple[Held, ...]
    """Those that hold a version."""
    type: str
    description: str
    labels: tuple[str, ...]
    path: str
    changed_at: str
    changed_by: str
    versions: int
    """How many are active."""
    events: int
    problems: int
    is_read: bool
    """Whether what `dvc.yaml` says is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFacts:
    """Everything that is said of one artifact."""

    row: Row
    latest: VersionFacts | None
    directory: str
    ever: tuple[Held, ...]
    """Every stage that it ever was in, with what it holds now."""
    versions: Sequence[VersionFacts]
    """In the order of `gto show NAME --deprecated`: the greatest first, then the commits without a version."""
    events: Sequence[EventFacts]
    """In the order of `gto history`, the newest first."""
    periods: Sequence[Period]
    """All of them, those that last at the end."""
    periods_since: int | None
    """Since when these are all, in seconds since 1970; None if no earlier one is left out."""
    problems: Sequence[Problem]

    @property
    def name(self) -> str:
        """As people write it."""
        return self.row.name


class InStage(NamedTuple):
    """An artifact's version was in a stage, as the stage's own page says it."""

    name: str
    version: str
    start: int
    """Seconds since 1970."""
    end: int | None
    """The same; None if it still is."""
    began_before: bool
    """Whether nobody knows how long before `start` it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What all pages say of the registry itself."""

    title: str
    repository: str
    """Its address for `git`, without a user and a password; empty if nobody but this machine knows it."""
    page: str
    """Its page on its server; empty if there is none."""


def has_files(name: str) -> bool:
    """Whether an artifact or a stage has files of its own: not if its name is too long for one."""
    return len(name) <= LONGEST
