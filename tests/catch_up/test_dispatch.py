"""Which runs are started, in which order, and where that ends."""

from dataclasses import replace

import pytest

from tests.support.api_runs import HURRY
from tests.support.built import build
from tests.support.catch_up import DAY, NAMES, NOW, CatchUp, handle, tags
from tests.support.github_server import Fault, GitHubServer
from tests.support.repo import Repo


def test_each_is_dispatched_once(catch_up: CatchUp, github: GitHubServer) -> None:
    github.lag = 2
    handle(github, "churn@v2.0.0")
    run = catch_up(INPUT_DISPATCH="true")
    wanted = [name for name in NAMES if name != "churn@v2.0.0"]
    assert tags(run) == github.dispatched() == wanted
    assert run.log.splitlines()[-1] == "5 missed events were dispatched"
    for name in wanted:
        assert f"Dispatched the workflow for {name}" in run.log
        assert name in run.summary
    assert tags(catch_up(INPUT_DISPATCH="true")) == []
    assert github.dispatched() == wanted


def test_a_limit_and_what_is_left(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="4")
    assert tags(run) == NAMES[:4]
    assert run.told("warning") == ["2 of the 6 missed events are left. The next run continues with them."]
    assert tags(catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="4")) == NAMES[4:]
    assert github.dispatched() == NAMES


def test_too_little_time_to_start_any(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(INPUT_DISPATCH="true", INPUT_TIMEOUT="15")
    assert tags(run) == github.dispatched() == []
    assert run.told("warning") == ["6 of the 6 missed events are left. Time ran out: raise the input 'timeout'."]


def test_a_commit_whose_workflow_cannot_be_dispatched(catch_up: CatchUp, github: GitHubServer) -> None:
    """Its other tags are not tried, and are named."""
    github.undispatchable = {github.commits[NAMES[0]]}
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES[2:]
    assert run.told("warning") == [
        (
            f"GitHub's API at {github.url!r} refused a run of the workflow 'deploy.yml' for the tag {NAMES[0]!r}: "
            "\"Workflow does not have 'workflow_dispatch' trigger\". "
            f"The same goes for the other tags of that commit, {NAMES[1]!r}. "
            "Check that the workflow at the tag's commit has the trigger `workflow_dispatch`."
        )
    ]
    assert github.dispatched() == [NAMES[0], *NAMES[2:]]
    assert catch_up(INPUT_DISPATCH="true", INPUT_STRICT="true").code == 1


def test_what_was_refused_or_left_was_missed_all_the_same(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, *NAMES[2:])
    github.undispatchable = {github.commits[NAMES[0]]}
    for given in ({}, {"INPUT_TIMEOUT": "15"}):
        run = catch_up(INPUT_DISPATCH="true", **given)
        assert run.outputs == {"missed": "true", "events": "[]", "count": "0"}
    handle(github, *NAMES[:2])
    assert catch_up(INPUT_DISPATCH="true").outputs == {"missed": "false", "events": "[]", "count": "0"}


def test_a_tag_that_was_deleted_meanwhile_says_nothing_of_its_commit(catch_up: CatchUp, github: GitHubServer) -> None:
    del github.commits[NAMES[0]]
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES[1:]
    (told,) = run.told("warning")
    assert told.endswith("'No ref found for: refs/tags/churn@v1.0.0'. The tag was deleted meanwhile.")


def test_tags_that_cannot_be_dispatched_do_not_use_up_the_limit(catch_up: CatchUp, github: GitHubServer) -> None:
    github.undispatchable = {github.commits[NAMES[0]]}
    run = catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="1")
    assert tags(run) == [NAMES[2]]
    assert len(run.told("warning")) == 1 + 1
    assert tags(catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="1")) == [NAMES[3]]


def test_newer_tags_are_tried_however_many_older_ones_are_refused(
    catch_up: CatchUp, github: GitHubServer, registry: Repo
) -> None:
    handle(github, *NAMES)
    letters = [f"c{number}" for number in range(123)]
    lines = (f"old@v1.{number}.0 {letter} {NOW - 2_000 + number}" for number, letter in enumerate(letters))
    build(registry.path, "\n".join(lines))
    names = [f"old@v1.{number}.0" for number in range(123)]
    github.commits |= {name: registry.git("rev-parse", f"{name}^{{}}") for name in names}
    github.undispatchable = {github.commits[name] for name in names[:120]}
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == names[120:]
    asked = len(github.dispatched())
    assert asked == 50 + 3
    assert len([line for line in run.log.splitlines() if "refused a run" in line]) == 50
    assert f"{123 - asked} of the 123 missed events are left" in run.log
    assert tags(catch_up(INPUT_DISPATCH="true")) == []
    assert set(github.dispatched()) > set(github.dispatched()[:asked]), "others had their turn"


def test_when_the_time_is_nearly_up_the_rest_is_left(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(replace(HURRY, write=2.0), INPUT_DISPATCH="true", INPUT_TIMEOUT="21")
    found = tags(run)
    assert 1 <= len(found) < 6
    assert found == github.dispatched()
    assert f"{6 - len(found)} of the 6 missed events are left" in run.told("warning")[-1]


@pytest.mark.parametrize("fault", [Fault(verb="POST"), Fault(502, verb="POST"), Fault(404, verb="POST")])
def test_what_was_dispatched_before_a_failure_is_told(catch_up: CatchUp, github: GitHubServer, fault: Fault) -> None:
    github.faults = [replace(fault, verb="POST", skip=2)]
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES[:2]
    assert len(run.told("warning")) == 2
    assert "4 of the 6 missed events are left" in run.told("warning")[-1]


def test_a_list_that_fails_after_the_dispatches(catch_up: CatchUp, github: GitHubServer) -> None:
    github.faults = [Fault(404, verb="GET", skip=1 + 2)]
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES
    assert "Wait a few minutes before the next catch-up." in run.told("warning")[0]


def test_a_tag_of_the_future_is_not_dispatched_for_ever(
    catch_up: CatchUp, github: GitHubServer, registry: Repo
) -> None:
    handle(github, *NAMES)
    registry.tag("churn@v9.0.0", time=NOW + 2 * DAY)
    run = catch_up()
    assert tags(run) == []
    assert run.told("warning") == [
        "The tag 'churn@v9.0.0' is dated in the future and is skipped. 'gto-action doctor' prints a command that fixes it."
    ]
