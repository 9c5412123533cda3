"""What people read: the closing sentence, the outputs in the log, the job summary."""

from collections.abc import Sequence
from typing import Final

from gto_action.artifact import Artifact
from gto_action.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.markup import markdown, plain
from gto_action.names import ArtifactName
from gto_action.outputs import Outputs
from gto_action.registry import Registry

_SHORT: Final = 7
_LONG: Final = 1_000


def sentence(event: Event) -> str:
    """What happened, in one sentence."""
    where = f"(tag {event.record.name}, commit {event.commit[:_SHORT]})"
    match event:
        case Registration():
            return f"{event.artifact} {event.version} was registered {where}"
        case Deregistration():
            return f"{event.artifact} {event.version} was deregistered {where}"
        case Deprecation():
            return f"{event.artifact} was deprecated {where}"
        case Assignment():
            return f"{_subject(event)} was assigned to stage {event.stage} {where}"
        case Unassignment():
            return f"{_subject(event)} was unassigned from stage {event.stage} {where}"


def _subject(event: Assignment | Unassignment) -> str:
    return f"{event.artifact} {event.version or f'at a commit without a version, {event.commit[:_SHORT]},'}"


def registry_table(registry: Registry, first: ArtifactName, most: int = 100) -> list[str]:
    """Every artifact that is not deprecated with its latest version and its stages; the one of the event first."""
    states = [artifact for artifact in registry.artifacts() if artifact.active]
    states.sort(key=lambda artifact: (artifact.name != first, str(artifact.name)))
    rows = [
        (
            str(artifact.name),
            str(artifact.latest or "-"),
            ", ".join(f"{stage}: {_short(str(state))}" for stage, state in artifact.stages.items()) or "-",
        )
        for artifact in states[:most]
    ]
    return [*_columns(("artifact", "latest", "stages"), rows), *_more(len(states) - most)]


def history_table(artifact: Artifact, most: int = 50) -> list[str]:
    """The events of an artifact, the newest first."""
    events = list(reversed(artifact.events.values()))
    rows = [
        (
            event.record.signature.iso or "-",
            event.kind.value,
            "-" if isinstance(event, Deprecation) else _short(event.version_text),
            str(event.stage) if isinstance(event, Assignment | Unassignment) else "-",
            event.commit[:_SHORT],
            event.record.name,
        )
        for event in events[:most]
    ]
    return [*_columns(("time", "event", "version", "stage", "commit", "tag"), rows), *_more(len(events) - most)]


def _short(version: str) -> str:
    """A version as it is, a commit cut to what people read."""
    return version if version.startswith("v") else version[:_SHORT]


def _columns(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[number]) for row in (head, *rows)) for number in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]


def _more(number: int) -> list[str]:
    return [f"… and {number} more"] if number > 0 else []


def lines(outputs: Outputs) -> list[str]:
    """The outputs as the log shows them, one a line."""
    return [plain(f"{name} = {value}") for name, value in outputs.texts().items()]


def summary(headline: str, outputs: Outputs) -> str:
    """The job summary: the sentence, and the outputs as a table, in Markdown."""
    # GitHub takes no summary over 1 MiB, and a character may be written as six
    texts = {name: f"{text[:_LONG]}…" if len(text) > _LONG else text for name, text in outputs.texts().items()}
    rows = [(name, text) for name, text in texts.items() if text and name != "json"]
    table = ["| output | value |", "| --- | --- |", *(f"| {name} | {markdown(value)} |" for name, value in rows)]
    return "\n".join([f"**{markdown(headline)}**", "", *(table if rows else []), ""])
