"""The pages of a registry, from what is known of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gto_action.errors import Problem
from gto_action.page import places
from gto_action.page.drawing import day_of, drawing, minute_of
from gto_action.page.event_rows import event_rows
from gto_action.page.facts import About, ArtifactFacts, EventFacts, InStage, Row
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
_NEWS: Final = 8

File = tuple[str, bytes]


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
                drawn=drawing(facts.periods, [held.stage for held in facts.ever]),
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
                    types=sorted({row.type for row in shown if row.type}, key=str.casefold),
                    labels=sorted({label for row in shown for label in row.labels}, key=str.casefold),
                    news=news[:_NEWS] if number == 1 else [],
                    problems=problems if number == 1 else [],
                    number=number,
                    numbers=range(1, len(starts) + 1),
                ),
            )

    def stage(self, stage: str, rows: Iterable[Row], periods: Sequence[InStage]) -> File:
        """The page of a stage."""
        path = places.stage_page(stage)
        held = [(row, each) for row in rows for each in row.stages if each.stage == stage]
        ordered = sorted(periods, key=lambda each: (-each.start, each.name))
        left_out = ordered[_PERIODS:]
        # what lasted then is not all there, so that nobody can tell of a day before
        since = day_of(max(each.end or each.start for each in left_out)) if left_out else ""
        page = self._page("stage.html", path, stage=stage, held=held, periods=ordered[:_PERIODS], since=since)
        return path, page

    def _page(self, template: str, path: str, **values: object) -> bytes:
        root = "../" * path.count("/")
        return render(
            template, about=self.about, links=self.links, root=root, places=places, minute_of=minute_of, **values
        )
