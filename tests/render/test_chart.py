"""Which version held which stage, drawn."""

from itertools import pairwise
from time import gmtime, strftime

import pytest

from gto_action.gto.timeline import Period
from gto_action.render.chart import chart


def test_a_chart_of_nothing() -> None:
    assert chart([], 0) == ""


def test_a_chart() -> None:
    day = 86_400
    found = [
        Period("prod", "v1.0.0", 0, 10 * day),
        Period("dev", "8a1eb65" + "0" * 33, day, None),
        Period("prod", "v2.0.0-rc.1+x", 10 * day, None),
    ]
    assert chart(found, 30 * day).splitlines()[4:] == [
        *("gantt", "dateFormat x", "axisFormat %b %d", "todayMarker off"),
        "section #112;rod",
        "v1.0.0 :done, 0, 864000000",
        "v2.0.0-rc.1+x :active, 864000000, 2592000000",
        "section #100;ev",
        "#56;a1eb65 :active, 86400000, 2592000000",
    ]


MINUTE, HOUR, DAY = 60, 3_600, 86_400
# how long a chart is, and how its times are written
AXES = {
    30: "%H:%M:%S",
    5 * MINUTE: "%H:%M:%S",
    14 * MINUTE: "%H:%M:%S",
    HOUR: "%H:%M",
    DAY: "%H:%M",
    5 * DAY: "%a %H:%M",
    30 * DAY: "%b %d",
    400 * DAY: "%b %Y",
    9_000 * DAY: "%b %Y",
}
TICKS = [1, 5, 15, 30, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY]
TICKS += [7 * DAY, 31 * DAY, 92 * DAY, 366 * DAY]
"""The steps between two ticks of which D3, which draws the chart, takes the one nearest to a tenth."""


@pytest.mark.parametrize("span", AXES)
def test_no_two_ticks_of_a_chart_are_alike(span: int) -> None:
    drawn = chart([Period("prod", "v1.0.0", 0, None)], span)
    assert f"axisFormat {AXES[span]}" in drawn.splitlines()
    step = min(TICKS, key=lambda each: max(each / (span / 10), span / 10 / each))
    shown = [strftime(AXES[span], gmtime(at)) for at in range(0, span, step)]
    assert all(one != other for one, other in pairwise(shown))


def test_a_name_that_does_not_fit_is_left_out() -> None:
    drawn = chart([Period("prod", "v1.0.0", 0, 1), Period("prod", "v2.0.0", 1, None)], 1_000)
    assert "v1.0.0" not in drawn
    assert "#8203; :done, 0, 1000" in drawn


@pytest.mark.parametrize("now", [-5, 0, 10, 11, 2**40])
def test_no_period_is_of_no_length(now: int) -> None:
    drawn = chart([Period("prod", "v1.0.0", 10, None)], now)
    start, end = map(int, drawn.splitlines()[-1].split(", ")[1:])
    assert start < end


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        ("p" * 30, "#112;" + "p" * 29),
        ("p" * 40, "#112;" + "p" * 28 + "#8230;"),
        ("8a1eb65" + "0" * 33, "#56;a1eb65" + "0" * 22 + "#8230;"),
    ],
    ids=["the longest", "as long as a commit", "as a commit"],
)
def test_a_stage_is_never_taken_for_a_commit(stage: str, shown: str) -> None:
    assert f"section {shown}" in drawn_of(stage, "v1.0.0")


@pytest.mark.parametrize("digits", [40, 64])
def test_a_commit_is_cut_to_seven(digits: int) -> None:
    assert drawn_of("prod", "8a1eb65".ljust(digits, "0"))[-1] == "#56;a1eb65 :active, 0, 1000000"


def test_a_long_version_is_cut_as_a_stage_is() -> None:
    assert drawn_of("prod", "v1.0.0-" + "a" * 33)[-1].startswith(f"#118;1#46;0#46;0#45;{'a' * 22}#8230; :")


def drawn_of(stage: str, version: str) -> list[str]:
    return chart([Period(stage, version, 0, None)], 1_000).splitlines()
