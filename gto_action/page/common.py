"""Every file of the site: those of one artifact, and those that all artifacts share."""

from collections.abc import Iterator, Sequence

from gto_action.errors import Problem
from gto_action.page import api, places, templates
from gto_action.page.facts import ArtifactFacts, EventFacts, InStage, has_files
from gto_action.page.feed import feed
from gto_action.page.gather import in_order
from gto_action.page.memory import Known
from gto_action.page.pages import File, Pages


def files_of_artifact(pages: Pages, facts: ArtifactFacts) -> Iterator[File]:
    """The files of one artifact, which nothing of another artifact is in."""
    name = facts.name
    yield from pages.artifact(facts)
    yield places.of_artifact(name), api.written(api.artifact_document(facts))
    yield places.latest(name), api.written(api.latest_document(facts))
    yield places.latest_badge(name), api.written(api.badge_document(name, facts.row.latest))
    for held in facts.ever:
        if has_files(held.stage):
            yield places.held(name, held.stage), api.written(api.stage_document(name, held))
            yield places.held_badge(name, held.stage), api.written(api.badge_document(held.stage, held.version))


def files(
    pages: Pages, every: Sequence[Known], news: Sequence[EventFacts], problems: Sequence[Problem], order: Sequence[str]
) -> Iterator[File]:
    """The files that all artifacts share.

    Args:
        pages: makes the pages.
        every: the artifacts.
        news: the newest events, the newest first.
        problems: what is wrong with no artifact that there is.
        order: stages that come first, in this order.
    """
    rows = [known.row for known in every]
    periods: dict[str, list[InStage]] = {}
    for known in every:
        for each in known.periods:
            found = InStage(known.row.name, each.version, each.start, each.end, each.began_before)
            periods.setdefault(each.stage, []).append(found)
    since = max((known.periods_since for known in every if known.periods_since is not None), default=None)
    held = in_order({each.stage for row in rows for each in row.stages}, order)
    stages = in_order({stage for known in every for stage in known.stages}, order)
    yield from pages.overview(rows, held, stages, news, problems)
    for stage in filter(has_files, stages):
        yield pages.stage(stage, rows, periods.get(stage, []), since)
        yield places.of_stage(stage), api.written(api.stages_document(stage, rows))
    yield places.REGISTRY, api.written(api.registry_document(pages.about, rows, problems))
    yield places.EVENTS, api.written(api.events_document(news, sum(row.events for row in rows)))
    yield places.FEED, feed(pages.about, pages.links, news)
    yield from templates.asset_files().items()
    yield places.NO_JEKYLL, b""
