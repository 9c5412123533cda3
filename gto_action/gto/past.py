"""An artifact's past: what its events did, in one pass over its tags."""

from bisect import insort
from collections import defaultdict
from typing import NamedTuple

from gto_action.gto.artifact import Artifact, CountedTag, Snapshot, VersionState
from gto_action.gto.event import Event
from gto_action.gto.growth import GrowingVersion, Growth, Pair, Use
from gto_action.gto.holders import Holders
from gto_action.gto.names import StageName
from gto_action.gto.record import TagRecord
from gto_action.gto.rules import is_active, latest_of
from gto_action.gto.tag import EventKind, Tag


class Step(NamedTuple):
    """What one event did, as known at that time."""

    before: Snapshot
    after: Snapshot
    version: VersionState | None
    """The version that an (un)assignment was about, right after it; None for other events."""


class Past:
    """Replays an artifact from its first tag on; at any moment it is the fold of the tags until then.

    Unlike the fold it takes (de)registrations and (un)assignments in one order. When a commit gets another version, the
    commit's (un)assignments so far are placed again.
    """

    def __init__(self, artifact: Artifact) -> None:
        """Begins before the first tag."""
        self._left = iter(artifact.by_moment)
        self._use = Use()
        self._is_ever_deprecated = any(tag.kind is EventKind.DEPRECATION for tag, _, _, _ in artifact.tags)
        self._growth = Growth()
        self._staged: dict[str, list[Pair]] = {}
        """The (un)assignments at each commit."""
        self._placed: dict[str, int] = {}
        """How many of them are placed in the stages of their versions."""
        self._unsettled: set[str] = set()
        """The commits with (un)assignments that are not placed yet."""
        self._latest: GrowingVersion | None = None
        self._latest_is_known = True
        self._holders = Holders()
        self._touched: dict[StageName, set[GrowingVersion]] = defaultdict(set)
        """The versions whose rank for a stage may have changed."""
        self._held: dict[StageName, GrowingVersion | None] = {}
        self._stages: list[StageName] = []
        """All stages so far, by name."""
        self._states: dict[GrowingVersion, VersionState] = {}
        """The states of versions that no tag has changed since they were made."""
        self._now: Snapshot | None = None
        """None until it is needed."""

    def step(self, event: Event) -> Step:
        """What an event of the artifact did; events must be asked for in order."""
        while (counted := next(self._left)).record.name != event.record.name:
            self._add(counted)
        before = self._snapshot()
        self._add(counted)
        after = self._snapshot()
        return Step(before, after, self._state(self._growth.version_of(event.record)) if event.stage else None)

    def _add(self, counted: CountedTag) -> None:
        tag, record = counted.tag, counted.record
        self._now = None
        if self._is_ever_deprecated:
            self._use.add(tag, record)
        if tag.stage:
            self._staged.setdefault(record.target, []).append((tag, record))
            self._unsettled.add(record.target)
        elif tag.version:
            self._register(tag, record)

    def _register(self, tag: Tag, record: TagRecord) -> None:
        here = self._growth.at.get(record.target, {})
        is_only = len(here) == 1 and tag.version in here
        version = self._growth.register(tag, record)
        version.began = min(version.began, record.order)  # in the same second, a later event may have a smaller name
        self._changed(version)
        if self._placed.get(record.target) and not is_only:
            for other in self._growth.at[record.target].values():
                self._changed(other)
            self._growth.leave_stages(record.target)
            self._placed[record.target] = 0
            self._unsettled.add(record.target)
        if version is self._latest:
            self._latest_is_known = self._latest_is_known and is_active(version)
        elif self._latest_is_known:
            self._latest = latest_of([self._latest, version] if self._latest else [version])

    def _changed(self, version: GrowingVersion) -> None:
        self._states.pop(version, None)
        for stage in version.stages:
            self._touched[stage].add(version)

    def _snapshot(self) -> Snapshot:
        if self._now is None:
            self._now = self._made() if self._use.active else Snapshot(active=False)
        return self._now

    def _made(self) -> Snapshot:
        for commit in self._unsettled:
            staged = self._staged[commit]
            for tag, record in staged[self._placed.get(commit, 0) :]:
                self._place(tag, record)
            self._placed[commit] = len(staged)
        self._unsettled.clear()
        for stage, versions in self._touched.items():
            self._holders.note(stage, versions)
            self._look_at(stage)
        self._touched.clear()
        if not self._latest_is_known:
            every = (version for versions in self._growth.at.values() for version in versions.values())
            self._latest, self._latest_is_known = latest_of(every), True
        held = {stage: self._state(holder) for stage in self._stages if (holder := self._held[stage])}
        return Snapshot(self._state(self._latest) if self._latest else None, held)

    def _look_at(self, stage: StageName) -> None:
        if stage not in self._held:
            insort(self._stages, stage, key=str)
        self._held[stage] = self._holders.holder(stage)

    def _place(self, tag: Tag, record: TagRecord) -> None:
        version = self._growth.place(tag, record)
        self._states.pop(version, None)
        if version.version is None:
            version.began = min(version.began, record.order)
        if tag.stage:
            self._touched[tag.stage].add(version)

    def _state(self, version: GrowingVersion) -> VersionState:
        found = self._states.get(version)
        if found is None:
            found = self._states[version] = version.state()
        return found
