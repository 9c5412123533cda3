"""The outputs: the `json` document, which has everything, and the texts that later steps read."""

import json
from typing import Any, Final

from gto_action.answer.answer import Answer, Missed, Noted, Nothing, OfDeleted, OfEvent, OfVersion
from gto_action.dvc_yaml.annotation import Annotation
from gto_action.gto.artifact import Snapshot, VersionState
from gto_action.gto.names import ArtifactName, Version
from gto_action.gto.record import Signature, TagRecord

SCHEMA_VERSION: Final = 1
"""The version of the `json` document's schema, schema/v1.json."""

NAMES: Final = (
    "event",
    "name",
    "version",
    "stage",
    "type",
    "path",
    "description",
    "tag",
    "sha",
    "previous-version",
    "current-version",
    "latest-version",
    "is-current",
    "stages",
    "matched",
    "pulled",
    "json",
)
"""The outputs of the root action, in the order of its action.yml."""
MISSED_NAMES: Final = ("missed", "events", "count")
"""The outputs of `catch-up/`."""
DEPLOYMENT_NAMES: Final = ("deployment-id", "superseded")
"""The outputs of `deployment/`."""
PAGE_NAMES: Final = ("path", "changed", "problems")
"""The outputs of `page/`."""

Document = dict[str, Any]
"""The output `json`; the root action's other outputs are its keys, with hyphens for underscores."""


def outputs_of(answer: Answer, *, brief: bool = False) -> dict[str, str]:
    """The value of every output, by name, ready to be written as UTF-8; all are empty if there is no answer.

    Args:
        answer: what was found.
        brief: whether `stages` in the output `json` is null, because it does not fit.
    """
    texts = {} if isinstance(answer, Nothing) else _texts(document_of(answer), brief=brief)
    return {name: _as_utf8(texts.get(name, "")) for name in NAMES}


def outputs_of_missed(missed: Missed) -> dict[str, str]:
    """The outputs of `catch-up/`."""
    texts = {
        "missed": json.dumps(missed.is_any),
        "events": json.dumps([document_of(answer) for answer in missed.answers], ensure_ascii=False),
        "count": str(len(missed.events)),
    }
    return {name: _as_utf8(text) for name, text in texts.items()}


def outputs_of_document(document: Document) -> dict[str, str]:
    """The value of every output, by name, of an answer of which only the document is left."""
    return {name: _as_utf8(text) for name, text in _texts(document, brief=False).items()}


def _as_utf8(text: str) -> str:
    """A text that can be written: YAML can spell a lone surrogate, which UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode()


def _texts(document: Document, *, brief: bool) -> dict[str, str]:
    """The outputs made from a document."""
    texts = {}
    for name in NAMES:
        value = document if name == "json" else document[name.replace("-", "_")]
        if name == "json" and brief:
            value = document | {"stages": None}
        if name == "stages":
            value = {stage: held["version"] for stage, held in value.items()}
        texts[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return texts


def document_of(answer: Answer) -> Document:
    """The document of an answer."""
    match answer:
        case Nothing():
            return _of_nothing()
        case OfEvent():
            return _of_event(answer)
        case OfVersion():
            return _of_version(answer)
        case OfDeleted():
            return _of_deleted(answer)


def _of_event(answer: OfEvent) -> Document:
    event, standing = answer.event, answer.standing
    return (
        _about(event.kind.value, event.artifact, event.record, answer.noted)
        | {
            "version": event.version_text,
            "stage": event.stage_text,
            "semver": _semver(event.version),
            "ambiguous": bool(event.candidates),
            "candidates": [str(version) for version in event.candidates],
            "previous_version": _text(standing.previous),
            "previous": _version(standing.previous),
            "current_version": _text(standing.current),
            "current": _version(standing.current),
            "is_current": standing.is_current,
            "matched": not answer.unmatched,
        }
        | _state(standing.now)
    )


def _of_version(answer: OfVersion) -> Document:
    """As for an event, except that nothing happened."""
    state, stage, artifact = answer.version, answer.selector.stage, answer.artifact
    return (
        _about("", artifact.name, state.record, answer.noted)
        | {
            "version": str(state),
            "stage": str(stage or ""),
            "semver": _semver(state.version),
            "ambiguous": False,
            "candidates": [],
            "previous_version": "",
            "previous": None,
            "current_version": str(state),
            "current": _version(state),
            "is_current": True,
            "matched": not answer.unmatched,
        }
        | _state(artifact.now)
    )


def _of_nothing() -> Document:
    """As for an event, without anything that could open a gate."""
    return (
        _about("", None, None, Noted())
        | {
            "semver": None,
            "ambiguous": False,
            "candidates": [],
            "previous_version": "",
            "previous": None,
            "current_version": "",
            "current": None,
            "is_current": False,
            "matched": False,
        }
        | _state(Snapshot())
    )


def _of_deleted(answer: OfDeleted) -> Document:
    """What holds now, and what the tag meant."""
    tag, artifact = answer.tag, answer.artifact
    deleted = {
        "tag": str(tag),
        "event": tag.kind.value,
        "name": str(tag.artifact),
        "version": str(tag.version or ""),
        "stage": str(tag.stage or ""),
        "matched": answer.is_wanted,
        "is_back": answer.is_back,
    }
    return (
        _of_nothing()
        | {"current_version": _text(answer.current), "current": _version(answer.current)}
        | _state(artifact.now)
        | {"deleted": deleted}
    )


def _about(event: str, artifact: ArtifactName | None, record: TagRecord | None, noted: Noted) -> Document:
    """The keys that every document has, in reading order."""
    annotation = noted.annotation or Annotation()
    signature = record.signature if record else Signature()
    return {
        "schema_version": SCHEMA_VERSION,
        "event": event,
        "name": str(artifact or ""),
        "version": "",
        "stage": "",
        "type": annotation.type,
        "path": annotation.path,
        "description": annotation.description,
        "tag": record.name if record else "",
        "sha": record.target if record else "",
        "author": signature.name,
        "author_email": signature.email,
        "created_at": signature.iso,
        "message": noted.message,
        "labels": list(annotation.labels),
        "meta": annotation.meta,
        "directory": artifact.directory if artifact else "",
        "pulled": bool(noted.data and noted.data.pulled),
        "pull": noted.data.found if noted.data else None,
    }


def _state(now: Snapshot) -> Document:
    """What the registry says about the artifact now."""
    held = {id(state): state for state in now.stages.values()}
    shown = {key: _version(state) for key, state in held.items()}  # once each, because finding its tag is slow
    return {
        "latest_version": _text(now.latest),
        "latest": _version(now.latest),
        "stages": {str(stage): shown[id(state)] for stage, state in now.stages.items()},
        "deleted": None,
    }


def _text(state: VersionState | None) -> str:
    return str(state) if state else ""


def _version(state: VersionState | None) -> dict[str, str] | None:
    return {"version": str(state), "sha": state.commit, "tag": state.record.name} if state else None


def _semver(version: Version | None) -> dict[str, Any] | None:
    """The parts of a version, as numbers and texts; None if no version is registered."""
    if version is None:
        return None
    parts = version.parts
    return {
        "major": parts.major,
        "minor": parts.minor,
        "patch": parts.patch,
        "prerelease": parts.prerelease or "",
        "build": parts.build or "",
    }
