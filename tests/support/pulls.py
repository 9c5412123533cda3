"""Runs of the action with `pull`, and what they leave in a workspace."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.action import Run, run_entrypoint
from tests.support.dvc_repo import CACHE, DvcRepo

Pull = Callable[..., Run]  # the action with `pull`, as a fixture hands it to a test


def run_pull(repo: DvcRepo, tag: str, workspace: Path, folder: Path, **given: str) -> Run:
    """The action with `pull: true` for a tag of a repository; its files are made in `folder`."""
    return run_pull_at(repo.origin, tag, workspace, folder, **given)


def run_pull_at(origin: Path, tag: str, workspace: Path, folder: Path, **given: str) -> Run:
    """The same, for a repository `o/r` in a folder."""
    return run_entrypoint(folder, pull_environ(origin, tag) | given, cwd=workspace)


def pull_environ(origin: Path, tag: str) -> dict[str, str]:
    """What the runner gives such a run."""
    return {
        "GITHUB_SERVER_URL": origin.parents[1].as_uri(),
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_REF": f"refs/tags/{tag}",
        "XDG_CACHE_HOME": str(CACHE),
        "NO_PROXY": "127.0.0.1",
        "INPUT_PULL": "true",
        "INPUT_SUMMARY": "false",
    }


def content(folder: Path) -> dict[str, bytes]:
    """The files of a workspace, without those of git and dvc."""
    files = (each for each in folder.rglob("*") if each.is_file())
    named = {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}
    return {name: data for name, data in named.items() if not name.startswith(".git/") and "/.dvc/" not in f"/{name}"}


def check_out(repo: DvcRepo, workspace: Path, ref: str) -> None:
    """What actions/checkout leaves: a clone at a ref."""
    subprocess.run(["git", "clone", "-q", str(repo.origin), str(workspace)], check=True)
    subprocess.run(["git", "-C", str(workspace), "checkout", "-q", "--detach", ref], check=True)
