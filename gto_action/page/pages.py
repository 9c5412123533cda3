"""The pages of a registry, from what is known of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from gto_action.errors import Problem
from gto_action.gto.timeline import Period
from gto_action.page import places
from gto_action.page.drawing import day_of, drawing, minute_of
from gto_action.page.event_rows import event_rows
from gto_action.page.facts import About, ArtifactFacts, EventFacts, InStage, Row
from gto_action.page.filters import filters
from gto_action.page.templates import render
from gto_action.page.version_rows import version_rows
from gto_action.render.links import Links

_ROWS: Final = 2_500
"""How many artifacts are on a page of the overview."""
_COLUMNS: Final = 4
"""How many stages are columns; more of them are labels in one."""
_EVENTS: Final = 100
"""How many events are on an artifact's page if there are more; they are all in its history then."""
_HISTORY: Final = 500
"""How many events are on a page of a history."""
_VERSIONS: Final = 100
_PERIODS: Final = 2_000
"""How many periods that are over are on a stage's page."""
_BARS: Final = 200
"""How many are drawn of an artifact."""
_LAST_DAY: Final = "9999-12-31"
"""The last one that a calendar has."""
_NEWS: Final = 8

File = tuple[str, bytes]
AnyPeriod = TypeVar("AnyPeriod", Period, InStage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Makes the pages."""

    about: About
    links: Links
    stages: Sequence[str]
    """Those that a team has put in an order."""

    def artifact(self, facts: ArtifactFacts) -> Iterator[File]:
        """The page of an artifact, and those of its history if it is long."""
        events, number = facts.events, 0
        if len(events) > _EVENTS:
            for number, start in enumerate(range(0, len(events), _HISTORY), 1):
                end = len(events) - start  # the oldest first, so that a new event changes only the last page
                chunk = events[max(0, end - _HISTORY) : end]
                path = places.history_page(facts.name, number)
                numbers = range(-(-len(events) // _HISTORY), 0, -1)
                yield (
                    path,
                    self._page(
                        "history.html",
                        path,
                        facts=facts,
                        events=event_rows(chunk, self.links),
                        number=number,
                        numbers=numbers,
                    ),
                )
        path = places.artifact_page(facts.name)
        shown = [version for version in facts.versions if version.stages]
        if facts.latest and facts.latest not in shown:
            shown.insert(0, facts.latest)
        room = _VERSIONS - len(shown)
        kept = {*map(id, shown), *map(id, [each for each in facts.versions if each not in shown][: max(room, 0)])}
        drawn, left_out = newest_periods(facts.periods, _BARS)
        chosen = [version for version in facts.versions if id(version) in kept]
        yield (
            path,
            self._page(
                "artifact.html",
                path,
                facts=facts,
                versions=[*version_rows(facts, chosen, self.links, self.about.repository)],
                events=event_rows(events if len(events) <= _EVENTS else events[: _EVENTS // 2], self.links),
                history=places.history_page(facts.name, number) if number else "",
                drawn=drawing(drawn, [held.stage for held in facts.ever]),
                since=_whole_since(left_out, facts.periods_since),
            ),
        )

    def overview(
        self,
        rows: Sequence[Row],
        held: Sequence[str],
        stages: Sequence[str],
        news: Sequence[EventFacts],
        problems: Sequence[Problem],
    ) -> Iterator[File]:
        """The overview, on as many pages as it takes.

        Args:
            rows: of all artifacts.
            held: the stages that hold a version.
            stages: all that ever did.
            news: the newest events.
            problems: what is wrong with no artifact that there is.
        """
        ordered = sorted(rows, key=lambda row: (not row.active, row.name))
        starts = range(0, max(len(ordered), 1), _ROWS)
        for number, start in enumerate(starts, 1):
            path = places.overview(number)
            shown = ordered[start : start + _ROWS]
            yield (
                path,
                self._page(
                    "overview.html",
                    path,
                    rows=shown,
                    every=rows,
                    held=held,
                    stages=stages,
                    columns=held if len(held) <= _COLUMNS else [],
                    filters=filters(shown, held),
                    news=news[:_NEWS] if number == 1 else [],
                    problems=problems if number == 1 else [],
                    number=number,
                    numbers=range(1, len(starts) + 1),
                ),
            )

    def stage(self, stage: str, rows: Iterable[Row], periods: Sequence[InStage], since: int | None) -> File:
        """The page of a stage.

        Args:
            stage: its name.
            rows: of all artifacts.
            periods: what it held, and holds.
            since: the time from which on these are all; None if no earlier one is left out.
        """
        path = places.stage_page(stage)
        held = [(row, each) for row in rows for each in row.stages if each.stage == stage]
        kept, left_out = newest_periods(periods, _PERIODS)
        ordered = sorted(kept, key=lambda each: (-each.start, each.name))
        whole = _whole_since(left_out, since)
        return path, self._page("stage.html", path, stage=stage, held=held, periods=ordered, since=whole)

    def _page(self, template: str, path: str, **values: object) -> bytes:
        root = "../" * path.count("/")
        return render(
            template, about=self.about, links=self.links, root=root, places=places, minute_of=minute_of, **values
        )


def newest_periods(periods: Sequence[AnyPeriod], most: int) -> tuple[list[AnyPeriod], list[AnyPeriod]]:
    """Those that last, and of the others so many that ended last; and those that are left out."""
    lasting = [each for each in periods if each.end is None]
    over = sorted((each for each in periods if each.end is not None), key=lambda each: each.end or 0, reverse=True)
    return lasting + over[:most], over[most:]


def _whole_since(left_out: Iterable[Period | InStage], since: int | None) -> str:
    """The day until which nobody can tell what a stage held, as some of that is left out; empty if nothing is."""
    times = [*(each.end for each in left_out if each.end is not None), *([] if since is None else [since])]
    return (day_of(max(times)) or _LAST_DAY) if times else ""
