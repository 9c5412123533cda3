"""Builds versions tag by tag, and decides which version an (un)assignment is about (R14, R15, X1, X2)."""

from bisect import bisect_right
from collections.abc import Sequence

from gto_action.gto.artifact import StageState, VersionState
from gto_action.gto.names import StageName, Version
from gto_action.gto.record import UNDATED, TagRecord
from gto_action.gto.rules import Order, is_active, registered_of
from gto_action.gto.tag import EventKind, Tag

Pair = tuple[Tag, TagRecord]


class GrowingStage:
    """One version in one stage, growing."""

    __slots__ = ("assignments", "unassignments")

    def __init__(self) -> None:
        """Begins without a tag."""
        self.assignments: list[TagRecord] = []
        self.unassignments: list[TagRecord] = []


class GrowingVersion:
    """One version at one commit, growing."""

    __slots__ = ("began", "commit", "deregistrations", "registrations", "stages", "version")

    def __init__(self, version: Version | None, commit: str, began: Order) -> None:
        """Begins without a tag."""
        self.version = version
        self.commit = commit
        self.began = began
        self.registrations: list[TagRecord] = []
        self.deregistrations: list[TagRecord] = []
        self.stages: dict[StageName, GrowingStage] = {}

    def add(self, tag: Tag, record: TagRecord) -> None:
        """Adds the next tag, about the version itself or a stage."""
        stage = tag.stage
        if stage is None:
            (self.registrations if tag.kind is EventKind.REGISTRATION else self.deregistrations).append(record)
            return
        held = self.stages.get(stage)
        if held is None:
            held = self.stages[stage] = GrowingStage()
        (held.assignments if tag.kind is EventKind.ASSIGNMENT else held.unassignments).append(record)

    def state(self) -> VersionState:
        """The version as it is now."""
        stages = {}
        for stage, held in self.stages.items():
            stages[stage] = StageState(tuple(held.assignments), tuple(held.unassignments))
        lists = tuple(self.registrations), tuple(self.deregistrations)
        return VersionState(self.version, self.commit, self.began, *lists, stages)


class Growth:
    """An artifact's versions, built tag by tag; also tells which version an (un)assignment is about."""

    def __init__(self) -> None:
        """Begins without a tag."""
        self.at: dict[str, dict[Version | None, GrowingVersion]] = {}
        """The versions at each commit; None stands for the commit itself, if no version is registered there."""
        self._choices: dict[str, _Choice] = {}
        """For commits with several versions, until the next (de)registration."""

    def register(self, tag: Tag, record: TagRecord) -> GrowingVersion:
        """Adds the next (de)registration; returns its version."""
        commit = record.target
        here = self.at.get(commit)
        if here is None:
            here = self.at[commit] = {}
        else:
            self._choices.pop(commit, None)
        version = here.get(tag.version)
        if version is None:
            version = here[tag.version] = GrowingVersion(tag.version, commit, record.order)
        version.add(tag, record)
        return version

    def place(self, tag: Tag, record: TagRecord) -> GrowingVersion:
        """Adds the next (un)assignment; returns its version, by the (de)registrations so far."""
        version = self.version_of(record)
        version.add(tag, record)
        return version

    def version_of(self, record: TagRecord) -> GrowingVersion:
        """The version that an (un)assignment is about: if the commit has only one, even if deregistered (R15a)."""
        commit = record.target
        here = self.at.get(commit)
        if not here:
            here = self.at[commit] = {None: GrowingVersion(None, commit, record.order)}
        if len(here) == 1:
            return next(iter(here.values()))
        choice = self._choices.get(commit)
        if choice is None:
            choice = self._choices[commit] = _Choice([*here.values()])
        return choice.of(record)

    def leave_stages(self, commit: str) -> None:
        """Forgets the (un)assignments of a commit."""
        here = self.at[commit]
        for version in here.values():
            version.stages = {}
        here.pop(None, None)

    def candidates(self, record: TagRecord) -> tuple[Version, ...]:
        """The versions that an (un)assignment may be about, in order of registration, if it is ambiguous (R15c)."""
        choice = self._choices.get(record.target)
        return choice.candidates if choice else ()


class _Choice:
    """Which of a commit's versions an (un)assignment is about (R15), until the next (de)registration."""

    __slots__ = ("_last", "_registered", "candidates")

    def __init__(self, versions: Sequence[GrowingVersion]) -> None:
        """Takes one or more versions, in the order of their first tags."""
        self.candidates = tuple([known.version for known in versions if known.version])
        active = [version for version in versions if is_active(version)]
        found = [(record.order, version) for version in active for record in version.registrations]
        self._registered = sorted(found, key=lambda pair: pair[0])
        self._last = max(active or versions, key=registered_of)

    def of(self, record: TagRecord) -> GrowingVersion:
        """The likeliest version: the last active one registered until then, or else the last one (X1)."""
        before = bisect_right(self._registered, record.order[0], key=lambda pair: pair[0][0])
        return self._registered[before - 1][1] if before else self._last


class Use:
    """Whether an artifact is in use, that is, not deprecated (R20)."""

    __slots__ = ("_deprecated", "_last")

    def __init__(self) -> None:
        """Begins without a tag."""
        self._deprecated = UNDATED - 1
        self._last = UNDATED - 1

    def add(self, tag: Tag, record: TagRecord) -> None:
        """Adds the next tag."""
        time = record.order[0]
        if tag.kind is EventKind.DEPRECATION:
            self._deprecated = max(self._deprecated, time)
        else:
            self._last = max(self._last, time, record.committed)

    @property
    def active(self) -> bool:
        """A deprecation ends with anything later, even the date of a tag's commit."""
        return self._last >= self._deprecated
