"""`pull` in the container, and in a workflow: the next step reads the right bytes from S3."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gto_action.pull.dvc_config import EXTRAS
from tests.e2e.act import Act
from tests.e2e.conftest import TOKEN
from tests.e2e.engine import size
from tests.e2e.registry import SampleRegistry
from tests.e2e.step import Step
from tests.support.dvc_repo import AWS, DvcRepo, s3_server
from tests.support.git_server import GitServer

pytestmark = pytest.mark.container

MODEL = os.urandom(1_000_000)
FILES = {f"data/images/{number:03}.bin": os.urandom(1_000) for number in range(100)}
DVC_YAML = "artifacts: {churn: {path: models/churn.pkl}, images: {path: data/images}}\n"
WORKFLOW = Path(__file__).with_name("pull.yml")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleRegistry]:
    """A repository with its data in S3."""
    base = tmp_path_factory.mktemp("pull")
    with s3_server("bucket") as s3:
        repo = DvcRepo(base / "clone", base / "srv/acme/models", AWS)
        repo.dvc("init")
        repo.dvc("remote", "add", "--default", "store", "s3://bucket/models")
        repo.dvc("remote", "modify", "store", "endpointurl", s3)
        repo.write({"dvc.yaml": DVC_YAML, "models/churn.pkl": MODEL, **FILES})
        repo.dvc("add", "models/churn.pkl", "data/images")
        repo.dvc("push")
        tags = ("churn@v1.0.0", "churn#prod#1", "images@v1.0.0")
        commit = repo.commit(*tags)
        yield SampleRegistry(base / "srv", dict.fromkeys((*tags, "main"), commit))


@pytest.fixture
def server(registry: SampleRegistry) -> Iterator[GitServer]:
    with GitServer(registry.root, token=TOKEN) as server:
        yield server


def content(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_in_the_container(make_step: Callable[..., Step], figure: Callable[[str], None]) -> None:
    step: Step = make_step("refs/tags/churn#prod#1", inputs={"pull": "true"}, environ=AWS)
    run = step.run(timeout=300)
    assert run.code == 0, run.log
    assert run.outputs["pulled"] == "true"
    assert content(step.workspace) == {"models/churn.pkl": MODEL}
    assert (step.workspace / "models/churn.pkl").stat().st_uid == step.workspace.stat().st_uid
    assert AWS["AWS_SECRET_ACCESS_KEY"] not in run.log
    again = replace(step, ref="refs/tags/images@v1.0.0").run(timeout=300)
    assert again.code == 0, again.log
    assert "DVC is already installed" in again.log
    assert content(step.workspace) == {"models/churn.pkl": MODEL, **FILES}
    figure(
        f"pull in the container: {run.seconds:.1f} s with the installation of DVC for S3, {again.seconds:.1f} s without"
    )


@pytest.fixture
def prebuilt(variant: Callable[[str], str]) -> str:
    """An image with DVC inside."""
    return variant("dvc")


def test_an_image_that_has_dvc(
    make_step: Callable[..., Step], prebuilt: str, image: str, figure: Callable[[str], None]
) -> None:
    step: Step = make_step("refs/tags/churn#prod#1", image=prebuilt, inputs={"pull": "true"}, environ=AWS)
    run = step.run(timeout=300)
    assert run.code == 0, run.log
    assert "Installing" not in run.log
    assert content(step.workspace) == {"models/churn.pkl": MODEL}
    assert not list((step.folder / "home").iterdir())
    figure(f"the image with DVC: {(size(prebuilt) - size(image)) / 1e6:.0f} MB more, pull in {run.seconds:.1f} s")


def test_a_release_tries_it(prebuilt: str, try_release: Callable[[str, str], str]) -> None:
    says, has = try_release("dvc", prebuilt).splitlines()
    assert says == "The variant dvc says what it has to say."
    assert {f"dvc_{extra}" for extra in EXTRAS} == {*has.removeprefix("It has DVC, with ").removesuffix(".").split()}


def test_the_next_step_reads_it(act: Act) -> None:
    secrets = {name: AWS[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    run = act.push("refs/tags/churn#prod#1", token=TOKEN, workflow=WORKFLOW, secrets=secrets)
    assert run.code == 0, run.log
    assert run.marks["md5"].split()[0] == hashlib.md5(MODEL, usedforsecurity=False).hexdigest()
    assert AWS["AWS_SECRET_ACCESS_KEY"] not in run.log
