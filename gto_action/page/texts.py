"""How texts and times are written on pages, before they are escaped."""

from gto_action.render.markup import visible


def shown(text: str, most: int = 2_000) -> str:
    """A text on one line or several, with what nobody would see spelled out, and cut."""
    cut = text if len(text) <= most else f"{text[:most]}…"
    return cut if cut.isprintable() and cut.isascii() else "\n".join(map(visible, cut.splitlines()))


def day(iso: str) -> str:
    """A day for people, from ISO 8601."""
    return iso[:10]


def minute(iso: str) -> str:
    """A time for people, from ISO 8601."""
    return f"{iso[:10]} {iso[11:16]}"
