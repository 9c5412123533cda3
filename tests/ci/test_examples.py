"""The examples for the other systems: what they do is the same everywhere, whoever chooses the tag and dvc.yaml."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.ci.conftest import TOKEN
from tests.support.ci_players import (
    EXAMPLES,
    PLAYERS,
    Agent,
    FailedStepError,
    blocks_of,
    jenkinsfile,
    missing_groovy,
)
from tests.support.ci_runs import RUNS
from tests.support.git_server import GitServer
from tests.support.machine import ROOT
from tests.support.repo import Repo
from tests.support.skipping import skip

Play = Callable[..., list[str]]

# Each kind of quotes is closed, and what runs commands opened, in one tag and in one path.
HOSTILE_TAG = """a$(touch${IFS}x)`touch${IFS}x`';touch${IFS}x;'";touch${IFS}x;"#prod#1"""
HOSTILE_PATH = HOSTILE_TAG.replace("${IFS}", " ")


@pytest.fixture
def play(registry: Repo, srv: Path, workspace: Path, programs: Path) -> Play:
    """Plays a system's example for a tag; gives the lines that say what was deployed."""
    (srv / "o").mkdir()
    (srv / "o/r").symlink_to(registry.path)

    def play(key: str, tag: str, between: Callable[[], None] = lambda: None) -> list[str]:
        if key == "jenkins" and (what := missing_groovy()):
            skip("Jenkinsfiles", what)
        user = RUNS[key].user
        with GitServer(srv, token=TOKEN, user=user or "x-access-token") as server:
            subprocess.run(["git", "init", "-q", str(workspace)], check=True)
            header = f"AUTHORIZATION: basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}"
            for name, value in (
                (f"http.{server.url}/.extraheader", header),
                ("remote.origin.url", f"{server.url}/o/r"),
            ):
                if not user:  # it is in the clone's configuration that a job may read the repository
                    subprocess.run(["git", "-C", str(workspace), "config", name, value], check=True)
            agent = Agent(key=key, workspace=workspace, programs=programs, server=server.url, tag=tag, between=between)
            try:
                PLAYERS[key][1](agent)
            finally:
                assert TOKEN not in "".join(agent.log)
        return [
            line for said in agent.log for line in said.splitlines() if line.startswith(("Deploying", "Nothing is"))
        ]

    return play


@pytest.mark.parametrize("key", PLAYERS)
def test_what_is_in_force_is_deployed(key: str, play: Play) -> None:
    assert play(key, "churn#prod#2") == ["Deploying churn v1.1.0 from models/churn.pkl"]


@pytest.mark.parametrize("tag", ["churn#prod#1", "old#prod!#2"])
@pytest.mark.parametrize("key", PLAYERS)
def test_nothing_else_is_deployed(key: str, tag: str, play: Play) -> None:
    assert not [line for line in play(key, tag) if line.startswith("Deploying")]


@pytest.mark.parametrize("key", ["azure", "bitbucket"])
def test_who_waits_asks_again(key: str, play: Play, registry: Repo) -> None:
    """For an approval, or because somebody runs the last part again next week."""
    later = play(key, "churn#prod#2", lambda: registry.tag("churn#prod#9", "churn@v1.0.0^{commit}", time=9000))
    assert later == ["Nothing is deployed: a later tag has superseded this one."]


@pytest.mark.parametrize("key", PLAYERS)
def test_a_tag_is_never_code(key: str, play: Play, registry: Repo, workspace: Path) -> None:
    registry.tag(HOSTILE_TAG, time=5000)
    assert not [line for line in play(key, HOSTILE_TAG) if line.startswith("Deploying")]
    assert not [*workspace.parent.rglob("x")]


@pytest.mark.parametrize("path", [HOSTILE_PATH, "$GIT_PASSWORD $(READ_TOKEN) $(params.tag)"], ids=["code", "secrets"])
@pytest.mark.parametrize("key", PLAYERS)
def test_a_path_is_the_path_or_nothing(key: str, path: str, play: Play, registry: Repo, workspace: Path) -> None:
    commit = registry.commit({"dvc.yaml": json.dumps({"artifacts": {"bad": {"path": path}}})}, time=9000)
    registry.tag("bad@v1.0.0", commit, time=9001)
    registry.tag("bad#prod#1", commit, time=9002)
    try:
        assert play(key, "bad#prod#1") == [f"Deploying bad v1.0.0 from {path}"]
    except FailedStepError as failed:
        log = "".join(failed.args[1])
        assert "GTO_PATH: is empty" in log or "dvc.yaml names no path" in log
        assert not [line for line in log.splitlines() if line.startswith("Deploying")]
    assert not [*workspace.parent.rglob("x")]


@pytest.mark.parametrize("key", PLAYERS)
def test_without_a_path_nothing_is_deployed(key: str, play: Play, registry: Repo) -> None:
    registry.tag("Up=it#prod", "Up=it@v2.0.0+cpu^{commit}", time=9000)
    with pytest.raises(FailedStepError, match=r"GTO_PATH: is empty|dvc\.yaml names no path"):
        play(key, "Up=it#prod")


def test_every_example_is_played() -> None:
    gitlab = {file.name for file in EXAMPLES.glob("gitlab-*")}
    assert {file.name for file in EXAMPLES.iterdir()} == gitlab | {name for name, _ in PLAYERS.values()}


def scripts(found: object) -> Iterator[str]:
    """Every script in a file's tree."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in {"script", "commands", "command", "run", "before_script"} and not isinstance(value, dict):
                yield value if isinstance(value, str) else "\n".join(map(str, value))
            else:
                yield from scripts(value)
    elif isinstance(found, list):
        for each in found:
            yield from scripts(each)


FILES = sorted([*EXAMPLES.glob("*.y*ml"), ROOT / "templates/event.yml"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_shellcheck_finds_nothing(file: Path) -> None:
    found = [script for tree in yaml.safe_load_all(file.read_text()) for script in scripts(tree)]
    assert found or file.name == "gitlab-child.yml"
    for script in found:
        text = script.replace("$$", "$") if file.name == "buildkite.yml" else script
        command = [str(Path(sys.executable).with_name("shellcheck")), "--shell=sh", "--exclude=SC1091,SC2154", "-"]
        process = subprocess.run(command, input=f"{text}\n", capture_output=True, text=True, check=False)
        assert process.returncode == 0, process.stdout


def test_the_jenkinsfile_is_a_declarative_pipeline() -> None:
    if what := missing_groovy():
        skip("Jenkinsfiles", what)
    (pipeline,) = jenkinsfile(EXAMPLES / "Jenkinsfile")
    assert pipeline["name"] == "pipeline"
    assert [block["name"] for block in pipeline["blocks"]] == ["agent", "stages"]
    for stage in blocks_of(pipeline["blocks"], "stage"):
        assert [block["name"] for block in stage["blocks"]] == ["when", "options", "steps"]
    assert "when {\n                beforeOptions true " in (EXAMPLES / "Jenkinsfile").read_text()
