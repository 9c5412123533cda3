"""A release, rehearsed: what a pin runs is what was released, whatever happens to names afterwards."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import pytest

from gto_action.published import REPOSITORY
from tests.e2e.act import act, run
from tests.e2e.conftest import TOKEN, act_program
from tests.e2e.docker_registry import PROGRAM, DockerRegistry, docker_registry
from tests.e2e.engine import alone, build, docker
from tests.e2e.registry import SampleRegistry
from tests.e2e.rehearsal import Rehearsal, StageError
from tests.e2e.rehearsed import CANDIDATE, Released, fails, with_faults, without_faults
from tests.support.git_server import GitServer
from tests.support.skipping import skip

pytestmark = pytest.mark.container

_MOST: Final = 35_000_000
"""The bytes of the image, base included, as they are sent."""
VERSION: Final = "3.0.0"
TAG: Final = "churn#prod#2"
_WORKFLOW: Final = """\
name: released
on: push
jobs:
  gto:
    runs-on: ubuntu-latest
    steps:
      - id: gto
        uses: {uses}
      - if: always()
        env:
          OUTPUTS: ${{{{ toJSON(steps.gto.outputs) }}}}
        run: printf '%s' "$OUTPUTS" > /marks/outputs
"""


@pytest.fixture(scope="module")
def docker_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """A registry of images."""
    if not PROGRAM:
        skip("container tests of releases", "there is no registry (as root: apt-get install docker-registry)")
    with docker_registry(tmp_path_factory.mktemp("images") / "registry") as registry:
        yield registry


@pytest.fixture(scope="module")
def released(docker_hub: DockerRegistry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """The candidate, with a fault in each stage before that is passed; then the release, without one."""
    folder = tmp_path_factory.mktemp("release")
    rehearsal = Rehearsal(folder / "clone", docker_hub)
    rehearsal.prepare()
    with alone("release"):
        with_faults(rehearsal, CANDIDATE)
        yield without_faults(rehearsal, VERSION)
        rehearsal.forget()


def test_a_release_can_be_verified(released: Released) -> None:
    said = released.rehearsal.tool("verify", f"v{VERSION}").splitlines()
    image = f"{released.rehearsal.registry.image}@{released.digest}"
    assert said == [
        f"v{VERSION} is {released.commit}, which is {released.main} of main with {image}, and nothing else.",
        "v3.0 is the same commit.",
        "v3 is the same commit.",
        f"{image} is for linux/amd64 and linux/arm64, and was built from {released.main}.",
    ]


def test_a_released_image_is_small(released: Released, figure: Callable[[str], None]) -> None:
    image = f"{released.rehearsal.registry.image}@{released.digests[0]}"
    manifest = json.loads(docker("manifest", "inspect", "--insecure", image))
    sent = sum(layer["size"] for layer in manifest["layers"])
    assert sent <= _MOST
    figure(f"the image: {sent / 1e6:.1f} MB compressed, {len(manifest['layers'])} layer")


def test_an_image_is_never_released_twice(released: Released) -> None:
    """Not even where the tag of the repository was lost."""
    rehearsal = released.rehearsal
    rehearsal.git("tag", "--delete", f"v{VERSION}")
    try:
        fails(lambda: rehearsal.tool("check", VERSION), f"{VERSION} is there, as {released.digest}. Take another")
    finally:
        rehearsal.git("tag", f"v{VERSION}", released.commit)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a workflow did with a release."""

    code: int
    log: str
    outputs: dict[str, str]


@pytest.fixture
def uses(released: Released, registry: SampleRegistry, server: GitServer, tmp_path: Path) -> Callable[[str, Path], Ran]:
    """Runs a workflow that uses a ref of the action, whose files are in a folder."""

    def uses(ref: str, files: Path) -> Ran:
        folder = Path(mkdtemp(dir=tmp_path))
        project, marks = folder / "project", folder / "marks"
        for each in (project / ".github/workflows", marks):
            each.mkdir(parents=True)
        (project / ".github/workflows/released.yml").write_text(_WORKFLOW.format(uses=f"{REPOSITORY}@{ref}"))
        subprocess.run(["git", "init", "-q", "-b", "main", project], check=True)
        owner = {"login": "acme", "name": "acme"}
        payload = {
            "ref": f"refs/tags/{TAG}",
            "after": registry.commits[TAG],
            "repository": {"name": "models", "full_name": "acme/models", "owner": owner},
        }
        command = (
            *act(act_program(), "push", payload, project=project, marks=marks, server=server),
            f"--local-repository={REPOSITORY}@{ref}={files}",
        )
        with alone("act"):
            released.rehearsal.forget()
            process = run(command, folder=folder, secrets={"GITHUB_TOKEN": TOKEN})
        outputs = json.loads((marks / "outputs").read_text()) if (marks / "outputs").exists() else {}
        return Ran(process.returncode, process.stdout, outputs)

    return uses


@pytest.mark.parametrize("ref", ["v3", "the commit"])
def test_who_uses_it_runs_the_image(released: Released, uses: Callable[[str, Path], Ran], ref: str) -> None:
    ref = ref.replace("the commit", released.commit)
    ran = uses(ref, released.rehearsal.checkout(ref))
    assert ran.code == 0, ran.log
    assert (ran.outputs["event"], ran.outputs["version"]) == ("assignment", "v1.1.0")
    assert f"docker pull image={released.rehearsal.registry.image}:v{VERSION}@{released.digest}" in ran.log
    assert "docker build" not in ran.log


def test_a_name_that_moves_changes_nothing_for_who_pins(
    released: Released, uses: Callable[[str, Path], Ran], tmp_path: Path
) -> None:
    """Somebody who may push images gives the release's name to another one; who trusts the name gets that."""
    rehearsal = released.rehearsal
    image = f"{rehearsal.registry.image}:v{VERSION}"
    (tmp_path / "Dockerfile").write_text(
        f'FROM {rehearsal.registry.image}@{released.digests[0]}\nENTRYPOINT ["evil"]\n'
    )
    build(tmp_path, image, buildkit=False)
    docker("push", "--quiet", image)
    try:
        assert rehearsal.registry.digest(f"v{VERSION}") not in {"", released.digest}
        rehearsal.forget()
        docker("rmi", "--force", image)
        docker("pull", "--quiet", image)
        assert docker("image", "inspect", "--format", "{{.Config.Entrypoint}}", image) == "[evil]"
        docker("rmi", "--force", image)
        ran = uses(released.commit, rehearsal.checkout("v3"))
        assert ran.code == 0, ran.log
        assert ran.outputs["version"] == "v1.1.0"
        said = rehearsal.tool("verify", f"v{VERSION}").splitlines()[-1]
        assert re.match(rf"The registry's tag v{VERSION} is sha256:\w+, which changes nothing", said)
    finally:
        assert rehearsal.index(f"v{VERSION}", released.digests) == released.digest


def test_an_image_that_was_built_elsewhere_is_named(released: Released, tmp_path: Path) -> None:
    """The label of an image of another commit does not name the parent."""
    rehearsal = released.rehearsal
    was = rehearsal.registry.digest(f"v{CANDIDATE}")
    commit = rehearsal.tool("commit", was)
    rehearsal.git("tag", "--force", f"v{VERSION}", commit)
    try:
        with pytest.raises(StageError, match=r"v3(\.0)? is \w+, not \w+, which is the newest release of its line"):
            rehearsal.tool("verify", f"v{VERSION}")
        for name in ("v3", "v3.0"):
            rehearsal.git("tag", "--force", name, commit)
        with pytest.raises(StageError, match=r"The label of .* names '[0-9a-f]{40}', not"):
            rehearsal.tool("verify", f"v{VERSION}")
    finally:
        for name in (f"v{VERSION}", "v3", "v3.0"):
            rehearsal.git("tag", "--force", name, released.commit)


def test_an_older_release_takes_nothing_back(released: Released) -> None:
    """`v3` stays where it is when what was before it is released after it."""
    rehearsal = released.rehearsal
    rehearsal.git("tag", "v3.1.0", "main")
    try:
        assert rehearsal.tool("moving", f"v{VERSION}") == "v3.0"
        fails(lambda: rehearsal.tool("check", VERSION), "is not after|is there")
    finally:
        rehearsal.git("tag", "--delete", "v3.1.0")


def test_an_image_that_was_deleted_fails_loudly(released: Released, uses: Callable[[str, Path], Ran]) -> None:
    """It is the last: the release is gone then."""
    rehearsal = released.rehearsal
    rehearsal.registry.delete(released.digest)
    ran = uses(released.commit, rehearsal.checkout("v3"))
    assert ran.code != 0
    assert "manifest unknown" in ran.log or "not found" in ran.log
    assert ran.outputs == {}
    with pytest.raises(StageError, match=f"has no {released.digest}. It was deleted, or never pushed."):
        rehearsal.tool("verify", f"v{VERSION}")
    rehearsal.index(f"v{VERSION}", released.digests)
