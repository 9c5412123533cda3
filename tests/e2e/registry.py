"""A registry as a team has one: a repository made by plain git, with annotated tags."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_DVC_YAML: Final = """\
artifacts:
  churn:
    path: models/churn.pkl
    type: model
    desc: Who is about to leave
"""
_MODELS_DVC_YAML: Final = """\
artifacts:
  churn:
    path: churn.onnx
    type: model
    desc: The same in the monorepo
"""

# In the order in which they are made; each list is on one commit.
_TAGS: Final = (
    ("churn@v1.0.0", "models=churn@v0.1.0", "old@v1.0.0", "legacy@v0.9.0"),
    ("churn@v1.1.0", "churn#dev#1", "models=churn@v0.2.0", "models=churn#prod#2", "churn#prod#2"),
    ("churn@v2.0.0", "legacy@deprecated", "release-2026-11"),
)
_LATER: Final = {"churn#prod!#3": "churn#prod#2", "old@v1.0.0!": "old@v1.0.0"}
"""Tags on the commit of another tag."""


@dataclass(frozen=True, slots=True)
class SampleRegistry:
    """Where it is and what is in it."""

    root: Path
    """Of a git server: the repository is `root/acme/models`."""
    commits: dict[str, str]
    """The commit of each tag and branch."""

    @property
    def path(self) -> Path:
        return self.root / "acme/models"


def make_registry(root: Path) -> SampleRegistry:
    """Makes the repository `root/acme/models`."""
    work = root / "acme/models"
    work.mkdir(parents=True)
    clock = 1_700_000_000

    def git(*arguments: str) -> str:
        nonlocal clock
        clock += 60
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada Lovelace",
            "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_AUTHOR_DATE": f"{clock} +0000",
            "GIT_COMMITTER_NAME": "Ada Lovelace",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
            "GIT_COMMITTER_DATE": f"{clock} +0000",
        }
        command = ["git", "-C", str(work), *arguments]
        process = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
        assert process.returncode == 0, process.stderr
        return process.stdout.strip()

    git("init", "-q", "-b", "main", ".")
    (work / "models").mkdir()
    (work / "dvc.yaml").write_text(_DVC_YAML)
    (work / "models/dvc.yaml").write_text(_MODELS_DVC_YAML)
    for number, names in enumerate(_TAGS):
        (work / "data").write_text(f"{number}\n")
        git("add", "--all")
        git("commit", "-q", "-m", f"Data {number}")
        for name in names:
            git("tag", "-a", name, "-m", f"What {name} is for")
    for name, target in _LATER.items():
        git("tag", "-a", name, "-m", f"What {name} is for", f"{target}^{{commit}}")
    names = ("main", *(name for names in _TAGS for name in names), *_LATER)
    return SampleRegistry(root, {name: git("rev-parse", f"{name}^{{commit}}") for name in names})
