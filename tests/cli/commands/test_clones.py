"""Clones that are not whole: what they lack, and what is said of it."""

from pathlib import Path

import pytest

from tests.support.command_line import rows_of, run_module
from tests.support.repo import Repo


def _clone(registry: Repo, path: Path, *options: str) -> Path:
    registry.git("config", "uploadpack.allowFilter", "true")
    registry.git("clone", "-q", *options, registry.path.as_uri(), str(path))
    return path


SHALLOW = "warning: The repository at '.' is a shallow clone, so tags may be missing. Bring them: git fetch --tags\n"
NO_TAGS = (
    "warning: The repository at '.' is a clone without tags, so tags may be missing. Bring them: git fetch --tags\n"
)
NO_CONFIG = "warning: The repository at '.' is a partial clone; it lacks '.gto', which does not count.\n"
CLONES = {
    "whole": ([], ""),
    "no blobs": (["--filter=blob:none"], ""),
    "no blobs, bare": (["--filter=blob:none", "--bare"], NO_CONFIG),
    "no blobs, no checkout": (["--filter=blob:none", "--no-checkout"], NO_CONFIG),
    "no trees": (["--filter=tree:0"], ""),
    "no trees, no checkout": (["--filter=tree:0", "--no-checkout"], NO_CONFIG),
    "sparse": (["--filter=blob:none", "--sparse"], ""),
    "as sparse as actions/checkout": (["--filter=blob:none", "--sparse", "--depth=1", "--no-single-branch"], SHALLOW),
    "shallow": (["--depth=1", "--no-single-branch"], SHALLOW),
    "shallow, no trees": (["--depth=1", "--no-single-branch", "--filter=tree:0", "--no-checkout"], SHALLOW + NO_CONFIG),
    "no tags": (["--no-tags"], NO_TAGS),
}


@pytest.mark.parametrize("kind", CLONES)
def test_clones_that_are_not_whole(registry: Repo, tmp_path: Path, kind: str) -> None:
    options, warning = CLONES[kind]
    registry.commit({".gto": "stages: [prod]", "src/a": "1", "dvc.yaml": "artifacts: {}"}, time=4000)
    registry.git("update-ref", "-d", "refs/heads/side")
    work = _clone(registry, tmp_path / "work", *options)
    before = sorted(str(path) for path in work.rglob("*"))
    shown = run_module("history", "churn", cwd=work)
    assert (shown.returncode, shown.stderr) == (0, warning)
    expected = [] if kind == "no tags" else ["churn#dev#2", "churn@v1.1.0", "churn#prod#1", "churn@v1.0.0"]
    assert [row[-1] for row in rows_of(shown.stdout)[1:]] == expected
    stages = run_module("stages", cwd=work)
    assert stages.stdout == ("dev\nprod\n" if NO_CONFIG in warning else "prod\n")
    told = run_module("doctor", cwd=work)
    partial = "warning: This is a partial clone; 'dvc.yaml' is looked at where it is here.\n"
    assert told.stderr == warning + (partial if "--filter" in "".join(options) else "")
    assert "Traceback" not in told.stdout
    assert sorted(str(path) for path in work.rglob("*")) == before


def test_a_partial_clone_whose_branch_has_no_commit_yet(registry: Repo, tmp_path: Path) -> None:
    registry.git("config", "uploadpack.allowFilter", "true")
    registry.git("init", "-q", str(tmp_path / "work"))
    work = ("-C", str(tmp_path / "work"))
    registry.git(*work, "remote", "add", "origin", registry.path.as_uri())
    registry.git(*work, "fetch", "-q", "--filter=blob:none", "origin", "+refs/tags/*:refs/tags/*")
    shown = run_module("show", "churn", "--version", cwd=tmp_path / "work")
    assert (shown.stdout, shown.returncode) == ("v1.1.0\nv1.0.0\n", 0), shown.stderr


def test_a_linked_work_tree_of_a_partial_clone(registry: Repo, tmp_path: Path) -> None:
    work = _clone(registry, tmp_path / "work", "--filter=blob:none")
    registry.git("-C", str(work), "worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "churn@v1.0.0")
    assert run_module("show", "churn", "--version", cwd=tmp_path / "linked").stdout == "v1.1.0\nv1.0.0\n"


def test_a_clone_with_only_the_jobs_tag(registry: Repo, tmp_path: Path) -> None:
    work = _clone(registry, tmp_path / "work", "--no-tags", "--depth=1")
    tag = "refs/tags/churn#prod#1"
    registry.git("-C", str(work), "fetch", "-q", "--no-tags", "--depth=20", "origin", f"+{tag}:{tag}")
    result = run_module("check-ref", tag, "--version", cwd=work)
    assert (result.returncode, result.stderr) == (0, SHALLOW)
