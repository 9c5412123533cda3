"""The outputs: the `json` document with everything, and the texts that later steps read."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from gto_action.dvc_yaml.annotation import Annotation
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Event
from gto_action.gto.names import ArtifactName, StageName, Version
from gto_action.gto.record import Signature, TagRecord
from gto_action.gto.standing import Standing
from gto_action.gto.tag import Tag

SCHEMA_VERSION: Final = 1
"""Of the `json` document; schema/v1.json describes it."""

NAMES: Final = (
    *("event", "name", "version", "stage", "type", "path", "description", "tag", "sha"),
    *("previous-version", "current-version", "latest-version", "is-current", "stages", "matched", "pulled", "json"),
    *("events", "count", "deployment-id"),
)
"""Every output, in the order of action.yml."""
_BESIDE: Final = {"events", "count", "deployment-id"}
"""Those that are no keys of the document; the last is written when GitHub has given it (`deployments/run.py`)."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What later steps read. Without a document all are empty: the ref is not a GTO tag."""

    document: dict[str, Any] = field(default_factory=dict)
    """The output `json`; the others are its keys, with hyphens for underscores."""

    missed: tuple[dict[str, Any], ...] | None = None
    """The documents of the events that catching up has found; None where nobody asked for them."""
    count: int = 0
    """How many it has found: more than `missed` has if there was no room for them."""
    brief: bool = False
    """Whether `stages` in the output `json` is null, as there is no room for it."""

    def __bool__(self) -> bool:
        return bool(self.document) or self.missed is not None

    @classmethod
    def of_event(
        cls, event: Event, standing: Standing, annotation: Annotation | None, message: str, *, matched: bool
    ) -> "Outputs":
        """The outputs of an event.

        Args:
            event: what happened.
            standing: what was and is in the registry.
            annotation: of the artifact at the event's commit, None if there is none.
            message: that of the tag.
            matched: whether the event is one that the workflow's author wants.
        """
        return cls(
            _answer(event.kind.value, event.artifact, event.record, annotation, message)
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
                "matched": matched,
            }
            | _state(standing.latest, standing.stages)
        )

    @classmethod
    def of_version(  # noqa: PLR0913 - one for each thing that is known of it
        cls,
        artifact: Artifact,
        state: VersionState,
        stage: StageName | None,
        annotation: Annotation | None,
        message: str,
        *,
        matched: bool,
    ) -> "Outputs":
        """The outputs of a version that was asked for: as those of an event, but that nothing happened."""
        return cls(
            _answer("", artifact.name, state.record, annotation, message)
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
                "matched": matched,
            }
            | _state(artifact.latest, artifact.stages)
        )

    def with_pull(self, found: dict[str, Any], *, pulled: bool) -> "Outputs":
        """The same, with what is known of the artifact's data and whether it was brought."""
        return Outputs(self.document | {"pulled": pulled, "pull": found})

    @classmethod
    def of_deleted(
        cls, tag: Tag, artifact: Artifact, current: VersionState | None, *, matched: bool, back: bool
    ) -> "Outputs":
        """The outputs of a deletion: what holds now, and nothing that could open a gate.

        Args:
            tag: what was deleted.
            artifact: as it is without the tag.
            current: the version that holds now where the tag had its say.
            matched: whether the inputs fit what the tag had meant.
            back: whether there is such a tag again.
        """
        deleted = {
            "tag": str(tag),
            "event": tag.kind.value,
            "name": str(tag.artifact),
            "version": str(tag.version or ""),
            "stage": str(tag.stage or ""),
            "matched": matched,
            "is_back": back,
        }
        latest, stages = (artifact.latest, artifact.stages) if artifact.active else (None, {})
        return cls(
            _answer("", None, None, None, "")
            | {
                "semver": None,
                "ambiguous": False,
                "candidates": [],
                "previous_version": "",
                "previous": None,
                "current_version": _text(current),
                "current": _version(current),
                "is_current": False,
                "matched": False,
            }
            | _state(latest, stages)
            | {"deleted": deleted}
        )

    def texts(self) -> dict[str, str]:
        """Every output's value by its name, fit to be written as UTF-8."""
        if not self:
            return dict.fromkeys(NAMES, "")
        texts = dict.fromkeys(NAMES, "")
        if self.document:
            texts |= {name: self._text(name) for name in NAMES if name not in _BESIDE}
        if self.missed is not None:
            texts["events"] = json.dumps(self.missed, ensure_ascii=False)
            texts["count"] = str(self.count)
            texts["matched"] = json.dumps(self.count > 0)
        # YAML can spell a lone surrogate ("\ud800"), which no file in UTF-8 can hold
        return {name: text.encode("utf-8", "replace").decode() for name, text in texts.items()}

    def _text(self, name: str) -> str:
        whole = self.document | {"stages": None} if self.brief else self.document
        value = whole if name == "json" else self.document[name.replace("-", "_")]
        if name == "stages":
            value = {stage: held["version"] for stage, held in value.items()}
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _answer(
    event: str, artifact: ArtifactName | None, record: TagRecord | None, annotation: Annotation | None, message: str
) -> dict[str, Any]:
    """What every answer has, in the order in which people read it."""
    noted = annotation or Annotation()
    signature = record.signature if record else Signature()
    return {
        "schema_version": SCHEMA_VERSION,
        "event": event,
        "name": str(artifact or ""),
        "version": "",
        "stage": "",
        "type": noted.type,
        "path": noted.path,
        "description": noted.description,
        "tag": record.name if record else "",
        "sha": record.target if record else "",
        "author": signature.name,
        "author_email": signature.email,
        "created_at": signature.iso,
        "message": message,
        "labels": list(noted.labels),
        "meta": noted.meta,
        "directory": artifact.directory if artifact else "",
        "pulled": False,
        "pull": None,
    }


def _state(latest: VersionState | None, stages: dict[StageName, VersionState]) -> dict[str, Any]:
    """What the registry holds of the artifact now."""
    held = {id(state): state for state in stages.values()}
    shown = {key: _version(state) for key, state in held.items()}  # each once: to find its tag takes long
    return {
        "latest_version": _text(latest),
        "latest": _version(latest),
        "stages": {str(stage): shown[id(state)] for stage, state in stages.items()},
        "deleted": None,
    }


def _text(state: VersionState | None) -> str:
    return str(state) if state else ""


def _version(state: VersionState | None) -> dict[str, str] | None:
    return {"version": str(state), "sha": state.commit, "tag": state.record.name} if state else None


def _semver(version: Version | None) -> dict[str, Any] | None:
    """The parts of a version as numbers and texts; None without a registered version."""
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
