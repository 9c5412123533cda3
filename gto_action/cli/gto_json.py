"""The JSON documents that `gto` 1.10 prints, so that scripts keep working.

There is one difference (X2): here a commit without a version is one version, but gto has at least one for every
(un)assignment.
"""

from collections.abc import Iterable
from typing import Any, Final

from gto_action.gto.artifact import Artifact, StageState, VersionState
from gto_action.gto.event import Event
from gto_action.gto.history import newest_first
from gto_action.gto.listing import Listing
from gto_action.gto.names import StageName
from gto_action.gto.record import Notes, TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.selector import Selector
from gto_action.gto.tag import EventKind

Document = dict[str, Any]
_Held = tuple[StageName, VersionState]
_DEFAULT: Final = Listing()

_ADDITIONS: Final = {EventKind.REGISTRATION, EventKind.ASSIGNMENT}


def registry_document(
    registry: Registry, allowed: tuple[StageName, ...] | None, listing: Listing = _DEFAULT
) -> Document:
    """`gto show --json`: all listed artifacts, with their latest versions and stages."""
    stages = stages_document(registry, allowed)
    return {
        str(artifact.name): {
            "version": str(artifact.latest) if artifact.latest else None,
            "stage": dict.fromkeys(stages) | _held(artifact, stages, listing),
            "registered": True,
            "active": artifact.active,
        }
        for artifact in registry.artifacts()
        if artifact.active or listing.deprecated
    }


def _held(artifact: Artifact, stages: list[str], listing: Listing) -> dict[str, str | None]:
    held = ((str(stage), ", ".join(map(str, holders))) for stage, holders in listing.stages(artifact).items())
    return {stage: versions or None for stage, versions in held if stage in stages}


def stages_document(registry: Registry, allowed: tuple[StageName, ...] | None) -> list[str]:
    """`gto stages --json`: the allowed stages, or else those in use, also by deprecated artifacts (R25)."""
    if allowed is not None:
        return [str(stage) for stage in allowed]
    return sorted({str(stage) for artifact in registry.artifacts() for stage in artifact.stages})


def history_document(artifacts: Iterable[Artifact], notes: Notes) -> list[Document]:
    """`gto history --json`: the events of some artifacts, newest first (R24)."""
    return [
        {
            "timestamp": event.record.signature.iso,
            "artifact": str(event.artifact),
            "event": event.kind.value,
            "priority": event.kind.priority,
            "version": event.version_text or None,
            "stage": event.stage_text or None,
            "commit": event.commit,
            **_who(event.record, notes),
            "ref": event.record.name,
        }
        for event in newest_first(artifacts)
    ]


def event_document(event: Event, message: str) -> Document:
    """`gto check-ref --json` (R22)."""
    document = {
        "artifact": str(event.artifact),
        "created_at": event.record.signature.iso,
        "author": event.record.signature.name,
        "author_email": event.record.signature.email,
        "message": message,
        "commit_hexsha": event.commit,
        "tag": event.record.name,
    }
    if event.version_text:
        document["version"] = event.version_text
    if event.stage_text:
        document["stage"] = event.stage_text
    return document | {"event": event.kind.value}


def versions_document(
    artifact: Artifact, selector: Selector | None, notes: Notes, listing: Listing = _DEFAULT
) -> list[Document]:
    """`gto show NAME --json`, and with a selector `NAME@latest`, `NAME@vX`, `NAME#stage` (R23, X11).

    The greatest version comes first, commits without a version last. A deprecated artifact has none, unless it is
    listed (R20).
    """
    if not artifact.active and not listing.deprecated:
        return []
    found = listing.versions(artifact)
    held: dict[str, list[_Held]] = {}
    for stage, holders in listing.stages(artifact).items():
        for holder in holders:
            held.setdefault(str(holder), []).append((stage, holder))
    if selector and selector.stage:
        found = [state for state in found for stage, _ in held.get(str(state), ()) if stage == selector.stage]
    elif selector and selector.version:
        found = [state for state in found if state.version == selector.version]
    elif selector:
        found = found[:1]
    return [_version(artifact, state, held.get(str(state), []), notes) for state in found]


def _version(artifact: Artifact, state: VersionState, stages: list[_Held], notes: Notes) -> Document:
    name = str(artifact.name)
    commit = notes.commits.get(state.commit)
    first = state.registrations[0] if state.registrations else state.record
    return {
        "artifact": name,
        "commit_hexsha": state.commit,
        "version": str(state),
        "enrichments": [
            {
                "priority": 0,
                "addition": True,
                "artifact": name,
                "created_at": commit.committer.iso,
                "author": commit.author,
                "author_email": commit.author_email,
                "message": commit.message,
                "commit_hexsha": state.commit,
                "version": str(state),
                "enrichments": [],
                "committer": commit.committer.name,
                "committer_email": commit.committer.email,
            }
        ]
        if commit
        else [],
        "registrations": [_event(name, state, each, EventKind.REGISTRATION, notes) for each in state.registrations],
        "deregistrations": [
            _event(name, state, each, EventKind.DEREGISTRATION, notes) for each in state.deregistrations
        ],
        "stages": [_stage(name, holder, stage, holder.stages[stage], notes) for stage, holder in stages],
        "is_active": state.active,
        "activated_at": first.signature.iso,
        "created_at": state.record.signature.iso,
        **_who(state.record, notes),
        "ref": state.record.name,
        "discovered": state.version is None,
    }


def _stage(name: str, state: VersionState, stage: StageName, held: StageState, notes: Notes) -> Document:
    return {
        "artifact": name,
        "commit_hexsha": state.commit,
        "version": str(state),
        "stage": str(stage),
        "assignments": [_event(name, state, each, EventKind.ASSIGNMENT, notes, stage) for each in held.assignments],
        "unassignments": [
            _event(name, state, each, EventKind.UNASSIGNMENT, notes, stage) for each in held.unassignments
        ],
        "is_active": True,
        "activated_at": held.assignments[-1].signature.iso,
        "created_at": held.assignments[-1].signature.iso,
        **_who(held.assignments[-1], notes),
        "ref": held.assignments[-1].name,
    }


def _event(  # noqa: PLR0913, PLR0917 - one for each part
    name: str, state: VersionState, record: TagRecord, kind: EventKind, notes: Notes, stage: StageName | None = None
) -> Document:
    document: Document = {
        "priority": kind.priority,
        "addition": kind in _ADDITIONS,
        "artifact": name,
        "created_at": record.signature.iso,
        **_who(record, notes),
        "commit_hexsha": state.commit,
        "tag": record.name,
        "version": str(state),
    }
    return document | ({"stage": str(stage), "event": kind.value} if stage else {})


def _who(record: TagRecord, notes: Notes) -> Document:
    return {
        "author": record.signature.name,
        "author_email": record.signature.email,
        "message": notes.messages.get(record.name, ""),
    }
