"""Which events were missed, and what is said of each."""

import re
import time
from pathlib import Path

import pytest

from tests.support.action import run_entrypoint
from tests.support.api_runs import run_beside
from tests.support.catch_up import DAY, GIVEN, NAMES, NOW, CatchUp, events, handle, tags
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


def test_each_missed_event_is_what_a_run_of_its_own_would_have_said(
    catch_up: CatchUp, github: GitHubServer, srv: Path, tmp_path: Path
) -> None:
    found = events(catch_up())
    assert [each["tag"] for each in found] == NAMES
    for each in found:
        given = {"GITHUB_SERVER_URL": f"file://{srv}", "GITHUB_REPOSITORY": "o/r"}
        alone = run_entrypoint(tmp_path / "alone", given | {"GITHUB_REF": f"refs/tags/{each['tag']}"})
        assert alone.document == each
    assert found[0]["path"] == "one.pkl"
    assert found[-2]["path"] == ""
    assert len(github.received) == 1


def test_what_a_run_has_handled_is_not_missed(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, "churn@v1.0.0", "churn#prod#2")
    handle(github, "models=nlp@v0.1.0", conclusion=None)
    github.add_run("churn@v2.0.0!", "f" * 40)
    github.add_run("main", github.commits["churn@v2.0.0"])
    assert tags(catch_up()) == ["churn#prod#1", "churn@v2.0.0", "churn@v2.0.0!"]
    handle(github, "churn#prod#1", "churn@v2.0.0", "churn@v2.0.0!")
    run = catch_up()
    assert tags(run) == []
    assert run.log.splitlines()[-1].startswith("No event since ")


@pytest.mark.parametrize(
    ("retry", "missed"),
    [("none", []), ("cancelled", NAMES[:1]), ("failed", NAMES[:2])],
)
def test_runs_that_did_not_handle_it(catch_up: CatchUp, github: GitHubServer, retry: str, missed: list[str]) -> None:
    handle(github, NAMES[0], conclusion="cancelled")
    handle(github, NAMES[1], conclusion="failure")
    handle(github, *NAMES[2:])
    assert tags(catch_up(INPUT_RETRY=retry)) == missed


@pytest.mark.parametrize(
    ("given", "missed"),
    [
        pytest.param({"INPUT_SINCE": "25h"}, NAMES[3:], id="since, a duration"),
        pytest.param({"INPUT_SINCE": time.strftime("%Y-%m-%d", time.gmtime(NOW - 9 * DAY))}, None, id="since, a day"),
        pytest.param({"INPUT_SINCE": "9d"}, ["churn@v0.1.0", *NAMES], id="since, longer"),
        pytest.param({"INPUT_EVENTS": "*assignment"}, ["churn#prod#1", "churn#prod#2"], id="events"),
        pytest.param({"INPUT_NAMES": "models:*"}, ["models=nlp@v0.1.0"], id="names"),
        pytest.param({"INPUT_STAGES": "prod"}, ["churn#prod#1", "churn#prod#2"], id="stages"),
        pytest.param({"INPUT_EVENTS": "deprecation"}, [], id="none"),
    ],
)
def test_which_events_are_looked_at(catch_up: CatchUp, given: dict[str, str], missed: list[str] | None) -> None:
    assert tags(catch_up(**given)) == (["churn@v0.1.0", *NAMES] if missed is None else missed)


def test_only_what_is_in_force_unless_told_otherwise(catch_up: CatchUp) -> None:
    # v2.0.0 is deregistered, and with it its assignment falls back to that of v1.0.0
    assert tags(catch_up(INPUT_SUPERSEDED="false")) == [
        "churn@v1.0.0",
        "churn#prod#1",
        "models=nlp@v0.1.0",
        "churn@v2.0.0!",
    ]


def test_nothing_is_asked_where_there_is_no_event(catch_up: CatchUp, github: GitHubServer) -> None:
    assert tags(catch_up(INPUT_NAMES="nobody")) == []
    assert github.received == []


def test_a_process_of_its_own(srv: Path, github: GitHubServer, tmp_path: Path) -> None:
    """As the runner starts it: the others here are in this process, in a hurry."""
    handle(github, *NAMES[1:])
    run = run_beside(
        github, srv, tmp_path / "run", GIVEN | {"INPUT_DISPATCH": "true", "INPUT_TIMEOUT": "20"}, action="catch-up"
    )
    assert tags(run) == NAMES[:1] == github.dispatched()
    assert re.search(r"^Waiting [0-3] seconds, because 'timeout' leaves no time for (2\d|30): ", run.log, re.MULTILINE)


def test_a_workflow_that_is_named(catch_up: CatchUp, github: GitHubServer) -> None:
    github.workflows = {"a b.yml"}
    assert tags(catch_up(INPUT_WORKFLOW=".github/workflows/a b.yml")) == NAMES


def test_the_summary_has_strangers_text_as_code(catch_up: CatchUp, registry: Repo) -> None:
    registry.tag("<b>@team#prod", time=NOW - 50)
    run = catch_up(INPUT_SINCE="1h")
    assert "<b>@team" not in run.summary.replace("<code>&lt;b&gt;@team", "")
