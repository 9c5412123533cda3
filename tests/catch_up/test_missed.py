"""Catching up: nothing is lost, and nothing comes twice."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gto_action.catch_up.missed import SKEW, Found, Trace, Traces, Verdict, WorkflowRun, events_since, not_handled
from gto_action.gto.event import Event
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.job.values import Retry
from tests.support.records import record

CONCLUSIONS = (
    *("success", "failure", "cancelled", "timed_out", "skipped", "neutral", "action_required", "stale"),
    *("startup_failure", ""),
)
NAMES = ("m@v1.0.0", "m@v1.1.0", "m@v1.0.0!", "m#prod", "m#prod#2", "m#prod!#3", "m#dev", "m@deprecated", "m@v1.1.0#4")
OTHERS = ("d=n@v0.1.0", "d=n#prod", "v1", "no-tag", "k#qa/eu#7")


LATE = 1_000
"""After all tags of the rows below."""


def run(
    ref_name: str, conclusion: str = "success", commit: str = "a" * 40, began: int = LATE, ended: int | None = None
) -> WorkflowRun:
    over = (began if ended is None else ended) if conclusion else None
    return WorkflowRun(0, ref_name, commit, conclusion, created=began, began=began, ended=over)


def names(events: Sequence[Event]) -> list[str]:
    return [event.record.name for event in events]


def found(
    registry: Registry,
    runs: Sequence[WorkflowRun],
    start: int = 0,
    retry: Retry = Retry.NONE,
    *,
    superseded: bool = True,
) -> Found:
    return not_handled(events_since(registry, start), Traces(runs, retry), registry, superseded=superseded)


def look(
    registry: Registry,
    runs: Sequence[WorkflowRun],
    start: int = 0,
    retry: Retry = Retry.NONE,
    *,
    superseded: bool = True,
) -> list[str]:
    return names(found(registry, runs, start, retry, superseded=superseded).missed)


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


# The table of catch_up.py: the tag is dated at T, by somebody's clock; the runs, of its name at its commit, are so many
# seconds later by GitHub's
T = 100 * 86_400
HOUR, DAY = 3_600, 86_400
TABLE: dict[str, tuple[list[tuple[int, int | None]], Verdict]] = {
    "no run": ([], Verdict.MISSED),
    "a run in the same second": ([(0, 0)], Verdict.HANDLED),
    "a run some seconds later": ([(9, 60)], Verdict.HANDLED),
    "a run days later, by hand or by a catch-up": ([(5 * DAY, 5 * DAY)], Verdict.HANDLED),
    "a run that waits": ([(9, None)], Verdict.HANDLED),
    "a run that was over the second before: made again, or a clock that is ahead": ([(-1, -1)], Verdict.DOUBTFUL),
    "a run two days before": ([(-2 * DAY, -2 * DAY)], Verdict.DOUBTFUL),
    "a run that was over just in the skew": ([(-9 * DAY, -SKEW)], Verdict.DOUBTFUL),
    "a run that was over before the skew": ([(-9 * DAY, -SKEW - 1)], Verdict.MISSED),
    "a run of five days before, made again since": ([(-5 * DAY, -5 * DAY)], Verdict.MISSED),
    "a run of long before that waits: it will have the tag of then": ([(-20 * DAY, None)], Verdict.DOUBTFUL),
    "a run of before and one of after": ([(-5 * DAY, -5 * DAY), (9, 60)], Verdict.HANDLED),
    "two runs of before": ([(-9 * DAY, -9 * DAY), (-HOUR, -HOUR)], Verdict.DOUBTFUL),
}


@pytest.mark.parametrize("row", TABLE)
def test_a_run_beside_the_date_of_the_tag(row: str) -> None:
    times, verdict = TABLE[row]
    runs = [
        run("m#prod#1", "" if ended is None else "success", began=T + began, ended=T + (ended or 0))
        for began, ended in times
    ]
    tag = record("m#prod#1", T)
    assert Traces(runs, Retry.NONE).verdict(tag) is verdict
    others = [each._replace(ref_name=name) for each in runs for name in ("m#prod#11", "main")]
    others += [each._replace(sha="b" * 40) for each in runs]
    assert Traces(others, Retry.NONE).verdict(tag) is Verdict.MISSED, "of another tag, or of another commit"
    deployed = [Trace(each.ref_name, each.sha, each.began, each.ended) for each in runs]
    assert Traces([], Retry.NONE, deployed).verdict(tag) is verdict, "a deployment without a date counts as a run"


@pytest.mark.parametrize("began", [-9 * DAY, -HOUR, 0, HOUR])
def test_a_deployment_that_says_the_date_of_its_tag(began: int) -> None:
    tag = record("m#prod#1", T)

    def verdict(dated: str) -> Verdict:
        deployed = Trace("m#prod#1", "a" * 40, T + began, T + began, dated)
        return Traces([], Retry.NONE, [deployed]).verdict(tag)

    assert verdict(tag.signature.iso) is Verdict.HANDLED
    assert verdict(record("", T - 1).signature.iso) is Verdict.MISSED
    assert verdict("") is Verdict.MISSED


def test_a_run_of_the_tag_object_itself_is_its_own_whatever_the_clocks_say() -> None:
    assert Traces([run("m#prod#1", commit="0" * 40, began=0)], Retry.NONE).verdict(record("m#prod#1", T)) is (
        Verdict.HANDLED
    )


def test_a_lightweight_tag_that_was_made_again_is_the_same() -> None:
    tag = record("m@v1.0.0", T, annotated=False)._replace(oid="a" * 40)
    registry = Registry([tag], accept_lightweight=True)
    assert found(registry, [run("m@v1.0.0", began=T + 9)]) == Found([], [])


def test_a_doubt_says_what_cannot_be_known_and_what_to_do() -> None:
    tag = record("m#prod#1", T)
    runs = [run("m#prod#1", began=T - 9 * DAY), run("m#prod#1", began=T - HOUR)]
    problem = Traces(runs, Retry.NONE).doubt(tag, "deploy.yml")
    assert str(problem) == (
        "It is unclear whether the tag 'm#prod#1' was handled: it is dated 1970-04-11 00:00:00 UTC, but the last run "
        "for that name at its commit began earlier, at 1970-04-10 23:00:00 UTC. If the tag was made again since then, "
        "start 'deploy.yml' for it by hand; if not, it was made on a machine with a fast clock."
    )


def test_of_the_doubtful_ones_too_those_count_that_are_in_force() -> None:
    registry = Registry([record("m@v1.0.0", T), record("m#prod#1", T + 1), record("m#prod#2", T + 2)])
    runs = [run(name, began=T - HOUR) for name in ("m#prod#1", "m#prod#2")]
    assert [*map(names, found(registry, runs))] == [["m@v1.0.0"], ["m#prod#1", "m#prod#2"]]
    assert [*map(names, found(registry, runs, superseded=False))] == [["m@v1.0.0"], ["m#prod#2"]]


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
    missed = look(registry, runs, start, retry)
    again = {Retry.NONE: (), Retry.CANCELLED: ("cancelled", "stale")}.get(
        retry, ("cancelled", "stale", "failure", "timed_out", "startup_failure")
    )
    commits = {name: commit * 40 for name, _, commit in tags}
    handled = {run.ref_name for run in runs if run.conclusion not in again and commits.get(run.ref_name) == run.sha}
    assert sorted([*missed, *(name for name in window if name in handled)]) == sorted(window)
    assert missed == [name for name in window if name in missed], "the order is that of time"
    current = look(registry, runs, start, retry, superseded=False)
    events = {event.record.name: event for event in events_since(registry, start)}
    assert current == [name for name in missed if standing_of(events[name], registry).is_current]
    more = [*runs, *(run(name, "", commits[name]) for name in (missed if superseded else current))]
    assert look(registry, more, start, retry, superseded=superseded) == []
