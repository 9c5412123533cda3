"""`catch-up/`, `deployment/` and `page/` as the real runner runs them: by an argument of the same image."""

import json
from collections.abc import Callable, Iterator

import pytest

from gto_action.answer.document import DEPLOYMENT_NAMES, MISSED_NAMES, PAGE_NAMES
from tests.e2e.conftest import TOKEN
from tests.e2e.registry import SampleRegistry
from tests.e2e.step import Step, StepRun
from tests.support.github_server import GitHubServer

pytestmark = pytest.mark.container

_REF = "refs/tags/models=churn#prod#2"
_TAG = _REF.removeprefix("refs/tags/")


@pytest.fixture
def github(registry: SampleRegistry) -> Iterator[GitHubServer]:
    with GitHubServer(TOKEN, repository="acme/models") as github:
        github.commits = registry.commits
        yield github


@pytest.fixture
def run(make_step: Callable[..., Step], github: GitHubServer) -> Callable[..., StepRun]:
    """Runs an action with inputs."""

    def run(action: str, **inputs: str) -> StepRun:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return make_step(_REF, action=action, inputs=given, environ={"GITHUB_API_URL": github.url}).run()

    return run


def test_catch_up(run: Callable[..., StepRun], github: GitHubServer, registry: SampleRegistry) -> None:
    github.add_run("churn#dev#1", registry.commits["churn#dev#1"])
    found = run("catch-up", workflow="deploy.yml", since="2023-01-01", events="assignment")
    assert found.code == 0, found.log
    assert tuple(found.outputs) == MISSED_NAMES
    assert [each["tag"] for each in json.loads(found.outputs["events"])] == [_TAG]
    assert (found.outputs["missed"], found.outputs["count"]) == ("true", "1")
    assert _TAG in found.summary


def test_deployment(run: Callable[..., StepRun], github: GitHubServer) -> None:
    made = run("deployment", environment="{name}-{stage}")
    assert made.code == 0, made.log
    assert tuple(made.outputs) == DEPLOYMENT_NAMES
    assert github.states() == [("models:churn-prod", _TAG, "in_progress")]
    number = made.outputs["deployment-id"]
    reported = run("deployment", deployment_id=number, state="success")
    assert (reported.code, reported.outputs) == (0, {"deployment-id": number, "superseded": "false"}), reported.log
    assert github.states() == [("models:churn-prod", _TAG, "success")]
    posts = [each.body for each in github.received if each.path.endswith("/statuses") and each.verb == "POST"]
    assert [each["log_url"].partition("/acme/")[2] for each in posts] == ["models/actions/runs/1"] * 2


def test_nothing_to_report(run: Callable[..., StepRun], github: GitHubServer) -> None:
    found = run("deployment", deployment_id="", state="success")
    assert (found.code, found.outputs) == (0, {"deployment-id": "", "superseded": ""}), found.log
    assert github.received == []


def test_page(make_step: Callable[..., Step]) -> None:
    """A later step, which is not root, can read the site and change it; a second run changes nothing."""
    step = make_step(_REF, action="page", inputs={"out": "public/site"})
    first = step.run()
    site = step.workspace / "public/site"
    assert (first.code, tuple(first.outputs)) == (0, PAGE_NAMES), first.log
    assert first.outputs == {"path": "public/site", "changed": "true", "problems": "0"}
    assert json.loads((site / "api/artifacts/models=churn/latest.json").read_bytes())["version"] == "v0.2.0"
    assert f"Fetching the tags of {step.server_url}/acme/models" in first.log
    owner = step.workspace.stat().st_uid
    made = [step.workspace / "public", site, *site.rglob("*")]
    assert {path.stat().st_uid for path in made} == {owner}
    assert sorted(path.name for path in site.parent.iterdir()) == ["site"]
    before = {path: path.stat().st_mtime_ns for path in made[1:]}
    again = make_step(_REF, action="page", inputs={"out": "public/site"}).run()
    assert (again.code, again.outputs["changed"]) == (0, "false"), again.log
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize(
    ("asked", "name", "where"),
    [("", "dispatch", "catch-up"), ("", "environment-url", "deployment"), ("catch-up", "state", "deployment")],
)
def test_an_input_of_another_action(run: Callable[..., StepRun], asked: str, name: str, where: str) -> None:
    """The runner warns of it, and hands it on."""
    found = run(asked, **{name: "success"})
    assert (found.code, found.output) == (1, b""), found.log
    assert f"It is an input of gto-action/gto-action/{where}@v3." in found.log
