"""The order of `gto history`: newest first, and within a second as in gto (R24)."""

from collections.abc import Iterable, Iterator
from heapq import nlargest

from gto_action.gto.artifact import Artifact
from gto_action.gto.event import Event

_Place = tuple[int, ...]


def newest_first(artifacts: Iterable[Artifact], most: int | None = None) -> list[Event]:
    """The events of some artifacts, in the order in which `gto history` prints them.

    They are sorted by time, then by kind: an assignment comes after a registration in the same second, so it is listed
    above it. The rest of the order follows from gto's lists of artifacts, versions and stages.

    Args:
        artifacts: in any order.
        most: how many events to return; None for all.
    """
    made = sorted((artifact for artifact in artifacts if artifact.tags), key=_made)
    first = _first(made, most) if most else None
    placed = [pair for number, artifact in enumerate(made) for pair in _placed(-number, artifact, first)]
    placed.sort(key=lambda pair: pair[0])
    return [event for _, event in placed[:most]]


def _made(artifact: Artifact) -> tuple[int, tuple[int, str]]:
    """When gto first sees an artifact: by its deprecations, then its versions, then its stages (R13)."""
    return min((2 if tag.stage else 1 if tag.version else 0, record.order) for tag, record, _, _ in artifact.tags)


def _first(artifacts: Iterable[Artifact], most: int) -> int:
    """A second such that the last `most` events are not before it."""
    ordered = (artifact.tags[-most:] for artifact in artifacts)
    times = nlargest(most, (record.order[0] for tags in ordered for _, record, _, _ in tags))
    return times[-1] if times else 0


def _placed(number: int, artifact: Artifact, first: int | None) -> Iterator[tuple[_Place, Event]]:
    """The events with their places; with `first`, only those that are not before that second."""
    versions = {(state.version, state.commit): index for index, state in enumerate(artifact.versions)}
    stages: dict[int, dict[object, int]] = {}
    for index in range(len(artifact.tags) - 1, -1, -1):
        counted = artifact.tags[index]
        time = counted.record.order[0]
        if first is not None and time < first:
            break
        place: _Place = (0, 0, index)
        if counted.tag.version:
            place = (versions[counted.version, counted.record.target], 0, -index)
        elif counted.tag.stage:
            version = versions[counted.version, counted.record.target]
            if version not in stages:
                stages[version] = {stage: at for at, stage in enumerate(artifact.versions[version].stages)}
            # to gto each event of a commit without a version has its own version
            place = (version if counted.version else len(versions) + index, -stages[version][counted.tag.stage], index)
        yield (-time, -counted.tag.kind.priority, number, *place), counted.event
