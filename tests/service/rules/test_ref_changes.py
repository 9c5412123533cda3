"""The difference of two lists of tags, and what a naive model says of it, which keeps the whole history."""

from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.gto.tag import parse_tag
from gto_action.service.rules.event_ids import event_id
from gto_action.service.rules.ref_changes import Action, Change, Now, Seen, Step, in_order, is_same, steps, why_halt

A, B = "a" * 40, "b" * 40
YES, NO = True, False
"""Whether GTO counts the tag."""
PROD: Final = "churn#prod#1"


def change(action: Action, oid: str, generation: int, before: str = "") -> Change:
    tag = parse_tag(PROD)
    assert tag
    return Change(tag, action, oid, generation, before)


@pytest.mark.parametrize(
    ("old", "new", "seen", "told"),
    [
        pytest.param(None, Now(A, YES), Seen(A, 1, YES), change(Action.CREATED, A, 1), id="it comes"),
        pytest.param(None, Now(A, NO), Seen(A, 1, NO), None, id="a lightweight one comes"),
        pytest.param(Seen(A, 1, YES), Now(B, YES), Seen(B, 2, YES), change(Action.MOVED, B, 2, A), id="it moves"),
        pytest.param(Seen(A, 1, YES), None, Seen("", 2, NO), change(Action.DELETED, A, 2), id="it goes"),
        pytest.param(Seen(A, 1, NO), None, Seen("", 2, NO), None, id="a lightweight one goes"),
        pytest.param(
            Seen("", 2, NO), Now(A, YES), Seen(A, 3, YES), change(Action.CREATED, A, 3), id="it is back, as it was"
        ),
        pytest.param(
            Seen(A, 1, NO),
            Now(B, YES),
            Seen(B, 2, YES),
            change(Action.CREATED, B, 2),
            id="annotated instead of lightweight",
        ),
        pytest.param(
            Seen(A, 1, YES),
            Now(B, NO),
            Seen(B, 2, NO),
            change(Action.DELETED, A, 2),
            id="lightweight instead of annotated",
        ),
        pytest.param(
            Seen(A, 1, NO),
            Now(A, YES),
            Seen(A, 2, YES),
            change(Action.CREATED, A, 2),
            id="lightweight ones are accepted now",
        ),
    ],
)
def test_one_tag(old: Seen | None, new: Now | None, seen: Seen, told: Change | None) -> None:
    before, now = ({PROD: old} if old else {}), ({PROD: new} if new else {})
    assert list(steps(before, now)) == [Step(PROD, seen, told)]


@pytest.mark.parametrize(
    ("old", "new"),
    [(Seen(A, 1, YES), Now(A, YES)), (Seen("", 2, NO), None), (Seen(A, 1, NO), Now(A, NO))],
    ids=["it stays", "it stays gone", "a lightweight one stays"],
)
def test_nothing_happens(old: Seen, new: Now | None) -> None:
    assert not list(steps({PROD: old}, {PROD: new} if new else {}))


def test_tags_that_are_not_gtos_are_nothing() -> None:
    assert not list(steps({}, {"v1.0.0": Now(A, YES), "churn@created": Now(A, YES)}))


NAMES: Final = ("churn#prod#1", "churn#prod#2", "churn@v1.0.0", "m=a@v1.0.0", "v1")
snapshots = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.tuples(st.sampled_from([A, B]), st.booleans()), max_size=5), max_size=8
)


def naive(history: Sequence[Mapping[str, tuple[str, bool]]]) -> list[tuple[str, str, str]]:
    """What happened, by looking at two neighbours of the whole history: a word, a tag, an object."""
    found = []
    for before, now in zip([{}, *history], history, strict=False):
        for name in sorted(before.keys() | now.keys()):
            was = before[name][0] if name in before and before[name][1] else ""
            is_now = now[name][0] if name in now and now[name][1] else ""
            if name == "v1" or was == is_now:
                continue
            word = "created" if not was else "moved" if is_now else "deleted"
            found.append((word, name, is_now or was))
    return found


@given(snapshots)
def test_whatever_happens_is_told_once(raw: list[dict[str, tuple[str, bool]]]) -> None:
    seen: dict[str, Seen] = {}
    told: list[Change] = []
    for snapshot in raw:
        for step in steps(seen, {name: Now(*each) for name, each in snapshot.items()}):
            seen[step.name] = step.seen
            told += [step.change] if step.change else []
    assert [(each.action.value, str(each.tag), each.oid) for each in told] == naive(raw)
    ids = [event_id("models", each) for each in told]
    assert len({*ids}) == len(ids), "two events have one id"


def test_what_is_gone_comes_first_then_what_there_is_by_its_time() -> None:
    names = ["churn#prod#2", "churn#prod#1", "churn@v1.0.0"]
    moments = {"churn#prod#2": (10, 5, ""), "churn@v1.0.0": (5, 3, "")}
    now = {name: Now(A, YES) for name in moments}
    found = list(steps({"churn#prod#1": Seen(A, 1, YES)}, now))
    ordered = in_order(found, lambda tag: moments[str(tag)])
    assert [each.name for each in ordered] == [names[1], names[2], names[0]]


def tags(number: int) -> dict[str, Seen]:
    return {f"churn#prod#{each}": Seen(A, 1, YES) for each in range(number)}


@pytest.mark.parametrize(
    ("known", "gone", "why"),
    [
        (100, 20, "20 of 100 tags are gone at once."),
        (100, 19, ""),
        (50, 10, ""),
        (50, 11, "11 of 50 tags are gone at once."),
        (2, 2, "All 2 tags are gone."),
        (1, 1, ""),
        (0, 0, ""),
    ],
)
def test_a_fifth_at_once_is_not_believed(known: int, gone: int, why: str) -> None:
    now = {name: Now(A, YES) for name in list(tags(known))[gone:]}
    assert why_halt(tags(known), now) == why
    lightweight = {name: Now(B, NO) for name in list(tags(known))[:gone]}
    assert why_halt(tags(known), now | lightweight) == why.replace("are gone", "no longer count")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({"churn#prod#1": A, "v1": B}, True),
        ({"churn#prod#1": B}, False),
        ({}, False),
        ({"churn#prod#1": A, "churn#prod#2": A}, False),
    ],
    ids=["the same", "moved", "not yet there", "no longer there"],
)
def test_whether_tags_are_those_of_a_list(listed: dict[str, str], expected: bool) -> None:
    assert is_same(listed, {"churn#prod#1": Now(A, YES)}) is expected
