"""What an event changed, in words; and that each of them is true."""

import pytest
from hypothesis import given

from gto_action.gto.changes import changes
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.gto.statement import (
    Fact,
    HoldsNow,
    LatestMoved,
    LatestNow,
    MoreStages,
    NoEffect,
    Since,
    StageMoved,
    Statement,
    UseMoved,
    UseNow,
    VersionNow,
)
from gto_action.gto.tag import parse_tag
from tests.gto.test_registry import records
from tests.gto.test_registry_properties import ARTIFACTS, Written, registry_of, rows_of, tag_lists, thorough
from tests.support import naive_registry as naive
from tests.support.naive_registry import Row

TWO = "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#prod#1 A 30\nm#prod#2 B 40\n"
SUPERSEDED = "A later event supersedes this one: now "

# the tags, the event, the words
CHANGES = [
    ("m@v1.0.0 A 10", "m@v1.0.0", "v1.0.0 is the first version."),
    ("m@v1.0.0 A 10\nm@v2.0.0 B 20", "m@v2.0.0", "The latest version went from v1.0.0 to v2.0.0."),
    ("m@v2.0.0 A 10\nm@v1.0.1 B 20", "m@v1.0.1", "v2.0.0 stayed the latest version."),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm@v3.0.0 C 30",
        "m@v1.0.0",
        "v1.0.0 is the first version. Since then: the latest version is v3.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm@v3.0.0 C 30",
        "m@v2.0.0",
        "The latest version went from v1.0.0 to v2.0.0. Since then: the latest version is v3.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v4.0.0 D 30\nm#prod#2 D 40",
        "m@v4.0.0",
        "The latest version went from v1.0.0 to v4.0.0.",
    ),
    ("m@v1.0.0 A 10\nm@v1.0.0! A 20\nm@v2.0.0 B 30", "m@v2.0.0", "No other version was registered at the time."),
    (
        "m@v1.0.0 A 10\nm@v1.0.0#2 B 20",
        "m@v1.0.0#2",
        "The latest version went from v1.0.0 at commit A to v1.0.0 at commit B.",
    ),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm@v1.0.0! A 30",
        "m@v1.0.0",
        f"v1.0.0 is the first version. {SUPERSEDED}v1.0.0 is deregistered; the latest version is v2.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm@v1.0.0#2 A 30",
        "m@v1.0.0",
        f"v1.0.0 is the first version. {SUPERSEDED}v1.0.0 is registered.",
    ),
    ("m@v1.0.0 A 10\nm#prod#1 A 30", "m#prod#1", "prod held no version before."),
    (TWO, "m#prod#2", "prod went from v1.0.0 to v2.0.0."),
    (TWO + "m#prod#3 A 50", "m#prod#3", "Rollback: prod went back from v2.0.0 to v1.0.0."),
    (TWO + "m#prod#3 B 50", "m#prod#3", "prod held v2.0.0 before, too."),
    (TWO, "m#prod#1", f"prod held no version before. {SUPERSEDED}prod holds v2.0.0."),
    (TWO + "m#prod#3 B 50", "m#prod#2", f"prod went from v1.0.0 to v2.0.0. {SUPERSEDED}prod holds v2.0.0."),
    (TWO + "m#prod!#3 B 50", "m#prod!#3", "Fallback: prod went from v2.0.0 to v1.0.0."),
    (TWO + "m#prod!#3 A 50", "m#prod!#3", "prod still held v2.0.0."),
    ("m@v1.0.0 A 10\nm#prod#1 A 30\nm#prod!#2 A 40", "m#prod!#2", "prod was left without a version."),
    ("m@v1.0.0 A 10\nm#prod!#2 A 40", "m#prod!#2", "prod held no version."),
    (
        TWO + "m#prod!#3 B 50\nm#prod#4 B 60",
        "m#prod!#3",
        f"Fallback: prod went from v2.0.0 to v1.0.0. {SUPERSEDED}prod holds v2.0.0.",
    ),
    (
        TWO + "m#prod!#3 B 50\nm@v1.0.0! A 60",
        "m#prod!#3",
        "Fallback: prod went from v2.0.0 to v1.0.0. Since then: prod holds no version.",
    ),
    (
        TWO + "m@v2.0.0! B 50",
        "m@v2.0.0!",
        "The latest version went back from v2.0.0 to v1.0.0. Fallback: prod went from v2.0.0 to v1.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm#prod A 20\nm@v1.0.0! A 50",
        "m@v1.0.0!",
        "No version was left. prod was left without a version.",
    ),
    ("m@v1.0.0! A 50", "m@v1.0.0!", "There was no version."),
    (
        TWO + "m@v2.0.0! B 50\nm@v2.0.0#2 B 60",
        "m@v2.0.0!",
        (
            "The latest version went back from v2.0.0 to v1.0.0. Fallback: prod went from v2.0.0 to v1.0.0. "
            f"{SUPERSEDED}v2.0.0 is registered; the latest version is v2.0.0; prod holds v2.0.0."
        ),
    ),
    (
        TWO + "m@v2.0.0! B 50\nm@v2.0.0#2 B 60",
        "m@v2.0.0#2",
        "The latest version went from v1.0.0 to v2.0.0. prod went from v1.0.0 to v2.0.0.",
    ),
    (
        "m@v1.0.0! A 5\nm#prod#1 A 6",
        "m#prod#1",
        "It had no effect: v1.0.0 was deregistered. prod held no version.",
    ),
    (
        "m@v1.0.0! A 5\nm#prod#1 A 6\nm@v1.0.0 A 7",
        "m#prod#1",
        "It had no effect: v1.0.0 was deregistered. prod held no version. Since then: prod holds v1.0.0.",
    ),
    (
        "m@v1.0.0! A 5\nm#prod#1 A 6\nm@v1.0.0 A 7",
        "m@v1.0.0",
        "v1.0.0 is the first version. prod held no version before, and held v1.0.0 after.",
    ),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#prod#1 A 30\nm#prod#2 B 30",
        "m#prod#2",
        "It had no effect: prod was given v1.0.0 in the same second, which counts. prod held v1.0.0 before, too.",
    ),
    (TWO + "m@deprecated C 50", "m@deprecated", "m has no current version and no stages while it is deprecated."),
    (
        TWO + "m@deprecated C 50\nm#dev B 60",
        "m@deprecated",
        f"m has no current version and no stages while it is deprecated. {SUPERSEDED}m is in use again.",
    ),
    (
        TWO + "m@deprecated C 50\nm#dev B 60",
        "m#dev",
        (
            "m had been deprecated; this put it back in use. dev held no version before. "
            "prod held no version before, and held v2.0.0 after."
        ),
    ),
    (
        TWO + "m@deprecated C 50\nm@v2.1.0 C 60",
        "m@v2.1.0",
        (
            "m had been deprecated; this put it back in use. The latest version was v2.1.0 then. "
            "prod held no version before, and held v2.0.0 after."
        ),
    ),
    (
        TWO + "m@deprecated#1 C 50\nm@deprecated#2 C 60",
        "m@deprecated#1",
        f"m has no current version and no stages while it is deprecated. {SUPERSEDED}m is deprecated.",
    ),
    (TWO + "m@deprecated#1 C 50\nm@deprecated#2 C 60", "m@deprecated#2", "m was deprecated before, too."),
    (TWO + "m@deprecated C 50", "m#prod#2", f"prod went from v1.0.0 to v2.0.0. {SUPERSEDED}m is deprecated."),
    (
        TWO + "m@deprecated C 50",
        "m@v2.0.0",
        f"The latest version went from v1.0.0 to v2.0.0. {SUPERSEDED}m is deprecated.",
    ),
    ("m#prod#1 A 10\nm#prod#2 B 20", "m#prod#2", "prod went from A to B."),
    ("m#prod#1 A 10\nm@v1.0.0 A 20", "m#prod#1", "prod held no version before."),
    (
        "m#prod#1 A 10\nm@v1.0.0 A 20",
        "m@v1.0.0",
        "v1.0.0 is the first version. prod still held commit A, which became v1.0.0.",
    ),
    (
        "m#prod#1 A 10\nm@v1.0.0 A 20\nm@v2.0.0 A 30",
        "m@v2.0.0",
        "The latest version went from v1.0.0 to v2.0.0. prod still held commit A, as v2.0.0 instead of v1.0.0.",
    ),
]


@pytest.mark.parametrize("row", CHANGES, ids=[f"{n} {row[1]}" for n, row in enumerate(CHANGES)])
def test_changes(row: tuple[str, str, str]) -> None:
    text, name, words = row
    tag = parse_tag(name)
    assert tag is not None
    registry = Registry(records(text))
    event = registry.event(tag)
    assert " ".join(map(str, changes(event, standing_of(event, registry), registry))) == words


PRIORITY = {"deprecation": 2, "registration": 3, "deregistration": 4, "assignment": 5, "unassignment": 6}
"""Of events of the same second, those that GTO takes for later ones."""


def moment(row: Row) -> tuple[int, int, str]:
    return row.time, PRIORITY[row.kind], row.name


def shown(key: naive.Key) -> str:
    return key[0] or key[1][:7]


def stage_at(rows: list[Row], stage: str) -> naive.Key | None:
    return naive.stages(rows).get(stage) if naive.is_artifact_active(rows) else None


def latest_at(rows: list[Row]) -> naive.Key | None:
    return naive.latest(rows) if naive.is_artifact_active(rows) else None


def in_force(rows: list[Row], row: Row) -> bool:
    """Whether nothing later is about the same; an assignment is in force while the stage has its version by it."""
    if not naive.is_artifact_active(rows):
        return row == naive.in_order([each for each in rows if each.kind == "deprecation"])[-1]
    if row.kind == "deprecation":
        return False
    if row.kind == "assignment":
        key = stage_at(rows, row.what)
        return key == naive.version_of(rows, row) and naive.assigned(rows, key, row.what)[-1] == row
    of_stages = row.kind == "unassignment"
    kinds = {"assignment", "unassignment"} if of_stages else {"registration", "deregistration"}
    same = [each for each in rows if each.kind in kinds and each.what == row.what]
    return row == max((each for each in same if of_stages or each.commit == row.commit), key=moment)


class World:
    """The rows of one artifact, as they were when an event came and as they are."""

    def __init__(self, rows: list[Row], row: Row) -> None:
        self.row = row
        self.before = [each for each in rows if moment(each) < moment(row)]
        self.after = [each for each in rows if moment(each) <= moment(row)]
        self.now = rows

    def check(self, said: Statement) -> None:
        """Holds a statement, and the words that it chooses, against the rules read off the rows."""
        match said:
            case StageMoved():
                self._check_stage(said)
            case LatestMoved():
                self._check_latest(said)
            case UseMoved(old=before, new=after):
                assert before == naive.is_artifact_active(self.before)
                assert after == naive.is_artifact_active(self.after)
                if "no effect" in str(said):
                    assert max(row.committed for row in self.after if row.kind != "deprecation") >= self.row.time
            case NoEffect():
                self._check_no_effect(said)
            case Since(facts=facts, superseded=superseded):
                assert facts
                assert superseded == (in_force(self.after, self.row) and not in_force(self.now, self.row))
                assert len(self.now) > len(self.after)
                for fact in facts:
                    self._check_now(fact)

    def _check_stage(self, said: StageMoved) -> None:
        stage, old, new, words = said.stage, said.old, said.new, str(said)
        assert (old, new) == (stage_at(self.before, stage), stage_at(self.after, stage))
        back = bool(old and new and old.version and new.version) and naive.compare(str(new), str(old)) < 0
        assert words.startswith("Rollback:") == (back and self.row.kind == "assignment" and stage == self.row.what)
        if words.startswith("Fallback:"):
            assert new
            assert self.row.kind in {"unassignment", "deregistration"}
            assert naive.assigned(self.before, new, stage)
        if old and new:  # both are named, or the commit that stayed
            assert all(shown(key) in words or key.commit[:7] in words for key in (old, new))

    def _check_latest(self, said: LatestMoved) -> None:
        old, new, words = said.old, said.new, str(said)
        assert (old, new) == (latest_at(self.before), latest_at(self.after))
        if "first version" in words:
            assert [each for each in self.after if each.kind == "registration"] == [self.row]
            assert new == (self.row.what, self.row.commit)
        if "No other version" in words:
            active = [key for key in naive.versions(self.after) if key[0] and naive.is_active(self.after, key)]
            assert active == [(self.row.what, self.row.commit)]
        if "went" in words:
            assert old
            assert new
            assert old != new
            assert ("went back" in words) == (naive.compare(str(new), str(old)) < 0)

    def _check_no_effect(self, said: NoEffect) -> None:
        assert self.row.kind == "assignment"
        assert said.stage == self.row.what
        assert said.which == naive.version_of(self.after, self.row)
        assert not in_force(self.after, self.row)
        if said.rival:
            assert said.rival == stage_at(self.after, said.stage)
            assert naive.assigned(self.after, said.rival, said.stage)[-1].time == self.row.time
        else:
            assert not naive.is_active(self.after, said.which)

    def _check_now(self, fact: Fact) -> None:
        match fact:
            case VersionNow(which=which, registered=registered):
                assert which == (self.row.what, self.row.commit)
                assert registered == naive.is_active(self.now, which)
            case HoldsNow(stage=stage, which=which):
                assert which == stage_at(self.now, stage)
            case LatestNow(which=which):
                assert which == latest_at(self.now)
            case UseNow(used=used):
                assert used == naive.is_artifact_active(self.now)

    def changed(self, before: list[Row], after: list[Row]) -> set[str]:
        names = naive.stage_names(self.now)
        return {name for name in names if stage_at(before, name) != stage_at(after, name)}


@thorough
@given(tag_lists(artifacts=("m",), most=14))
def test_every_sentence_is_true_of_the_time_it_speaks_of(tags: list[Written]) -> None:
    registry, rows = registry_of(tags), rows_of(tags, "m")
    for row in rows:
        tag = parse_tag(row.name)
        assert tag is not None
        event, world = registry.event(tag), World(rows, row)
        said = changes(event, standing_of(event, registry), registry)
        for each in said:
            world.check(each)
        # and nothing is kept back
        if row.kind != "deprecation":
            told = {each.stage for each in said if isinstance(each, StageMoved)}
            assert told >= world.changed(world.before, world.after)
            assert not any(isinstance(each, MoreStages) for each in said)
        if row.kind == "assignment":
            assert any(isinstance(each, NoEffect) for each in said) == (not in_force(world.after, row))
        since = [each for each in said if isinstance(each, Since)]
        if in_force(world.after, row) and not in_force(world.now, row):
            assert [each.superseded for each in since] == [True]
        if row.kind.endswith("registration"):
            assert bool(since) or latest_at(world.after) == latest_at(world.now)


def test_of_thousands_of_stages_ten_are_spoken_of() -> None:
    lines = ["m@v1.0.0 A 1", *(f"m#s{number:04} A 2" for number in range(2_000)), "m@v1.0.0! A 3"]
    registry = Registry(records("\n".join(lines)))
    tag = parse_tag("m@v1.0.0!")
    assert tag is not None
    event = registry.event(tag)
    said = changes(event, standing_of(event, registry), registry)
    assert len(said) == 12
    assert str(said[-1]) == "1990 more stages changed."
    assert registry.artifact(ARTIFACTS["m"]).stages == {}
