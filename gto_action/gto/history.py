"""The order of `gto history`: newest first, and of the same second as gto has it (R24)."""

from collections.abc import Iterable, Iterator

from gto_action.gto.artifact import Artifact
from gto_action.gto.event import Event

_Place = tuple[int, ...]


def newest_first(artifacts: Iterable[Artifact], most: int | None = None) -> list[Event]:
    """The events of some artifacts in the order in which `gto history` prints them.

    By time, then by what happened: an assignment comes after a registration of the same second, and so stands above it.
    What is the same in both is in the order that follows from gto's lists of artifacts, versions and stages.

    Args:
        artifacts: in any order.
        most: how many events are wanted; None for all.
    """
    made = sorted((artifact for artifact in artifacts if artifact.noted), key=_made)
    placed = [each for number, artifact in enumerate(made) for each in _placed(-number, artifact, most)]
    placed.sort(key=lambda pair: pair[0])
    return [event for _, event in placed[:most]]


def _made(artifact: Artifact) -> tuple[int, tuple[int, str]]:
    """When gto notes an artifact first: by its deprecations, then by versions, then by stages (R13)."""
    return min((2 if tag.stage else 1 if tag.version else 0, record.order) for tag, record, _ in artifact.noted)


def _placed(number: int, artifact: Artifact, most: int | None) -> Iterator[tuple[_Place, Event]]:
    """Each event with its place; of very many those of the seconds in which the last `most` are."""
    versions = {(state.version, state.commit): index for index, state in enumerate(artifact.versions)}
    stages: dict[int, dict[object, int]] = {}
    first = artifact.noted[-most][1].order[0] if most and most < len(artifact.noted) else None
    for index in range(len(artifact.noted) - 1, -1, -1):
        tag, record, (about, _) = artifact.noted[index]
        if first is not None and record.order[0] < first:
            break
        place: _Place = (0, 0, index)
        if tag.version:
            place = (versions[tag.version, record.target], 0, -index)
        elif tag.stage and about:
            of = versions[about.version, about.commit]
            if of not in stages:
                stages[of] = {stage: at for at, stage in enumerate(about.stages)}
            # to gto each event of a commit without a version is of a version of its own
            place = (of if about.version else len(versions) + index, -stages[of][tag.stage], index)
        yield (-record.order[0], -tag.kind.priority, number, *place), artifact.events[record.name]
