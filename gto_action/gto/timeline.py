"""Which version held which stage, and when."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from gto_action.gto.artifact import Artifact, CountedTag
from gto_action.gto.growth import GrowingVersion
from gto_action.gto.holders import Holders
from gto_action.gto.names import StageName, Version
from gto_action.gto.rules import AtCommit, Order, Rank, began_in, last_assigned_first, rank_in
from gto_action.gto.tag import EventKind

_WORK: Final = 2_500
"""Enough for any artifact without thousands of events; this takes a fiftieth of a second."""


@dataclass(frozen=True, slots=True)
class Period:
    """The time for which a stage held a version."""

    stage: str
    version: str
    """The version, or the commit if no version is registered."""
    start: int
    """Seconds since 1970."""
    end: int | None
    """Seconds since 1970; None if it still holds it."""
    began_before: bool = False
    """Whether it began at a time that nobody knows: `start` is the first one at which it is known to have lasted."""


def periods(artifact: Artifact, most: int) -> list[Period]:
    """The last periods of an artifact's stages (`all_periods`), with no look at very early ones."""
    return all_periods(artifact, _WORK)[0][-most:]


def all_periods(artifact: Artifact, work: int) -> tuple[list[Period], int | None]:
    """The periods of an artifact's stages, in the order of their ends; those that still last come last.

    Past and present follow the same rules: what GTO would have said after each event, given what is known now about the
    versions of commits. Periods of no length are left out, and so are changes by events without a date.

    Args:
        artifact: the artifact.
        work: how many times to look at what a stage holds. Earlier periods are left out.

    Returns:
        The periods; and the seconds since 1970 from which on these are all, or None if no earlier one is left out.
    """
    events = artifact.by_moment
    times = [counted.record.signature.time for counted in events]
    end = max((time for time in times if time is not None), default=None)
    if end is None:
        return [], None
    replay, told = _Replay(artifact), _Told()
    first, since = _first_within(work, artifact), None
    for place, (counted, time, after) in enumerate(zip(events, times, [*times[1:], None], strict=True)):
        if since is None and place >= first and time is not None:
            since = time
            told.tell(since, replay.changes(), began_before=True)
        replay.add(counted)
        if since is None or time is None or time in {after, end}:  # in one second only the last event counts
            continue
        if changes := replay.changes():
            told.tell(time, changes)
    # The end is known more exactly: R20 also looks at the dates of commits.
    now = {stage: _Held.of(state, stage) for stage, state in artifact.now.stages.items()}
    told.tell(end, now | {stage: None for stage in told.lasting if stage not in now})
    return told.periods(), since if first else None


def _first_within(work: int, artifact: Artifact) -> int:
    """The place of the event after which the rest fits into so much work."""
    stages = {(state.version, state.commit): len(state.stages) for state in artifact.versions}
    every = len({stage for state in artifact.versions for stage in state.stages})
    for place in range(len(artifact.by_moment) - 1, 0, -1):
        counted = artifact.by_moment[place]
        if counted.tag.stage:
            work -= 1
        else:  # a deprecation empties all stages, and the next event fills them
            work -= stages[counted.version, counted.record.target] if counted.version else 2 * every
        if work < 0:
            return place
    return 0


class _Held(NamedTuple):
    """What a stage holds."""

    text: str
    """The version, or the commit if no version is registered."""
    rank: Rank
    came: Order
    """When the version first came to the stage."""

    @classmethod
    def of(cls, version: AtCommit, stage: StageName) -> "_Held":
        """The version that a stage holds."""
        held = version.stages[stage]
        return cls(str(version.version or version.commit), rank_in(version, held), began_in(held))


class _Replay:
    """Replays an artifact's stages event by event; the versions of all (un)assignments are known from the start."""

    def __init__(self, artifact: Artifact) -> None:
        """Begins before all events."""
        self._versions: dict[tuple[Version | None, str], GrowingVersion] = {
            (state.version, state.commit): GrowingVersion(state.version, state.commit, state.began)
            for state in artifact.versions
            if state.stages
        }
        """The versions that ever were in a stage."""
        self._holders = Holders()
        self._touched: dict[StageName, set[GrowingVersion]] = defaultdict(set)
        self._stages: set[StageName] = set()
        self._deprecated = False
        self._turned = False
        """Whether `_deprecated` has changed since the last call of `changes`."""

    def add(self, counted: CountedTag) -> None:
        """Replays the next event."""
        deprecates = counted.tag.kind is EventKind.DEPRECATION
        if deprecates != self._deprecated:
            self._deprecated, self._turned = deprecates, True
        version = None if deprecates else self._versions.get((counted.version, counted.record.target))
        if version is None:
            return
        version.add(counted.tag, counted.record)
        for stage in (counted.tag.stage,) if counted.tag.stage else version.stages:
            self._touched[stage].add(version)

    def changes(self) -> dict[StageName, _Held | None]:
        """What the stages hold that may have changed since the last call, last assigned first."""
        for stage, versions in self._touched.items():
            self._holders.note(stage, versions)
        stages = {*self._touched}
        self._touched.clear()
        self._stages |= stages
        if self._turned:
            stages, self._turned = self._stages, False
        held: dict[StageName, _Held] = {}
        for stage in () if self._deprecated else stages:
            if holder := self._holders.holder(stage):
                held[stage] = _Held.of(holder, stage)
        return _last_first(held) | {stage: None for stage in stages if stage not in held}


class _Told:
    """The periods that have ended, and those that last."""

    def __init__(self) -> None:
        """Begins before all periods."""
        self.lasting: dict[StageName, tuple[int, bool, _Held]] = {}
        """What each stage holds, since when, and whether it began before."""
        self._over: list[Period] = []

    def tell(self, time: int, now: Mapping[StageName, _Held | None], *, began_before: bool = False) -> None:
        """Notes what some stages hold from a time on, or held already."""
        ended = {
            stage: known[2]
            for stage, new in now.items()
            if (known := self.lasting.get(stage)) and (new is None or new.text != known[2].text)
        }
        for stage in _last_first(ended):
            start, before, held = self.lasting.pop(stage)
            if start < time:
                self._over.append(Period(str(stage), held.text, start, time, before))
        for stage, new in now.items():
            if new:
                start, before, _ = self.lasting.get(stage, (time, began_before, new))
                self.lasting[stage] = start, before, new

    def periods(self) -> list[Period]:
        """The periods that have ended, by their ends; then those that last, by their starts."""
        lasting = sorted(self.lasting.items(), key=lambda item: item[1][0])
        return self._over + [
            Period(str(stage), held.text, start, None, early) for stage, (start, early, held) in lasting
        ]


def _last_first(held: Mapping[StageName, _Held]) -> dict[StageName, _Held]:
    if len(held) < 2:  # noqa: PLR2004 - nothing to sort, as after most events
        return dict(held)
    ranked = ((found.rank, found.came, stage) for stage, found in held.items())
    return {stage: held[stage] for stage in last_assigned_first(ranked)}
