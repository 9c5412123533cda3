"""The order of `gto history`: newest first, and of the same second as gto has it (R24)."""

from collections.abc import Iterable, Iterator

from gto_action.artifact import Artifact
from gto_action.event import Event

_Place = tuple[int, ...]


def newest_first(artifacts: Iterable[Artifact]) -> list[Event]:
    """The events of some artifacts in the order in which `gto history` prints them.

    By time, then by what happened: an assignment comes after a registration of the same second, and so stands above it.
    What is the same in both is in the order that follows from gto's lists of artifacts, versions and stages.
    """
    made = sorted((artifact for artifact in artifacts if artifact.noted), key=_made)
    placed = [(place, event) for number, artifact in enumerate(made) for place, event in _placed(-number, artifact)]
    placed.sort(key=lambda pair: pair[0])
    return [event for _, event in placed]


def _made(artifact: Artifact) -> tuple[int, tuple[int, str]]:
    """When gto notes an artifact first: by its deprecations, then by versions, then by stages (R13)."""
    return min((2 if tag.stage else 1 if tag.version else 0, record.order) for tag, record, _ in artifact.noted)


def _placed(number: int, artifact: Artifact) -> Iterator[tuple[_Place, Event]]:
    versions = {(state.version, state.commit): index for index, state in enumerate(artifact.versions)}
    stages = [{stage: index for index, stage in enumerate(state.stages)} for state in artifact.versions]
    for index, (tag, record, (about, _)) in enumerate(artifact.noted):
        place: _Place = (0, 0, index)
        if tag.version:
            place = (versions[tag.version, record.target], 0, -index)
        elif tag.stage and about:
            of = versions[about.version, about.commit]
            # to gto each event of a commit without a version is of a version of its own
            place = (of if about.version else len(versions) + index, -stages[of][tag.stage], index)
        yield (-record.order[0], -tag.kind.priority, number, *place), artifact.events[record.name]
