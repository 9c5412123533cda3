"""Hundreds of deployments: how many are looked at, and how many are ended by one run."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from gto_action.answer.answer import OfEvent
from gto_action.deployments.run import Reporter
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import DeploymentInputs
from tests.support.api_runs import HURRY
from tests.support.deployments import TOKEN, Deploy, number, parsed, record
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


def test_only_the_environments_own_deployments_are_looked_for(
    deploy: Deploy, github: GitHubServer, registry: Repo
) -> None:
    """Another stage has a version, whose deployment is none of this environment's: no reason to go on for ever."""
    registry.tag("churn#dev#2", time=20)
    for each in range(1_000):
        payload = {"tag": f"churn#prod#{1_000 + each}"}
        github.add_deployment("prod", "deploy:churn", "e" * 40, payload, "success", "inactive")
    number(deploy("churn#prod#1"))
    lists = [each for each in github.received if each.verb == "GET" and each.path.endswith("/deployments")]
    assert len(lists) == 1 + 1


def test_hundreds_of_deployments(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    """Those that are over are looked at as far as the first that was said to be."""
    for each in range(300):
        payload = {"tag": f"churn#prod#{1000 + each}"}
        github.add_deployment("prod", "deploy:churn", "e" * 40, payload, "success", "inactive")
    failed = [
        github.add_deployment("prod", "deploy:churn", "e" * 40, {"tag": f"churn#prod#{each}"}, "failure")
        for each in range(2000, 2130)
    ]
    last = github.add_deployment("prod", "deploy:churn", "e" * 40, {"tag": "churn#prod#999"}, "success")
    number(deploy("churn#prod#1"))
    assert github.state(last) == "inactive"
    assert {github.state(each) for each in failed} == {"failure"}
    lists = [each for each in github.received if each.verb == "GET" and each.path.endswith("/deployments")]
    assert len(lists) == 1 + 2
    reads = [each for each in github.received if each.verb == "GET" and each.path.endswith("/statuses")]
    assert len(reads) == 1 + 130 + 1


def test_writes_have_a_pause_between_them(deploy_at_leisure: Deploy, github: GitHubServer) -> None:
    for each in (8, 9):
        github.add_deployment("prod", "deploy:churn", "e" * 40, {"tag": f"churn#prod#{each}"}, "success")
    number(deploy_at_leisure("churn#prod#1"))
    times = [each.at for each in github.received if each.verb == "POST"]
    assert len(times) == 4
    assert all(later - earlier >= 0.95 for earlier, later in pairwise(times))


def test_more_than_one_run_ends(github: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    event = REGISTRY.event(parsed("churn#prod#1"))
    github.commits["a"] = "a" * 40
    for each in range(60):
        github.add_deployment("prod", "deploy:churn", "e" * 40, {"tag": f"churn#prod#{100 + each}"}, "success")
    environ = {
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "INPUT_TOKEN": TOKEN,
    }
    answer = OfEvent(event=event, standing=standing_of(event, REGISTRY), registry=REGISTRY)
    inputs, environment = read_inputs(DeploymentInputs, environ), read_environment(environ)

    def deploy() -> None:
        Reporter(inputs, environment, Runner(environ, HURRY), 60).begin(answer, time.time())

    deploy()
    states = [github.state(each["id"]) for each in github.deployments]
    assert states == ["inactive"] * 50 + ["success"] * 10 + ["in_progress"]
    assert "10 more deployments to 'prod' are obsolete but still active." in capsys.readouterr().out
    deploy()
    assert [github.state(each["id"]) for each in github.deployments] == ["inactive"] * 60 + ["in_progress"]


REGISTRY = Registry([record("churn@v1.0.0", 1), record("churn#prod#1", 2)])
