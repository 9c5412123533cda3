"""Everything that is said of one artifact; GTO's rules are asked, not repeated."""

from collections.abc import Callable, Sequence
from typing import Final

from gto_action.dvc_yaml.annotation import Annotation
from gto_action.errors import Problem
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Event
from gto_action.gto.history import newest_first
from gto_action.gto.listing import Listing
from gto_action.gto.names import StageName
from gto_action.gto.registry import Registry
from gto_action.gto.standing import Standing, standings
from gto_action.gto.timeline import all_periods
from gto_action.page.facts import ArtifactFacts, EventFacts, Held, Row, VersionFacts

_WORK: Final = 100_000
"""Enough for an artifact with so many events, and for most with more; this takes about a second."""
_EVERY: Final = Listing(deprecated=True)

Annotated = Callable[[str], tuple[Annotation | None, bool]]
"""The annotation at a commit, and whether it was looked for there."""


def gather(
    registry: Registry, artifact: Artifact, annotated: Annotated, problems: Sequence[Problem], order: Sequence[str]
) -> ArtifactFacts:
    """Everything that is said of an artifact.

    Args:
        registry: that it is of.
        artifact: one of its artifacts.
        annotated: what `dvc.yaml` says of the artifact.
        problems: what is wrong with it.
        order: stages that come first, in this order.
    """
    now = artifact.now
    versions = [_version(artifact, state, annotated, order) for state in _EVERY.versions(artifact)]
    latest = next((each for each in versions if now.latest and _is(each, now.latest)), None)
    stages = in_order({str(stage) for state in artifact.versions for stage in state.stages}, order)
    ever = tuple(_held(stage, now.stages.get(StageName(stage)), annotated) for stage in stages)
    events = events_of(registry, artifact)
    noted, is_read = _noted(artifact, annotated)
    past, since = all_periods(artifact, _WORK)
    last = artifact.by_moment[-1].record.signature
    row = Row(
        name=str(artifact.name),
        active=artifact.active,
        latest=latest.version if latest else "",
        stages=tuple(held for held in ever if held.version),
        type=noted.type,
        description=noted.description,
        labels=noted.labels,
        path=noted.path,
        changed_at=last.iso,
        changed_by=last.name,
        versions=sum(each.active for each in versions if each.version.startswith("v")) if artifact.active else 0,
        events=len(events),
        problems=len(problems),
        is_read=is_read,
    )
    return ArtifactFacts(
        row=row,
        latest=latest,
        directory=artifact.name.directory,
        ever=ever,
        versions=versions,
        events=events,
        periods=past,
        periods_since=since,
        problems=problems,
    )


def in_order(stages: set[str], order: Sequence[str]) -> list[str]:
    """Stages in the order that a team gives them, then by name."""
    places = {stage: place for place, stage in enumerate(order)}
    return sorted(stages, key=lambda stage: (places.get(stage, len(places)), stage))


def commits_of(artifact: Artifact) -> list[VersionState]:
    """The versions of an artifact whose annotations are wanted, those that count now first, then the newest first."""
    now = artifact.now
    first = [*([now.latest] if now.latest else []), *now.stages.values()]
    rest = sorted(artifact.versions, key=lambda state: state.record.order, reverse=True)
    return list({state.commit: state for state in (*first, *rest)}.values())


def is_now(artifact: Artifact, commit: str) -> bool:
    """Whether a commit has the latest version of an artifact, or one that a stage holds."""
    now = artifact.now
    return any(state and state.commit == commit for state in (now.latest, *now.stages.values()))


def _is(facts: VersionFacts, state: VersionState) -> bool:
    return (facts.version, facts.sha) == (str(state), state.commit)


def _noted(artifact: Artifact, annotated: Annotated) -> tuple[Annotation, bool]:
    """What `dvc.yaml` says of the latest version, or else of one that a stage holds; and whether that is known."""
    now = artifact.now
    states = [now.latest] if now.latest else now.stages.values()
    found = [annotated(state.commit) for state in states]
    noted = next((each for each, _ in found if each), None)
    return noted or Annotation(), bool(noted) or all(is_read for _, is_read in found)


def _version(artifact: Artifact, state: VersionState, annotated: Annotated, order: Sequence[str]) -> VersionFacts:
    record = state.record
    held = {stage for stage, holder in artifact.now.stages.items() if holder is state}
    before = {str(stage) for stage, its in state.stages.items() if stage not in held and its.assigned}
    annotation, is_read = annotated(state.commit)
    return VersionFacts(
        version=str(state),
        sha=state.commit,
        tag=record.name,
        created_at=record.signature.iso,
        author=record.signature.name,
        active=state.active,
        stages=tuple(in_order({str(stage) for stage in held}, order)),
        before=tuple(in_order(before, order)),
        annotation=annotation,
        is_read=is_read,
    )


def _held(stage: str, state: VersionState | None, annotated: Annotated) -> Held:
    if state is None:
        return Held(stage)
    assigned = state.stages[StageName(stage)].assigned
    annotation, is_read = annotated(state.commit)
    return Held(
        stage=stage,
        version=str(state),
        sha=state.commit,
        tag=state.record.name,
        assignment=assigned.name if assigned else "",
        since=assigned.signature.iso if assigned else "",
        author=assigned.signature.name if assigned else "",
        path=annotation.path if annotation else "" if is_read else None,
    )


def events_of(registry: Registry, artifact: Artifact) -> list[EventFacts]:
    """What the tags of an artifact say happened, in the order of `gto history`."""
    oldest_first = [counted.event for counted in artifact.by_moment]
    known = {
        event.record.name: _event(event, standing)
        for event, standing in zip(oldest_first, standings(oldest_first, registry), strict=True)
    }
    return [known[event.record.name] for event in newest_first([artifact])]


def _event(event: Event, standing: Standing) -> EventFacts:
    previous, record = standing.previous, event.record
    return EventFacts(
        event=event.kind.value,
        name=str(event.artifact),
        version=event.version_text,
        stage=event.stage_text,
        tag=record.name,
        sha=event.commit,
        author=record.signature.name,
        created_at=record.signature.iso,
        previous_version=str(previous) if previous else "",
        previous_sha=previous.commit if previous else "",
        is_current=standing.is_current,
    )
