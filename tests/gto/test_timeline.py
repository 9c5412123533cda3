"""Which version held which stage, from when to when."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.gto.timeline import Period, all_periods, periods
from tests.support.records import records
from tests.support.tag_lists import ARTIFACTS, Written, registry_of, tag_lists

M = ArtifactName("m")
TWO = "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#prod#1 A 30\nm#prod#2 B 40\n"

# the tags, and each stage's periods
LIVES = {
    "": [],
    "m@v1.0.0 A 10": [],
    "m@v1.0.0 A 10\nm#prod#1 A 20": ["prod v1.0.0 20-"],
    TWO: ["prod v1.0.0 30-40", "prod v2.0.0 40-"],
    TWO + "m#prod!#3 B 50": ["prod v1.0.0 30-40", "prod v2.0.0 40-50", "prod v1.0.0 50-"],
    TWO + "m#prod!#3 A 50": ["prod v1.0.0 30-40", "prod v2.0.0 40-"],
    TWO + "m@v2.0.0! B 50": ["prod v1.0.0 30-40", "prod v2.0.0 40-50", "prod v1.0.0 50-"],
    TWO + "m@v2.0.0! B 50\nm@v1.0.0! A 60": ["prod v1.0.0 30-40", "prod v2.0.0 40-50", "prod v1.0.0 50-60"],
    TWO + "m@deprecated A 50": ["prod v1.0.0 30-40", "prod v2.0.0 40-50"],
    TWO + "m@deprecated A 50\nm#dev A 60": [
        "prod v1.0.0 30-40",
        "prod v2.0.0 40-50",
        "prod v2.0.0 60-",
        "dev v1.0.0 60-",
    ],
    TWO + "m#dev#3 B 40": ["prod v1.0.0 30-40", "prod v2.0.0 40-", "dev v2.0.0 40-"],
    TWO + "m#prod#3 A 40": ["prod v1.0.0 30-"],
    "m#prod#1 A 10\nm#prod!#2 A 20": ["prod A 10-20"],
    "m#prod#1 A 10\nm@v1.0.0 A 20": ["prod v1.0.0 10-"],
    "m@v1.0.0 A 10\nm#prod#1 A -": ["prod v1.0.0 10-"],
    "m@v1.0.0 A -\nm#prod#1 A -": [],
}


def told(found: list[Period]) -> list[str]:
    return [f"{each.stage} {each.version} {each.start}-{'' if each.end is None else each.end}" for each in found]


@pytest.mark.parametrize("tags", LIVES)
def test_periods(tags: str) -> None:
    assert sorted(told(periods(Registry(records(tags)).artifact(M), 30))) == sorted(LIVES[tags])


def test_the_newest_are_kept() -> None:
    tags = "m@v1.0.0 A 1\nm@v2.0.0 B 2\n" + "\n".join(
        f"m#prod#{number} {'AB'[number % 2]} {number}" for number in range(10, 5_000)
    )
    artifact = Registry(records(tags)).artifact(M)
    found = periods(artifact, 4)
    assert told(found) == [
        "prod v1.0.0 4996-4997",
        "prod v2.0.0 4997-4998",
        "prod v1.0.0 4998-4999",
        "prod v2.0.0 4999-",
    ]


def test_what_came_before_the_window_is_not_lost() -> None:
    tags = TWO + "m#dev#3 A 50\n" + "\n".join(f"m#staging#{number} A {number}" for number in range(100, 150))
    artifact = Registry(records(tags)).artifact(M)
    found, since = all_periods(artifact, work=0)
    assert since == 149
    assert {(each.stage, each.began_before) for each in found} == {("prod", True), ("dev", True), ("staging", True)}
    assert {(each.stage, each.version) for each in found} == {
        ("prod", "v2.0.0"),
        ("dev", "v1.0.0"),
        ("staging", "v1.0.0"),
    }
    assert all(each.end is None for each in found)


@given(tag_lists(most=24), integers(0, 12))
def test_what_is_told_with_less_work_is_a_part_of_the_whole(tags: list[Written], work: int) -> None:
    """From its time on it is all of it, and no start is said to be known that is not."""
    registry = registry_of(tags)
    for name in ARTIFACTS.values():
        whole, always = all_periods(registry.artifact(name), 10**9)
        part, since = all_periods(registry.artifact(name), work)
        assert always is None
        if since is None:
            assert part == whole
        assert {(each.stage, each.version, each.end) for each in part} == {
            (each.stage, each.version, each.end)
            for each in whole
            if since is None or each.end is None or each.end > since
        }
        assert {each for each in part if not each.began_before} <= {*whole}


@given(tag_lists(most=24))
def test_what_lasts_is_what_holds_now(tags: list[Written]) -> None:
    registry = registry_of(tags)
    for name in ARTIFACTS.values():
        artifact = registry.artifact(name)
        found = periods(artifact, 1_000)
        if any(event.record.signature.time is not None for event in artifact.events.values()):
            now = artifact.stages if artifact.active else {}
            assert {each.stage: each.version for each in found if each.end is None} == {
                str(stage): str(state) for stage, state in now.items()
            }
        for stage in {each.stage for each in found}:
            own = sorted((each for each in found if each.stage == stage), key=lambda each: each.start)
            assert all(each.end is not None and each.end <= after.start for each, after in pairwise(own))
            assert all(each.end is None or each.start < each.end for each in own)


@given(tag_lists(artifacts=("m",), most=12))
def test_what_was_is_what_gto_would_have_said(tags: list[Written]) -> None:
    """Where no version is registered later than a stage was given, and no deprecation: the state after each second."""
    counted = [tag for tag in tags if tag.counts and tag.record.signature.time is not None]
    counted = [tag for tag in counted if tag.row.kind != "deprecation"]
    first = [tag for tag in counted if "registration" in tag.row.kind]
    late = max((tag.row.time for tag in first), default=-1)
    later = [tag for tag in counted if tag not in first and tag.row.time > late]
    found = periods(registry_of([*first, *later]).artifact(M), 1_000)
    for time in range(late + 1, 6):
        then = registry_of([*first, *(tag for tag in later if tag.row.time <= time)]).artifact(M)
        held = {
            each.stage: each.version for each in found if each.start <= time and (each.end is None or time < each.end)
        }
        assert held == {str(stage): str(state) for stage, state in then.stages.items()}
