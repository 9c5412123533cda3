"""What people read in the log: the closing sentence, the registry, the history, the outputs."""

from typing import Final

from gto_action.answer.document import Outputs
from gto_action.gto.artifact import Artifact
from gto_action.gto.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.render.markup import plain
from gto_action.render.tables import Entry, columns, entries, short, states

_SHORT: Final = 7
_LINE: Final = 10_000


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
    found = states(registry, first)
    rows = [
        (state.artifact, state.latest, ", ".join(f"{stage}: {short(version)}" for stage, version in state.stages))
        for state in found[:most]
    ]
    return [*columns(("artifact", "latest", "stages"), rows), *_more(len(found) - most)]


def history_table(artifact: Artifact, most: int = 50) -> list[str]:
    """The events of an artifact, the newest first."""
    found, number = entries(artifact, most)
    rows = [each._replace(version=short(each.version), commit=each.commit[:_SHORT]) for each in found]
    return [*columns(Entry._fields, rows), *_more(number - most)]


def _more(number: int) -> list[str]:
    return [f"… and {number} more"] if number > 0 else []


def lines(outputs: Outputs) -> list[str]:
    """The outputs as the log shows them, one a line, which is not longer than anybody reads."""
    return [plain(f"{name} = {_cut(value)}") for name, value in outputs.texts().items()]


def _cut(value: str) -> str:
    more = len(value) - _LINE
    return f"{value[:_LINE]}… and {more:,} characters more" if more > 0 else value
