"""Deployments: the whole program, a real repository, and a server that is held to GitHub's own description."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gto_action.answer.answer import Answer
from gto_action.answer.document import Outputs
from gto_action.deployments import run
from gto_action.deployments.plan import TagAtCommit, environment_of, of_tag, over, payload_of, plan
from gto_action.gto.names import ArtifactName, StageName
from gto_action.gto.record import Signature, TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import parse_tag
from gto_action.hosts.github import api
from gto_action.job.environment import Environment
from gto_action.job.inputs import Inputs, Job
from tests.support.action import Run
from tests.support.api_runs import run_beside
from tests.support.github_server import NUMBERED, Fault, GitHubServer
from tests.support.repo import Repo

TOKEN = "s3cret"
DVC_YAML = "artifacts: {churn: {path: churn.pkl, desc: Who leaves, labels: [a], meta: {n: 1}}}"

Deploy = Callable[..., Run]


@pytest.fixture
def registry(repo: Repo) -> Repo:
    repo.commit({"dvc.yaml": DVC_YAML}, time=10)
    repo.tag("churn@v1.0.0", time=11)
    repo.tag("churn#prod#1", time=12)
    repo.tag("other@v1.0.0", time=13)
    repo.tag("other#prod#1", time=14)
    return repo


@pytest.fixture
def github(registry: Repo) -> Iterator[GitHubServer]:
    with GitHubServer(TOKEN) as server:
        server.commits = {"one": registry.git("rev-parse", "main")}
        yield server


@pytest.fixture
def deploy(srv: Path, github: GitHubServer, tmp_path: Path) -> Deploy:
    """Runs the action for a pushed tag, with `deployments`."""

    def run(tag: str, **environ: str) -> Run:
        variables = {
            "GITHUB_REF": f"refs/tags/{tag}",
            "INPUT_DEPLOYMENTS": "true",
        }
        found = run_beside(github, srv, tmp_path / "run", variables | environ)
        assert "Traceback" not in found.log
        assert found.outputs, found.log
        assert found.outputs["event"]
        return found

    return run


def number(run: Run) -> int:
    assert run.code == 0, run.log
    assert run.outputs
    return int(run.outputs["deployment-id"])


def none(run: Run) -> bool:
    assert run.code == 0, run.log
    return run.outputs is not None and run.outputs["deployment-id"] == ""


def assign(registry: Repo, github: GitHubServer, version: str, *tags: str) -> None:
    """A version at a new commit, and tags of it."""
    made = 100 * (len(github.commits) + 1)
    github.commits[version] = registry.commit({"n": version}, time=made)
    for place, tag in enumerate((f"churn@{version}", *tags), 1):
        registry.tag(tag, time=made + place)


def test_an_assignment_makes_a_deployment(deploy: Deploy, github: GitHubServer) -> None:
    run = deploy("churn#prod#1")
    made = github.deployments[-1]
    assert number(run) == made["id"]
    assert made["environment"] == "prod"
    assert made["task"] == "deploy:churn"
    assert made["sha"] == run.document["sha"]
    assert made["payload"] == run.document
    asked = github.received[1].body
    assert asked["description"].startswith("churn v1.0.0 was assigned to stage prod (tag churn#prod#1")
    assert asked["auto_merge"] is False
    assert asked["required_contexts"] == []
    assert f"The deployment {made['id']} to the environment 'prod' was made" in run.log
    assert f"Deployment {made['id']} to the environment <code>prod</code> was made" in run.summary


def test_the_same_event_makes_nothing_twice(deploy: Deploy, github: GitHubServer) -> None:
    first = number(deploy("churn#prod#1"))
    run = deploy("churn#prod#1")
    assert number(run) == first
    assert len(github.deployments) == 1
    assert "is there already" in run.log


def test_a_repository_that_has_moved(deploy: Deploy, github: GitHubServer) -> None:
    """PyGithub follows to the same host and forgets the parameters: another environment's deployment is not the tag's."""
    github.moved_to = "o/new"
    made = github.add_deployment("other", "deploy:churn", github.commits["one"], {"tag": "churn#prod#1"})
    github.faults = [Fault(301, "Moved Permanently", {"Location": f"{github.url}{NUMBERED}/deployments"})]
    run = deploy("churn#prod#1")
    assert run.code == 1
    assert run.told("error") == [
        "The repository 'o/r' is 'o/new' now. Start a new run: one that began before the move has the old name."
    ]
    assert run.outputs
    assert run.outputs["deployment-id"] == ""
    assert github.state(made) == ""


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
    assert github.state(new) == ""
    ended = github.statuses[old][-1]
    assert ended["description"].startswith("churn v2.0.0 was assigned to stage prod")


def test_a_late_run_does_nothing(deploy: Deploy, github: GitHubServer, registry: Repo) -> None:
    assign(registry, github, "v2.0.0", "churn#prod#2")
    new = number(deploy("churn#prod#2"))
    run = deploy("churn#prod#1")
    assert none(run)
    assert "as a later event supersedes this one" in run.log
    assert github.state(new) == ""
    assert len(github.deployments) == 1


# what is pushed after #1 and #2 had their runs: the tags, and the states of the deployments of both then
ENDS = {
    "churn#prod!#3": ["inactive", "inactive"],
    "churn@v2.0.0!#3": ["inactive", "inactive"],
    "churn@deprecated#3": ["inactive", "inactive"],
    "churn#dev!#3": ["inactive", ""],
    "churn@v1.0.0!#3": ["inactive", ""],
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
    assert github.state(first) == ""
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
    assert [github.state(each["id"]) for each in github.deployments] == ["inactive", "inactive", ""]
    assert last == github.deployments[-1]["id"]


def test_a_deployment_of_an_event_that_came_meanwhile_is_left(deploy: Deploy, github: GitHubServer) -> None:
    """This run read the tags before that event: it cannot know."""
    newer = github.add_deployment(
        "prod", "deploy:churn", "e" * 40, {"tag": "churn#prod#2"}, "success", created=time.time() + 60
    )
    number(deploy("churn#prod#1"))
    assert github.state(newer) == "success"


def test_a_registration_asks_nothing(deploy: Deploy, github: GitHubServer) -> None:
    assert none(deploy("churn@v1.0.0"))
    assert github.received == []


def test_what_is_not_wanted_asks_nothing(deploy: Deploy, github: GitHubServer) -> None:
    run = deploy("churn#prod#1", INPUT_STAGES="staging")
    assert none(run)
    assert github.received == []


@pytest.mark.parametrize("tag", ["churn#prod!#3", "churn@v1.0.0!#3", "churn@deprecated#3"])
def test_what_ends_whatever_the_events_are(deploy: Deploy, github: GitHubServer, registry: Repo, tag: str) -> None:
    """A deregistration has no stage to fit `stages`, but it empties one."""
    filters = {"INPUT_EVENTS": "assignment", "INPUT_STAGES": "prod", "INPUT_NAMES": "ch*"}
    made = number(deploy("churn#prod#1", **filters))
    registry.tag(tag, time=900)
    assert none(deploy(tag, **filters | {"INPUT_STAGES": "dev"}))
    assert github.state(made) == ""
    assert none(deploy(tag, **filters))
    assert github.state(made) == "inactive"


def test_without_the_input_nothing_is_asked(deploy: Deploy, github: GitHubServer) -> None:
    assert none(deploy("churn#prod#1", INPUT_DEPLOYMENTS="false"))
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
    assert [github.state(first), github.state(second)] == ["", ""]


@pytest.mark.parametrize(
    ("permission", "message"),
    [
        ("none", "for the deployments of the repository. Give the job `permissions: deployments: read`."),
        (
            "read",
            (
                "for a deployment of 'churn#prod#1' to the environment 'prod'. "
                "Give the job `permissions: deployments: write`."
            ),
        ),
    ],
)
def test_a_permission_that_is_missing(deploy: Deploy, github: GitHubServer, permission: str, message: str) -> None:
    github.permissions["deployments"] = permission
    run = deploy("churn#prod#1")
    assert run.code == 1
    assert run.told("error") == [f"The token may not ask GitHub's API at {github.url!r} {message}"]
    assert run.outputs
    assert run.outputs["version"] == "v1.0.0", "the other outputs are safe"
    assert run.outputs["deployment-id"] == ""


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
    assert run.outputs
    assert run.outputs["deployment-id"] == str(github.deployments[-1]["id"])


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
    assert number(deploy("churn#prod#1")) == made
    assert github.state(made) == "success"


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


def test_writes_have_a_pause_between_them(deploy: Deploy, github: GitHubServer) -> None:
    for each in (8, 9):
        github.add_deployment("prod", "deploy:churn", "e" * 40, {"tag": f"churn#prod#{each}"}, "success")
    number(deploy("churn#prod#1"))
    times = [each.at for each in github.received if each.verb == "POST"]
    assert len(times) == 3
    assert all(later - earlier >= 0.95 for earlier, later in pairwise(times))


def test_more_than_one_run_ends(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "_PAUSE", 0.0)
    event = REGISTRY.event(_tag("churn#prod#1"))
    github.commits["a"] = "a" * 40
    for each in range(60):
        github.add_deployment("prod", "deploy:churn", "e" * 40, {"tag": f"churn#prod#{100 + each}"}, "success")
    environ = {
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "INPUT_TOKEN": TOKEN,
    }
    job = Job(Inputs.from_env(environ), Environment.from_env(environ))
    standing = standing_of(event, REGISTRY)
    outputs = Outputs.of_event(event, standing, None, "", matched=True)
    answer = Answer("", outputs, registry=REGISTRY, artifact=event.artifact, event=event, standing=standing)
    run.deploy(job, answer, 60, time.time())
    assert [github.state(each["id"]) for each in github.deployments] == ["inactive"] * 50 + ["success"] * 10 + [""]
    assert "10 more deployments to 'prod' are over and are still active." in capsys.readouterr().out
    run.deploy(job, answer, 60, time.time())
    assert [github.state(each["id"]) for each in github.deployments] == ["inactive"] * 60 + [""]


# The rule alone


def _tag(name: str) -> Any:  # noqa: ANN401 - a tag, and nothing to check
    return parse_tag(name)


def record(name: str, at: int, commit: str = "a") -> TagRecord:
    return TagRecord(name, "0" * 40, commit * 40, "commit", inner_name=name, signature=Signature(time=at))


REGISTRY = Registry([record("churn@v1.0.0", 1), record("churn#prod#1", 2)])


def test_the_names_of_environments() -> None:
    assert environment_of("{name} in {stage}", ArtifactName("churn", "m"), StageName("eu/prod")) == "m:churn in eu/prod"
    assert environment_of("all", ArtifactName("churn"), StageName("prod")) == "all"


def test_a_payload_that_is_long() -> None:
    document = {"tag": "t", "message": "m" * 20_000, "meta": {"m": "x" * 20_000}, "sha": "s"}
    assert payload_of(document) == {"tag": "t", "message": "m" * 20_000, "sha": "s"}
    assert payload_of(document | {"path": "p" * 30_000, "description": "d"}) == {
        "tag": "t",
        "sha": "s",
        "path": "p" * 30_000,
        "description": "d",
    }
    assert payload_of({"tag": "t"}) == {"tag": "t"}


def of(tag: str, sha: str = "s", dated: str | None = "d") -> TagAtCommit:
    return tag, sha, dated


def test_where_the_walk_ends() -> None:
    mine = of("t")
    states = {9: "inactive", 8: "success", 7: "failure", 6: "", 5: "inactive", 4: "success", 3: "success", 2: "success"}
    made = {9: mine, 8: of("a"), 7: of("b"), 6: of("t", "moved"), 5: of("c"), 4: of("d"), 3: of("e")}
    asked: list[int] = []

    def state(number: int) -> str:
        asked.append(number)
        return states[number]

    walk = iter([*made.items(), (2, of("f"))])
    assert over(walk, state, frozenset({mine}), frozenset({mine, of("e")})) == [3, 6, 8]
    assert asked == [8, 7, 6, 5, 3]
    assert next(walk)[0] == 2, "not asked for"


def test_the_deployment_of_a_tag_that_was_made_again_is_over() -> None:
    kept = frozenset({of("t", dated="new")})
    listed = [(3, of("t", dated="new")), (2, of("t", dated=None)), (1, of("t", dated="old"))]
    assert over(iter(listed), lambda _: "success", kept, frozenset()) == [1]


STAGES = ("m#prod", "m#prod!", "m#dev", "m#dev!")
VERSIONS = ("m@v1.0.0", "m@v2.0.0", "m@v1.0.0!", "m@v2.0.0!", "m@deprecated")
Made = list[tuple[TagAtCommit, str]]
PATTERNS = st.sampled_from(("{stage}", "{name}", "all"))


def some_tags(*names: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.tuples(st.sampled_from(names), st.sampled_from("abc")), max_size=12)


def held(registry: Registry, pattern: str) -> set[tuple[TagAtCommit, str]]:
    """The assignments by which the stages have their versions now, with the environments."""
    artifact = registry.artifact(ArtifactName("m"))
    return {
        (of_tag(assigned), environment_of(pattern, artifact.name, stage))
        for stage, state in (artifact.stages if artifact.active else {}).items()
        if (assigned := state.stages[stage].assigned)
    }


def run_for(
    record: TagRecord, registry: Registry, pattern: str, made: Made, over: set[tuple[TagAtCommit, str]]
) -> None:
    """What one run does, on a GitHub that is two collections."""
    event = registry.event(_tag(record.name))
    found = plan(event, standing_of(event, registry), pattern, lambda _: True)
    mine = of_tag(record)
    if found.environment and (mine, found.environment) not in made:
        made.append((mine, found.environment))
    for environment, kept in found.kept.items():
        over |= {each for each in made if each[1] == environment and each[0] not in kept}


@settings(max_examples=300, deadline=None)
@given(some_tags(*STAGES, *VERSIONS), PATTERNS)
def test_in_order_what_is_active_is_what_holds(tags: list[tuple[str, str]], pattern: str) -> None:
    records = [record(f"{name}#{place}", place, commit) for place, (name, commit) in enumerate(tags)]
    made: Made = []
    over: set[tuple[TagAtCommit, str]] = set()
    for place, pushed in enumerate(records):
        registry = Registry(records[: place + 1])
        run_for(pushed, registry, pattern, made, over)
        assert {*made} - over <= held(registry, pattern)
    assert len({*made}) == len(made)


@settings(max_examples=300, deadline=None)
@given(some_tags(*STAGES), PATTERNS, st.data())
def test_late_runs_do_no_harm(tags: list[tuple[str, str]], pattern: str, data: st.DataObject) -> None:
    """Whenever each run comes: when all have come, only what holds is active, and what was assigned last is."""
    records = [record(f"{name}#{place}", place, commit) for place, (name, commit) in enumerate(tags)]
    made: Made = []
    over: set[tuple[TagAtCommit, str]] = set()
    late: list[TagRecord] = []
    for place, pushed in enumerate(records):
        waiting, late = [*late, pushed], []
        for each in waiting:
            if data.draw(st.booleans()):
                late.append(each)
            else:
                run_for(each, Registry(records[: place + 1]), pattern, made, over)
    registry = Registry(records)
    for each in data.draw(st.permutations(late)):
        run_for(each, registry, pattern, made, over)
    assert {*made} - over <= held(registry, pattern)
    for each in records[-1:]:
        if "!" not in each.name:
            assert of_tag(each) in {made_of for made_of, _ in {*made} - over}
