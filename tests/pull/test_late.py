"""What is written after a long pull is true then: the tags change while the data comes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gto_action.pull.bring import pull as real
from tests.support.action import SCHEMA, Run
from tests.support.api_runs import run_here
from tests.support.github_server import GitHubServer
from tests.support.pulls import Pull
from tests.support.repo import Repo

DVC_YAML = "artifacts: {churn: {path: churn.pkl}}"
TAG = "churn#prod#1"


@pytest.fixture
def registry(repo: Repo) -> Repo:
    for number in (1, 2):
        repo.commit({"dvc.yaml": DVC_YAML, "churn.pkl": f"model {number}"}, time=10 * number)
        repo.tag(f"churn@v{number}.0.0", time=10 * number + 1)
    repo.tag(TAG, "churn@v1.0.0^{}", time=30)
    return repo


@pytest.fixture
def github(registry: Repo) -> Iterator[GitHubServer]:
    with GitHubServer("s3cret") as server:
        server.commits = {name: registry.git("rev-parse", f"{name}^{{}}") for name in ("churn@v1.0.0", "churn@v2.0.0")}
        yield server


@pytest.fixture
def pull(
    srv: Path,
    github: GitHubServer,
    tmp_path: Path,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Pull:
    """Runs the action with `pull`; when the data has come something happens, and then it goes on."""
    monkeypatch.chdir(workspace)

    def run(meanwhile: Callable[[], object] = lambda: None, **environ: str) -> Run:
        def slow(*given: Any) -> dict[str, Any]:  # noqa: ANN401 - as they are
            found = real(*given)
            meanwhile()
            return found

        monkeypatch.setattr("gto_action.pull.run.pull", slow)
        given = {"GITHUB_REF": f"refs/tags/{TAG}", "INPUT_PULL": "true"}
        return run_here(github, srv, tmp_path / "run", given | environ, capfd)

    return run


def said(run: Run, *names: str) -> list[str]:
    assert run.code == 0, run.log
    assert run.outputs
    SCHEMA.validate(run.document)
    assert run.document["pull"]["commit"] == run.outputs["sha"]
    return [run.outputs[name] for name in ("pulled", *names)]


STANDING = ("version", "is-current", "current-version", "stages")


def test_nothing_has_changed(pull: Pull, workspace: Path, github: GitHubServer) -> None:
    run = pull()
    assert said(run, *STANDING) == ["true", "v1.0.0", "true", "v1.0.0", '{"prod": "v1.0.0"}']
    assert (workspace / "churn.pkl").read_text() == "model 1"


def test_it_was_superseded_meanwhile(pull: Pull, workspace: Path, github: GitHubServer, registry: Repo) -> None:
    run = pull(lambda: registry.tag("churn#prod#2", "churn@v2.0.0^{}", time=40))
    assert said(run, *STANDING) == ["true", "v1.0.0", "false", "v2.0.0", '{"prod": "v2.0.0"}']
    assert (workspace / "churn.pkl").read_text() == "model 1", "of the version that the outputs name"
    assert github.received == []
    assert "churn#prod#2" in run.summary


@pytest.mark.parametrize("shown", ["true", "false"])
def test_another_artifact_or_stage_has_changed(pull: Pull, registry: Repo, shown: str) -> None:
    run = pull(lambda: registry.tag("churn#dev#2", "churn@v2.0.0^{}", time=40), INPUT_SHOW=shown, INPUT_HISTORY=shown)
    stages = '{"dev": "v2.0.0", "prod": "v1.0.0"}'
    assert said(run, *STANDING) == ["true", "v1.0.0", "true", "v1.0.0", stages]


def move(registry: Repo, *, to: str = "churn@v2.0.0^{}") -> Callable[[], object]:
    return lambda: registry.tag(TAG, to, time=50)


# what happens to the tag itself, and what is said of it
GONE: dict[str, tuple[Callable[[Repo], Callable[[], object]], str]] = {
    "deleted": (
        lambda registry: lambda: registry.git("update-ref", "-d", f"refs/tags/{TAG}"),
        "has no tag 'churn#prod#1': it was deleted, or never pushed. Push the tag, or name another in the input 'ref'.",
    ),
    "moved": (
        move,
        (
            "The tag 'churn#prod#1' was moved while its data was being pulled, from commit {one} to {two}. "
            "Start a new run, because the workspace has the old data."
        ),
    ),
}


@pytest.mark.parametrize("what", GONE)
def test_the_tag_itself_is_gone(pull: Pull, registry: Repo, github: GitHubServer, what: str) -> None:
    happens, message = GONE[what]
    one, two = (github.commits[name][:7] for name in ("churn@v1.0.0", "churn@v2.0.0"))
    run = pull(happens(registry))
    assert (run.code, run.outputs) == (1, None)
    assert [each.endswith(message.format(one=one, two=two)) for each in run.told("error")] == [True]
    assert github.received == []


def test_the_tag_that_triggered_the_run_was_moved(pull: Pull, registry: Repo, github: GitHubServer) -> None:
    """As at the start of a run: the push that moved it has another."""
    triggered = {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": github.commits["churn@v1.0.0"]}
    run = pull(move(registry), **triggered)
    assert (run.code, run.outputs) == (1, None)
    assert "has been moved since it triggered this run" in run.told("error")[0]


def test_the_tag_was_made_again_at_its_commit(pull: Pull, registry: Repo) -> None:
    """The data is the same; what is said of the tag is said of the new one."""
    run = pull(move(registry, to="churn@v1.0.0^{}"))
    assert said(run, *STANDING) == ["true", "v1.0.0", "true", "v1.0.0", '{"prod": "v1.0.0"}']
    assert run.document["created_at"] == "1970-01-01T00:00:50+00:00"


ASKED = {"INPUT_ARTIFACT": "churn#prod"}


def test_a_version_that_was_asked_for_is_another_now(pull: Pull, registry: Repo) -> None:
    run = pull(lambda: registry.tag("churn#prod#2", "churn@v2.0.0^{}", time=40), **ASKED)
    assert (run.code, run.outputs) == (1, None)
    assert run.told("error") == [
        (
            "'churn#prod' changed while its data was being pulled, from v1.0.0 to v2.0.0. "
            "Start a new run, because the workspace has the old data."
        )
    ]


def test_a_version_that_was_asked_for_is_the_same(pull: Pull, registry: Repo) -> None:
    run = pull(lambda: registry.tag("churn@v3.0.0", "churn@v2.0.0^{}", time=40), **ASKED)
    assert said(run, "version") == ["true", "v1.0.0"]
    assert run.document["latest_version"] == "v3.0.0"


def test_a_version_that_was_asked_for_is_gone(pull: Pull, registry: Repo) -> None:
    run = pull(lambda: registry.tag("churn@deprecated", time=40), **ASKED)
    assert (run.code, run.outputs) == (1, None)
    assert "'churn#prod' changed while its data was being pulled, from v1.0.0 to nothing." in run.told("error")[0]


def test_the_remote_has_gone_meanwhile(pull: Pull, registry: Repo) -> None:
    run = pull(lambda: registry.path.rename(registry.path.with_name("elsewhere")))
    assert (run.code, run.outputs) == (1, None)
    assert len(run.told("error")) == 1


def test_without_data_nothing_is_asked_again(pull: Pull, registry: Repo) -> None:
    run = pull(INPUT_STAGES="dev")
    assert run.code == 0
    assert "again" not in run.log
