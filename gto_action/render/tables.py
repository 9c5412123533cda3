"""The tables that people read, as rows of plain text: the log and the summary show them each in their way."""

from collections.abc import Sequence
from typing import NamedTuple

from gto_action.gto.artifact import Artifact
from gto_action.gto.history import newest_first
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry


class State(NamedTuple):
    """One artifact as it is now."""

    artifact: str
    latest: str
    """Empty without a version."""
    stages: tuple[tuple[str, str], ...]
    """Each stage with its version, or the commit where none is registered."""


class Entry(NamedTuple):
    """One event of an artifact's history."""

    time: str
    """ISO 8601; empty without a date."""
    event: str
    version: str
    """The version, or the commit where none is registered; empty for a deprecation."""
    stage: str
    commit: str
    tag: str


def states(registry: Registry, first: ArtifactName) -> list[State]:
    """Every artifact that is not deprecated, by name; the one of the event first."""
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
    """Lines of text in columns; what is empty is a hyphen."""
    cells = [head, *(tuple(cell or "-" for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
