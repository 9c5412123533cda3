"""What GitHub refuses, and what gets lost."""

import pytest

from tests.support.deployments import Deploy, assign, number
from tests.support.github_server import NUMBERED, Fault, GitHubServer
from tests.support.repo import Repo


def test_a_repository_that_has_moved(deploy: Deploy, github: GitHubServer) -> None:
    """PyGithub follows to the same host and forgets the parameters: another environment's deployment is not the tag's."""
    github.moved_to = "o/new"
    made = github.add_deployment("other", "deploy:churn", github.commits["one"], {"tag": "churn#prod#1"})
    github.faults = [Fault(301, "Moved Permanently", {"Location": f"{github.url}{NUMBERED}/deployments"})]
    run = deploy("churn#prod#1")
    assert run.code == 1
    assert run.told("error") == [
        "The repository 'o/r' is now 'o/new'. Start a new run, because this one has the old name."
    ]
    assert run.outputs is None
    assert github.state(made) == ""


@pytest.mark.parametrize(
    ("permission", "what", "needed"),
    [
        ("none", "the deployments of the repository", "read"),
        ("read", "a deployment of 'churn#prod#1' to the environment 'prod'", "write"),
    ],
)
def test_a_permission_that_is_missing(
    deploy: Deploy, github: GitHubServer, permission: str, what: str, needed: str
) -> None:
    github.permissions["deployments"] = permission
    run = deploy("churn#prod#1")
    assert run.code == 1
    assert run.told("error") == [
        (
            f"The token lacks the permission for {what} at GitHub's API at {github.url!r}. "
            f"Give the job `permissions: deployments: {needed}`."
        )
    ]
    assert run.outputs is None


@pytest.mark.parametrize("fault", [Fault(502, after=True, verb="POST"), Fault(verb="POST", after=True)])
def test_an_answer_that_got_lost(deploy: Deploy, github: GitHubServer, fault: Fault) -> None:
    github.faults = [fault]
    assert number(deploy("churn#prod#1")) == github.deployments[-1]["id"]
    assert len(github.deployments) == 1


def test_a_deployment_that_github_refuses(deploy: Deploy, github: GitHubServer) -> None:
    github.commits.clear()
    run = deploy("churn#prod#1")
    assert run.code == 1
    assert "No ref found for" in run.told("error")[0]


def test_the_number_is_safe_before_others_are_ended(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2")
    statuses = dict(github.statuses)
    github.statuses.clear()  # GitHub answers 404
    run = deploy("churn#prod#2")
    github.statuses |= statuses
    assert run.code == 1
    assert run.outputs == {"deployment-id": str(github.deployments[-1]["id"]), "superseded": "false"}


# which answer to a step with these inputs is JSON, but none of GitHub's
NOT_GITHUBS = {
    "the list": ("new", Fault(200, raw=b'[{"id": 1}]')),
    "the deployment that was made": ("new", Fault(201, raw=b"{}", verb="POST")),
    "the statuses of another": ("new", Fault(200, raw=b'[{"state": "success"}]', verb="GET", skip=2)),
    "the deployment that is asked for": ("100", Fault(200, raw=b"[]")),
}


@pytest.mark.parametrize("answer", NOT_GITHUBS)
def test_an_answer_that_is_not_githubs(deploy: Deploy, github: GitHubServer, answer: str) -> None:
    github.add_deployment("prod", "deploy:churn", "e" * 40, {"tag": "churn#prod#9"}, "success")
    asked_for, fault = NOT_GITHUBS[answer]
    github.faults = [fault]
    run = deploy("churn#prod#1", "success", asked_for)
    assert run.code == 1
    assert run.told("error") == [
        f"The answer from {github.url!r} is not from GitHub's API. Check whether a proxy or a login page is in between."
    ]
