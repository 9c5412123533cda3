"""Events that come while a run is at work: it has asked for the tags before, and cannot know."""

import time
from pathlib import Path

import pytest

from gto_action.deployments.run import Reporter
from gto_action.gto.registry import Registry
from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import DeploymentInputs
from tests.support.api_runs import HURRY
from tests.support.deployments import TOKEN, Deploy, number, parsed, record
from tests.support.github_server import GitHubServer
from tests.support.runner_files import parse_outputs

REGISTRY = Registry([record("churn@v1.0.0", 1), record("churn#prod#1", 2)])


def test_a_deployment_of_an_event_that_came_meanwhile_is_left(deploy: Deploy, github: GitHubServer) -> None:
    newer = github.add_deployment(
        "prod", "deploy:churn", "e" * 40, {"tag": "churn#prod#2"}, "success", created=time.time() + 60
    )
    number(deploy("churn#prod#1"))
    assert github.state(newer) == "success"


@pytest.mark.parametrize(
    ("state", "before", "expected"),
    [
        ("success", 0, ["inactive", "success", "inactive"]),
        ("in_progress", 0, ["inactive", "in_progress", "inactive"]),
        ("failure", 0, ["inactive", "failure"]),
        ("success", 60, ["inactive", "success"]),
    ],
)
def test_a_deployment_that_a_later_event_has_ended_meanwhile(
    github: GitHubServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    state: str,
    before: int,
    expected: list[str],
) -> None:
    """Between the question for the tags and the report; what had been ended before that has come back to life."""
    output = tmp_path / "output"
    output.write_bytes(b"")
    environ = {
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_OUTPUT": str(output),
        "INPUT_TOKEN": TOKEN,
        "INPUT_STATE": state,
    }
    made = github.add_deployment("prod", "deploy:churn", "a" * 40, {"tag": "churn#prod#1"})
    github.clock = lambda: time.time() - before
    github.report(made, "inactive")
    github.clock = time.time
    inputs, environment = read_inputs(DeploymentInputs, environ), read_environment(environ)
    Reporter(inputs, environment, Runner(environ, HURRY), 60).go_on(
        parsed("churn#prod#1"), made, REGISTRY, time.time() - 1
    )
    assert [each["state"] for each in github.statuses[made]] == expected
    is_ended = expected[-1] == "inactive"
    assert parse_outputs(output.read_bytes()) == {"deployment-id": str(made), "superseded": str(is_ended).lower()}
    if is_ended:
        text = github.statuses[made][-1]["description"]
        assert text.startswith("Superseded meanwhile: churn v1.0.0 was assigned to stage prod")
        assert f"The deployment {made} is now in the state 'inactive'" in capsys.readouterr().out
