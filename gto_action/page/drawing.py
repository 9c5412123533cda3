"""Draws which version held which stage, and when: numbers for an SVG that is as wide as its place.

All places are parts of the width, in per cent, so that a phone squeezes the bars and not the letters. It ends with the
last event and not today: a page on which nothing happened does not change.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from gto_action.gto.timeline import Period
from gto_action.gto.words import short

LANE: Final = 46
"""The height of a stage, in pixels."""
_MARGIN: Final = 0.08
"""How much of the width is left for what still lasts, after the last event."""
_PIXELS: Final = 950
"""The width on a screen; a text that its bar has no room for there is left out."""
_PIXELS_OF_PHONE: Final = 330
"""The width on a phone, where half a text would be another version."""
_LETTER: Final = 8
_TICKS: Final = 6
_HOUR: Final = 3_600
_DAY: Final = 24 * _HOUR
_STEPS: Final = (60, 300, 900, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 4 * _DAY, 7 * _DAY, 14 * _DAY)
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 600, 1_200)


class Bar(NamedTuple):
    """A stage held a version."""

    x: str
    width: str
    text: str
    title: str
    lasts: bool
    is_tight: bool
    """Whether a phone has no room for the text."""


class Lane(NamedTuple):
    """A stage, with what it held."""

    stage: str
    y: int
    bars: Sequence[Bar]


class Tick(NamedTuple):
    """A time below the bars."""

    x: str
    text: str


class Drawing(NamedTuple):
    """A whole drawing."""

    lanes: Sequence[Lane]
    ticks: Sequence[Tick]
    height: int


def drawing(periods: Sequence[Period], order: Sequence[str]) -> Drawing | None:
    """A drawing with a lane for each stage; None if there is nothing to show.

    Args:
        periods: of one artifact.
        order: its stages, the first one on top.
    """
    if not periods:
        return None
    first = min(period.start for period in periods)
    last = max([first + 1, *(period.end or period.start for period in periods)])
    end = last + max(1, int((last - first) * _MARGIN))
    found: dict[str, list[Bar]] = {}
    for period in sorted(periods, key=lambda each: each.start):
        until = end if period.end is None else period.end
        x, width = (100 * (period.start - first) / (end - first), 100 * (until - period.start) / (end - first))
        text = short(period.version)
        wide, narrow = (width * pixels / 100 > len(text) * _LETTER + _LETTER for pixels in (_PIXELS, _PIXELS_OF_PHONE))
        bar = Bar(f"{x:.3f}%", f"{width:.3f}%", text if wide else "", _title(period), period.end is None, not narrow)
        found.setdefault(period.stage, []).append(bar)
    stages = [stage for stage in order if stage in found]
    lanes = [Lane(stage, place * LANE, found[stage]) for place, stage in enumerate(stages)]
    return Drawing(lanes, list(_ticks(first, end)), len(lanes) * LANE + 20)


def day_of(seconds: int) -> str:
    """The day in UTC, in ISO 8601; empty for one that no calendar has."""
    time = _time(seconds)
    return time.date().isoformat() if time else ""


@lru_cache(4_096)
def minute_of(seconds: int) -> str:
    """The minute in UTC, for people."""
    time = _time(seconds)
    return f"{time:%Y-%m-%d %H:%M}" if time else ""


def _title(period: Period) -> str:
    start = "before" if period.began_before else "from"
    until = "and still does" if period.end is None else f"to {minute_of(period.end)}"
    return f"{period.stage} held {short(period.version)} {start} {minute_of(period.start)} {until} (UTC)"


def _ticks(first: int, end: int) -> Iterator[Tick]:
    if not (start := _time(first)) or not _time(end):
        return
    span = end - first
    if step := next((step for step in _STEPS if span / step <= _TICKS), 0):
        form = "%H:%M" if step < _DAY else "%d %b"
        times = range(first - first % step + step, end, step)
        dates = [(time, datetime.fromtimestamp(time, UTC)) for time in times]
    else:
        months = next((each for each in _MONTHS if span / (each * 30 * _DAY) <= _TICKS), _MONTHS[-1])
        form = "%b %Y" if months < 12 else "%Y"  # noqa: PLR2004 - a year
        dates = [(int(date.timestamp()), date) for date in _firsts(start, months, end)]
    for time, date in dates:
        yield Tick(f"{100 * (time - first) / span:.3f}%", f"{date:{form}}")


def _firsts(start: datetime, months: int, end: int) -> Iterator[datetime]:
    """The first days of months, each so many after the one before."""
    month = (start.year * 12 + start.month - 1) // months * months + months
    while month // 12 <= 9_999:  # noqa: PLR2004 - the last year of a calendar
        date = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        if date.timestamp() >= end:
            return
        yield date
        month += months


def _time(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
