"""The user's checkout is not ours: never changed, never believed, never asked to run anything."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.action import run_entrypoint
from tests.support.checkout import fingerprint
from tests.support.repo import Repo

TAG = "churn#prod#2"


@pytest.fixture
def registry(repo: Repo) -> Repo:
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: at-the-tag}}", "data": "1"}, time=1)
    repo.tag("churn@v1.0.0", time=2)
    repo.tag(TAG, time=3)
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: later}}", "data": "2"}, time=4)
    return repo


def git(workspace: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(workspace), *arguments], check=True, capture_output=True)


def fetched(*refspecs: str, depth: str = "--depth=1") -> Callable[[Path, str], None]:
    """What actions/checkout does on the push of a tag (F8)."""

    def checkout(workspace: Path, url: str) -> None:
        git(workspace, "init", "-q")
        git(workspace, "remote", "add", "origin", url)
        git(workspace, "config", "gc.auto", "0")
        git(workspace, "fetch", "--no-tags", "--prune", "--no-recurse-submodules", *([depth] if depth else []), "origin", *refspecs)  # fmt: skip
        git(workspace, "checkout", "--force", f"refs/tags/{TAG}")

    return checkout


def partial(workspace: Path, url: str) -> None:
    git(workspace, "clone", "-q", "--filter=blob:none", "--no-checkout", url, ".")


def full(workspace: Path, url: str) -> None:
    git(workspace, "clone", "-q", url, ".")


CHECKOUTS = {
    "none": lambda _workspace, _url: None,
    "actions/checkout v4, the tag dereferenced": fetched(f"+refs/tags/{TAG}^{{commit}}:refs/tags/{TAG}"),
    "actions/checkout v6.0.2": fetched(f"+refs/tags/{TAG}:refs/tags/{TAG}"),
    "fetch-depth 0": fetched("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*", depth=""),
    "a full clone of main": full,
    "a partial clone": partial,
}


@pytest.mark.parametrize("checkout", CHECKOUTS)
def test_the_workspace_stays_as_it_was(registry: Repo, srv: Path, tmp_path: Path, checkout: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    registry.git("config", "uploadpack.allowFilter", "true")
    registry.git("config", "uploadpack.allowAnySHA1InWant", "true")
    commit = registry.git("rev-parse", f"{TAG}^{{commit}}")
    prepare = CHECKOUTS[checkout]
    if "v4" in checkout:
        prepare = fetched(f"+{commit}:refs/tags/{TAG}")
    prepare(workspace, f"file://{registry.path}")
    before = fingerprint(workspace)
    environ = {
        "GITHUB_SERVER_URL": f"file://{srv}",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_REF": f"refs/tags/{TAG}",
        "GITHUB_SHA": commit,
        "GITHUB_EVENT_NAME": "push",
    }
    run = run_entrypoint(tmp_path / "run", environ, cwd=workspace)
    assert (run.document["version"], run.document["path"]) == ("v1.0.0", "at-the-tag")
    assert fingerprint(workspace) == before
    assert (workspace / ".git").exists() == (checkout != "none")


@pytest.mark.parametrize("repository", ["o/r", ""], ids=["fetched from the server", "fetched from origin"])
def test_a_hostile_workspace_runs_nothing(registry: Repo, srv: Path, tmp_path: Path, repository: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    full(workspace, f"file://{registry.path}")
    trap = tmp_path / "trap"
    script = workspace / "trap.sh"
    script.write_text(f"#!/bin/sh\necho run >> {trap}\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.gitProxy",
        "credential.helper",
        "core.askPass",
    ):
        git(workspace, "config", key, str(script))
    git(workspace, "config", "uploadpack.packObjectsHook", str(script))
    git(workspace, "config", "remote.origin.uploadpack", str(script))
    git(workspace, "config", "url.ext::sh -c touch% x.insteadOf", "https://nowhere.invalid")
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (workspace / ".git/hooks").mkdir(exist_ok=True)
        (workspace / ".git/hooks" / hook).write_text(script.read_text())
        (workspace / ".git/hooks" / hook).chmod(0o755)
    # names that today's action, or a Python started carelessly, would run
    for name in ("origin/main", "main", "git", "sh"):
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_text(script.read_text())
        (workspace / name).chmod(0o755)
    for name in ("yaml.py", "git.py", "sitecustomize.py", "usercustomize.py", "gto_action.py", "signal.py"):
        (workspace / name).write_text(f"open({str(trap)!r}, 'a').write('imported')\n")
    before = fingerprint(workspace)
    environ = {"GITHUB_SERVER_URL": f"file://{srv}", "GITHUB_REPOSITORY": repository, "GITHUB_REF": f"refs/tags/{TAG}"}
    run = run_entrypoint(tmp_path / "run", environ, cwd=workspace)
    assert run.document["path"] == "at-the-tag", run.log
    assert not trap.exists(), trap.read_text()
    assert fingerprint(workspace) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_repositories_of_another_user(registry: Repo, srv: Path, tmp_path: Path) -> None:
    """As in a container: we are root, the workspace is uid 1001's; git calls that dubious."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    full(workspace, f"file://{registry.path}")
    for folder in (workspace, srv):
        for path in (folder, *folder.rglob("*")):
            os.lchown(path, 1001, 1001)
    for repository in ("o/r", ""):
        environ = {
            "GITHUB_SERVER_URL": f"file://{srv}",
            "GITHUB_REPOSITORY": repository,
            "GITHUB_REF": f"refs/tags/{TAG}",
        }
        assert run_entrypoint(tmp_path / "run", environ, cwd=workspace).document["version"] == "v1.0.0"
