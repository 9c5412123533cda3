"""What is said of a change is true, and nothing is kept back: judged by the rules read off the rows."""

from hypothesis import given

from gto_action.gto.changes import changes
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
from tests.support import naive_registry as naive
from tests.support.naive_registry import Row
from tests.support.tag_lists import Written, registry_of, rows_of, tag_lists, thorough

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
