"""What a whole run costs, beside the floor (git alone) and the peer (`iterative/gto-action@v2`).

`make bench` prints Markdown: a table for each size, then how the time over the floor grows. Registries are served over
smart HTTP on loopback, and kept in `.cache/bench`. Its ARGS are the options here: `ARGS="--sizes 30 1000 --no-peer"` is
quick. Numbers are medians; floor and ours take turns, so that other work on the machine hits both.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from peer import GTO, Peer, check_out, run_peer  # noqa: E402
from process import Memory, Spent, spend, watch  # noqa: E402
from tag_repository import Pushed, build  # noqa: E402
from wire import Server, Traffic  # noqa: E402

from tests.support.runner_files import parse_outputs  # noqa: E402

_CLONE: Final = ("clone", "--quiet", "--bare", "--depth=1", "--no-single-branch", "--filter=tree:0", "--template=")
_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a run may take, by the number of tags."""

    factor: float
    plus: float
    """Seconds: a run may take `factor` times the floor, and this."""
    times_peer: float = 0
    """How many times as fast as the peer."""


LIMITS: Final = {
    30: Limit(1, 0.25),
    1_000: Limit(1, 0.30, 40),
    10_000: Limit(1.3, 0.3, 200),
    100_000: Limit(1.5, 0.3),
}
_MOST_MEGABYTES: Final = 350
_MOST_SCOPED: Final = 1.0
_LARGEST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Several runs of one thing."""

    runs: tuple[Spent, ...]
    traffic: Traffic

    @property
    def wall(self) -> float:
        """Seconds, the median."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def row(self) -> str:
        """The cells that every row has."""
        cpu = statistics.median(run.cpu for run in self.runs)
        peak = max(run.peak for run in self.runs) / _MEGABYTE
        walls = [run.wall for run in self.runs]
        traffic = self.traffic
        asked = f"{traffic.requests}, {len(traffic.connections)}"
        wire = f"{traffic.received / 1024:,.0f} KB | {asked} | {traffic.round_trips}"
        return f"{self.wall:.2f} s | {min(walls):.2f} to {max(walls):.2f} s | {cpu:.2f} s | {peak:.0f} MB | {wire}"


class Bench:
    """One registry, and what is run on it."""

    def __init__(self, server: Server, scratch: Path, size: int, pushed: Pushed) -> None:
        self._server, self._scratch, self._pushed = server, scratch, pushed
        self._repository = f"team/registry-{size}"
        self._url = f"{server.url}/{self._repository}"
        self._base = {"PATH": os.environ["PATH"], "HOME": str(scratch)}

    def measure(self, runs: int) -> list[Measured]:
        """Floor, ours, ours with neither table nor history, in turn; once before, so that files are in memory."""
        steps: list[Callable[[], Spent]] = [self._floor, self._ours, lambda: self._ours("false")]
        seen: list[list[Spent]] = [[] for _ in steps]
        traffic = [Traffic() for _ in steps]
        for number in range(runs + 1):
            for index, step in enumerate(steps):
                self._server.take()
                spent = step()
                traffic[index] = self._server.take()
                if number:
                    seen[index].append(spent)
        return [Measured(tuple(each), wire) for each, wire in zip(seen, traffic, strict=True)]

    def memory(self) -> Memory:
        """Of one more run of ours."""
        folder = self._fresh()
        return watch([sys.executable, str(ROOT / "entrypoint.py")], self._environ(folder), folder)

    def peer(self, limit: float) -> Peer:
        """One run of the peer, whose answers are checked."""
        folder = self._fresh() / "workspace"
        folder.mkdir()
        check_out(self._url, self._pushed.tag, self._pushed.commit, folder)
        peer = run_peer(folder, self._pushed.tag, self._pushed.name, limit)
        self._check(peer.answers, tuple(peer.answers), "the peer")
        return peer

    def _floor(self) -> Spent:
        folder = self._fresh()
        environ = {**self._base, "GIT_CONFIG_NOSYSTEM": "1"}
        clone = self._spend(["git", *_CLONE, self._url, str(folder / "clone")], environ, folder)
        python = self._spend([sys.executable, "-c", "pass"], environ, folder)
        return Spent(0, clone.wall + python.wall, clone.cpu + python.cpu, max(clone.peak, python.peak))

    def _ours(self, shown: str = "true") -> Spent:
        folder = self._fresh()
        environ = self._environ(folder, shown)
        spent = self._spend([sys.executable, str(ROOT / "entrypoint.py")], environ, folder)
        self._check(parse_outputs((folder / "output").read_bytes()), ("event", "name", "version", "stage"), "ours")
        if self._pushed.version not in (folder / "summary").read_text():
            raise RuntimeError("ours: the summary does not name the version")
        if list((folder / "temporary").iterdir()):
            raise RuntimeError("ours: something is left in the temporary folder")
        return spent

    def _environ(self, folder: Path, shown: str = "true") -> dict[str, str]:
        """As the runner gives it."""
        temporary = folder / "temporary"
        temporary.mkdir()
        for name in ("output", "summary"):
            (folder / name).touch()
        return {
            **self._base,
            "TMPDIR": str(temporary),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_REF": f"refs/tags/{self._pushed.tag}",
            "GITHUB_REPOSITORY": self._repository,
            "GITHUB_SERVER_URL": self._server.url,
            "GITHUB_SHA": self._pushed.commit,
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "INPUT_REF": f"refs/tags/{self._pushed.tag}",
            "INPUT_SHOW": shown,
            "INPUT_HISTORY": shown,
        }

    def _check(self, said: Mapping[str, str], names: Sequence[str], who: str) -> None:
        for name in names:
            if said.get(name) != (expected := getattr(self._pushed, name)):
                raise RuntimeError(f"{who}: {name} is {said.get(name)!r}, and not {expected!r}")

    def _spend(self, command: Sequence[str], environ: Mapping[str, str], folder: Path) -> Spent:
        spent = spend(command, environ, folder, folder / "log")
        if spent.code:
            raise RuntimeError(f"{command} ended with {spent.code}: {(folder / 'log').read_text()}")
        return spent

    def _fresh(self) -> Path:
        """An empty folder, and the one of the last run is gone: removing it is nobody's time."""
        shutil.rmtree(self._scratch / "run", ignore_errors=True)
        (self._scratch / "run").mkdir()
        return self._scratch / "run"


def table(size: int, bench: Bench, options: argparse.Namespace) -> float:
    """Prints one size; gives the seconds of ours over the floor."""
    floor, ours, scoped = bench.measure(options.runs)
    memory = bench.memory()
    print(f"\n### {size:,} tags\n")
    print(
        "| what | wall, median | least to most | CPU | largest process | received | requests, connections "
        "| round trips one after another | verdict |"
    )
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --- |")
    print(f"| floor: bare clone, and `python -c pass` | {floor.row} | |")
    print(f"| ours | {ours.row} | {_verdict(size, floor, ours)} |")
    label = "ours, neither table nor history shown"
    within = f"limit {_MOST_SCOPED} s: {_met(scoped.wall <= _MOST_SCOPED)}" if size == _LARGEST else ""
    print(f"| {label} | {scoped.row} | {within} |")
    if not options.no_peer:
        print(_peer_row(size, bench.peer(options.peer_limit), ours, options.peer_limit))
    own, children, together = (each / _MEGABYTE for each in (memory.own, memory.children, memory.together))
    print(f"\nMemory of ours: its Python {own:.0f} MB, git's largest process {children:.0f} MB, all at once ", end="")
    most = f" (limit {_MOST_MEGABYTES} MB: {_met(together <= _MOST_MEGABYTES)})" if size == _LARGEST else ""
    print(f"{together:.0f} MB{most}. The table's are not less than this benchmark's own.", flush=True)
    return ours.wall - floor.wall


def _verdict(size: int, floor: Measured, ours: Measured) -> str:
    ratio = f"{ours.wall / floor.wall:.2f} times the floor, + {ours.wall - floor.wall:.2f} s"
    rounds = ours.traffic.round_trips - floor.traffic.round_trips
    if limit := LIMITS.get(size):
        most = limit.factor * floor.wall + limit.plus
        ratio += f"; limit {most:.2f} s: {_met(ours.wall <= most)}"
    return f"{ratio}; {rounds:+} round trips, limit +2: {_met(rounds <= 2)}"  # noqa: PLR2004 - two round trips


def _peer_row(size: int, peer: Peer, ours: Measured, limit: float) -> str:
    times = peer.wall / ours.wall
    least = LIMITS[size].times_peer if size in LIMITS else 0
    wanted = ""
    if least and (peer.done or times >= least):
        wanted = f"; limit {least:g} times: {_met(times >= least)}"
    wall = f"{peer.wall:.1f} s" if peer.done else f"not done after {limit:.0f} s"
    more = "" if peer.done else "more than "
    checked = "the same answers" if len(peer.answers) == 4 else f"answers: {len(peer.answers)} of 4"  # noqa: PLR2004
    return f"| the peer, one run | {wall} | | | | | | | ours is {more}{times:.0f} times as fast{wanted}; {checked} |"


def _met(value: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return "met" if value else "**missed**"


def machine() -> str:
    """What the figures were measured with."""
    git = subprocess.run(["git", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[2]
    cores, load, day = os.cpu_count(), os.getloadavg()[0], time.strftime("%Y-%m-%d")
    return f"{cores} cores ({load:.1f} busy at the start), Python {platform.python_version()}, git {git}, {day}"


def main() -> None:
    """Reads the options and prints what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(LIMITS), help="multiples of 5, at least 10")
    parser.add_argument("--runs", type=int, default=5, help="of floor and ours, after one that does not count")
    parser.add_argument("--no-peer", action="store_true", help="not beside the peer")
    parser.add_argument("--peer-limit", type=float, default=300, help="seconds that the peer may take for each size")
    options = parser.parse_args()
    if not options.no_peer and not GTO.exists():
        parser.error(f"there is no gto at {GTO}: run `make peer`, or give --no-peer")
    start = time.perf_counter()
    registries = ROOT / ".cache/bench"
    print(f"{machine()}; medians of {options.runs} runs")
    over: dict[int, float] = {}
    with tempfile.TemporaryDirectory(prefix="gto-action-bench-") as scratch, Server(registries) as server:
        for size in options.sizes:
            over[size] = table(size, Bench(server, Path(scratch), size, build(registries, size)), options)
    growth = ", ".join(f"{1e6 * spent / size:.0f} µs a tag at {size:,}" for size, spent in over.items())
    print(f"\nOver the floor: {growth}. Measured in {time.perf_counter() - start:.0f} s.")


if __name__ == "__main__":
    main()
