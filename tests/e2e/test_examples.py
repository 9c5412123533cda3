"""The workflows of `examples/`, run by act on real tags: judged by what they called outside, and what they said."""

import json
import re
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import TOKEN, act_program
from tests.e2e.examples import (
    EXAMPLES,
    HEROKU_KEY,
    ExampleRepository,
    Examples,
    docker_recorder,
    heroku_at,
    make_repository,
)
from tests.support.git_server import GitServer
from tests.support.github_server import GitHubServer
from tests.support.push_filter import read_workflow, starts
from tests.support.repo import Repo

pytestmark = pytest.mark.container


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> ExampleRepository:
    return make_repository(tmp_path_factory.mktemp("git"))


@pytest.fixture
def examples(image: str, action: Path, repository: ExampleRepository, tmp_path: Path) -> Iterator[Examples]:
    with GitServer(repository.root, token=TOKEN) as server:
        yield Examples(act_program(), action, image, repository, server, tmp_path)


@pytest.fixture(autouse=True)
def _starts(request: pytest.FixtureRequest) -> None:
    """A tag of a row starts its example: act itself starts whatever it is given."""
    row = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    if "tag" in row and "example" in row:
        assert starts(read_workflow(EXAMPLES / row["example"])["on"]["push"]["tags"], row["tag"])


@pytest.mark.parametrize(
    ("example", "tag", "said"),
    [
        (
            "deploy.yml",
            "churn#staging",
            "Deploying churn v2.0.0-rc.1+cpu from models/churn.pkl to staging",
        ),
        ("deploy.yml", "churn#prod#2", None),  # unassigned since
        ("deploy.yml", "not_gto_#prod", None),
    ],
)
def test_deploy(examples: Examples, example: str, tag: str, said: str | None) -> None:
    run = examples.push(example, tag)
    assert run.code == 0, run.log
    assert {line for line in run.said if line.startswith("Deploying")} == ({said} if said else set())


def test_deploy_without_a_path(examples: Examples) -> None:
    run = examples.push("deploy.yml", "fraud#prod#2")
    assert run.code == 1, run.log
    assert "'dvc.yaml' has no artifact 'fraud'" in run.log
    assert not any(line.startswith("Deploying") for line in run.said)


@pytest.mark.parametrize(
    ("example", "tag", "done"),
    [
        ("gate.yml", "churn#prod#1", ["deploy churn v1.0.0 # A"]),
        ("rollback.yml", "churn#prod!#3", ["deploy churn v1.0.0 # A"]),
    ],
)
def test_dispatch_on_a_tag(examples: Examples, example: str, tag: str, done: list[str]) -> None:
    """As catch-up starts it."""
    run = examples.dispatch_tag(example, tag)
    assert run.code == 0, run.log
    assert run.done == done


@pytest.mark.parametrize(
    ("example", "tag", "done"),
    [
        ("rollback.yml", "churn#prod!#3", ["deploy churn v1.0.0 # A"]),
        ("rollback.yml", "old#prod!#2", ["withdraw old # A"]),
        ("gate.yml", "churn#prod#1", ["deploy churn v1.0.0 # A"]),
        ("gate.yml", "churn#prod#2", []),
        (
            "monorepo.yml",
            "models/nlp=Sentiment#prod#1",
            [
                "deploy models/nlp:Sentiment v0.1.0 eu # C models/nlp/",
                r"deploy models/nlp:Sentiment v0.1.0 us\;\ touch\ /marks/injected # C models/nlp/",
            ],
        ),
        ("monorepo.yml", "models/cv=faces#prod", []),
    ],
)
def test_push(examples: Examples, example: str, tag: str, done: list[str]) -> None:
    run = examples.push(example, tag)
    assert run.code == 0, run.log
    assert run.done == done
    assert {path.name for path in run.marks.iterdir()} <= {"done"}


def test_the_gate_says_why_not(examples: Examples) -> None:
    run = examples.push("gate.yml", "churn#prod#2")
    assert "churn v2.0.0-rc.1+cpu is not deployed because prod has v1.0.0 now." in run.said, run.log


@pytest.mark.parametrize(
    ("example", "tag", "built", "path", "model"),
    [
        ("docker.yml", "churn@v2.0.0-rc.1+cpu", "churn:v2.0.0-rc.1_cpu", "models/churn.pkl", "a model, B"),
        (
            "docker.yml",
            "models/nlp=Sentiment@v0.1.0",
            "models/nlp/sentiment:v0.1.0",
            "models/nlp/s.onnx",
            "a model of language, C",
        ),
    ],
)
def test_docker(examples: Examples, example: str, tag: str, built: str, path: str, model: str) -> None:
    run = examples.push(example, tag, mounts=docker_recorder())
    assert run.code == 0, run.log
    commit = examples.repository.commits[tag]
    calls = [re.sub(" # .*", "", call) for call in run.done]
    assert calls == [
        f"docker build --tag images.example/acme/{built} --build-arg ARTIFACT_PATH={path} --label org.opencontainers.image.revision={commit} .",
        "docker login images.example --username ada --password-stdin",
        f"docker push images.example/acme/{built}",
    ]
    assert (run.marks / "password").read_text() == "open sesame\n"
    assert (run.marks / "model").read_text() == model
    assert "open sesame" not in run.log


def test_heroku(examples: Examples, tmp_path: Path) -> None:
    """It is a real push, to a server that wants the key."""
    app = Repo(tmp_path / "srv/heroku/acme-churn")
    with GitServer(tmp_path / "srv", token=HEROKU_KEY, user="heroku", config={"http.receivepack": "true"}) as heroku:
        run = examples.push("heroku.yml", "churn#prod#2", mounts=heroku_at(heroku))
    assert run.code == 0, run.log
    assert app.git("rev-parse", "main") == examples.repository.commits["churn#prod#2"]
    assert app.git("rev-list", "--count", "main") == "2", "the history is whole"
    assert HEROKU_KEY not in run.log
    assert "Deploying churn v2.0.0-rc.1+cpu to acme-churn" in run.said


def test_heroku_of_another_artifact(examples: Examples) -> None:
    run = examples.push("heroku.yml", "fraud#prod#2")
    assert run.code == 0, run.log
    assert not any(line.startswith("Deploying") for line in run.said)


@pytest.mark.parametrize(
    ("tag", "code", "done"),
    [
        ("fraud#prod#2", 0, ["deploy fraud v1.1.0 # B"]),
        ("refs/tags/fraud#prod#2", 0, ["deploy fraud v1.1.0 # B"]),
        ("churn@v1.0.0", 0, []),
        ("nonsense", 1, []),
    ],
)
def test_replay(examples: Examples, tag: str, code: int, done: list[str]) -> None:
    run = examples.dispatch("replay.yml", tag=tag)
    assert (run.code, run.done) == (code, done), run.log


@pytest.mark.parametrize(
    ("deleted", "done"),
    [
        ("churn#prod#4", ["deploy churn v1.0.0 # A"]),
        ("old#prod#4", ["withdraw old # D"]),
        ("churn#prod#1", []),
        ("churn#staging#4", []),
        ("churn-1", []),
    ],
)
def test_deleted(examples: Examples, deleted: str, done: list[str]) -> None:
    run = examples.delete("deleted.yml", deleted)
    assert (run.code, run.done) == (0, done), run.log


# The assignments to prod and staging that are in force, in the order of their tags, and what deploying them calls.
FIVE = {
    "churn#prod#1": "deploy churn v1.0.0 prod # A",
    "churn#staging": "deploy churn v2.0.0-rc.1+cpu staging # B",
    "fraud#prod#2": "deploy fraud v1.1.0 prod # B",
    "models/nlp=Sentiment#prod#1": "deploy models/nlp:Sentiment v0.1.0 prod # C",
    "models/cv=faces#prod": "deploy models/cv:faces {C} prod # C",
}


@pytest.fixture
def pushed_at_once(image: str, action: Path, tmp_path: Path) -> Iterator[tuple[Examples, GitHubServer]]:
    """All tags were pushed an hour ago, and started nothing."""
    repository = make_repository(tmp_path / "recent", int(time.time()) - 3_600)
    with (
        GitServer(repository.root, token=TOKEN) as server,
        GitHubServer(TOKEN, repository="acme/models") as github,
    ):
        github.commits = repository.commits
        folder = tmp_path / "runs"
        folder.mkdir()
        yield Examples(act_program(), action, image, repository, server, folder, github.url), github


def test_catch_up(pushed_at_once: tuple[Examples, GitHubServer]) -> None:
    examples, github = pushed_at_once
    run = examples.nightly("catch-up.yml")
    assert run.code == 0, run.log
    assert github.dispatched() == list(FIVE)
    deployed = examples.dispatch_tag("deploy.yml", "churn#staging")
    assert deployed.code == 0, deployed.log
    assert "Deploying churn v2.0.0-rc.1+cpu from models/churn.pkl to staging" in deployed.said
    again = examples.nightly("catch-up.yml")
    assert again.code == 0, again.log
    assert github.dispatched() == list(FIVE)


def test_catch_up_in_a_matrix(pushed_at_once: tuple[Examples, GitHubServer]) -> None:
    examples, github = pushed_at_once
    run = examples.nightly("catch-up-matrix.yml")
    assert run.code == 0, run.log
    assert run.done == sorted(each.format(C=examples.repository.commits["C"]) for each in FIVE.values())
    assert github.states() == [("staging" if "staging" in tag else "prod", tag, "success") for tag in FIVE]
    again = examples.nightly("catch-up-matrix.yml")
    assert (again.code, again.done) == (0, []), again.log
    assert len(github.deployments) == 5


def test_deployments(pushed_at_once: tuple[Examples, GitHubServer]) -> None:
    examples, github = pushed_at_once
    run = examples.push("deployments.yml", "fraud#prod#2")
    assert (run.code, run.done) == (0, ["deploy fraud v1.1.0 # B"]), run.log
    assert github.states() == [("fraud-prod", "fraud#prod#2", "success")]
    late = examples.push("deployments.yml", "fraud#prod#1")
    assert (late.code, late.done) == (0, []), late.log
    number = github.add_deployment("old-prod", "deploy:old", "e" * 40, {"tag": "old#prod#1"}, "success")
    ended = examples.push("deployments.yml", "old#prod!#2")
    assert (ended.code, ended.done) == (0, []), ended.log
    assert github.state(number) == "inactive"


def test_nightly(examples: Examples) -> None:
    run = examples.nightly("nightly.yml")
    assert run.code == 0, run.log
    assert run.done == ["check v2.0.0-rc.1+cpu models/churn.pkl # B"]


@pytest.mark.parametrize("deleted", [False, True], ids=["push", "delete"])
def test_pages(examples: Examples, deleted: bool) -> None:
    """Up to what would be uploaded: the whole site, without what is only ours."""
    run = examples.delete("pages.yml", "churn#prod#4") if deleted else examples.push("pages.yml", "churn#prod#2")
    assert (run.code, run.done) == (0, ["deploy pages"]), run.log
    with tarfile.open(run.marks / "artifact.tar") as archive:
        files = {member.name.removeprefix("./"): member for member in archive if member.isfile()}
        prod = archive.extractfile(files["api/artifacts/churn/stages/prod.json"])
        assert prod
        assert json.load(prod)["version"] == "v1.0.0"  # v2.0.0-rc.1+cpu is unassigned since
    assert {"index.html", "feed.atom", "artifacts/models~nlp=Sentiment.html", "stages/prod.html"} <= {*files}
    assert not [name for name in files if name.startswith(".")]
    assert all(member.mode & 0o444 == 0o444 for member in files.values()), "everybody can read it"
