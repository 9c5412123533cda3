"""The step after the deploy: what is reported of a deployment, and what has become of its tag by then."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.deployments import Deploy, assign, none, number, superseded
from tests.support.github_server import Fault, GitHubServer
from tests.support.repo import Repo

STATES = {
    "queued": "queued",
    "pending": "pending",
    "in_progress": "in_progress",
    "success": "success",
    "failure": "failure",
    "error": "error",
    "cancelled": "error",
    "skipped": "inactive",
    "": "in_progress",
}
PAGES = {"INPUT_LOG-URL": "https://github.com/o/r/actions/runs/1", "INPUT_ENVIRONMENT-URL": "https://churn.example.com"}


def statuses(github: GitHubServer) -> list[Any]:
    """The bodies of the statuses that were sent."""
    return [each.body for each in github.received if each.verb == "POST" and each.path.endswith("/statuses")]


@pytest.mark.parametrize("state", STATES)
def test_every_state(deploy: Deploy, github: GitHubServer, state: str) -> None:
    made = number(deploy("churn#prod#1", state, **PAGES))
    assert github.state(made) == STATES[state]
    github.report(made, "in_progress")
    run = deploy("churn#prod#1", state, made, **PAGES)
    assert number(run) == made
    assert not superseded(run)
    assert github.state(made) == STATES[state]
    for each in statuses(github):
        assert each.pop("description").startswith("churn v1.0.0 was assigned to stage prod (tag churn#prod#1, commit ")
        assert each == {
            "state": STATES[state],
            "auto_inactive": False,
            "log_url": "https://github.com/o/r/actions/runs/1",
            "environment_url": "https://churn.example.com",
        }
    assert len(statuses(github)) == 2
    assert f"The deployment {made} is now in the state {STATES[state]!r}" in run.log
    assert run.log.splitlines()[-1].startswith("churn v1.0.0 was assigned to stage prod")


def test_pages_that_nobody_names(deploy: Deploy, github: GitHubServer) -> None:
    number(deploy("churn#prod#1"))
    assert statuses(github)[0].keys() == {"state", "description", "auto_inactive"}


def test_no_deployment_to_report_on(deploy: Deploy, github: GitHubServer) -> None:
    """As after a step that made none: neither GitHub nor git is asked."""
    nowhere = {"GITHUB_SERVER_URL": "http://127.0.0.1:9", "GITHUB_API_URL": "http://127.0.0.1:9"}
    run = deploy("churn#prod#1", "success", "", **nowhere)
    assert run.outputs == {"deployment-id": "", "superseded": ""}
    assert run.log == "There is no deployment to report on, because 'deployment-id' is empty.\n"
    assert github.received == []


def test_others_stay_as_they_are(deploy: Deploy, github: GitHubServer) -> None:
    """GitHub would end what was deployed before, whoever did it."""
    foreign = github.add_deployment("prod", "deploy", github.commits["one"], {}, "success")
    made = number(deploy("churn#prod#1"))
    number(deploy("churn#prod#1", "success", made))
    assert github.state(foreign) == "success"


def test_filters_are_of_the_step_before(deploy: Deploy, github: GitHubServer) -> None:
    made = number(deploy("churn#prod#1"))
    number(deploy("churn#prod#1", "success", made, INPUT_STAGES="dev", INPUT_NAMES="other"))
    assert github.state(made) == "success"


def test_a_replay(deploy: Deploy, github: GitHubServer) -> None:
    given = {"INPUT_REF": "churn#prod#1", "GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_SHA": "e" * 40}
    made = number(deploy("refs/heads/main", **given))
    number(deploy("refs/heads/main", "success", made, **given))
    assert github.state(made) == "success"


# Twice, and again


def test_the_second_step_twice(deploy: Deploy, github: GitHubServer) -> None:
    made = number(deploy("churn#prod#1"))
    for _ in range(2):
        assert number(deploy("churn#prod#1", "success", made)) == made
    assert [each["state"] for each in github.statuses[made]] == ["in_progress", "success", "success"]


def test_the_whole_job_again(deploy: Deploy, github: GitHubServer) -> None:
    made = number(deploy("churn#prod#1"))
    number(deploy("churn#prod#1", "failure", made))
    assert number(deploy("churn#prod#1")) == made
    number(deploy("churn#prod#1", "success", made))
    assert [each["state"] for each in github.statuses[made]] == ["in_progress", "failure", "in_progress", "success"]
    assert len(github.deployments) == 1


def test_the_whole_job_again_when_it_is_too_late(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    """The first time nobody has reported, and nobody has run yet for the later event."""
    made = number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2")
    run = deploy("churn#prod#1")
    assert none(run)
    assert superseded(run)
    assert github.state(made) == "inactive"
    assert run.outputs
    assert deploy("churn#prod#1", "success", run.outputs["deployment-id"]).code == 0
    assert github.state(made) == "inactive"


def test_an_answer_that_got_lost(deploy: Deploy, github: GitHubServer) -> None:
    made = number(deploy("churn#prod#1"))
    github.faults = [Fault(502, after=True, verb="POST")]
    number(deploy("churn#prod#1", "success", made))
    assert github.state(made) == "success"


@pytest.mark.parametrize("permission", ["none", "read"])
def test_a_permission_that_is_missing(deploy: Deploy, github: GitHubServer, permission: str) -> None:
    made = number(deploy("churn#prod#1"))
    github.permissions["deployments"] = permission
    run = deploy("churn#prod#1", "success", made)
    what, needed = ("a status of the", "write") if permission == "read" else ("the", "read")
    assert run.code == 1
    assert run.told("error") == [
        (
            f"The token lacks the permission for {what} deployment {made} at GitHub's API at {github.url!r}. "
            f"Give the job `permissions: deployments: {needed}`."
        )
    ]
    assert run.outputs is None


# Late


def test_a_success_that_comes_after_the_end(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    made = number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2")
    new = number(deploy("churn#prod#2", "success"))
    for state in ("success", "in_progress", "failure"):
        run = deploy("churn#prod#1", state, made)
        assert superseded(run)
        assert number(run) == made
        assert f"The deployment {made} is already inactive, and stays so." in run.log
    assert [each["state"] for each in github.statuses[made]] == ["in_progress", "inactive"]
    assert github.state(new) == "success"


@pytest.mark.parametrize(
    ("state", "reported"), [("success", "inactive"), ("queued", "inactive"), ("failure", "failure"), ("error", "error")]
)
def test_a_state_that_comes_late_where_nobody_has_ended_it(
    deploy: Deploy, github: GitHubServer, registry: Repo, state: str, reported: str
) -> None:
    made = number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2")
    run = deploy("churn#prod#1", state, made)
    assert superseded(run)
    assert run.told("warning") == []
    assert github.state(made) == reported
    sent = statuses(github)[-1]["description"]
    assert sent.startswith("Superseded: churn v1.0.0 was assigned to stage prod (tag churn#prod#1, commit ")


def test_what_came_back_to_life(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    made = number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2")
    number(deploy("churn#prod#2"))
    registry.tag("churn#prod!#3", "main", time=800)
    github.statuses[made][-1]["created_at"] = "2026-01-01T00:00:00Z"  # it was ended a while ago
    run = deploy("churn#prod#1", "success", made)
    assert not superseded(run)
    assert github.state(made) == "success"


# What has become of the tag


def _delete(registry: Repo) -> None:
    registry.git("update-ref", "-d", "refs/tags/churn#prod#1")


def _move(registry: Repo) -> None:
    registry.commit({"n": "elsewhere"}, time=500)
    registry.tag("churn#prod#1", time=501)


def _make_again(registry: Repo) -> None:
    registry.tag("churn#prod#1", time=600)


def _make_lightweight(registry: Repo) -> None:
    registry.lightweight("churn#prod#1")


def _point_to_a_tree(registry: Repo) -> None:
    registry.tag("churn#prod#1", "main^{tree}", kind="tree", time=600)


FATES: dict[Callable[[Repo], None], str] = {
    _delete: "The tag 'churn#prod#1' has been deleted since its deployment was created.",
    _move: "The tag 'churn#prod#1' has been moved since its deployment was created, from commit {old} to {new}.",
    _make_again: "The tag 'churn#prod#1' has been made again since its deployment was created.",
    _make_lightweight: "The tag 'churn#prod#1' is lightweight, and so does not count.",
    _point_to_a_tree: "The tag 'churn#prod#1' has been moved since its deployment was created, from commit {old} to {new}.",
}


@pytest.mark.parametrize(("state", "reported"), [("success", "inactive"), ("failure", "failure")])
@pytest.mark.parametrize("fate", FATES)
def test_a_tag_that_is_no_longer_what_it_was(
    deploy: Deploy, github: GitHubServer, registry: Repo, fate: Callable[[Repo], None], state: str, reported: str
) -> None:
    """Whatever has happened to the tag, its deployment does not stay in progress for ever."""
    trigger = {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": github.commits["one"]}
    made = number(deploy("churn#prod#1", **trigger))
    fate(registry)
    run = deploy("churn#prod#1", state, made, **trigger)
    assert superseded(run)
    assert number(run) == made
    assert github.state(made) == reported
    there = registry.git("for-each-ref", "--format=%(*objectname)", "refs/tags/churn#prod#1")
    text = FATES[fate].format(old=github.commits["one"][:7], new=there[:7])
    assert run.told("warning") == [f"{text} The deployment is superseded."]
    assert statuses(github)[-1]["description"] == text[:140]
    assert run.log.splitlines()[-1] == text


def test_a_tag_that_was_moved_has_a_deployment_of_its_own(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    old = number(deploy("churn#prod#1"))
    _move(registry)
    github.commits["moved"] = registry.git("rev-parse", "main")
    new = number(deploy("churn#prod#1"))
    assert superseded(deploy("churn#prod#1", "success", old))
    assert not superseded(deploy("churn#prod#1", "success", new))
    assert [github.state(each) for each in (old, new)] == ["inactive", "success"]
