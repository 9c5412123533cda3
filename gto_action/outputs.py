"""The outputs: the texts that later steps read, and the `json` document with everything."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from gto_action.annotation import Annotation
from gto_action.event import Assignment, Deprecation, Event, Unassignment
from gto_action.names import Version

NAMES: Final = ("event", "name", "version", "stage", "type", "path", "description", "tag", "sha", "json")
"""Every output, in the order of action.yml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What later steps read. All empty: the ref is not a tag of GTO's."""

    event: str = ""
    name: str = ""
    version: str = ""
    stage: str = ""
    type: str = ""
    path: str = ""
    description: str = ""
    tag: str = ""
    sha: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    """What only the `json` document has."""

    @classmethod
    def of(cls, event: Event, annotation: Annotation | None, message: str) -> "Outputs":
        """The outputs of an event.

        Args:
            event: what happened.
            annotation: of the artifact at the event's commit, None if there is none.
            message: that of the tag.
        """
        noted = annotation or Annotation()
        version = None if isinstance(event, Deprecation) else event.version
        candidates = event.candidates if isinstance(event, Assignment | Unassignment) else ()
        signature = event.record.signature
        return cls(
            event=event.kind.value,
            name=str(event.artifact),
            version="" if isinstance(event, Deprecation) else event.version_text,
            stage=str(event.stage) if isinstance(event, Assignment | Unassignment) else "",
            type=noted.type,
            path=noted.path,
            description=noted.description,
            tag=event.record.name,
            sha=event.commit,
            more={
                "author": signature.name,
                "author_email": signature.email,
                "created_at": signature.iso,
                "message": message,
                "labels": list(noted.labels),
                "meta": noted.meta,
                "directory": event.artifact.directory,
                "semver": _semver(version),
                "ambiguous": bool(candidates),
                "candidates": [str(each) for each in candidates],
            },
        )

    def texts(self) -> dict[str, str]:
        """Every output's value by its name, fit to be written as UTF-8."""
        scalars = {name: getattr(self, name) for name in NAMES if name != "json"}
        document = json.dumps(scalars | self.more) if self.event else ""
        # YAML can spell a lone surrogate ("\ud800"), which no file in UTF-8 can hold
        return {name: text.encode("utf-8", "replace").decode() for name, text in (scalars | {"json": document}).items()}


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
