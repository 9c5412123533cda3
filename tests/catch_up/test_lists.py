"""Lists of runs that do not say what they should."""

import pytest

from tests.support.catch_up import HOUR, NAMES, NOW, CatchUp, handle, tags
from tests.support.github_server import GitHubServer


def test_a_run_that_is_never_listed(catch_up: CatchUp, github: GitHubServer) -> None:
    github.lag = 1_000
    run = catch_up(INPUT_DISPATCH="true", INPUT_NAMES="models:*", INPUT_TIMEOUT="22")
    assert tags(run) == ["models=nlp@v0.1.0"]
    assert run.told("warning") == [
        "GitHub has not yet listed 1 of the dispatched runs. Wait a few minutes before the next catch-up."
    ]


def test_a_run_that_is_counted_and_not_listed(catch_up: CatchUp, github: GitHubServer) -> None:
    """As when somebody deletes it meanwhile."""
    handle(github, *NAMES[1:])
    github.uncounted = 1
    assert tags(catch_up()) == NAMES[:1]


def test_more_runs_are_counted_than_could_be_deleted_meanwhile(catch_up: CatchUp, github: GitHubServer) -> None:
    github.uncounted = 6
    run = catch_up(INPUT_DISPATCH="true")
    assert run.told("error")[0].startswith("GitHub listed only 0 of 6 runs of the workflow 'deploy.yml'.")
    assert github.dispatched() == []


@pytest.mark.parametrize("fault", ["short", "again"])
def test_a_list_that_does_not_add_up(catch_up: CatchUp, github: GitHubServer, fault: str) -> None:
    """A run that is not known would be started again."""
    for number in range(250):
        github.add_run(f"branch-{number}", "e" * 40, created=NOW - HOUR)
    github.short = fault == "short"
    github.again = fault == "again"
    run = catch_up(INPUT_DISPATCH="true", INPUT_SINCE="2d")
    listed = 90 if fault == "short" else 100
    assert run.told("error") == [
        f"GitHub listed only {listed} of 250 runs of the workflow 'deploy.yml'. Run the job again later."
    ]
    assert github.dispatched() == []
