"""Draws which version held which stage, and when, as a chart that GitHub renders."""

import re
from typing import Final

from gto_action.gto.timeline import Period
from gto_action.gto.words import short

_LONGEST: Final = 30
"""How many characters of a name are shown."""
_WIDTH: Final = 900
_MARGIN: Final = 75
"""To the right of the chart, in pixels."""
_LETTER: Final = 7
"""The width of a letter, in pixels."""
_NAMELESS: Final = "#8203;"
_VERSION: Final = re.compile(r"v[0-9][0-9A-Za-z.+-]*")


def chart(found: list[Period], now: int) -> str:
    """A chart in Mermaid's language, with a row for each stage; empty if there is nothing to show.

    Args:
        found: in the order of `periods`.
        now: seconds since 1970, where periods that still last end.
    """
    if not found:
        return ""
    stages = dict.fromkeys(period.stage for period in reversed(found))
    now = max(now, *((period.start if period.end is None else period.end) + 1 for period in found))
    first = min(period.start for period in found)
    left = max(len(_cut(stage)) for stage in stages) * _LETTER + 30
    scale = (_WIDTH - left - _MARGIN) / (now - first)
    lines = ["---", "displayMode: compact", f"config: {{gantt: {{leftPadding: {left}, useWidth: {_WIDTH}}}}}", "---"]
    lines += ["gantt", "dateFormat x", f"axisFormat {_axis(now - first)}", "todayMarker off"]
    for stage in stages:
        lines.append(f"section {_name(_cut(stage))}")
        for period in found:
            if period.stage == stage:
                state, end = ("active", now) if period.end is None else ("done", period.end)
                # Mermaid would write a name that is too long for its bar into the next bar
                name = _name(_cut(short(period.version)))
                name = name if (end - period.start) * scale > (len(name) + 1) * _LETTER else _NAMELESS
                lines.append(f"{name} :{state}, {1000 * period.start}, {1000 * end}")
    return "\n".join(lines)


def _axis(span: int) -> str:
    """The format of times for a chart that spans so many seconds: about ten ticks, no two alike."""
    minute, day = 60, 24 * 60 * 60
    for most, form in ((15 * minute, "%H:%M:%S"), (2 * day, "%H:%M"), (8 * day, "%a %H:%M"), (300 * day, "%b %d")):
        if span < most:
            return form
    return "%b %Y"


def _cut(name: str) -> str:
    return f"{name[: _LONGEST - 1]}…" if len(name) > _LONGEST else name


def _name(text: str) -> str:
    """A name that Mermaid cannot mistake for syntax: a version, or with its first character and signs as numbers."""
    if _VERSION.fullmatch(text):
        return text
    kept = (number and each.isascii() and each.isalnum() for number, each in enumerate(text))
    return "".join(each if keep else f"#{ord(each)};" for each, keep in zip(text, kept, strict=True))
