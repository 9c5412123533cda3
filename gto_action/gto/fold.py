"""Folds one artifact's tags into its state (R13)."""

from collections.abc import Iterable

from gto_action.gto.artifact import Artifact, CountedTag
from gto_action.gto.growth import GrowingVersion, Growth, Pair, Use
from gto_action.gto.names import ArtifactName
from gto_action.gto.tag import EventKind


def fold(name: ArtifactName, tags: Iterable[Pair]) -> Artifact:
    """The state that follows from the tags of one artifact, in any order."""
    ordered = sorted(tags, key=lambda pair: pair[1].order)
    versions, counted = _grown(ordered)
    use = Use()
    if any(tag.kind is EventKind.DEPRECATION for tag, _ in ordered):
        for tag, record in ordered:
            use.add(tag, record)
    states = []
    versions.reverse()
    while versions:  # frees each as its state is made: otherwise the garbage collector would look at both
        states.append(versions.pop().state())
    return Artifact(name, tuple(states), use.active, tuple(counted))


def _grown(ordered: list[Pair]) -> tuple[list[GrowingVersion], list[CountedTag]]:
    """The versions in the order of `Artifact.versions`, and what every tag is about."""
    growth = Growth()
    versions: dict[GrowingVersion, None] = {}
    for tag, record in ordered:  # first, because an (un)assignment sees all (de)registrations, even later ones
        if tag.version:
            versions[growth.register(tag, record)] = None
    counted = []
    for tag, record in ordered:
        if tag.stage:
            version = growth.place(tag, record)
            versions[version] = None
            counted.append(CountedTag(tag, record, version.version, growth.candidates(record)))
        else:
            counted.append(CountedTag(tag, record, tag.version, ()))
    return [*versions], counted
