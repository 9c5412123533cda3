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
NO_CONFIG = "warning: The repository at '.' is a partial clone that lacks '.gto', so it is ignored.\n"
BRING = "If this clone lacks tags, fetch them: git fetch --tags"
NARROW = (
    "warning: The repository at '.' is a clone of single branches or tags, so tags may be missing. "
    "Bring them: git fetch --tags\n"
)
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
    "no tags but those of a refspec": (["--no-tags", "-c", "remote.origin.fetch=+refs/tags/*:refs/tags/*"], ""),
    "no tags but those elsewhere": (["--no-tags", "-c", "remote.origin.fetch=+refs/tags/*:refs/else/*"], NO_TAGS),
    "one branch": (["--single-branch"], NARROW),
    "a mirror": (["--mirror"], ""),
    "a mirror of git 2.53": (["--mirror", "-c", "remote.origin.tagOpt=--no-tags"], ""),
    "bare": (["--bare"], ""),
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
    expected = [] if warning == NO_TAGS else ["churn#dev#2", "churn@v1.1.0", "churn#prod#1", "churn@v1.0.0"]
    assert [row[-1] for row in rows_of(shown.stdout)[1:]] == expected
    assert run_module("event", "--repo", ".", "nope", cwd=work).stderr == ""  # of which nothing is asked
    stages = run_module("stages", cwd=work)
    assert stages.stdout == ("dev\nprod\n" if NO_CONFIG in warning else "prod\n")
    told = run_module("doctor", cwd=work)
    partial = "warning: This is a partial clone; only those 'dvc.yaml' that are in it are checked.\n"
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


def _said(work: Path, *arguments: str) -> list[str]:
    return [line for line in run_module(*arguments, cwd=work).stderr.splitlines() if line.startswith("warning: ")]


def test_a_tag_without_the_others_is_said_where_nothing_else_says_it(registry: Repo, tmp_path: Path) -> None:
    """As Drone fetches it: whole, from a remote of which nothing else was fetched."""
    work, tag = tmp_path / "work", "refs/tags/churn#prod#1"
    registry.git("init", "-q", str(work))
    registry.git("-C", str(work), "remote", "add", "origin", registry.path.as_uri())
    registry.git("-C", str(work), "fetch", "-q", "--no-tags", "origin", f"+{tag}:{tag}")
    registry.git("-C", str(work), "checkout", "-q", "--detach", "churn#prod#1")
    commit = registry.git("rev-parse", "churn#prod#1^{commit}")
    said = [f"warning: No version is registered for 'churn' at commit {commit[:7]}. {BRING}"]
    assert run_module("check-ref", tag, "--version", cwd=work).stdout == f"{commit}\n"
    for arguments in (["check-ref", tag, "--version"], ["show"], ["show", "churn"], ["event", "-r", ".", tag]):
        assert _said(work, *arguments) == said, arguments
    registry.git("-C", str(work), "fetch", "-q", "--tags")
    for arguments in (["check-ref", tag], ["show", "churn"], ["event", "-r", ".", tag]):
        assert _said(work, *arguments) == [], arguments
    assert _said(work, "show") == [
        said[0]
        .replace("churn", "bare")
        .replace(commit[:7], registry.git("rev-parse", "--short=7", "bare#dev^{commit}"))
    ]


def test_a_tag_that_jenkins_fetches_by_its_name(registry: Repo, tmp_path: Path) -> None:
    work, tag = tmp_path / "work", "refs/tags/churn#prod#1"
    registry.git("init", "-q", str(work))
    registry.git("-C", str(work), "config", "remote.origin.url", registry.path.as_uri())
    registry.git("-C", str(work), "config", "remote.origin.fetch", f"+{tag}:{tag}")
    registry.git("-C", str(work), "fetch", "-q", "--no-tags", "origin")
    assert _said(work, "check-ref", tag, "--version") == [NARROW.strip()]
    assert _said(work, "show") == [NARROW.strip()]


def test_a_repository_that_is_no_clone_has_all_there_is(registry: Repo) -> None:
    assert _said(registry.path, "show", "bare") == []
    assert _said(registry.path, "check-ref", "bare#dev") == []
    assert _said(registry.path, "event", "-r", ".", "bare#dev") == []


@pytest.mark.parametrize("whose", ["tag", "commit"])
def test_an_object_that_is_missing_is_said(registry: Repo, tmp_path: Path, whose: str) -> None:
    work = tmp_path / "work"
    registry.git("clone", "-q", "--mirror", str(registry.path), str(work))
    commit = registry.git("rev-parse", "churn@v1.1.0^{commit}")
    oid = registry.git("rev-parse", "churn@v1.1.0") if whose == "tag" else commit
    registry.git("-C", str(work), "update-ref", "refs/tags/light@v1.0.0", commit)
    (work / "objects" / oid[:2] / oid[2:]).unlink()
    shown = run_module("show", cwd=work)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert f"lacks the object {oid} of a tag." in shown.stderr


def test_what_replaces_an_object_here_is_not_what_the_registry_has(registry: Repo) -> None:
    before = run_module("history", cwd=registry.path).stdout
    tags = registry.git("for-each-ref", "--format=%(objectname)", "refs/tags").splitlines()
    registry.git("replace", tags[0], tags[1])
    assert run_module("history", cwd=registry.path).stdout == before


def test_a_folder_with_a_line_end_in_its_name(registry: Repo, tmp_path: Path) -> None:
    before = run_module("show", cwd=registry.path).stdout
    odd = tmp_path / "a\nb"
    registry.path.rename(odd)
    assert run_module("show", cwd=odd).stdout == before != ""
