"""When a delivery is tried again."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.service.rules.outcome import Came, brief, of_status
from gto_action.service.rules.retries import FARTHEST, LONGEST, MOST_ASKED, Retry, is_due, pause

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("status", "retry_after", "came", "wait"),
    [
        (200, "", Came.TAKEN, 0),
        (204, "", Came.TAKEN, 0),
        (202, "60", Came.TAKEN, 0),
        (410, "", Came.GONE, 0),
        (429, "120", Came.REFUSED, 120),
        (503, formatdate(NOW + 90, usegmt=True), Came.REFUSED, 90),
        (503, formatdate(NOW - 90, usegmt=True), Came.REFUSED, 0),
        (503, "soon", Came.REFUSED, 0),
        (503, "-5", Came.REFUSED, 0),
        (429, "9" * 5000, Came.REFUSED, 999_999_999),
        (404, "", Came.REFUSED, 0),
        (302, "5", Came.REFUSED, 0),
        (101, "", Came.REFUSED, 0),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_a_status_means(status: int, retry_after: str, came: Came, wait: float) -> None:
    outcome = of_status(status, retry_after, "", NOW)
    assert (outcome.came, outcome.wait) == (came, wait)


def test_what_a_sink_says_is_one_short_line() -> None:
    assert brief("a\r\nb\x1b[31m\u202ec" + "d" * 999) == ("a b [31m c" + "d" * 999)[:300]


@given(st.integers(1, 10**6), st.floats(0, 10**12), st.floats(0, 1))
def test_a_pause_is_never_too_short_nor_too_long(attempts: int, asked: float, spread: float) -> None:
    found = pause(attempts, asked, spread)
    assert min(asked, MOST_ASKED) <= found <= max(LONGEST * 1.2, MOST_ASKED)
    assert found >= 5


@given(st.floats(0, 2 * 10**9), st.floats(-(10**9), 10**9))
def test_nothing_waits_for_ever_when_the_clock_is_set_back(now: float, back: float) -> None:
    """Whatever was planned by a clock that was ahead is due at once, or after the longest that anybody plans."""
    planned = now + max(back, 0) + MOST_ASKED
    assert is_due(planned, now) or planned - now <= FARTHEST


@pytest.mark.parametrize(("passed", "over"), [(3 * 86400, True), (3 * 86400 - 1, False), (-86400, False)])
def test_how_long_it_is_tried(passed: float, over: bool) -> None:
    assert Retry().is_over(NOW, NOW + passed) is over
