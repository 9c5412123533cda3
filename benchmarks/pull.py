"""How long `pull` takes beside `dvc pull` by hand, and in how much memory: benchmarks/pull.py [--small].

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
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from support.dvc_repo import DvcRepo  # noqa: E402
from support.pulls import run_pull  # noqa: E402

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
    shutil.rmtree(repo.path / ".dvc/cache")
    return repo


def by_hand(repo: DvcRepo, base: Path, path: str) -> float:
    """The seconds of `dvc pull` in a fresh clone."""
    clone = base / f"by-hand-{path}"
    subprocess.run(["git", "clone", "-q", "-b", "main", str(repo.origin), str(clone)], check=True)
    start = time.monotonic()
    repo.run("dvc", "pull", "--quiet", str(clone / path), cwd=str(clone))
    return time.monotonic() - start


def ours(repo: DvcRepo, base: Path, tag: str) -> tuple[float, float]:
    """The seconds of the action without a checkout, and the largest process so far in MB."""
    workspace = base / f"ours-{tag}"
    workspace.mkdir()
    start = time.monotonic()
    run = run_pull(repo, tag, workspace, base / f"run-{tag}", INPUT_SUMMARY="true")
    seconds = time.monotonic() - start
    if run.code:
        raise SystemExit(run.log)
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description="How long `pull` takes beside `dvc pull`.")
    parser.add_argument("--small", action="store_true", help="a hundredth of the data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gto-action-pull-") as name:
        base = Path(name)
        repo = make(base, small=options.small)
        print("| data | `dvc pull` by hand | the action | largest process |\n| --- | --: | --: | --: |")
        for path, tag, what in (("many", "many@v1.0.0", "10,000 files"), ("large.bin", "large@v1.0.0", "1 GB")):
            seconds, memory = ours(repo, base, tag)
            hand = by_hand(repo, base, path)
            print(f"| {what} | {hand:.1f} s | {seconds:.1f} s | {memory:.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
