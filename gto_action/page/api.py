"""The JSON documents, which programs ask for instead of a server: schema/page-v1.json describes them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from gto_action.answer.doctor import problem_document
from gto_action.dvc_yaml.annotation import Annotation
from gto_action.errors import Problem
from gto_action.gto.words import short
from gto_action.page.facts import About, ArtifactFacts, EventFacts, Held, Row, VersionFacts
from gto_action.page.places import artifact_page, of_artifact

SCHEMA_VERSION: Final = 1
_COLORS: Final = {True: "blue", False: "lightgrey"}
_NO_ANNOTATION: Final = Annotation()

Document = dict[str, Any]


def written(document: Document) -> bytes:
    """A document as a file: in ASCII, so that nothing in it is taken for something else."""
    return f"{json.dumps(document, separators=(',', ':'))}\n".encode("ascii")


def registry_document(about: About, rows: Iterable[Row], problems: Sequence[Problem]) -> Document:
    """Every artifact, by name, with its latest version and what its stages hold."""
    return _document(
        repository=about.repository,
        artifacts={row.name: _row(row) for row in rows},
        problems=[problem_document(problem) for problem in problems],
    )


def artifact_document(facts: ArtifactFacts) -> Document:
    """Everything that is known of one artifact."""
    return _document(
        name=facts.name,
        directory=facts.directory,
        active=facts.row.active,
        latest_version=facts.row.latest,
        stages={held.stage: _held(held) for held in facts.row.stages},
        versions=[_version(version) for version in facts.versions],
        events=[event_document(event) for event in facts.events],
        periods=[
            {
                "stage": each.stage,
                "version": each.version,
                "start": None if each.began_before else _time(each.start),
                "end": _time(each.end),
            }
            for each in facts.periods
        ],
        periods_since=_time(facts.periods_since),
        problems=[problem_document(problem) for problem in facts.problems],
    )


def latest_document(facts: ArtifactFacts) -> Document:
    """The latest version of an artifact, for a script: every value is null if there is none, or it is not known."""
    latest = facts.latest
    noted = _annotation(latest.annotation if latest else None)
    if latest and not latest.is_read:
        noted = dict.fromkeys(noted)
    values: Document = dict.fromkeys(("version", "sha", "tag", "since", "author", *noted))
    if latest:
        values = {
            "version": latest.version,
            "sha": latest.sha,
            "tag": latest.tag,
            "since": latest.created_at,
            "author": latest.author,
            **noted,
        }
    return _document(name=facts.name, **values)


def stage_document(name: str, held: Held) -> Document:
    """What a stage of an artifact holds, for a script: every value is null if it holds nothing."""
    values = _held(held)
    return _document(name=name, stage=held.stage) | (values if held.version else dict.fromkeys(values))


def stages_document(stage: str, rows: Iterable[Row]) -> Document:
    """What a stage holds, of all artifacts."""
    found = {row.name: held for row in rows for held in row.stages if held.stage == stage}
    return _document(stage=stage, artifacts={name: _held(held) for name, held in found.items()})


def events_document(events: Sequence[EventFacts], total: int) -> Document:
    """The newest events of all artifacts, the newest first; and how many there are."""
    return _document(total=total, events=[event_document(event) for event in events])


def badge_document(label: str, version: str) -> Document:
    """What an endpoint of a badge answers (https://shields.io/badges/endpoint-badge)."""
    message = short(version) or "none"
    return {"schemaVersion": 1, "label": label, "message": message, "color": _COLORS[bool(version)]}


def event_document(event: EventFacts) -> Document:
    """What one tag says happened; its keys mean what they mean in the action's output `json`."""
    document = event._asdict()
    document.pop("previous_sha")
    return document


def _document(**values: object) -> Document:
    return {"schema_version": SCHEMA_VERSION, **values}


def _row(row: Row) -> Document:
    noted = {"type": row.type, "path": row.path, "description": row.description, "labels": list(row.labels)}
    return {
        "active": row.active,
        "latest_version": row.latest,
        "stages": {held.stage: held.version for held in row.stages},
        **(noted if row.is_read else dict.fromkeys(noted)),
        "changed_at": row.changed_at,
        "changed_by": row.changed_by,
        "problems": row.problems,
        "api": of_artifact(row.name),
        "page": artifact_page(row.name),
    }


def _held(held: Held) -> Document:
    return {
        "version": held.version,
        "sha": held.sha,
        "tag": held.tag,
        "assignment": held.assignment,
        "since": held.since,
        "author": held.author,
        "path": held.path,
    }


def _version(version: VersionFacts) -> Document:
    return {
        "version": version.version,
        "sha": version.sha,
        "tag": version.tag,
        "created_at": version.created_at,
        "author": version.author,
        "active": version.active,
        "stages": list(version.stages),
        "annotation": _annotation(version.annotation) if version.is_read else None,
    }


def _annotation(found: Annotation | None) -> Mapping[str, object]:
    """The keys of an annotation; empty if `dvc.yaml` does not mention the artifact."""
    annotation = found or _NO_ANNOTATION
    return {
        "type": annotation.type,
        "path": annotation.path,
        "description": annotation.description,
        "labels": list(annotation.labels),
        "meta": annotation.meta,
    }


def _time(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return ""
