"""Which deployment an assignment makes, and that it makes no second one."""

from pathlib import Path

import pytest

from tests.support.api_runs import run_beside
from tests.support.deployments import Deploy, assign, none, number, superseded
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


def test_an_assignment_makes_a_deployment(
    deploy_at_leisure: Deploy, github: GitHubServer, srv: Path, tmp_path: Path
) -> None:
    answer = run_beside(github, srv, tmp_path / "answer", {"GITHUB_REF": "refs/tags/churn#prod#1"})
    assert github.received == [], "the action at the root asks nothing"
    run = deploy_at_leisure("churn#prod#1")
    made = github.deployments[-1]
    assert number(run) == made["id"]
    assert not superseded(run)
    assert made["environment"] == "prod"
    assert made["task"] == "deploy:churn"
    assert made["sha"] == answer.document["sha"]
    assert made["payload"] == answer.document
    asked = github.received[1].body
    assert asked["description"].startswith("churn v1.0.0 was assigned to stage prod (tag churn#prod#1")
    assert asked["auto_merge"] is False
    assert asked["required_contexts"] == []
    assert f"The deployment {made['id']} to the environment 'prod' was created" in run.log
    assert [each["state"] for each in github.statuses[made["id"]]] == ["in_progress"]
    assert f"The deployment {made['id']} is now in the state 'in_progress'" in run.log
    assert run.log.splitlines()[-1].startswith("churn v1.0.0 was assigned to stage prod (tag churn#prod#1")


def test_the_same_event_makes_nothing_twice(deploy: Deploy, github: GitHubServer) -> None:
    first = number(deploy("churn#prod#1"))
    run = deploy("churn#prod#1")
    assert number(run) == first
    assert len(github.deployments) == 1
    assert "exists already" in run.log


def test_a_late_run_does_nothing(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    assign(registry, github, "v2.0.0", "churn#prod#2")
    new = number(deploy("churn#prod#2"))
    run = deploy("churn#prod#1")
    assert none(run)
    assert superseded(run)
    assert "a later event supersedes this one" in run.log
    assert github.state(new) == "in_progress"
    assert len(github.deployments) == 1


def test_a_registration_asks_nothing(deploy: Deploy, github: GitHubServer) -> None:
    assert none(deploy("churn@v1.0.0"))
    assert github.received == []


def test_what_is_not_wanted_asks_nothing(deploy: Deploy, github: GitHubServer) -> None:
    run = deploy("churn#prod#1", INPUT_STAGES="staging")
    assert none(run)
    assert github.received == []


@pytest.mark.parametrize(
    ("pattern", "environment"),
    [("{name}-{stage}", "churn-prod"), ("production", "production"), ("{stage}/{stage}", "prod/prod")],
)
def test_a_pattern(deploy: Deploy, github: GitHubServer, pattern: str, environment: str) -> None:
    number(deploy("churn#prod#1", INPUT_ENVIRONMENT=pattern))
    assert github.deployments[-1]["environment"] == environment


def test_stages_that_share_an_environment(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    first = number(deploy("churn#prod#1", INPUT_ENVIRONMENT="{name}"))
    assign(registry, github, "v2.0.0", "churn#dev#2")
    second = number(deploy("churn#dev#2", INPUT_ENVIRONMENT="{name}"))
    assert [github.state(first), github.state(second)] == ["in_progress", "in_progress"]


def test_a_tag_that_was_made_again_gets_a_deployment_of_its_own(
    deploy: Deploy, github: GitHubServer, registry: Repo
) -> None:
    """As by `gto deprecate --delete` and `gto assign`: the name and the commit are those of before."""
    first = number(deploy("churn#prod#1"))
    github.report(first, "success")
    registry.tag("churn#prod#1", time=20)
    second = number(deploy("churn#prod#1"))
    assert [each["id"] for each in github.deployments] == [first, second]
    assert github.state(first) == "inactive"
    assert number(deploy("churn#prod#1")) == second


def test_a_deployment_that_does_not_say_when_its_tag_was_made(deploy: Deploy, github: GitHubServer) -> None:
    """By somebody else's hand, in the same words."""
    made = github.add_deployment("prod", "deploy:churn", github.commits["one"], {"tag": "churn#prod#1"}, "success")
    assert number(deploy("churn#prod#1", "success")) == made
    assert github.state(made) == "success"
