"""The action without Docker, by act: in a job that has Python and no Docker socket."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from gto_action.answer.document import NAMES
from gto_action.published import REPOSITORY
from tests.e2e.act import act, run
from tests.e2e.conftest import TOKEN, act_program
from tests.e2e.engine import JOB_IMAGE, alone, build, remove
from tests.e2e.registry import SampleRegistry
from tests.support.git_server import GitServer

pytestmark = pytest.mark.container

_TAG: Final = "churn#prod#2"
_WORKFLOW: Final = f"""\
name: native
on: push
jobs:
  gto:
    runs-on: ubuntu-latest
    steps:
      - run: test ! -e /var/run/docker.sock
      - id: gto
        uses: {REPOSITORY}/native@v3
        with:
          events: "*assignment"
          print-outputs: false
      - id: latest
        uses: {REPOSITORY}/native@v3
        with:
          artifact: models:churn@latest
      - env:
          OUTPUTS: ${{{{ toJSON(steps.gto.outputs) }}}}
          LATEST: ${{{{ toJSON(steps.latest.outputs) }}}}
        run: |
          printf '%s' "$OUTPUTS" > /marks/outputs
          printf '%s' "$LATEST" > /marks/latest
"""
_MACHINE: Final = f"""\
FROM {JOB_IMAGE}
RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-pip
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the job runs in: it has Python."""
    folder, tag = tmp_path_factory.mktemp("machine"), f"gto-action-e2e:machine-{os.getpid()}"
    (folder / "Dockerfile").write_text(_MACHINE)
    with alone("build"):
        build(folder, tag, buildkit=False)
    yield tag
    remove(tag)


def test_a_job_without_docker(
    machine: str, action: Path, registry: SampleRegistry, server: GitServer, tmp_path: Path
) -> None:
    project, marks = tmp_path / "project", tmp_path / "marks"
    for each in (project / ".github/workflows", marks):
        each.mkdir(parents=True)
    (project / ".github/workflows/native.yml").write_text(_WORKFLOW)
    subprocess.run(["git", "init", "-q", "-b", "main", project], check=True)
    payload = {
        "ref": f"refs/tags/{_TAG}",
        "after": registry.commits[_TAG],
        "repository": {"name": "models", "full_name": "acme/models", "owner": {"login": "acme", "name": "acme"}},
    }
    command = (
        *act(act_program(), "push", payload, project=project, marks=marks, server=server, image=machine),
        f"--local-repository={REPOSITORY}@v3={action}",
        *("--env", "PIP_CERT=/etc/ssl/certs/ca-certificates.crt"),
    )
    with alone("act"):
        process = run(command, folder=tmp_path, secrets={"GITHUB_TOKEN": TOKEN})
    assert process.returncode == 0, process.stdout
    assert "docker build" not in process.stdout
    assert process.stdout.count("Making an environment for gto-action") == 1
    outputs, latest = (json.loads((marks / name).read_text()) for name in ("outputs", "latest"))
    assert set(outputs) == {*NAMES}
    assert (outputs["event"], outputs["version"], outputs["matched"]) == ("assignment", "v1.1.0", "true")
    assert json.loads(outputs["json"])["tag"] == _TAG
    assert (latest["name"], latest["version"]) == ("models:churn", "v0.2.0")
