"""A step as the real runner runs it: what act does not show."""

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import TOKEN
from tests.e2e.engine import docker
from tests.e2e.registry import SampleRegistry
from tests.e2e.step import Step, StepRun
from tests.e2e.workspace import checkout, make_hostile, snapshot
from tests.support.git_server import GitServer

pytestmark = pytest.mark.container

_REF = "refs/tags/churn#prod#2"


@pytest.fixture
def assignment(registry: SampleRegistry) -> dict[str, str]:
    """The outputs for `_REF`."""
    return {
        "event": "assignment",
        "name": "churn",
        "version": "v1.1.0",
        "stage": "prod",
        "type": "model",
        "path": "models/churn.pkl",
        "description": "Who is about to leave",
        "tag": "churn#prod#2",
        "sha": registry.commits["churn#prod#2"],
        "previous-version": "",
        "current-version": "",  # unassigned since
        "latest-version": "v2.0.0",
        "is-current": "false",
        "stages": '{"dev": "v1.1.0"}',
        "matched": "true",
        "pulled": "false",
    }


def _outputs(run: StepRun) -> dict[str, str]:
    """The outputs but `json`, which has tests of its own."""
    assert run.code == 0, run.log
    return {name: value for name, value in run.outputs.items() if name != "json"}


def test_without_checkout(
    make_step: Callable[..., Step], assignment: dict[str, str], server: GitServer, figure: Callable[[str], None]
) -> None:
    step = make_step(_REF)
    run = step.run()
    assert _outputs(run) == assignment
    assert run.log.splitlines()[-1].startswith("\x1b[1mchurn v1.1.0 was assigned to stage prod")
    assert "churn" in run.summary
    assert all(request.tokens == (TOKEN,) for request in server.requests)
    assert list(step.workspace.iterdir()) == []
    again = [step.run().seconds for _ in range(3)]
    figure(f"one run in the container, with docker's own time: {statistics.median(again):.2f} s")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to the runner's user")
def test_workspace_of_another_user(
    make_step: Callable[..., Step], registry: SampleRegistry, assignment: dict[str, str]
) -> None:
    step = make_step(_REF)
    checkout(registry.path, step.workspace, _REF, step.server_url)
    step.prepare()
    before = snapshot(step.workspace)
    assert _outputs(step.run()) == assignment
    assert snapshot(step.workspace) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to the runner's user")
def test_tags_for_the_workspace(make_step: Callable[..., Step], registry: SampleRegistry, server: GitServer) -> None:
    """Root in the container brings every tag, and what it makes is the runner's user's, who can go on."""
    step = make_step(_REF, inputs={"fetch-tags": "true"})
    checkout(registry.path, step.workspace, _REF, f"{server.url}/acme/models")
    step.prepare()
    run = step.run()
    assert run.code == 0, run.log
    command = ("git", "-c", "safe.directory=*", "for-each-ref", "--format=%(refname) %(objectname)", "refs/tags")
    remote, workspace = (
        subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
        for folder in (registry.path, step.workspace)
    )
    assert workspace == remote
    assert {path.lstat().st_uid for path in step.workspace.rglob("*")} == {1001}


def test_nothing_is_left(make_step: Callable[..., Step]) -> None:
    """What the job's other steps share stays as it was: their HOME, their temporary files, their environment."""
    step = make_step(_REF)
    assert step.run().code == 0
    for name in ("home", "temp", "workspace"):
        assert list((step.folder / name).iterdir()) == [], name
    for name in ("set_env", "add_path", "save_state"):
        assert (step.folder / "file_commands" / name).read_bytes() == b"", name


@pytest.mark.parametrize("unset", [(), ("GITHUB_REPOSITORY",)], ids=["address of the run", "address of origin"])
def test_hostile_workspace(
    hostile_step: Callable[..., Step], assignment: dict[str, str], unset: tuple[str, ...]
) -> None:
    step = hostile_step(unset)
    before = snapshot(step.workspace)
    run = step.run()
    assert list((step.folder / "home").iterdir()) == []
    assert snapshot(step.workspace) == before
    assert _outputs(run) == assignment


def test_hostile_workspace_is_hostile(hostile_step: Callable[..., Step]) -> None:
    """The traps of the test above are live: a careless program falls into them."""
    step = hostile_step(())
    docker(*step.command("--rm", "--entrypoint=/app/bin/python"), "-c", "import yaml")
    docker(*step.command("--rm", "--entrypoint=git"), "-c", "safe.directory=*", "status")
    attacks = (step.folder / "home/attacked").read_text().split()
    assert {"sitecustomize.py", "yaml.py", "fsmonitor"} <= set(attacks)


@pytest.fixture
def hostile_step(
    make_step: Callable[..., Step], registry: SampleRegistry, server: GitServer, with_shell: str
) -> Callable[[tuple[str, ...]], Step]:
    def make(unset: tuple[str, ...]) -> Step:
        poison = {
            "PYTHONPATH": "/github/workspace",
            "PYTHONSTARTUP": "/github/workspace/yaml.py",
            "GIT_DIR": "/github/workspace/.git",
        }
        step = make_step(_REF, image=with_shell, unset=unset, environ=poison)
        checkout(registry.path, step.workspace, _REF, f"{server.url}/acme/models")
        make_hostile(step.workspace)
        step.prepare()
        return step

    return make


@pytest.mark.parametrize("owner", [0, 1001], ids=["of root", "of another user"])
def test_file_url(
    make_step: Callable[..., Step],
    registry: SampleRegistry,
    assignment: dict[str, str],
    with_shell: str,
    tmp_path: Path,
    owner: int,
) -> None:
    subprocess.run(["cp", "-a", str(registry.root), str(tmp_path / "git")], check=True, timeout=120)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{owner}:{owner}", str(tmp_path / "git")], check=True, timeout=120)
    before = snapshot(tmp_path / "git")
    step = make_step(_REF, image=with_shell, server_url="file:///srv/git", mounts=(f"{tmp_path}/git:/srv/git:ro",))
    assert _outputs(step.run()) == assignment
    assert snapshot(tmp_path / "git") == before


def test_bad_token(make_step: Callable[..., Step]) -> None:
    run = make_step(_REF, token="ghs_expired").run()
    assert run.code == 1
    assert run.output == b""
    assert [line for line in run.log.splitlines() if line.startswith("::error")]
    assert "contents: read" in run.log
    assert "Traceback" not in run.log


def test_stopped(make_step: Callable[..., Step], server: GitServer, figure: Callable[[str], None]) -> None:
    """A cancelled job does not wait for a fetch, and gets no outputs."""
    server.stall(path="git-upload-pack")
    step = make_step(_REF)
    step.prepare()
    container = docker(*step.command("--detach"))
    try:
        deadline = time.monotonic() + 120
        while not server.requests:
            assert time.monotonic() < deadline, docker("logs", container)
            time.sleep(0.05)
        start = time.monotonic()
        docker("stop", "--time", "60", container)
        seconds = time.monotonic() - start
        code = int(docker("inspect", "--format", "{{.State.ExitCode}}", container))
        run = step.left(code, docker("logs", container), seconds)
    finally:
        docker("rm", "--force", container)
    assert run.code == 128 + signal.SIGTERM
    assert seconds < 30
    assert run.output == b""
    assert run.summary == ""
    assert "Traceback" not in run.log
    figure(f"docker stop in the middle of a fetch: {seconds:.2f} s")


def test_log_is_not_held_back(make_step: Callable[..., Step], server: GitServer) -> None:
    """What is printed before a long fetch is seen before it ends."""
    server.stall(path="git-upload-pack")
    step = make_step(_REF)
    step.prepare()
    container = docker(*step.command("--detach"))
    try:
        deadline = time.monotonic() + 120
        while "Fetching" not in docker("logs", container):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        docker("rm", "--force", container)
