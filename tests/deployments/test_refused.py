"""What the action does not take: one sentence each, and nothing is changed on GitHub."""

import pytest

from tests.support.deployments import Deploy, none, number, superseded
from tests.support.github_server import NUMBERED, Fault, GitHubServer
from tests.support.repo import Repo

NOT_TAKEN = {
    "INPUT_STATE": (
        ("inactive", "done", "Success", "success."),
        "Use 'queued', 'pending', 'in_progress', 'success', 'failure', 'error', 'cancelled' or 'skipped'.",
    ),
    "INPUT_ENVIRONMENT": (
        ("{version}", "{name", "stage}", "{{stage}}", "{ stage }"),
        "Use a text with '{name}' and '{stage}', and no other braces.",
    ),
    "INPUT_DEPLOYMENT-ID": (
        ("0", "-1", "1e3", "12x", "1,000", "\u0661", "1" * 20, "New", "null"),
        "Use the output 'deployment-id' of an earlier step.",
    ),
    "INPUT_LOG-URL": (("javascript:alert(1)", "/actions", "https://", "https://a b"), "Use an address with https://."),
    "INPUT_ENVIRONMENT-URL": (("churn.example.com", "ftp://churn.example.com"), "Use an address with https://."),
}


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [(variable, value, hint) for variable, (values, hint) in NOT_TAKEN.items() for value in values],
)
def test_a_value_that_is_not_taken(deploy: Deploy, github: GitHubServer, variable: str, value: str, hint: str) -> None:
    run = deploy("churn#prod#1", **{variable: value})
    name = variable.removeprefix("INPUT_").lower()
    assert run.code == 1
    assert run.told("error") == [f"The input {name!r} cannot be {value!r}. {hint}"]
    assert run.outputs is None
    assert github.received == []


@pytest.mark.parametrize(
    ("marker", "name"), [("GITEA_ACTIONS", "Gitea"), ("FORGEJO_ACTIONS", "Forgejo")], ids=["Gitea", "Forgejo"]
)
def test_a_server_that_is_not_github(marker: str, name: str, deploy: Deploy, github: GitHubServer) -> None:
    run = deploy("churn#prod#1", **{marker: "true"})
    assert (run.code, run.outputs) == (1, None)
    assert run.told("error") == [
        (
            f"The action gto-action/gto-action/deployment asks GitHub's API, which {name} does not have. "
            "Use gto-action/gto-action there; its input 'ref' answers for any tag."
        )
    ]
    assert not github.received


def refused(run_code: int, github: GitHubServer) -> bool:
    """Whether a run failed, and has changed nothing."""
    return run_code == 1 and not [each for each in github.received if each.verb == "POST"]


@pytest.mark.parametrize("wrong", [1, 2**62])
def test_a_deployment_of_another_repository(deploy: Deploy, github: GitHubServer, wrong: int) -> None:
    run = deploy("churn#prod#1", "success", wrong)
    assert refused(run.code, github)
    assert run.told("error") == [
        (
            f"There is no deployment {wrong} in the repository 'o/r'. "
            "Use the output 'deployment-id' of a step in the same repository."
        )
    ]
    assert run.outputs is None


@pytest.mark.parametrize(
    ("task", "payload", "said"),
    [
        ("deploy:churn", {"tag": "churn#prod#2"}, "is for the tag 'churn#prod#2', not for 'churn#prod#1'"),
        ("deploy:other", {"tag": "other#prod#1"}, "is for the tag 'other#prod#1', not for 'churn#prod#1'"),
        ("deploy", {}, "was not made by this action"),
        ("deploy", {"tag": "churn#prod#1"}, "was not made by this action"),
        ("deploy:churn", "", "was not made by this action"),
        ("deploy:churn", "not json", "was not made by this action"),
        ("deploy:churn", {"tag": 1}, "was not made by this action"),
    ],
)
def test_a_deployment_of_something_else(
    deploy: Deploy, github: GitHubServer, task: str, payload: object, said: str
) -> None:
    other = github.add_deployment("prod", task, github.commits["one"], payload, "in_progress")
    run = deploy("churn#prod#1", "success", other)
    assert refused(run.code, github)
    assert run.told("error") == [
        (f"The deployment {other} {said}. Use the output 'deployment-id' of a step for the same tag.")
    ]
    assert run.outputs is None
    assert github.state(other) == "in_progress"


def test_a_deployment_of_a_repository_that_has_moved(deploy: Deploy, github: GitHubServer) -> None:
    github.moved_to = "o/new"
    made = github.add_deployment("prod", "deploy:churn", github.commits["one"], {"tag": "churn#prod#1"})
    where = {"Location": f"{github.url}{NUMBERED}/deployments/{made}"}
    github.faults = [Fault(301, "Moved Permanently", where)]
    run = deploy("churn#prod#1", "success", made)
    assert refused(run.code, github)
    assert run.told("error") == [
        "The repository 'o/r' is now 'o/new'. Start a new run, because this one has the old name."
    ]


# What is no tag of GTO's

NO_TAGS = {
    "refs/heads/main": "The ref 'refs/heads/main' is not a tag.",
    "refs/tags/v1.0.0": "The tag 'v1.0.0' is not a GTO tag.",
}


@pytest.mark.parametrize("ref", NO_TAGS)
def test_a_ref_that_is_no_tag_of_gto(deploy: Deploy, github: GitHubServer, ref: str) -> None:
    run = deploy(ref)
    assert none(run)
    assert run.outputs == {"deployment-id": "", "superseded": ""}
    assert run.told("notice") == [f"{NO_TAGS[ref]} All outputs are empty."]
    assert github.received == []


@pytest.mark.parametrize("ref", NO_TAGS)
def test_a_ref_that_no_deployment_is_of(deploy: Deploy, github: GitHubServer, ref: str) -> None:
    """As where the step before had an input `ref`, and this one has none."""
    made = number(deploy("refs/heads/main", INPUT_REF="churn#prod#1"))
    before = len(github.received)
    run = deploy(ref, "success", made)
    assert run.code == 1
    assert run.told("error") == [
        f"{NO_TAGS[ref]} Give this step the same input 'ref' as the step that made the deployment {made}."
    ]
    assert run.outputs is None
    assert len(github.received) == before


def test_a_lightweight_tag(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    registry.lightweight("churn#dev#2")
    message = "The tag 'churn#dev#2' is lightweight, but GTO only knows annotated tags."
    run = deploy("churn#dev#2")
    assert run.code == 1
    assert run.told("error")[0].startswith(f"{message} To accept it as it is, set the input 'lightweight' to 'accept'.")
    assert run.outputs is None
    run = deploy("churn#dev#2", INPUT_LIGHTWEIGHT="warn")
    assert none(run)
    assert run.told("warning")[0].startswith(message)
    assert github.received == []
    made = number(deploy("churn#dev#2", INPUT_LIGHTWEIGHT="accept"))
    assert not superseded(deploy("churn#dev#2", "success", made, INPUT_LIGHTWEIGHT="accept"))
    assert github.states() == [("dev", "churn#dev#2", "success")]


@pytest.mark.parametrize("tag", ["churn#prod#9", "nobody#prod"])
def test_a_tag_that_is_not_there(deploy: Deploy, github: GitHubServer, tag: str) -> None:
    run = deploy(tag)
    assert run.code == 1
    assert f"has no tag {tag!r}: it was deleted, or never pushed." in run.told("error")[0]
    assert run.outputs is None
    assert github.received == []


def test_a_tag_that_has_been_moved_since(deploy: Deploy, github: GitHubServer) -> None:
    """The push that moved it has a run of its own, which makes the deployment."""
    run = deploy("churn#prod#1", GITHUB_EVENT_NAME="push", GITHUB_SHA="e" * 40)
    assert run.code == 1
    assert "has been moved since it triggered this run" in run.told("error")[0]
    assert github.received == []


def test_no_repository(deploy: Deploy, github: GitHubServer) -> None:
    run = deploy("churn#prod#1", GITHUB_REPOSITORY="")
    assert run.code == 1
    assert run.told("error") == ["The repository of the deployment is unknown. Set GITHUB_REPOSITORY to 'OWNER/NAME'."]
    assert run.outputs is None
    assert github.received == []
