"""What always holds of a registry, whatever its tags: on lists of tags that hypothesis makes up.

`GTO_ACTION_PROPERTIES=20000 make test ARGS="-k properties"` tries that many lists for each property, new ones each time.
"""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Event
from gto_action.gto.names import Version
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of, standings
from gto_action.gto.tag import parse_tag
from tests.support import naive_registry as naive
from tests.support.naive_registry import Row
from tests.support.tag_lists import (
    ARTIFACTS,
    COMMITS,
    STAGES,
    Written,
    registry_of,
    rows_of,
    tag_lists,
    thorough,
    written,
)


def everything(registry: Registry, artifact: str) -> tuple[Any, ...]:
    """All that a registry says of an artifact, with the order of lists and of dictionaries."""
    state = registry.artifact(ARTIFACTS[artifact])
    problems = registry.problems(ARTIFACTS[artifact])
    return state, list(state.events.items()), state.latest, list(state.stages.items()), problems


def key(state: VersionState | None) -> naive.Key | None:
    return (str(state.version or ""), state.commit) if state else None


def told(artifact: Artifact) -> dict[str, Any]:
    """What the registry says, as text."""
    return {
        "versions": [key(state) for state in artifact.versions],
        "active versions": [key(state) for state in artifact.versions if state.active],
        "registrations": [[record.name for record in state.registrations] for state in artifact.versions],
        "held": {
            (key(state), str(stage)): held.assigned and held.assigned.name
            for state in artifact.versions
            for stage, held in state.stages.items()
            if held.active
        },
        "latest": key(artifact.latest),
        "stages": {str(stage): key(state) for stage, state in artifact.stages.items()},
        "active": artifact.active,
        "events": [
            (event.record.name, event.kind.value, event.version_text, _candidates(event))
            for event in artifact.events.values()
        ],
    }


def _candidates(event: Event) -> list[str]:
    return [str(each) for each in event.candidates]


def expected(rows: list[Row]) -> dict[str, Any]:
    """What follows from the rules."""
    versions = naive.versions(rows)
    return {
        "versions": versions,
        "active versions": [each for each in versions if naive.is_active(rows, each)],
        "registrations": [[row.name for row in naive.registrations(rows, each)] for each in versions],
        "held": {
            (each, stage): naive.assigned(rows, each, stage)[-1].name
            for each in versions
            for stage in naive.stage_names(rows)
            if naive.holds(rows, each, stage)
        },
        "latest": naive.latest(rows),
        "stages": naive.stages(rows),
        "active": naive.is_artifact_active(rows),
        "events": [(row.name, row.kind, *_expected_version(rows, row)) for row in naive.in_order(rows)],
    }


def _expected_version(rows: list[Row], row: Row) -> tuple[str, list[str]]:
    if row.kind not in {"assignment", "unassignment"}:
        return row.what, []
    several = naive.candidates(rows, row)
    version, commit = naive.version_of(rows, row)
    return version or commit, several if len(several) > 1 else []


@thorough
@given(tag_lists(artifacts=("m",), most=14))
def test_every_verdict_follows_from_the_history(tags: list[Written]) -> None:
    assert told(registry_of(tags).artifact(ARTIFACTS["m"])) == expected(rows_of(tags, "m"))


NO_VERSION_TIES = {
    "an earlier event in another stage": ("q B 10", "p#1 A 30", "p#2 B 30"),
    "a later event in another stage": ("p#1 A 30", "p#2 B 30", "q A 40"),
    "an earlier event in the same stage": ("p#0 B 20", "p#1 A 30", "p#2 B 30"),
    "twice in the same second": ("p#1 A 30", "p#2 B 30", "p#3 A 30"),
}


@pytest.mark.parametrize("example", NO_VERSION_TIES)
def test_of_commits_without_a_version_the_first_one_of_the_second_is_in_the_stage(example: str) -> None:
    """As gto answers: to it each such assignment is a version of its own."""
    tags = []
    for line in NO_VERSION_TIES[example]:
        name, commit, time = line.split()
        stage, _, counter = name.partition("#")
        tags.append(written("m", "assignment", stage, f"#{counter}" if counter else "", commit, time=int(time)))
    found = told(registry_of(tags).artifact(ARTIFACTS["m"]))["stages"]
    assert found["p"] == ("", "A")
    assert found == naive.stages(rows_of(tags, "m"))


@thorough
@given(tag_lists())
def test_the_history_alone_is_enough(tags: list[Written]) -> None:
    """Not even the tags: the events that the registry tells are all that a reader needs."""
    for artifact, name in ARTIFACTS.items():
        state = registry_of(tags).artifact(name)
        again = [
            Row(
                each.record.name,
                each.kind.value,
                each.stage_text or str(each.version or ""),
                each.commit,
                -1 if each.record.signature.time is None else each.record.signature.time,
                each.record.committed,
            )
            for each in state.events.values()
        ]
        assert again == naive.in_order(rows_of(tags, artifact))


@thorough
@given(tag_lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_changes_nothing(tags: list[Written], random: Random) -> None:
    shuffled = random.sample(tags, len(tags))
    for artifact in ARTIFACTS:
        assert everything(registry_of(tags), artifact) == everything(registry_of(shuffled), artifact)
    assert registry_of(tags).artifacts() == registry_of(shuffled).artifacts()


@thorough
@given(tag_lists(), tag_lists(artifacts=("m",)))
def test_another_artifacts_tags_change_nothing(tags: list[Written], more: list[Written]) -> None:
    others = [tag for tag in tags if tag.artifact and tag.artifact != "m"]
    for artifact in set(ARTIFACTS) - {"m"}:
        assert everything(registry_of(others), artifact) == everything(registry_of(others + more), artifact)


@thorough
@given(tag_lists())
def test_tags_that_do_not_count_change_nothing(tags: list[Written]) -> None:
    counting = [tag for tag in tags if tag.counts]
    assert registry_of(tags).artifacts() == registry_of(counting).artifacts()


@thorough
@given(tag_lists())
def test_accepted_lightweight_tags_are_as_good_as_annotated_ones(tags: list[Written]) -> None:
    annotated = [replace(tag, record=tag.record._replace(annotated=True)) for tag in tags]
    one, other = registry_of(tags, accept_lightweight=True), registry_of(annotated)
    for name in ARTIFACTS.values():
        assert told(one.artifact(name)) == told(other.artifact(name))


@thorough
@given(tag_lists())
def test_all_artifacts_or_each_by_itself(tags: list[Written]) -> None:
    one, other = registry_of(tags), registry_of(tags)
    alone = [one.artifact(name) for name in ARTIFACTS.values()]
    assert {artifact.name: artifact for artifact in other.artifacts()} == {
        artifact.name: artifact for artifact in alone if artifact.events
    }
    assert all(other.artifact(artifact.name) is artifact for artifact in other.artifacts())


@thorough
@given(tag_lists())
def test_before_and_after_an_event_is_the_registry_of_the_tags_until_then(tags: list[Written]) -> None:
    registry = registry_of(tags)
    for artifact, name in ARTIFACTS.items():
        own = {tag.row.name: tag for tag in tags if tag.artifact == artifact}
        events = sorted(registry.artifact(name).events.values(), key=lambda event: event.moment)
        for place, event in enumerate(events):
            standing = standing_of(event, registry)
            for found, until in ((standing.before, events[:place]), (standing.after, events[: place + 1])):
                then = registry_of([own[each.record.name] for each in until]).artifact(name)
                assert found == then.now
                assert [*found.stages] == [*then.now.stages]


@thorough
@given(tag_lists())
def test_one_pass_says_of_all_events_what_one_for_each_says(tags: list[Written]) -> None:
    registry = registry_of(tags)
    every = [event for name in ARTIFACTS.values() for event in registry.artifact(name).events.values()]
    every.sort(key=lambda event: event.moment)
    for chosen in (every, every[::3], every[-1:]):
        assert [*standings(chosen, registry)] == [standing_of(event, registry) for event in chosen]


@thorough
@given(tag_lists(artifacts=("m",)), st.sampled_from(COMMITS), st.sampled_from(STAGES))
def test_unassigning_a_commit_without_a_version_cancels(tags: list[Written], commit: str, stage: str) -> None:
    """R15b, X2: to gto it cancels nothing."""
    assume(not any(tag.row.commit == commit and tag.row.kind.endswith("registration") for tag in tags if tag.counts))
    last = written("m", "unassignment", stage, "#99", commit, time=10)
    before = registry_of(tags).artifact(ARTIFACTS["m"]).stages
    after = registry_of([*tags, last]).artifact(ARTIFACTS["m"]).stages
    assert commit not in {state.commit for held, state in after.items() if str(held) == stage}
    assert {str(held): key(state) for held, state in after.items() if str(held) != stage} == {
        str(held): key(state) for held, state in before.items() if str(held) != stage
    }


@thorough
@given(tag_lists())
def test_every_event_can_be_asked_for(tags: list[Written]) -> None:
    registry = registry_of(tags)
    for tag in tags:
        parsed = parse_tag(tag.record.name)
        assert (parsed is not None) == bool(tag.artifact)
        if parsed and tag.counts:
            event = registry.event(parsed)
            assert (event.record, event.kind.value) == (tag.record, tag.row.kind)


identifiers = st.lists(
    st.from_regex(r"0|[1-9][0-9]{0,2}|[0-9]{0,2}[a-cA-C-][0-9a-c-]{0,2}", fullmatch=True), max_size=3
)
versions = st.builds(
    lambda core, pre, build: f"v{core}{'-' if pre else ''}{'.'.join(pre)}{build}",
    st.sampled_from(["0.9.0", "1.0.0", "1.0.2", "1.0.10", "10.0.0"]),
    identifiers,
    st.sampled_from(["", "+a", "+b.1"]),
)


@thorough
@given(versions, versions)
def test_the_order_of_versions_is_semvers(one: str, other: str) -> None:
    assert (Version(one) < Version(other)) == (naive.compare(one, other) < 0)
    assert (Version(other) < Version(one)) == (naive.compare(one, other) > 0)
