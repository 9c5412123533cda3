"""The rows of a table of events: what the template shows of each, as plain texts, for there are very many."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from gto_action.gto.tag import EventKind
from gto_action.gto.words import short
from gto_action.page import places
from gto_action.page.facts import EventFacts
from gto_action.page.texts import minute, shown
from gto_action.render.links import Links

_COMPARED = {EventKind.REGISTRATION.value, EventKind.ASSIGNMENT.value}


class EventRow(NamedTuple):
    """One event. The template unpacks it, as looking up so many names would take longer than all the rest."""

    is_current: bool
    time: str
    """In ISO 8601; empty for a tag without a date."""
    minute: str
    kind: str
    stage: str
    stage_page: str
    """From the root of the site; empty if it has none."""
    version: str
    before: str
    """What was there before; empty if it was the same or nothing."""
    compared: str
    """The address where the two commits are compared; empty if there is none."""
    author: str
    tag: str
    tag_page: str
    """Its address; empty if there is none."""
    commit: str
    commit_page: str
    """Its address; empty if there is none."""


def event_rows(events: Iterable[EventFacts], links: Links) -> Iterator[EventRow]:
    """The rows of events, in the order in which they are given."""
    version = cache(lambda text: shown(short(text), 60))
    stage = cache(lambda text: (shown(text, 60), places.stage_page(text)) if text else ("", ""))
    commit = cache(lambda sha: (short(sha), links.commit(sha)))
    author = cache(lambda text: shown(text, 60))
    for each in events:
        differs = each.previous_version != each.version
        is_compared = differs and each.event in _COMPARED and each.previous_sha not in {"", each.sha}
        yield EventRow(
            each.is_current,
            each.created_at,
            minute(each.created_at),
            each.event,
            *stage(each.stage),
            version(each.version),
            version(each.previous_version) if differs else "",
            links.compare(each.previous_sha, each.sha) if is_compared else "",
            author(each.author),
            shown(each.tag, 80),
            links.tag(each.tag),
            *commit(each.sha),
        )
