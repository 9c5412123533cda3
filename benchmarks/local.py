"""What no line to a server is measured with: `show` in place, beside the real `gto`, and the work of a catch-up."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from peer import GTO  # noqa: E402
from process import spend  # noqa: E402
from tag_repository import START, build  # noqa: E402
from wire import Server  # noqa: E402

from tests.support.action import run_entrypoint  # noqa: E402
from tests.support.github_server import GitHubServer, iso  # noqa: E402

SHOWN: Final = {10: 0.2, 10_000: 0.5}
"""The seconds that `show` in place may take, by the number of tags."""
CAUGHT_UP: Final = 0.5
EVENTS: Final = 256
TAGS: Final = 10_000
_TOKEN: Final = "any"  # noqa: S105 - of the server here
_moment: Final = re.compile(r"^::debug::([0-9.]+) s: (read|delivered)", re.MULTILINE)


def verdict(seconds: float, most: float | None) -> str:
    """Whether a limit is met; empty if there is none."""
    return f"limit {most:.2f} s: {'met' if seconds <= most else '**missed**'}" if most else ""


def show_rows(root: Path, scratch: Path, runs: int, gto_limit: float) -> None:
    """Prints a table of `show` in place; `gto` has so many seconds for each size, and is not asked with 0."""
    print("\n### `show` of a repository on this machine\n")
    print("| tags | ours, median | least to most | `gto show` | |\n| --: | --: | --: | --: | --- |")
    for size, most in SHOWN.items():
        build(root, size)
        place = root / f"team/registry-{size}"
        ours = _times(runs, partial(_show, place, scratch))
        gto = _gto(place, scratch, gto_limit) if gto_limit else ""
        spread = f"{min(ours):.3f} to {max(ours):.3f} s"
        middle = statistics.median(ours)
        print(f"| {size:,} | {middle:.3f} s | {spread} | {gto} | {verdict(middle, most)} |", flush=True)


def catch_up_row(server: Server, scratch: Path, runs: int) -> None:
    """Prints what the last events of an artifact with many tags cost, GitHub's answers and the fetch of tags apart."""
    build(server.root, TAGS, artifacts=1)
    seconds, counts = [], set()
    for _ in range(runs + 1):
        spent, count = _catch_up(server, scratch)
        seconds.append(spent)
        counts.add(count)
    middle = statistics.median(seconds[1:])
    print(f"\n### Catch-up: {EVENTS} events of an artifact with {TAGS:,} tags\n")
    print("From the tags to the outputs, with the files of all commits fetched, without what GitHub takes to answer:")
    print(f"{middle:.3f} s, {min(seconds[1:]):.3f} to {max(seconds[1:]):.3f} s; {verdict(middle, CAUGHT_UP)}; ", end="")
    print(f"{'/'.join(counts)} events listed.", flush=True)


def _show(place: Path, scratch: Path) -> float:
    environ = {"PATH": os.environ["PATH"], "HOME": str(scratch), "PYTHONPATH": str(ROOT)}
    log = scratch / "show"
    command = [sys.executable, "-m", "gto_action", "show", "--repo", str(place), "--json"]
    spent = spend(command, environ, scratch, log)
    if spent.code:
        raise RuntimeError(log.read_text())
    return spent.wall


def _gto(place: Path, scratch: Path, limit: float) -> str:
    environ = {"PATH": f"{GTO.parent}:{os.environ['PATH']}", "HOME": str(scratch), "DO_NOT_TRACK": "1"}
    command = [str(GTO), "show", "--repo", str(place), "--json"]
    start = time.perf_counter()
    try:
        subprocess.run(command, env=environ, cwd=scratch, timeout=limit, check=True, stdout=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"not done after {limit:.0f} s"
    return f"{time.perf_counter() - start:.2f} s, one run"


def _times(runs: int, step: Callable[[], float]) -> list[float]:
    """Once before, so that files are in memory."""
    return [step() for _ in range(runs + 1)][1:]


class _Timed(GitHubServer):
    """Adds up the seconds that it takes to answer."""

    seconds = 0.0

    def serve(self, handler: BaseHTTPRequestHandler, verb: str) -> None:
        start = time.perf_counter()
        super().serve(handler, verb)
        self.seconds += time.perf_counter() - start


def _catch_up(server: Server, scratch: Path) -> tuple[float, str]:
    """The seconds, and how many events were listed."""
    folder = scratch / "catch-up"
    shutil.rmtree(folder, ignore_errors=True)
    with _Timed(_TOKEN, repository=f"team/registry-{TAGS}-of-one") as github:
        github.checked = False
        run = run_entrypoint(
            folder,
            {
                "GITHUB_SERVER_URL": server.url,
                "GITHUB_API_URL": github.url,
                "GITHUB_REPOSITORY": github.repository,
                "NO_PROXY": "127.0.0.1",
                "RUNNER_DEBUG": "1",
                "INPUT_WORKFLOW": "deploy.yml",
                "INPUT_SINCE": iso(START + 60 * (TAGS - EVENTS)),
                "INPUT_SUPERSEDED": "true",
                "INPUT_LIMIT": str(EVENTS),
                "INPUT_TOKEN": _TOKEN,
            },
            action="catch-up",
        )
        if not run.outputs:
            raise RuntimeError(run.log)
        read, delivered = (float(seconds) for seconds, _ in _moment.findall(run.log))
        return delivered - read - github.seconds, run.outputs["count"]
