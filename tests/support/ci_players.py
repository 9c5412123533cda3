"""The examples for CI systems that cannot be had here, played: their own commands in real shells, one after the other.

What is real: the file, its commands, the shells, git, the server that demands a token. What each function below says is
how the system takes its file apart and hands values from step to step, as its documentation has it.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support import ci_readers
from tests.support.ci_runs import RUNS
from tests.support.machine import ENVIRON, ROOT

TOKEN: Final = "s3cret"
EXAMPLES: Final = ROOT / "examples/ci"
_INSTALL: Final = "pip install"


class FailedStepError(Exception):
    """A step fails, and with it the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Where the steps of a run for a tag are run: one after the other, in one folder."""

    key: str
    """The system."""
    workspace: Path
    programs: Path
    server: str
    tag: str
    between: Callable[[], None] = lambda: None
    """What happens between the first step and one that may wait."""
    log: list[str] = field(default_factory=list)
    """What the steps said."""

    def run(self, shell: str, script: str, variables: Mapping[str, str] | None = None) -> str:
        """Runs a script; gives what it wrote to standard output.

        :raises FailedStepError: if it fails.
        """
        own = RUNS[self.key].variables(self.server, self.tag, self.workspace)
        environment = {"PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": str(self.workspace.parent)}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "PYTHONWARNINGS": "error", **own, **(variables or {})}
        command = [*shell.split(), "-c", script]
        result = subprocess.run(
            command, cwd=self.workspace, env=environment, capture_output=True, text=True, check=False
        )
        self.log.append(result.stdout + result.stderr)
        if result.returncode:
            raise FailedStepError(script, self.log)
        return result.stdout


def missing_groovy() -> str:
    """Why no Jenkinsfile can be read here; empty if one can."""
    return "" if shutil.which("groovy", path=ENVIRON["PATH"]) else "there is no groovy (Debian: groovy)"


@cache
def jenkinsfile(path: Path) -> list[dict[str, Any]]:
    """The blocks of a Jenkinsfile, as Groovy's own compiler has them."""
    reader = str(ROOT / "tests/support/jenkinsfile.groovy")
    process = subprocess.run(["groovy", reader, str(path)], env=ENVIRON, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    found: list[dict[str, Any]] = json.loads(process.stdout)
    return found


def blocks_of(blocks: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The blocks of a name, however deep."""
    return [
        found for block in blocks for found in ([block] if block["name"] == name else blocks_of(block["blocks"], name))
    ]


def _loaded(name: str) -> Any:  # noqa: ANN401 - what YAML holds
    return yaml.safe_load((EXAMPLES / name).read_text())


def _azure(agent: Agent) -> None:
    """Variables and outputs are commands in the log: the former are in the environment of the job's later steps."""
    detect, deploy = _loaded("azure-pipelines.yml")["stages"]
    outputs = _azure_job(agent, detect["jobs"][0]["steps"])
    asked = re.findall(r"eq\(dependencies\.detect\.outputs\['detect\.(.*?)'\], '(.*?)'\)", deploy["condition"])
    if all(outputs[name] == text for name, text in asked):
        assert "variables" not in deploy
        agent.between()
        _azure_job(agent, deploy["jobs"][0]["strategy"]["runOnce"]["deploy"]["steps"])


def _azure_job(agent: Agent, steps: list[dict[str, Any]]) -> dict[str, str]:
    variables: dict[str, str] = {}
    outputs: dict[str, str] = {}
    for step in steps:
        if "script" in step and _INSTALL not in step["script"]:
            own = {name: text.replace("$(System.AccessToken)", TOKEN) for name, text in step.get("env", {}).items()}
            known, found = ci_readers.azure(agent.run("bash", step["script"], {**variables, **own}))
            variables |= known
            outputs |= {f"{step['name']}.{name}": text for name, text in found.items() if "name" in step}
    return outputs


def _bitbucket(agent: Agent) -> None:
    """What a step writes to the file, and lists, is in the environment of the later ones; a condition asks for it."""
    ((first, second),) = _loaded("bitbucket-pipelines.yml")["pipelines"]["tags"].values()
    agent.run("bash -e", "\n".join(first["step"]["script"]))
    found = RUNS[agent.key].read(agent.workspace, None)  # type: ignore[arg-type]
    given = {name: found[name] for name in first["step"]["output-variables"]}
    asked = re.findall(r'(\w+) == "(\w+)"', second["step"]["condition"]["state"])
    if all(given[name] == text for name, text in asked):
        agent.between()
        agent.run("bash -e", "\n".join(second["step"]["script"]), given)


def _circleci(agent: Agent) -> None:
    """Bash itself reads BASH_ENV at the start of each step."""
    for step in _loaded("circleci.yml")["jobs"]["deploy"]["steps"]:
        if step != "checkout":
            command = step["run"]["command"] if isinstance(step["run"], dict) else step["run"]
            if _INSTALL not in command:
                agent.run("bash -eo pipefail", command)


def _buildkite(agent: Agent) -> None:
    """The agent takes `$$` for `$` when the pipeline is uploaded, and runs the commands as one script."""
    (step,) = _loaded("buildkite.yml")["steps"]
    script = "\n".join(step["commands"]).replace("$$", "$")
    agent.run("bash -e", re.sub(r"^uvx '.*?'", "gto-action", script))


def _steps(name: str) -> Callable[[Agent], None]:
    """Woodpecker and Drone: a container for each step, with the workspace in common."""

    def play(agent: Agent) -> None:
        for step in _loaded(name)["steps"]:
            assert not re.search(r"\$\{", "\n".join(step["commands"])), "it would be pasted into the script"
            given = {
                name: text if isinstance(text, str) else TOKEN for name, text in step.get("environment", {}).items()
            }
            agent.run("dash -e", "\n".join(step["commands"]), given)

    return play


def _codebuild(agent: Agent) -> None:
    """All commands are run in one shell."""
    phases = _loaded("codebuild.yml")["phases"].values()
    agent.run("dash", "\n".join(each for phase in phases for each in phase["commands"] if _INSTALL not in each))


def _cloudbuild(agent: Agent) -> None:
    """A container for each step; substitutions are variables where the step says so."""
    for step in _loaded("cloudbuild.yaml")["steps"]:
        given = {"TAG_NAME": agent.tag, "REPO_FULL_NAME": "o/r"} if step.get("automapSubstitutions") else {}
        given |= dict.fromkeys(step.get("secretEnv", ()), TOKEN)
        agent.run("dash", step["script"].replace("https://github.com", agent.server), given)


def _tekton(agent: Agent) -> None:
    """`$(…)` is replaced in the whole task; files in the folder are results, if the task declares them."""
    task, pipeline = yaml.safe_load_all((EXAMPLES / "tekton.yaml").read_text())
    results, scratch = agent.workspace / "results", agent.workspace / "scratch"
    (step,) = task["spec"]["steps"]
    params = {"params.tag": agent.tag}
    assert [param["name"] for param in task["spec"]["params"]] == ["tag"]  # a trigger names no address for the secret
    for each in [given for given in step["env"] if "value" in given]:
        each["value"] = each["value"].replace("https://git.example.com/acme/models", f"{agent.server}/o/r")
    script = step["script"].replace("/tmp/", f"{scratch}/").replace("/tekton/results", str(results))  # noqa: S108
    agent.run("dash", _replaced(script, params), _variables(step, params))
    declared = [result["name"] for result in task["spec"]["results"]]
    found = {f"tasks.event.results.{name}": (results / name).read_bytes().decode() for name in declared}
    deploy = pipeline["spec"]["tasks"][1]
    if all(_replaced(each["input"], found) in each["values"] for each in deploy["when"]):
        given = {f"params.{param['name']}": _replaced(param["value"], found) for param in deploy["params"]}
        (step,) = deploy["taskSpec"]["steps"]
        agent.run("dash", _replaced(step["script"], given), _variables(step, given))


def _replaced(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\((.*?)\)", lambda found: values.get(found[1], found[0]), text)


def _variables(step: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    given = {each["name"]: _replaced(each["value"], values) if "value" in each else TOKEN for each in step["env"]}
    return {name: ci_readers.kubernetes(text) for name, text in given.items()}


def _jenkins(agent: Agent) -> None:
    """Each `sh` is a script of its own in the workspace; what Groovy would put into it, it does not take."""
    for block in blocks_of(jenkinsfile(EXAMPLES / "Jenkinsfile"), "sh"):
        agent.run("sh -xe", block["values"][0])


PLAYERS: Final[Mapping[str, tuple[str, Callable[[Agent], None]]]] = {
    "azure": ("azure-pipelines.yml", _azure),
    "bitbucket": ("bitbucket-pipelines.yml", _bitbucket),
    "buildkite": ("buildkite.yml", _buildkite),
    "circleci": ("circleci.yml", _circleci),
    "cloudbuild": ("cloudbuild.yaml", _cloudbuild),
    "codebuild": ("codebuild.yml", _codebuild),
    "drone": ("drone.yml", _steps("drone.yml")),
    "jenkins": ("Jenkinsfile", _jenkins),
    "tekton": ("tekton.yaml", _tekton),
    "woodpecker": ("woodpecker.yml", _steps("woodpecker.yml")),
}
"""The file of each system, and what plays it."""
