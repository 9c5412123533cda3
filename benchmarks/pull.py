"""How long `pull` takes beside `dvc pull` by hand, and in how much memory: benchmarks/pull.py [--small] [--beside DIR].

One file of 1 GB, and a folder of 10,000 files, from a remote in a folder. DVC is installed before (`make pull`).
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.support.dvc_repo import DvcRepo  # noqa: E402
from tests.support.pulls import pull_environ  # noqa: E402

DVC_YAML: Final = "artifacts: {large: {path: large.bin}, many: {path: many}}\n"


def make(base: Path, *, small: bool) -> DvcRepo:
    """A repository with a large file and many small ones, pushed."""
    repo = DvcRepo(base / "clone", base / "srv/o/r")
    repo.dvc("init")
    repo.dvc("remote", "add", "--default", "store", str(base / "store"))
    with (repo.path / "large.bin").open("wb") as file:
        for _ in range(10 if small else 1_000):
            file.write(os.urandom(1_000_000))
    (repo.path / "many").mkdir()
    for number in range(100 if small else 10_000):
        (repo.path / f"many/{number:05}").write_bytes(os.urandom(1_000))
    repo.write({"dvc.yaml": DVC_YAML})
    repo.dvc("add", "large.bin", "many")
    repo.dvc("push")
    repo.commit("large@v1.0.0", "many@v1.0.0")
    return repo


def workspace_of(repo: DvcRepo, place: Path, tag: str, kind: str) -> None:
    """Makes a workspace: without anything, with a checkout of the tag, or with that and a DVC cache that has it all."""
    place.mkdir()
    if kind != "none":
        command = ["git", "clone", "-q", "--depth=1", f"--branch={tag}", repo.origin.as_uri(), str(place)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    if kind == "warm cache":
        shutil.copytree(repo.path / ".dvc/cache", place / ".dvc/cache")


def by_hand(repo: DvcRepo, workspace: Path, path: str) -> float:
    """The seconds of `dvc pull` in a checkout."""
    start = time.monotonic()
    repo.run("dvc", "pull", "--quiet", str(workspace / path), cwd=str(workspace))
    return time.monotonic() - start


def ours(repo: DvcRepo, workspace: Path, tag: str, action: Path) -> tuple[float, float]:
    """The seconds of an action, and the largest process in MB."""
    place = workspace.with_name(f"{workspace.name}-files")
    place.mkdir()
    (place / "output").touch()
    environ = pull_environ(repo.origin, tag) | {"GITHUB_OUTPUT": str(place / "output"), "PATH": os.environ["PATH"]}
    start = time.monotonic()
    run = subprocess.run(
        [sys.executable, str(action / "entrypoint.py")],
        env=environ | {"HOME": str(place)},
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - start
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description="How long `pull` takes beside `dvc pull`.")
    parser.add_argument("--small", action="store_true", help="a hundredth of the data")
    parser.add_argument("--beside", type=Path, help="another checkout of this repository, measured in turns")
    parser.add_argument("--times", type=int, default=1, help="how often; the shortest counts")
    options = parser.parse_args()
    actions = {"the action": ROOT} | ({"the other": options.beside.resolve()} if options.beside else {})
    with tempfile.TemporaryDirectory(prefix="gto-action-pull-") as name:
        base = Path(name)
        repo = make(base, small=options.small)
        head = " | ".join(actions)
        print(f"| data | workspace | `dvc pull` by hand | {head} | largest process |")
        print(f"| --- | --- | --: |{' --: |' * len(actions)} --: |")
        for path, tag, what in (("many", "many@v1.0.0", "10,000 files"), ("large.bin", "large@v1.0.0", "1 GB")):
            for kind in ("none", "checkout", "warm cache"):
                best: dict[str, float] = {}
                memory = 0.0
                for _ in range(options.times):
                    for who in ("by hand", *actions):
                        workspace = base / "workspace"
                        workspace_of(repo, workspace, tag, "checkout" if who == "by hand" and kind == "none" else kind)
                        if who == "by hand":
                            seconds = by_hand(repo, workspace, path)
                        else:
                            seconds, memory = ours(repo, workspace, tag, actions[who])
                        best[who] = min(seconds, best.get(who, seconds))
                        shutil.rmtree(workspace)
                        shutil.rmtree(f"{workspace}-files", ignore_errors=True)
                figures = " | ".join(f"{each:.1f} s" for each in best.values())
                print(f"| {what} | {kind} | {figures} | {memory:.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
