"""Workspaces in every state in which `pull` may find one."""

import hashlib
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.support.naive_pull import TAG, Commit, md5

Rng = random.Random
OTHER: Final = b"of another step"
DRIVER: Final = "#!/bin/sh\nenv >> {0}\ncat\n"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def put(place: Path, content: bytes) -> None:
    """Writes a file in the place of whatever is there: a link may lead out of the workspace, to a file of this machine."""
    place.unlink(missing_ok=True)
    place.write_bytes(content)


def clean(workspace: Path, commit: Commit, origin: Path, _: Rng) -> None:
    """What actions/checkout leaves."""
    git(workspace, "clone", "-q", "--no-checkout", origin.as_uri(), ".")
    git(workspace, "checkout", "-q", "--detach", TAG)


def shallow(workspace: Path, commit: Commit, origin: Path, _: Rng) -> None:
    git(workspace, "clone", "-q", "--depth=1", f"--branch={TAG}", origin.as_uri(), ".")


def dirty(workspace: Path, commit: Commit, origin: Path, rng: Rng) -> None:
    """Files are changed, deleted, or made to be run."""
    clean(workspace, commit, origin, rng)
    for place in sorted(each for each in workspace.rglob("*") if each.is_file() and ".git" not in each.parts):
        if not place.exists():  # a link to what has gone
            continue
        match rng.randrange(4):
            case 0:
                put(place, OTHER)
            case 1:
                place.unlink()
            case 2 if not place.is_symlink():
                place.chmod(0o755)


def unseen(workspace: Path, commit: Commit, origin: Path, rng: Rng) -> None:
    """Files are changed, and git is told not to look."""
    clean(workspace, commit, origin, rng)
    for number, name in enumerate(sorted(commit.files())):
        place = workspace / name
        if place.is_file() and not place.is_symlink():
            git(workspace, "update-index", ["--skip-worktree", "--assume-unchanged"][number % 2], name)
            place.write_bytes(OTHER)


def other_commit(workspace: Path, commit: Commit, origin: Path, rng: Rng) -> None:
    dirty(workspace, commit, origin, rng)
    git(workspace, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qam", "other", "--allow-empty")


def left_overs(workspace: Path, commit: Commit, origin: Path, rng: Rng) -> None:
    """An earlier step has made files, and has run `dvc add`; old data is where the new one goes."""
    clean(workspace, commit, origin, rng)
    folder = workspace / commit.path
    if any(each.is_file() or each.is_symlink() for each in (folder, *folder.parents)):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists() and rng.randrange(2):
        folder.write_bytes(OTHER)
        outs = {"outs": [{"md5": md5(OTHER), "hash": "md5", "path": folder.name}]}
        Path(f"{folder}.dvc").write_text(json.dumps(outs))
        return
    (folder / "left/over").mkdir(parents=True, exist_ok=True)
    (folder / "left/over/x.bin").write_bytes(OTHER)
    put(folder / "k.bin", OTHER)
    (folder / "new.bin.dvc").write_text(json.dumps({"outs": [{"md5": md5(OTHER), "hash": "md5", "path": "new.bin"}]}))


def ignored(workspace: Path, commit: Commit, origin: Path, rng: Rng) -> None:
    """Git does not look at any new file."""
    left_overs(workspace, commit, origin, rng)
    (workspace / ".git/info").mkdir(exist_ok=True)
    (workspace / ".git/info/exclude").write_text("*\n")


def sparse(workspace: Path, commit: Commit, origin: Path, rng: Rng) -> None:
    clean(workspace, commit, origin, rng)
    shown = rng.choice([["/dvc.yaml"], [f"/{commit.path}/a/", "/.dvc/"], ["/*", "!/.dvc/", "!*.dvc"]])
    git(workspace, "sparse-checkout", "set", "--no-cone", *shown)


def hostile(workspace: Path, commit: Commit, origin: Path, rng: Rng) -> None:
    """The configuration names programs for all that git may run."""
    dirty(workspace, commit, origin, rng)
    driver = workspace.parent / "driver"
    driver.write_text(DRIVER.format(workspace.parent / "ran"))
    driver.chmod(0o755)
    (workspace / ".git/hooks").mkdir(exist_ok=True)
    shutil.copy(driver, workspace / ".git/hooks/post-checkout")
    (workspace / ".git/info").mkdir(exist_ok=True)
    (workspace / ".git/info/attributes").write_text("* filter=x diff=x merge=x\n")
    for name in (
        "filter.x.clean",
        "filter.x.smudge",
        "diff.x.textconv",
        "diff.x.command",
        "core.fsmonitor",
        "core.sshCommand",
    ):
        git(workspace, "config", name, str(driver))
    git(workspace, "config", "filter.x.required", "true")


def not_git(workspace: Path, commit: Commit, _: Path, rng: Rng) -> None:
    """Files and folders that nobody knows of are where the artifact goes, or beside it."""
    place = workspace / commit.path
    (place if rng.randrange(2) else place.parent).mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        (place / "stale").write_bytes(OTHER)
    else:
        place.write_bytes(OTHER)
    (workspace / "beside").write_bytes(OTHER)


STATES: Final[dict[str, Callable[[Path, Commit, Path, Rng], None]]] = {
    "none": lambda *_: None,
    **{
        each.__name__: each
        for each in (not_git, clean, shallow, dirty, unseen, other_commit, left_overs, ignored, sparse, hostile)
    },
}


def fill_cache(workspace: Path, commit: Commit, rng: Rng, *, lies: bool = False) -> None:
    """A DVC cache that has some objects; where it lies, many are not what they are called."""
    root = commit.root_of(commit.path)
    for name, content in commit.objects().items():
        if rng.randrange(4):
            place = workspace / root / ".dvc/cache" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            wrong = rng.choice([OTHER, content[:-1], content + b"\0", b"", b"[]"]) if rng.randrange(3) else content
            place.write_bytes(wrong if lies else content)
            place.chmod(0o444)


def fill_lfs(workspace: Path, commit: Commit, rng: Rng) -> frozenset[str]:
    """Contents of Git LFS files, at their places or in git's folder, some of them wrong; gives those that are there."""
    has = set()
    for name, content in commit.lfs.items():
        choice = rng.randrange(4)
        digest = hashlib.sha256(content).hexdigest()
        objects = workspace / ".git/lfs/objects" / digest[:2] / digest[2:4] / digest
        place = objects if choice == 1 else workspace / name
        if choice == 3 or (choice == 1 and not (workspace / ".git").is_dir()):
            continue
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            place.write_bytes(content if choice < 2 else content[::-1] + b"?")
        except OSError:
            continue
        if choice < 2:
            has.add(name)
    return frozenset(has)
