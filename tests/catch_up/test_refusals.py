"""What GitHub refuses, and what cannot be answered."""

import pytest

from tests.support.catch_up import CatchUp
from tests.support.github_server import GitHubServer

PERMISSIONS = {
    "list": (
        {"actions": "none"},
        {},
        (
            "The token lacks the permission for the runs of the workflow 'deploy.yml' at GitHub's API at '{url}'. "
            "Give the job `permissions: actions: read`."
        ),
    ),
    "dispatch": (
        {"actions": "read"},
        {"INPUT_DISPATCH": "true"},
        (
            "The token lacks the permission for a run of the workflow 'deploy.yml' for the tag 'churn@v1.0.0' "
            "at GitHub's API at '{url}'. Give the job `permissions: actions: write`."
        ),
    ),
    "deployments": (
        {"actions": "read", "deployments": "none"},
        {"INPUT_DEPLOYED": "true"},
        (
            "The token lacks the permission for the deployments of the repository at GitHub's API at '{url}'. "
            "Give the job `permissions: deployments: read`."
        ),
    ),
}


@pytest.mark.parametrize("case", PERMISSIONS)
def test_a_permission_that_is_missing(catch_up: CatchUp, github: GitHubServer, case: str) -> None:
    github.permissions, given, message = PERMISSIONS[case]
    run = catch_up(**given)
    assert run.code == 1
    assert run.told("error") == [message.format(url=github.url)]
    assert run.outputs is None
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("markers", "name"),
    [
        ({"GITEA_ACTIONS": "true"}, "Gitea"),
        ({"GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"}, "Forgejo"),
    ],
    ids=["Gitea", "Forgejo"],
)
def test_a_server_that_is_not_github(
    markers: dict[str, str], name: str, catch_up: CatchUp, github: GitHubServer
) -> None:
    run = catch_up(**markers)
    assert (run.code, run.outputs) == (1, None)
    assert run.told("error") == [
        (
            f"The action gto-action/gto-action/catch-up asks GitHub's API, which {name} does not have. "
            "Use gto-action/gto-action there; its input 'ref' answers for any tag."
        )
    ]
    assert not github.received


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"GITHUB_WORKFLOW_REF": ""}, "Set the input 'workflow' to the workflow's file name"),
        ({"INPUT_WORKFLOW": "gone.yml"}, "Check the names; a token without `actions: read` gets the same answer."),
        (
            {"INPUT_ARTIFACT": "churn@latest"},
            "The input 'artifact' is 'churn@latest', but this action has no such input.",
        ),
        ({"GITHUB_API_URL": "ftp://x"}, "GITHUB_API_URL cannot be 'ftp://x'."),
        ({"INPUT_TOKEN": "wrong"}, "Set the input 'token' to a valid token."),
    ],
)
def test_what_cannot_be_answered(catch_up: CatchUp, given: dict[str, str], message: str) -> None:
    run = catch_up(**given)
    assert run.code == 1
    assert [message in each for each in run.told("error")] == [True]
    assert run.outputs is None
