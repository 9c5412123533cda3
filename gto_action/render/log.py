"""What people read in the log: the last sentence, the registry, the history, the outputs."""

from collections.abc import Mapping
from typing import Final

from gto_action.answer.answer import Answer, OfDeleted, OfEvent, OfVersion
from gto_action.gto.artifact import Artifact
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.gto.words import sentence, sentence_of_deleted, short
from gto_action.render.markup import plain
from gto_action.render.tables import Entry, columns, entries, states

_LINE: Final = 10_000


def headline(answer: Answer) -> str:
    """One sentence that says what the run has found."""
    match answer:
        case OfEvent():
            return sentence(answer.event)
        case OfVersion():
            state, name = answer.version, answer.artifact.name
            where = f"(tag {state.record.name}, commit {short(state.commit)})"
            return f"{answer.selector} is {name} {state} {where}"
        case OfDeleted():
            return sentence_of_deleted(answer.tag, str(answer.current or ""))
    return answer.headline


def registry_table(registry: Registry, first: ArtifactName, most: int = 100) -> list[str]:
    """All artifacts that are not deprecated, with their latest versions and stages; the event's own comes first.

    In place of those of a registry that has not been read as a whole there is a line that says so.
    """
    if registry.more_than:
        return [left_out(registry.more_than, first)]
    found = states(registry, first)
    rows = [
        (state.artifact, state.latest, ", ".join(f"{stage}: {short(version)}" for stage, version in state.stages))
        for state in found[:most]
    ]
    return [*columns(("artifact", "latest", "stages"), rows), *_more(len(found) - most)]


def left_out(more_than: int, artifact: ArtifactName) -> str:
    """Why other artifacts are not shown."""
    return f"The registry has more than {more_than:,} tags, so only those of {str(artifact)!r} were read."


def history_table(artifact: Artifact, most: int = 50) -> list[str]:
    """The events of an artifact, newest first."""
    found, number = entries(artifact, most)
    rows = [each._replace(version=short(each.version), commit=short(each.commit)) for each in found]
    return [*columns(Entry._fields, rows), *_more(number - most)]


def _more(number: int) -> list[str]:
    return [f"… and {number} more"] if number > 0 else []


def lines(outputs: Mapping[str, str]) -> list[str]:
    """The outputs for the log, one per line, cut to a readable length."""
    return [plain(f"{name} = {_cut(value)}") for name, value in outputs.items()]


def _cut(value: str) -> str:
    more = len(value) - _LINE
    return f"{value[:_LINE]}… and {more:,} more characters" if more > 0 else value
