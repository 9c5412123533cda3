"""Tags of just now, tags that were made again, and runs of long ago."""

import re
import time
from dataclasses import replace

import pytest

from tests.support.api_runs import HURRY
from tests.support.catch_up import DAY, HOUR, NAMES, NOW, CatchUp, handle, make_again, tags
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


def test_a_tag_of_just_now_is_given_time_to_get_its_run(
    catch_up: CatchUp, github: GitHubServer, registry: Repo
) -> None:
    handle(github, *NAMES)
    registry.tag("churn@v3.0.0", time=int(time.time()) - 27)
    github.add_run("churn@v3.0.0", registry.git("rev-parse", "churn@v3.0.0^{}"), lag=1)
    run = catch_up(replace(HURRY, listed=30))
    assert tags(run) == []
    assert "Waiting " in run.log


def test_before_a_dispatch_a_tag_of_any_date_is_given_that_time(catch_up: CatchUp, github: GitHubServer) -> None:
    """It may have been pushed just now, whatever the clock said when it was made."""
    handle(github, *NAMES[1:])
    handle(github, NAMES[0], lag=1)
    run = catch_up(replace(HURRY, listed=5), INPUT_DISPATCH="true")  # less what a slow machine takes to ask GitHub
    assert tags(run) == []
    assert github.dispatched() == []
    assert re.search(r"Waiting [1-5] seconds", run.log), run.log


DOUBT = "It is unclear whether the tag 'churn#prod#2' was handled: it is dated "

# the hours since the tag was made again, those since the runs that there are; whether it is missed, and named
AGAIN = [
    (1, [5 * 24], True, False),
    (1, [5 * 24, 0.5], False, False),
    (1, [2 * 24], False, True),
    (1, [1.01], False, True),
    (1, [1], False, False),
    (20, [10], False, False),
    (-20, [1], False, True),  # by a clock that is ahead
    (6 * 24, [9 * 24], False, True),  # made again, or by a clock that was three days ahead
    (-20, [], True, False),
]


@pytest.mark.parametrize("dispatch", ["true", "false"])
@pytest.mark.parametrize("row", AGAIN, ids=[f"made {made} hours ago, runs {runs}" for made, runs, _, _ in AGAIN])
def test_a_tag_that_was_deleted_and_made_again(
    catch_up: CatchUp, github: GitHubServer, registry: Repo, row: tuple[float, list[float], bool, bool], dispatch: str
) -> None:
    made, runs, missed, named = row
    handle(github, *(name for name in NAMES if name != "churn#prod#2"))
    make_again(registry, "churn#prod#2", made)
    for hours in runs:
        handle(github, "churn#prod#2", created=NOW - hours * HOUR)
    run = catch_up(INPUT_DISPATCH=dispatch)
    assert tags(run) == ["churn#prod#2"] * missed
    assert github.dispatched() == tags(run) * (dispatch == "true")
    assert [each.startswith(DOUBT) for each in run.told("warning")] == [True] * named
    assert tags(catch_up(INPUT_DISPATCH="true", INPUT_SINCE="1w")) == ["churn#prod#2"] * (
        missed and dispatch == "false"
    )
    assert tags(catch_up(INPUT_DISPATCH="true")) == [], "nothing is started twice"
    assert len(github.dispatched()) == missed


def test_a_run_of_long_ago_that_was_run_again_or_still_waits(catch_up: CatchUp, github: GitHubServer) -> None:
    """The list of late runs has neither; they are asked for before anything is started."""
    handle(github, NAMES[0], created=NOW - 60 * DAY, again=NOW - HOUR)
    handle(github, NAMES[1], created=NOW - 60 * DAY, conclusion=None)
    handle(github, NAMES[2], created=NOW - 60 * DAY)
    handle(github, NAMES[3], created=NOW - 60 * DAY, ended=NOW - 22 * HOUR)
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == [NAMES[2], *NAMES[4:]]
    doubts = [each for each in run.told("warning") if "It is unclear" in each]
    assert [[name for name in NAMES if repr(name) in each] for each in doubts] == [[NAMES[1]], [NAMES[3]]]
