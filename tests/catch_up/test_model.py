"""Catching up, held against a model of what happens in time: nothing is lost, and nothing is started twice.

`make test-deep` tries 1,000 histories; `GTO_ACTION_CATCH_UP_SEED` begins with another one.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

import pytest

from gto_action.catch_up.missed import Traces, Verdict, WorkflowRun, events_since
from gto_action.gto.record import Signature, TagRecord
from gto_action.gto.registry import Registry
from gto_action.job.values import Retry
from tests.support.api_runs import run_here
from tests.support.built import build
from tests.support.figures import FIGURE
from tests.support.github_server import GitHubServer
from tests.support.history_model import COMMITS, DAY, History, Made, history
from tests.support.repo import Repo

COUNT: Final = int(os.environ.get("GTO_ACTION_CATCH_UP_COUNT", "0"))
SEED: Final = int(os.environ.get("GTO_ACTION_CATCH_UP_SEED", "20261126"))
PARTS: Final = 4
SINCE: Final = 8 * DAY
"""Longer than clocks are wrong and pushes are late."""
WAIT: Final = 30
"""The seconds that a catch-up gives to runs that are not listed yet."""

Seen = tuple[set[str], set[str], set[str]]
"""The tag names that are missed, those that are doubtful, and those that are dated in the future."""
Look = Callable[[History, int], Seen]
"""What a catch-up at a time sees of what has happened."""


def by_the_rule(past: History, now: int) -> Seen:
    """What the table of catch_up.py says."""
    records = [
        TagRecord(
            tag.name,
            f"{tag.number:040}",
            tag.commit * 40,
            "commit",
            inner_name=tag.name,
            signature=Signature(time=tag.date),
        )
        for tag in past.all_there(now)
    ]
    seen = now + WAIT
    runs = [
        WorkflowRun(
            number,
            run.name,
            run.commit * 40,
            run.conclusion(seen),
            created=run.created,
            began=run.until(seen)[-1].began,
            ended=run.until(seen)[-1].ended if run.over(seen) else None,
            event_name=run.event,
        )
        for number, run in enumerate(past.runs)
        if run.created <= seen
    ]
    events = events_since(Registry(records), now - SINCE)
    late = {event.record.name for event in events if event.moment[0] > now + DAY}
    traces = Traces(runs, Retry(past.retry))
    verdicts = {event.record.name: traces.verdict(event.record) for event in events if event.record.name not in late}
    missed, doubtful = (
        {name for name, verdict in verdicts.items() if verdict is each} for each in (Verdict.MISSED, Verdict.DOUBTFUL)
    )
    return missed, doubtful, late


def judge(past: History, now: int, seen: Seen) -> Counter[str]:
    """Holds what a catch-up saw against what is so; gives how often what was the case."""
    missed, doubtful, late = seen
    told: Counter[str] = Counter()
    for tag in past.all_there(now):
        handled = past.is_handled(tag, now + WAIT)
        story = f"{tag}, handled: {handled}, {past.like(tag, now + WAIT)}"
        assert tag.date >= now - SINCE or tag.at < now - SINCE + 4 * DAY, story
        if tag.name in missed:
            assert not handled, f"started twice: {story}"
            told["missed"] += 1
        elif tag.name in doubtful | late:
            told["named, handled" if handled else "named, not handled"] += 1
        elif handled:
            told["handled"] += 1
        elif tag.date < now - SINCE:
            told["too old"] += 1
        else:
            taken_for_its_own(tag, past, now)
            told["a run of another tag taken for its own"] += 1
    return told


def taken_for_its_own(tag: Made, past: History, now: int) -> None:
    """A run that did not see a tag, and began at its date or later: its maker's clock was behind, or it came late."""
    runs = [run for run in past.like(tag, now + WAIT) if run.until(now + WAIT)[-1].began >= tag.date]
    assert runs, f"lost: {tag}"
    assert tag.date < tag.at or any(run.until(now + WAIT)[-1].began >= tag.at for run in runs), f"lost: {tag}"


def live(seed: int, look: Look) -> Counter[str]:
    """One history, with its catch-ups, each of which starts what it finds missed."""
    past, looks = history(seed)
    told: Counter[str] = Counter()
    for now in looks:
        try:
            seen = look(past, now)
            assert not {name for name in seen[0] if name in seen[1] | seen[2]}
            told += judge(past, now, seen)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {now - looks[0]} seconds after the first catch-up: {error}") from error
        for tag in past.all_there(now):
            if tag.name in seen[0]:
                past.start(tag.name, tag.commit, now + WAIT + 1, "workflow_dispatch")
    return told


def test_histories_by_the_rule(record_property: Callable[[str, object], None]) -> None:
    told: Counter[str] = Counter()
    number = COUNT or 150
    for seed in range(SEED, SEED + number):
        told += live(seed, by_the_rule)
    record_property(FIGURE, f"catch-up by the rule, {number} histories from seed {SEED}: {dict(sorted(told.items()))}")
    assert all(told[each] for each in ("missed", "handled", "named, handled", "named, not handled")), told


@pytest.fixture
def by_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Look:
    """What the whole program starts and names, if now is the time of the catch-up; it is held against the rule."""
    places = count()

    def look(past: History, now: int) -> Seen:
        folder = tmp_path / str(next(places))
        later = int(time.time()) - now
        tags = past.all_there(now)
        lines = [
            *(f"{tag.name} {tag.commit} {tag.date + later}" for tag in tags),
            *(f"x-{each} {each} 1" for each in COMMITS),
        ]
        build(folder / "o/r", "\n".join(lines))
        repo = Repo(folder / "o/r")
        commits = {each: repo.git("rev-parse", f"x-{each}^{{}}") for each in COMMITS}
        with GitHubServer("s3cret") as github:
            github.checked = False
            github.commits = {tag.name: commits[tag.commit] for tag in tags}
            for run in past.runs:
                if run.created <= now + WAIT:
                    last = run.until(now + WAIT)[-1]
                    github.add_run(
                        run.name,
                        commits[run.commit],
                        conclusion=run.conclusion(now + WAIT) or None,
                        created=run.created + later,
                        again=last.began + later,
                        ended=last.ended + later,
                        event=run.event,
                    )
            given = {
                "INPUT_WORKFLOW": "deploy.yml",
                "INPUT_DISPATCH": "true",
                "INPUT_SUPERSEDED": "true",
                "INPUT_SINCE": f"{SINCE // DAY}d",
                "INPUT_RETRY": past.retry,
            }
            found = run_here(github, folder, folder / "run", given, capfd, action="catch-up")
            assert found.code == 0, found.log
            assert found.outputs
            told = [
                each
                for level in ("::warning ", "Warning: ")
                for each in found.log.splitlines()
                if each.startswith(level)
            ]
            doubtful, late = (
                {tag.name for tag in tags for each in told if f"tag {tag.name!r} {words}" in each}
                for words in ("was handled", "is dated in the future")
            )
            started = github.dispatched()
        assert len({*started}) == len(started)
        assert sorted(each["tag"] for each in json.loads(found.outputs["events"])) == sorted(started)
        seen = {*started}, doubtful, late
        assert seen == by_the_rule(past, now)
        return seen

    return look


def in_turn(looks: list[Look]) -> Look:
    """Each look for one catch-up."""
    left = iter(looks)

    def look(past: History, now: int) -> Seen:
        return next(left)(past, now)

    return look


@pytest.mark.parametrize("part", range(PARTS))
def test_histories_by_the_whole_program(
    by_the_program: Look, record_property: Callable[[str, object], None], part: int
) -> None:
    """One of the catch-ups of each history is the program's, the others are by the rule."""
    told: Counter[str] = Counter()
    seeds = range(SEED, SEED + (COUNT or 12))[part::PARTS]
    for seed in seeds:
        looks: list[Look] = [by_the_rule] * 12
        looks[Random(seed).randrange(12)] = by_the_program
        told += live(seed, in_turn(looks))
    record_property(FIGURE, f"catch-up by the program, {len(seeds)} histories of {seeds}: {dict(sorted(told.items()))}")
    assert told["missed"]
    assert told["handled"]
