"""The peer: what `iterative/gto-action@v2` runs in a workflow, with the `gto` and `dvc` that it pins."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = ROOT / ".cache/peer/bin/python"
GTO: Final = PYTHON.with_name("gto")

_ANNOTATION: Final = """
import sys
import dvc.repo
from gto.api import check_ref
(event,) = check_ref(".", sys.argv[1])
name = event.artifact
for path, artifacts in dvc.repo.Repo().artifacts.read().items():
    for each, artifact in artifacts.items():
        folder = path.rpartition("/")[0]
        if name == (f"{folder}:{each}" if folder else each):
            print(getattr(artifact, sys.argv[2]) or "")
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """One run of the peer."""

    wall: float
    done: bool
    """Whether it was done in time."""
    answers: dict[str, str] = field(default_factory=dict)
    """`event`, `name`, `version`, `stage` as it says them; without those that it had no time for."""


def check_out(url: str, tag: str, commit: str, folder: Path) -> None:
    """What actions/checkout leaves when a tag is pushed: one commit, and the tag."""
    _run(folder, "git", "init", "--quiet", "--initial-branch=main", ".")
    _run(folder, "git", "remote", "add", "origin", url)
    refspec = f"+{commit}:refs/tags/{tag}"
    _run(folder, "git", "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--depth=1", "origin", refspec)
    _run(folder, "git", "checkout", "--quiet", "--force", f"refs/tags/{tag}")


def run_peer(folder: Path, tag: str, name: str, limit: float) -> Peer:
    """All its steps in a checkout, as far as `limit` seconds go."""
    ref = f"refs/tags/{tag}"
    start = time.perf_counter()
    answers: dict[str, str] = {}
    # the checkout's tag points to the commit: without --force, git refuses to replace it by the annotated one
    steps: list[tuple[str, list[str]]] = [("", ["git", "fetch", "--quiet", "--all", "--prune", "--tags", "--force"])]
    steps += [(asked, [str(GTO), "check-ref", ref, f"--{asked}"]) for asked in ("name", "version", "event", "stage")]
    steps += [("", [str(PYTHON), "-c", _ANNOTATION, ref, asked]) for asked in ("type", "desc", "path")]
    steps += [("", [str(GTO), *each]) for each in (["show", name], ["history", name], ["show"], ["history"])]
    for asked, command in steps:
        left = start + limit - time.perf_counter()
        said = _run(folder, *command, limit=left) if left > 0 else None
        if said is None:
            return Peer(time.perf_counter() - start, done=False, answers=answers)
        if asked:
            answers[asked] = said.strip()
    return Peer(time.perf_counter() - start, done=True, answers=answers)


def _run(folder: Path, *command: str, limit: float | None = None) -> str | None:
    """Standard output; None if the time was up."""
    environ = {
        "PATH": f"{GTO.parent}:{os.environ['PATH']}",
        "HOME": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DO_NOT_TRACK": "1",
        "ITERATIVE_DO_NOT_TRACK": "1",
    }
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=limit)
        except BaseException as failure:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(failure, subprocess.TimeoutExpired):
                return None
            raise
    if process.returncode:
        raise RuntimeError(f"{json.dumps(command)} failed: {err}")
    return out
