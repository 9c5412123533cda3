"""One artifact's state: the fold of its tags by GTO's rules R13 to R20, but for X1 and X2."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from gto_action.gto.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.gto.names import ArtifactName, StageName, Version
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import Kind, Tag

_Order = tuple[int, str]
_Rank = tuple[int, int, int, int, int]
_NEVER: _Order = (-2, "")
_About = tuple["VersionState | None", tuple[Version, ...]]
_Noted = tuple[Tag, TagRecord, _About]
_NOTHING: _About = (None, ())


@dataclass(slots=True)
class StageState:
    """One version in one stage."""

    assignments: list[TagRecord] = field(default_factory=list)
    unassignments: list[TagRecord] = field(default_factory=list)
    number: int = 0
    """The place of the first assignment in that second among all events."""
    active: bool = False
    """R17: the last event is an assignment; in the same second the unassignment wins."""
    _last: int = -2

    def add(self, record: TagRecord, number: int, *, assignment: bool) -> None:
        """Takes the next event in the order of R13, the one with this number."""
        time = record.order[0]
        if assignment and (self.assigned is None or self.assigned.order[0] != time):
            self.number = number
        self.active = assignment and not (time == self._last and not self.active)
        self._last = time
        (self.assignments if assignment else self.unassignments).append(record)

    @property
    def assigned(self) -> TagRecord | None:
        """The latest assignment."""
        return self.assignments[-1] if self.assignments else None


@dataclass(slots=True)
class VersionState:
    """One version at one commit, which R14 makes its identity."""

    version: Version | None
    """None for a commit without a version that was put in a stage (R15b)."""
    commit: str
    registrations: list[TagRecord] = field(default_factory=list)
    deregistrations: list[TagRecord] = field(default_factory=list)
    active: bool = True
    """R16: no (de)registration, or the last one is a registration; in the same second the deregistration wins."""
    stages: dict[StageName, StageState] = field(default_factory=dict)
    _last: int = -2

    def __str__(self) -> str:
        return str(self.version or self.commit)

    def add(self, record: TagRecord, *, registration: bool) -> None:
        """Takes the next (de)registration in the order of R13."""
        time = record.order[0]
        self.active = registration and not (time == self._last and not self.active)
        self._last = time
        (self.registrations if registration else self.deregistrations).append(record)

    @property
    def record(self) -> TagRecord:
        """The tag that speaks for the version: its last registration, or else its last assignment, or else its last."""
        assignments = [record for held in self.stages.values() for record in held.assignments]
        unassignments = [record for held in self.stages.values() for record in held.unassignments]
        found = self.registrations or assignments or unassignments or self.deregistrations
        return max(found, key=lambda record: record.order)

    @property
    def registered(self) -> _Order:
        """When it was last registered."""
        return self.registrations[-1].order if self.registrations else _NEVER


@dataclass(slots=True)
class Artifact:
    """An artifact's versions, stages and events."""

    name: ArtifactName
    versions: list[VersionState] = field(default_factory=list)
    """In the order of their first (de)registration; then the commits without a version."""
    active: bool = True
    """R20: the last event is not a deprecation."""
    noted: list["_Noted"] = field(default_factory=list)
    """What every tag is about, in the order of R13: time, then name."""
    _events: dict[str, Event] = field(default_factory=dict, compare=False, repr=False)

    @property
    def events(self) -> dict[str, Event]:
        """Every event by its tag name, in the order of R13; made when asked for, as of most artifacts nobody does."""
        if not self._events:
            self._events = {record.name: _event(tag, record, about) for tag, record, about in self.noted}
        return self._events

    @property
    def latest(self) -> VersionState | None:
        """R19: the greatest active registered version, pre-releases included; of equal ones the later registered."""
        found: VersionState | None = None
        for state in self.versions:
            if state.version and state.active and (found is None or not state.version < _version(found)):
                found = state
        return found

    @property
    def stages(self) -> dict[StageName, VersionState]:
        """The stages that hold a version now, by name, and which."""
        return dict(sorted(self.held(), key=lambda pair: str(pair[0])))

    def held(self) -> list[tuple[StageName, VersionState]]:
        """The stages that hold a version now, the last assigned first (R18).

        A stage holds of the active versions in it the last assigned, in the same second the earlier registered one.
        Unassigning or deregistering a version so falls back to the one before it.
        """
        best: dict[StageName, tuple[_Rank, VersionState]] = {}
        for number in reversed(range(len(self.versions))):  # most of the last assigned come last
            state = self.versions[number]
            for place, (stage, held) in enumerate(state.stages.items()):
                if state.active and held.active and (assigned := held.assigned):
                    time, known = assigned.order[0], best.get(stage)
                    if known and -time > known[0][0]:
                        continue
                    # to gto each assignment of a commit without a version is a version of its own, made just then
                    made = (state.registered[0], 0, number) if state.version else (time, 1, held.number)
                    rank = (-time, *made, -place)
                    if not known or rank < known[0]:
                        best[stage] = (rank, state)
        ranked = sorted(best.items(), key=lambda item: item[1][0])
        return [(stage, state) for stage, (_, state) in ranked]


def _version(state: VersionState) -> Version:
    assert state.version  # noqa: S101 - only asked of registered ones
    return state.version


class VersionsOfCommit:
    """The versions of one commit, asked once all (de)registrations are known."""

    def __init__(self, versions: list[VersionState]) -> None:
        self.candidates = tuple(each.version for each in versions if each.version) if len(versions) > 1 else ()
        active = [each for each in versions if each.active]
        self._registered = [(record.order, state) for state in active for record in state.registrations]
        self._registered.sort(key=lambda pair: pair[0])
        self._last = max(active or versions, key=lambda state: state.registered)

    def choose(self, record: TagRecord) -> VersionState:
        """R15a: the only version of the commit, even a deregistered one; of several the likeliest (X1)."""
        before = bisect_right(self._registered, record.order[0], key=lambda pair: pair[0][0])
        return self._registered[before - 1][1] if before else self._last


def fold(name: ArtifactName, tags: Iterable[tuple[Tag, TagRecord]]) -> Artifact:
    """The state that follows from the tags of one artifact, in any order."""
    artifact = Artifact(name)
    at: dict[str, dict[Version | None, VersionState]] = {}
    # R13: by time, then name; all (de)registrations first, since an assignment sees the later ones too
    ordered = sorted(tags, key=lambda pair: pair[1].order)
    for tag, record in ordered:
        if tag.version:
            state = _find(artifact, at.setdefault(record.target, {}), tag.version, record.target)
            state.add(record, registration=tag.kind is Kind.REGISTRATION)
    commits = {commit: VersionsOfCommit(list(here.values())) for commit, here in at.items()}
    for tag, record in ordered:
        if not tag.stage:
            artifact.noted.append((tag, record, _NOTHING))
            continue
        commit = commits.get(record.target)
        here = at.setdefault(record.target, {})
        state = commit.choose(record) if commit else _find(artifact, here, None, record.target)
        assignment = tag.kind is Kind.ASSIGNMENT
        state.stages.setdefault(tag.stage, StageState()).add(record, len(artifact.noted), assignment=assignment)
        artifact.noted.append((tag, record, (state, commit.candidates if commit else ())))
    artifact.active = _is_active(ordered)
    return artifact


def _find(
    artifact: Artifact, here: dict[Version | None, VersionState], version: Version | None, commit: str
) -> VersionState:
    """The version at a commit, made if there is none yet."""
    if version not in here:
        here[version] = VersionState(version, commit)
        artifact.versions.append(here[version])
    return here[version]


def _event(tag: Tag, record: TagRecord, about: _About) -> Event:
    """What a tag says happened; an (un)assignment with the version that it is of."""
    state, candidates = about
    match tag.kind, tag.version, tag.stage:
        case Kind.REGISTRATION, Version() as version, _:
            return Registration(artifact=tag.artifact, record=record, version=version)
        case Kind.DEREGISTRATION, Version() as version, _:
            return Deregistration(artifact=tag.artifact, record=record, version=version)
        case _, _, StageName() as stage:
            return (Assignment if tag.kind is Kind.ASSIGNMENT else Unassignment)(
                artifact=tag.artifact,
                record=record,
                stage=stage,
                version=state.version if state else None,
                candidates=candidates,
            )
    return Deprecation(artifact=tag.artifact, record=record)


def _is_active(ordered: list[tuple[Tag, TagRecord]]) -> bool:
    """R20: a deprecation holds until anything later, the date of a version's commit included."""
    deprecated = max((record.order[0] for tag, record in ordered if tag.kind is Kind.DEPRECATION), default=None)
    if deprecated is None:
        return True
    times = [record.order[0] for tag, record in ordered if tag.kind is not Kind.DEPRECATION]
    times += [record.committed for tag, record in ordered if tag.version or tag.stage]
    return max(times, default=-2) >= deprecated
