"""Assignments that have a deployment were not missed."""

import json

from tests.support.catch_up import DAY, HOUR, NAMES, NOW, CatchUp, events, handle, make_again, tags
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


def test_a_deployment_of_the_tag_before_it_was_made_again(
    catch_up: CatchUp, github: GitHubServer, registry: Repo
) -> None:
    """It says which tag it is of: no clock matters."""
    handle(github, *(name for name in NAMES if name != "churn#prod#2"))
    first = events(catch_up())[0]
    github.add_deployment("prod", "deploy:churn", first["sha"], first, "success", created=NOW - HOUR)
    assert tags(catch_up(INPUT_DEPLOYED="true")) == []
    make_again(registry, "churn#prod#2", 2)
    assert tags(catch_up(INPUT_DEPLOYED="true")) == ["churn#prod#2"]


def test_assignments_that_have_a_deployment(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, *(name for name in NAMES if "#" not in name))

    def deploy(tag: str, *states: str, task: str = "deploy:churn", sha: str = "", text: bool = False) -> None:
        payload = {"tag": tag}
        of = sha or github.commits[tag]
        github.add_deployment("prod", task, of, json.dumps(payload) if text else payload, *states)

    github.add_deployment("prod", "deploy", "e" * 40, "not json", "success")
    deploy("churn#prod#2", "success", sha="e" * 40)
    deploy("churn#prod#2", "success", task="something else")
    assert tags(catch_up(INPUT_DEPLOYED="true")) == ["churn#prod#1", "churn#prod#2"]
    deploy("churn#prod#1", "in_progress", "failure")
    deploy("churn#prod#2", text=True)
    assert tags(catch_up(INPUT_DEPLOYED="true")) == []
    assert tags(catch_up(INPUT_DEPLOYED="true", INPUT_RETRY="cancelled")) == []
    assert tags(catch_up(INPUT_DEPLOYED="true", INPUT_RETRY="failed")) == ["churn#prod#1"]
    assert tags(catch_up()) == ["churn#prod#1", "churn#prod#2"]


def test_old_deployments_are_not_asked_for(catch_up: CatchUp, github: GitHubServer) -> None:
    for number in range(350):
        github.add_deployment("prod", "deploy:churn", "e" * 40, {}, created=NOW - (400 - number) * DAY)
    assert tags(catch_up(INPUT_DEPLOYED="true")) == NAMES
    assert len([each for each in github.received if each.path.endswith("/deployments")]) == 1
