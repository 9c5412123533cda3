"""What the overview can be filtered by, and which artifact has which of it.

A row says so by short keys and not by its text, which may be cut, and shows a few labels of many.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from gto_action.page.facts import Row

_LABELS: Final = 500
"""How many labels are offered."""


class Filters(NamedTuple):
    """The values to choose from, each with the key by which rows have it; and the keys of each row, by its name."""

    stages: Sequence[tuple[str, str]]
    types: Sequence[tuple[str, str]]
    labels: Sequence[tuple[str, str]]
    more_labels: int
    """How many are not offered."""
    keys: Mapping[str, str]


def filters(rows: Sequence[Row], held: Iterable[str]) -> Filters:
    """The filters of a page of the overview.

    Args:
        rows: those on the page.
        held: the stages that hold a version of any artifact.
    """
    stages = {stage: f"s{number}" for number, stage in enumerate(held)}
    types = _keyed("t", {row.type for row in rows if row.type})
    labels = _keyed("l", {label for row in rows for label in row.labels})
    offered = dict([*labels.items()][:_LABELS])
    keys = {}
    for row in rows:
        found = [stages[each.stage] for each in row.stages]
        found += [types[row.type]] if row.type else []
        found += [offered[label] for label in row.labels if label in offered]
        keys[row.name] = " ".join(found)
    more = len(labels) - len(offered)
    return Filters([*stages.items()], [*types.items()], [*offered.items()], more, keys)


def _keyed(letter: str, values: set[str]) -> dict[str, str]:
    ordered = sorted(values, key=lambda value: (value.casefold(), value))
    return {value: f"{letter}{number}" for number, value in enumerate(ordered)}
