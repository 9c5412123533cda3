"""The newest events of all artifacts, found without a look at those artifacts that had none."""

from collections.abc import Iterable, Mapping
from typing import Final

from gto_action.gto.event import Event
from gto_action.gto.history import newest_first
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.tag import parse_tag
from gto_action.page.facts import EventFacts
from gto_action.page.gather import events_of

MOST: Final = 500
"""How many events are told of all artifacts together; each artifact's own document has all of its own."""


def newest(registry: Registry, records: Iterable[TagRecord]) -> list[Event]:
    """The newest events, in the order of `gto history`.

    Args:
        registry: that they are of.
        records: all of its tags.
    """
    artifacts = set()
    found, last = 0, 0
    for record in sorted(records, key=lambda record: record.order[0], reverse=True):
        if found >= MOST and record.order[0] < last:  # of the last second all are looked at
            break
        tag = parse_tag(record.name)
        if tag and registry.why_ignored(record) is None:
            found, last = found + 1, record.order[0]
            artifacts.add(tag.artifact)
    return newest_first(map(registry.artifact, sorted(artifacts, key=str)), MOST)


def facts_of(registry: Registry, events: Iterable[Event], known: Mapping[str, EventFacts]) -> list[EventFacts]:
    """What is told of events: what is known of them by their tags, or else what their artifacts say."""
    found, told = [], dict(known)
    for event in events:
        if event.record.name not in told:
            told |= {each.tag: each for each in events_of(registry, registry.artifact(event.artifact))}
        found.append(told[event.record.name])
    return found
