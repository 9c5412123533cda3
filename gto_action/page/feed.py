"""The newest events as an Atom feed (RFC 4287), whose links are relative: nobody says where the site will be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import quote

from gto_action.gto.tag import EventKind
from gto_action.gto.words import HAPPENED, short
from gto_action.page import places
from gto_action.page.facts import About, EventFacts
from gto_action.page.templates import render
from gto_action.render.links import Links

_ENTRIES: Final = 50
_UNDATED: Final = "1970-01-01T00:00:00+00:00"


class _Entry(NamedTuple):
    id: str
    title: str
    updated: str
    author: str
    href: str
    summary: str


def feed(about: About, links: Links, events: Sequence[EventFacts]) -> bytes:
    """The feed of the newest events.

    Args:
        about: the registry.
        links: its pages on its server.
        events: the newest first.
    """
    entries = [_entry(event, links) for event in events[:_ENTRIES]]
    # the first entry may have no date, or one that no calendar has
    updated = max((entry.updated for entry in entries), key=datetime.fromisoformat, default=_UNDATED)
    name = about.page or f"urn:gto-action:registry:{quote(about.title, safe='', errors='replace')}"
    return render("feed.xml", about=about, places=places, id=name, updated=updated, entries=entries)


def _entry(event: EventFacts, links: Links) -> _Entry:
    happened = f"{HAPPENED[EventKind(event.event)]} {event.stage}".rstrip()
    before = f" Before it was {short(event.previous_version)}." if event.previous_version else ""
    return _Entry(
        id=links.tag(event.tag) or f"urn:gto-action:tag:{event.sha}:{quote(event.tag, safe='', errors='replace')}",
        title=f"{event.name} {short(event.version)}".rstrip() + f" {happened}",
        updated=event.created_at or _UNDATED,
        author=event.author,
        href=places.artifact_page(event.name) or places.OVERVIEW,
        summary=f"The tag {event.tag} at commit {short(event.sha)}.{before}",
    )
