"""A step that uses the action, run by the very command of the real runner.

After `ContainerActionHandler.cs` and `DockerCommandManager.cs` of actions/runner: root in the container, a workspace
that belongs to somebody else, HOME in a folder shared by the job's steps. act differs in all of these.
"""

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.e2e.engine import ENVIRON, ROOT
from tests.support.runner_files import parse_outputs

_RUNNER_UID: Final = 1001
_FILE_COMMANDS: Final = ("output", "step_summary", "set_env", "add_path", "save_state")


@dataclass(frozen=True, slots=True)
class StepRun:
    """What a step left."""

    code: int
    log: str
    output: bytes
    """The file of GITHUB_OUTPUT."""
    summary: str
    seconds: float

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs as the runner reads them."""
        return parse_outputs(self.output)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a job that was triggered by the push of `ref`."""

    image: str
    folder: Path
    """An empty one: the runner's own folders are made in it."""
    server_url: str
    ref: str
    sha: str
    token: str = ""
    action: str = ""
    """The folder of the action; empty for the one at the root."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """What is under `with:`."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """What is under `env:`."""
    unset: Sequence[str] = ()
    """Variables that this runner does not set."""
    mounts: Sequence[str] = ()
    network: str = "host"
    """The container reaches a server on the loopback; the runner leaves it to the engine's default."""

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def prepare(self) -> None:
        """Makes the runner's folders, beside a workspace that may be there already."""
        for name in ("workspace", "home", "workflow", "file_commands", "temp"):
            (self.folder / name).mkdir(exist_ok=True)
        for name in _FILE_COMMANDS:
            (self.folder / "file_commands" / name).write_bytes(b"")
        payload = {"ref": self.ref, "after": self.sha, "created": True, "deleted": False, "forced": False}
        (self.folder / "workflow/event.json").write_text(json.dumps(payload))
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, _RUNNER_UID, _RUNNER_UID, follow_symlinks=False)

    def command(self, *options: str) -> list[str]:
        """The arguments of `docker` that run the step."""
        given = {**self._inputs(), **self._github(), **self.environ}
        variables = [f"--env={name}={value}" for name, value in given.items() if name not in self.unset]
        mounts = (
            f"{self.folder}/temp:/github/runner_temp",
            f"{self.folder}/home:/github/home",
            f"{self.folder}/workflow:/github/workflow",
            f"{self.folder}/file_commands:/github/file_commands",
            f"{self.folder}/workspace:/github/workspace",
            *self.mounts,
        )
        volumes = [f"--volume={mount}" for mount in mounts]
        network = f"--network={self.network}"
        arguments = self._contract["runs"].get("args", [])
        return ["run", *options, network, "--workdir=/github/workspace", *variables, *volumes, self.image, *arguments]

    def run(self, *, timeout: float = 300) -> StepRun:
        """Runs the step to its end."""
        self.prepare()
        start = time.monotonic()
        process = subprocess.run(
            ["docker", *self.command("--rm")],
            env=ENVIRON,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return self.left(process.returncode, process.stdout, time.monotonic() - start)

    def left(self, code: int, log: str, seconds: float) -> StepRun:
        """What the step left when it ended."""
        files = self.folder / "file_commands"
        return StepRun(
            code, log, (files / "output").read_bytes(), (files / "step_summary").read_text(encoding="utf-8"), seconds
        )

    @property
    def _contract(self) -> dict[str, Any]:
        found = yaml.safe_load((ROOT / self.action / "action.yml").read_text(encoding="utf-8"))
        assert isinstance(found, dict)
        return found

    def _inputs(self) -> dict[str, str]:
        known = {"token": self.token, **{name[7:].lower(): value for name, value in self._github().items()}}
        defaults = {name: str(each.get("default", "")) for name, each in self._contract["inputs"].items()}
        values = {
            name: re.sub(r"\$\{\{ github\.(\w+) \}\}", lambda found: known[found[1]], value)
            for name, value in defaults.items()
        }
        return {f"INPUT_{name.upper()}": value for name, value in (values | dict(self.inputs)).items()}

    def _github(self) -> dict[str, str]:
        kind, _, name = self.ref.removeprefix("refs/").partition("/")
        return {
            "HOME": "/github/home",
            "GITHUB_JOB": "gto",
            "GITHUB_REF": self.ref,
            "GITHUB_SHA": self.sha,
            "GITHUB_REPOSITORY": "acme/models",
            "GITHUB_REPOSITORY_OWNER": "acme",
            "GITHUB_RUN_ID": "1",
            "GITHUB_RUN_NUMBER": "1",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_ACTOR": "ada",
            "GITHUB_TRIGGERING_ACTOR": "ada",
            "GITHUB_WORKFLOW": "gated",
            "GITHUB_HEAD_REF": "",
            "GITHUB_BASE_REF": "",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_SERVER_URL": self.server_url,
            "GITHUB_API_URL": f"{self.server_url}/api/v3",
            "GITHUB_GRAPHQL_URL": f"{self.server_url}/api/graphql",
            "GITHUB_REF_NAME": name,
            "GITHUB_REF_PROTECTED": "false",
            "GITHUB_REF_TYPE": {"tags": "tag", "heads": "branch"}[kind],
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_ACTION": "gto",
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_ACTION_REPOSITORY": "",
            "GITHUB_ACTION_REF": "",
            "GITHUB_PATH": "/github/file_commands/add_path",
            "GITHUB_ENV": "/github/file_commands/set_env",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/step_summary",
            "GITHUB_STATE": "/github/file_commands/save_state",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_NAME": "GitHub Actions 1",
            "RUNNER_ENVIRONMENT": "github-hosted",
            "RUNNER_TEMP": "/github/runner_temp",
            "GITHUB_ACTIONS": "true",
            "CI": "true",
        }
