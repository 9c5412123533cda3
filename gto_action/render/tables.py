"""The tables that people read, as rows of plain text; the log and the summary format them."""

from collections.abc import Sequence
from typing import NamedTuple

from gto_action.gto.artifact import Artifact
from gto_action.gto.history import newest_first
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry


class State(NamedTuple):
    """The state of one artifact, as it is now."""

    artifact: str
    latest: str
    """Empty if there is no version."""
    stages: tuple[tuple[str, str], ...]
    """Stages with their versions, or with the commit if no version is registered."""


class Entry(NamedTuple):
    """One event in an artifact's history."""

    time: str
    """In ISO 8601; empty if the tag has no date."""
    event: str
    version: str
    """The version, or the commit if no version is registered; empty for a deprecation."""
    stage: str
    commit: str
    tag: str


def states(registry: Registry, first: ArtifactName) -> list[State]:
    """All artifacts that are not deprecated, by name; the event's own comes first."""
    active = [artifact for artifact in registry.artifacts() if artifact.active]
    active.sort(key=lambda artifact: (artifact.name != first, str(artifact.name)))
    return [
        State(
            str(artifact.name),
            str(artifact.latest or ""),
            tuple((str(stage), str(state)) for stage, state in artifact.stages.items()),
        )
        for artifact in active
    ]


def entries(artifact: Artifact, most: int) -> tuple[list[Entry], int]:
    """The last events of an artifact, in the order of `gto history`, and how many there are."""
    found = [
        Entry(
            event.record.signature.iso,
            event.kind.value,
            event.version_text,
            event.stage_text,
            event.commit,
            event.record.name,
        )
        for event in newest_first([artifact], most)
    ]
    return found, len(artifact.tags)


def columns(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines of text in columns; empty cells become hyphens."""
    cells = [head, *(tuple(cell or "-" for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
