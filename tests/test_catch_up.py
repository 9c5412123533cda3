"""Catching up: nothing is lost, and nothing comes twice."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gto_action.catch_up import Handled, WorkflowRun, events_since, missed
from gto_action.event import Event
from gto_action.inputs import Retry
from gto_action.record import Signature, TagRecord
from gto_action.registry import Registry
from gto_action.standing import standing_of

CONCLUSIONS = (
    *("success", "failure", "cancelled", "timed_out", "skipped", "neutral", "action_required", "stale"),
    *("startup_failure", ""),
)
NAMES = ("m@v1.0.0", "m@v1.1.0", "m@v1.0.0!", "m#prod", "m#prod#2", "m#prod!#3", "m#dev", "m@deprecated", "m@v1.1.0#4")
OTHERS = ("d=n@v0.1.0", "d=n#prod", "v1", "no-tag", "k#qa/eu#7")


def record(name: str, time: int | None, commit: str = "a" * 40, *, annotated: bool = True) -> TagRecord:
    return TagRecord(name, "0" * 40, commit, "commit", annotated, name if annotated else "", Signature(time=time))


def run(ref_name: str, conclusion: str = "success", commit: str = "a" * 40) -> WorkflowRun:
    return WorkflowRun(0, ref_name, commit, conclusion, "")


def names(events: Sequence[Event]) -> list[str]:
    return [event.record.name for event in events]


def look(
    registry: Registry,
    runs: Sequence[WorkflowRun],
    start: int = 0,
    retry: Retry = Retry.NONE,
    *,
    superseded: bool = True,
) -> list[str]:
    return names(missed(events_since(registry, start), Handled(runs, retry), registry, superseded=superseded))


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
@pytest.mark.parametrize("retry", Retry)
def test_a_run_that_counts(conclusion: str, retry: Retry) -> None:
    again = {"cancelled": Retry.CANCELLED, "stale": Retry.CANCELLED}
    again |= dict.fromkeys(("failure", "timed_out", "startup_failure"), Retry.FAILED)
    order = list(Retry)
    lost = conclusion in again and order.index(retry) >= order.index(again[conclusion])
    registry = Registry([record("m@v1.0.0", 10)])
    assert look(registry, [run("m@v1.0.0", conclusion)], retry=retry) == (["m@v1.0.0"] if lost else [])
    assert look(registry, [run("m@v1.0.0", conclusion), run("m@v1.0.0", "")], retry=retry) == []


def test_the_window_and_the_order() -> None:
    tags = [("b@v1.0.0", 30), ("a#prod", 20), ("c@v1.0.0", 10), ("a@v1.0.0", 20), ("x", 25), ("n@v1.0.0", None)]
    registry = Registry([record(*tag) for tag in tags])
    assert look(registry, []) == ["c@v1.0.0", "a@v1.0.0", "a#prod", "b@v1.0.0"]
    assert look(registry, [], 20) == ["a@v1.0.0", "a#prod", "b@v1.0.0"]
    assert look(registry, [], 31) == []


def test_a_lightweight_tag_counts_where_it_is_accepted() -> None:
    records = [record("m@v1.0.0", 10, annotated=False)]
    assert look(Registry(records), []) == []
    assert look(Registry(records, accept_lightweight=True), []) == ["m@v1.0.0"]


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_run_of_a_pull_request_does_not_count(event: str) -> None:
    registry = Registry([record("m@v1.0.0", 10)])
    assert look(registry, [run("m@v1.0.0")._replace(event_name=event)]) == ["m@v1.0.0"]


def test_what_is_superseded() -> None:
    records = [record("m@v1.0.0", 10), record("m#prod#1", 11), record("m@v2.0.0", 12, "b" * 40)]
    registry = Registry(records)
    later = Registry([*records, record("m#prod#2", 13, "b" * 40)])
    assert look(registry, [], superseded=False) == ["m@v1.0.0", "m#prod#1", "m@v2.0.0"]
    assert look(later, [], superseded=False) == ["m@v1.0.0", "m@v2.0.0", "m#prod#2"]
    assert look(later, []) == ["m@v1.0.0", "m#prod#1", "m@v2.0.0", "m#prod#2"]


def test_a_run_of_the_tag_before_it_was_moved_does_not_count() -> None:
    registry = Registry([record("m@v1.0.0", 10, "b" * 40)])
    assert look(registry, [run("m@v1.0.0")]) == ["m@v1.0.0"]
    assert look(registry, [run("m@v1.0.0", commit="b" * 40)]) == []
    assert look(registry, [run("m@v1.0.0", commit="0" * 40)]) == [], "by the tag's own id"


tags = st.lists(
    st.tuples(st.sampled_from((*NAMES, *OTHERS)), st.one_of(st.none(), st.integers(0, 40)), st.sampled_from("abc")),
    unique_by=lambda tag: tag[0],
)
some_runs = st.lists(
    st.builds(
        run,
        st.sampled_from((*NAMES, *OTHERS, "main", "")),
        st.sampled_from(CONCLUSIONS),
        st.sampled_from([each * 40 for each in "abc"]),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(tags, some_runs, st.integers(0, 41), st.sampled_from(Retry), st.booleans())
def test_nothing_is_lost_and_nothing_comes_twice(
    tags: list[tuple[str, int | None, str]], runs: list[WorkflowRun], start: int, retry: Retry, superseded: bool
) -> None:
    registry = Registry([record(name, time, commit * 40) for name, time, commit in tags])
    window = names(events_since(registry, start))
    assert set(window) == {
        name
        for name, time, _ in tags
        if time is not None and time >= start and name in {*NAMES, *OTHERS} - {"v1", "no-tag"}
    }
    found = look(registry, runs, start, retry)
    again = {Retry.NONE: (), Retry.CANCELLED: ("cancelled", "stale")}.get(
        retry, ("cancelled", "stale", "failure", "timed_out", "startup_failure")
    )
    commits = {name: commit * 40 for name, _, commit in tags}
    handled = {run.ref_name for run in runs if run.conclusion not in again and commits.get(run.ref_name) == run.sha}
    assert sorted([*found, *(name for name in window if name in handled)]) == sorted(window)
    assert found == [name for name in window if name in found], "the order is that of time"
    current = look(registry, runs, start, retry, superseded=False)
    events = {event.record.name: event for event in events_since(registry, start)}
    assert current == [name for name in found if standing_of(events[name], registry).is_current]
    more = [*runs, *(run(name, "", commits[name]) for name in (found if superseded else current))]
    assert look(registry, more, start, retry, superseded=superseded) == []
