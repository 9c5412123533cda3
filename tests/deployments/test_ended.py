"""Which deployments an event ends."""

import pytest

from tests.support.deployments import Deploy, assign, none, number
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


def test_the_next_assignment_ends_the_one_before(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    old, other = number(deploy("churn#prod#1")), number(deploy("other#prod#1"))
    for each in (old, other):
        github.report(each, "success")
    foreign = github.add_deployment("prod", "deploy", github.commits["one"], {}, "success")
    dev = github.add_deployment("dev", "deploy:churn", github.commits["one"], {"tag": "churn#dev"}, "success")
    assign(registry, github, "v2.0.0", "churn#prod#2")
    new = number(deploy("churn#prod#2"))
    assert github.state(old) == "inactive"
    assert [github.state(each) for each in (other, foreign, dev)] == ["success"] * 3
    assert github.state(new) == "in_progress"
    ended = github.statuses[old][-1]
    assert ended["description"].startswith("churn v2.0.0 was assigned to stage prod")


# what is pushed after #1 and #2 had their runs: the tags, and the states of the deployments of both then
ENDS = {
    "churn#prod!#3": ["inactive", "inactive"],
    "churn@v2.0.0!#3": ["inactive", "inactive"],
    "churn@deprecated#3": ["inactive", "inactive"],
    "churn#dev!#3": ["inactive", "in_progress"],
    "churn@v1.0.0!#3": ["inactive", "in_progress"],
}


@pytest.mark.parametrize("tag", ENDS)
def test_what_ends(deploy: Deploy, github: GitHubServer, registry: Repo, tag: str) -> None:
    first = number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2")
    second = number(deploy("churn#prod#2"))
    registry.tag(tag, "churn@v1.0.0^{}" if "v1" in tag else "main", time=900)
    assert none(deploy(tag))
    assert [github.state(first), github.state(second)] == ENDS[tag]
    before = len(github.received)
    assert none(deploy(tag))
    assert [each.verb for each in github.received[before:]].count("POST") == 0


def test_what_gto_falls_back_to_is_kept(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    """Nobody has run for the second assignment: the first one's deployment is still the stage's."""
    first = number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2", "churn#prod!#3")
    assert none(deploy("churn#prod!#3"))
    assert github.state(first) == "in_progress"
    assert number(deploy("churn#prod#1")) == first


def test_what_came_back_to_life_ends_too(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    first = number(deploy("churn#prod#1"))
    assign(registry, github, "v2.0.0", "churn#prod#2")
    number(deploy("churn#prod#2"))
    registry.tag("churn#prod!#3", "main", time=800)
    assert none(deploy("churn#prod!#3"))
    assert number(deploy("churn#prod#1")) == first
    github.report(first, "success")
    github.commits["v3.0.0"] = registry.commit({"n": "v3"}, time=900)
    registry.tag("churn@v3.0.0", time=901)
    registry.tag("churn#prod#4", time=902)
    last = number(deploy("churn#prod#4"))
    assert [github.state(each["id"]) for each in github.deployments] == ["inactive", "inactive", "in_progress"]
    assert last == github.deployments[-1]["id"]


# two events whose runs come when both have happened, and what is left of the deployment of #1
BOTH_LATE = {
    "an unassignment before a deprecation": ("churn#prod!#2", "churn@deprecated#3"),
    "an assignment before a deregistration": ("churn#prod#2", "churn@v1.0.0!#3"),
}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("late", BOTH_LATE)
def test_a_late_run_ends_what_was_over_by_its_event(
    deploy: Deploy, github: GitHubServer, registry: Repo, late: str, first: int
) -> None:
    """The run for the later event need not know of it: before that event nothing was in the stage any more."""
    made = number(deploy("churn#prod#1"))
    tags = BOTH_LATE[late]
    for place, tag in enumerate(tags):
        registry.tag(tag, time=100 + place)
    for tag in (tags[first], tags[1 - first]):
        deploy(tag)
    assert github.state(made) == "inactive"


def test_a_deregistration_dated_before_the_assignment_that_it_undoes(
    deploy: Deploy, github: GitHubServer, registry: Repo
) -> None:
    """The clock of whoever made it is slow: just before it, says the registry, nothing was in the stage."""
    registry.tag("churn@v1.0.0", time=11)
    registry.tag("churn#prod#1", time=300)
    made = number(deploy("churn#prod#1"))
    registry.tag("churn@v1.0.0!#2", time=299)
    assert none(deploy("churn@v1.0.0!#2"))
    assert github.state(made) == "inactive"


@pytest.mark.parametrize("tag", ["churn#prod!#3", "churn@v1.0.0!#3", "churn@deprecated#3"])
def test_what_ends_whatever_the_filters_are(deploy: Deploy, github: GitHubServer, registry: Repo, tag: str) -> None:
    """A deregistration has no stage to fit `stages`, but it empties one."""
    filters = {"INPUT_STAGES": "prod", "INPUT_NAMES": "ch*"}
    made = number(deploy("churn#prod#1", **filters))
    registry.tag(tag, time=900)
    assert none(deploy(tag, **filters | {"INPUT_STAGES": "dev"}))
    assert none(deploy(tag, **filters | {"INPUT_NAMES": "other"}))
    assert github.state(made) == "in_progress"
    assert none(deploy(tag, **filters))
    assert github.state(made) == "inactive"
