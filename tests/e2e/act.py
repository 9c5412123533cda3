"""A whole workflow, run by act."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.engine import ENVIRON, JOB_IMAGE, alone, image_id, remove
from tests.e2e.registry import SampleRegistry
from tests.support.git_server import GitServer

_WORKFLOW: Final = Path(__file__).with_name("gated.yml")
_ACTION_IMAGE: Final = "act-dockeraction:latest"
"""How act calls the image of `uses: ./`."""


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """What a workflow left."""

    code: int
    log: str
    marks: dict[str, str]
    """The files that steps wrote, by name."""
    seconds: float

    @property
    def outputs(self) -> dict[str, str]:
        """The action's outputs as `${{ toJSON(steps.gto.outputs) }}` has them."""
        outputs = json.loads(self.marks["outputs"])
        assert isinstance(outputs, dict)
        return outputs

    @property
    def done(self) -> set[str]:
        """What the gated steps and jobs did, in their words."""
        return {text for name, text in self.marks.items() if name.startswith(("step-", "job-"))}


def act(
    program: Path,
    trigger: str,
    payload: Mapping[str, object],
    *,
    project: Path,
    marks: Path,
    server: GitServer,
    mounts: Iterable[str] = (),
    image: str = JOB_IMAGE,
) -> tuple[str, ...]:
    """The command that runs the workflows of a folder, for a trigger.

    What steps write to /marks is left in `marks`. More mounts of a job's container are `PATH:PATH:ro`; `image` is
    what it is made of.
    """
    options = " ".join(f"--volume={mount}" for mount in (f"{marks}:/marks", *mounts))
    event = project.with_name("event.json")
    event.write_text(json.dumps(payload))
    command = (
        *(program, trigger, "--eventpath", event, "--directory", project, "--rm"),
        *("--platform", f"ubuntu-latest={image}", "--pull=false", "--action-offline-mode"),
        *("--action-cache-path", project.with_name("cache"), "--no-cache-server"),
        *("--network", "host", "--container-daemon-socket", "-", "--container-options", options),
        *("--env", f"GITHUB_SERVER_URL={server.url}", "--env", "GITHUB_REPOSITORY=acme/models"),
    )
    return tuple(str(argument) for argument in command)


def run(command: Sequence[str], *, folder: Path, secrets: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a command of act's; both streams are in its output. Secrets are no arguments, which anybody may read."""
    config = folder / "config"
    (config / "act").mkdir(parents=True)
    (config / "act/actrc").touch()  # without one act asks a question
    return subprocess.run(
        [*command, *(argument for name in secrets for argument in ("--secret", name))],
        env={**ENVIRON, "HOME": str(folder), "XDG_CONFIG_HOME": str(config), **secrets},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Act:
    """A runner, as far as act is one."""

    program: Path
    action: Path
    image: str
    """What the action's image has to be."""
    registry: SampleRegistry
    server: GitServer
    folder: Path

    def push(
        self,
        ref: str,
        *,
        token: str,
        checkout: str = "",
        workflow: Path = _WORKFLOW,
        secrets: Mapping[str, str] | None = None,
    ) -> WorkflowRun:
        """Runs a workflow for a push of `ref`; checked out as a version of actions/checkout does, or not at all."""
        project, marks = self.folder / "project", self.folder / "marks"
        shutil.copytree(self.action, project)
        (project / ".github/workflows").mkdir(parents=True)
        shutil.copy2(workflow, project / ".github/workflows")
        marks.mkdir()
        command = (
            *act(self.program, "push", self._event(ref), project=project, marks=marks, server=self.server),
            *("--bind", "--env", f"CHECKOUT={checkout}"),
        )
        # act calls its images and containers by names that are no run's own.
        with alone("act"):
            remove(_ACTION_IMAGE)  # after a build that failed, act runs the image of the run before and is content
            start = time.monotonic()
            process = run(command, folder=self.folder, secrets={"GITHUB_TOKEN": token, **(secrets or {})})
            seconds = time.monotonic() - start
            assert image_id(_ACTION_IMAGE) == image_id(self.image), process.stdout
        left = {path.name: path.read_text() for path in marks.iterdir()}
        return WorkflowRun(process.returncode, process.stdout, left, seconds)

    def _event(self, ref: str) -> dict[str, object]:
        """The payload of the push: act takes GITHUB_REF and GITHUB_SHA from it."""
        name = ref.split("/", 2)[2]
        commit = self.registry.commits[name]
        url = f"{self.server.url}/acme/models"
        return {
            "ref": ref,
            "before": "0" * 40,
            "after": commit,  # the commit also for an annotated tag, as on GitHub
            "created": True,
            "deleted": False,
            "forced": False,
            "base_ref": None,
            "commits": [],
            "head_commit": {"id": commit, "message": "Data"},
            "repository": {
                "name": "models",
                "full_name": "acme/models",
                "owner": {"login": "acme", "name": "acme"},
                "default_branch": "main",
                "private": True,
                "html_url": url,
                "clone_url": f"{url}.git",
            },
            "pusher": {"name": "ada", "email": "ada@example.com"},
            "sender": {"login": "ada"},
        }
