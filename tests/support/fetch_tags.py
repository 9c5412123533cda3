"""Runs of the action with the input `fetch-tags`, and what they leave in a workspace."""

from pathlib import Path

from tests.support.action import Run, run_entrypoint
from tests.support.checkout import Checkout, git
from tests.support.git_server import GitServer
from tests.support.git_version import git_version
from tests.support.repo import Repo

TAG = "churn#prod#2"
TOKEN = "a-token"

SHORT = Checkout()


def environment(server: GitServer) -> dict[str, str]:
    return {
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_REF": f"refs/tags/{TAG}",
        "GITHUB_EVENT_NAME": "push",
        "INPUT_TOKEN": TOKEN,
        "INPUT_FETCH-TAGS": "true",
    }


def run(tmp_path: Path, server: GitServer, workspace: Path, name: str = "run", **more: str) -> Run:
    return run_entrypoint(tmp_path / name, {**environment(server), **more}, cwd=workspace)


def files(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that must stay: the work tree, and of .git all but objects, tags and the boundary."""
    kept = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        changes = (".git/objects", ".git/refs/tags", ".git/shallow", ".git/packed-refs")
        if path.is_file() and not name.startswith(changes):
            kept[name] = (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
    return kept


def refs(folder: Path) -> dict[str, str]:
    lines = git(folder, "for-each-ref", "--format=%(refname) %(objectname) %(objecttype)").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def tags(found: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in found.items() if name.startswith("refs/tags/")}


def unwritten(folder: Path, known: dict[str, str], repo: Repo) -> None:
    """Every ref is as it was before, and no other has come but right tags, from a git that writes them one by one."""
    found = refs(folder)
    one_by_one = git_version() < (2, 31)  # which has no `--atomic`
    come = tags(refs(repo.path)) if one_by_one else {}
    assert known.items() <= found.items()
    assert found.items() <= (come | known).items()


def commits(folder: Path, *of: str) -> set[str]:
    return set(git(folder, "rev-list", *of).split())


def shallow(folder: Path) -> set[str]:
    path = folder / ".git/shallow"
    return set(path.read_text().split()) if path.exists() else set()


def everything(folder: Path, repo: Repo) -> None:
    """All tags have come, whole, and nothing is left that hinders who comes next."""
    assert tags(refs(folder)) == tags(refs(repo.path))
    assert list((folder / ".git").rglob("*.lock")) == []
    git(folder, "fsck", "--full", "--strict")
