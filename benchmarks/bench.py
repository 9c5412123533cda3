"""What a whole run costs, beside the floor (git alone), clones, and the peer (`iterative/gto-action@v2`).

`make bench` prints Markdown: a table for each size, then one for each number of branches, and what needs no server
(`local.py`). Registries are served over smart HTTP on loopback, and over TLS by a line with a delay, and kept in
`.cache/bench`. Its ARGS are the options here: `ARGS="--sizes 30 1000 --no-peer"` is quick, and so is `ARGS="--sizes
1000000 --alone"` once the registry is there. Numbers are medians; floor and ours take turns, so that other work on the
machine hits both.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from local import catch_up_row, show_rows  # noqa: E402
from peer import GTO, Peer  # noqa: E402
from process import Spent  # noqa: E402
from runs import Runs, delayed  # noqa: E402
from tag_repository import ARTIFACTS, build, name_of  # noqa: E402
from wire import Server, Traffic  # noqa: E402

from tests.support.certificates import Authority  # noqa: E402

_MEGABYTE: Final = 1024 * 1024
_MOST_BY_CLONES: Final = 500_000
"""Tags. With more a clone takes more memory than the action gives git, and the action says so."""
FLOOR, OURS, CLONES, WHOLE = "floor: bare clone, and `python -c pass`", "ours", "ours, by clones", "`show`, all tags"
QUESTIONS: Final = "the questions of ours, and nothing made of the answers"


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a run may take: so many times the floor, and these seconds more."""

    factor: float
    plus: float

    def verdict(self, floor: float, wall: float) -> str:
        """Whether it is met."""
        most = self.factor * floor + self.plus
        return f"limit {most:.2f} s: {'met' if wall <= most else '**missed**'}"


LIMITS: Final[dict[tuple[str, int], Limit]] = {
    (OURS, 30): Limit(1, 0.12),
    (OURS, 1_000): Limit(1, 0.15),
    (OURS, 10_000): Limit(1.2, 0.1),
    (WHOLE, 10_000): Limit(1.2, 0.1),
    (OURS, 100_000): Limit(0, 0.4),
    (WHOLE, 100_000): Limit(1.1, 0.1),
    (OURS, 1_000_000): Limit(0, 1.0),
    (WHOLE, 1_000_000): Limit(1.2, 0),
}
DELAYED: Final = {1_000: Limit(1.4, 0)}
BRANCHES: Final = Limit(0, 0.3)
_TIMES_PEER: Final = {1_000: 40, 10_000: 200}


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
        return f"{self.wall:.3f} s | {min(walls):.3f} to {max(walls):.3f} s | {cpu:.2f} s | {peak:.0f} MB | {wire}"


def measure(server: Server, steps: dict[str, Callable[[], Spent]], times: int) -> dict[str, Measured]:
    """Each step in turn; once before, so that files are in memory."""
    seen: dict[str, list[Spent]] = {name: [] for name in steps}
    traffic: dict[str, Traffic] = {}
    for number in range(times + 1):
        for name, step in steps.items():
            server.take()
            spent = step()
            traffic[name] = server.take()
            if number:
                seen[name].append(spent)
    return {name: Measured(tuple(each), traffic[name]) for name, each in seen.items()}


def head(title: str) -> None:
    """Prints the head of a table."""
    print(
        f"\n### {title}\n\n| what | wall, median | least to most | CPU | largest process | received "
        "| requests, connections | one after another | processes | over the floor |\n| --- |" + " --: |" * 8 + " --- |"
    )


def rows(found: dict[str, Measured], processes: dict[str, int], limits: dict[str, Limit]) -> None:
    """Prints a row for each."""
    floor = found[FLOOR].wall if FLOOR in found else 0
    for name, each in found.items():
        limit = limits.get(name)
        verdict = limit.verdict(floor, each.wall) if limit and (floor or not limit.factor) else ""
        over = f"{each.wall / floor:.2f} times, + {each.wall - floor:.3f} s; " if floor and name != FLOOR else ""
        over += verdict
        print(f"| {name} | {each.row} | {processes.get(name, '')} | {over.removesuffix('; ')} |", flush=True)


def table(size: int, server: Server, secure: Server, scratch: Path, options: argparse.Namespace) -> None:
    """Prints what one size costs, on loopback and on a line with a delay."""
    pushed = build(server.root, size, artifacts=options.artifacts)
    repository = f"team/{name_of(size, artifacts=options.artifacts)}"
    near = Runs(server.url, scratch, repository, pushed)
    of = "" if options.artifacts == ARTIFACTS else f" of {options.artifacts:,} artifacts"
    head(f"{size:,} tags{of}")
    left_out = {FLOOR, CLONES, WHOLE} if options.alone else {CLONES} if size > _MOST_BY_CLONES else set()
    steps = {FLOOR: near.floor, QUESTIONS: near.questions, OURS: near.ours}
    steps |= {CLONES: lambda: near.ours(by="clone"), WHOLE: near.show}
    processes = {OURS: near.processes()}
    if CLONES not in left_out:
        processes[CLONES] = near.processes(by="clone")
    found = measure(server, _without(left_out, steps), options.runs)
    rows(found, processes, {name: limit for (name, at), limit in LIMITS.items() if at == size})
    if not options.no_peer:
        print(_peer_row(size, near.peer(options.peer_limit), found[OURS], options.peer_limit))
    memory = near.memory()
    own, children, together = (each / _MEGABYTE for each in (memory.own, memory.children, memory.together))
    print(f"\nMemory of ours: its Python {own:.0f} MB, git's largest process {children:.0f} MB, all at once ", end="")
    print(f"{together:.0f} MB. The table's are not less than this benchmark's own.", flush=True)
    if options.delay:
        with delayed(secure, options.delay) as url:
            far = Runs(url, scratch, repository, pushed)
            head(f"{size:,} tags{of}, over TLS, a round trip takes {options.delay:g} ms")
            steps = {FLOOR: far.floor, OURS: far.ours, CLONES: lambda: far.ours(by="clone")}
            found = measure(secure, _without(left_out, steps), options.runs)
            rows(found, {}, {OURS: DELAYED[size]} if size in DELAYED else {})


def _without(left_out: set[str], steps: dict[str, Callable[[], Spent]]) -> dict[str, Callable[[], Spent]]:
    return {name: step for name, step in steps.items() if name not in left_out}


def branches(count: int, server: Server, scratch: Path, options: argparse.Namespace) -> None:
    """Prints what branches cost beside 1,000 tags."""
    pushed = build(server.root, 1_000, count)
    near = Runs(server.url, scratch, f"team/registry-1000-{count}", pushed)
    head(f"1,000 tags, {count:,} branches")
    steps = {FLOOR: near.floor, OURS: near.ours, CLONES: lambda: near.ours(by="clone")}
    rows(measure(server, steps, options.runs), {}, {OURS: BRANCHES})


def _peer_row(size: int, peer: Peer, ours: Measured, limit: float) -> str:
    times = peer.wall / ours.wall
    least = _TIMES_PEER.get(size, 0)
    wanted = ""
    if least and (peer.done or times >= least):
        wanted = f"; limit {least:g} times: {'met' if times >= least else '**missed**'}"
    wall = f"{peer.wall:.1f} s" if peer.done else f"not done after {limit:.0f} s"
    more = "" if peer.done else "more than "
    checked = "the same answers" if len(peer.answers) == 4 else f"answers: {len(peer.answers)} of 4"  # noqa: PLR2004
    return f"| the peer, one run | {wall} | | | | | | | | ours is {more}{times:.0f} times as fast{wanted}; {checked} |"


def machine() -> str:
    """What the figures were measured with."""
    git = subprocess.run(["git", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[2]
    cores, load, day = os.cpu_count(), os.getloadavg()[0], time.strftime("%Y-%m-%d")
    return f"{cores} cores ({load:.1f} busy at the start), Python {platform.python_version()}, git {git}, {day}"


def main() -> None:
    """Reads the options and prints what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[30, 1_000, 10_000, 100_000], help="multiples of 5, at least 10"
    )
    parser.add_argument("--artifacts", type=int, default=ARTIFACTS, help="which share the tags of each size")
    parser.add_argument(
        "--alone",
        action="store_true",
        help="ours, without what takes minutes for a million tags",
    )
    parser.add_argument("--branches", type=int, nargs="*", default=[1_000, 10_000], help="beside 1,000 tags")
    parser.add_argument("--delay", type=float, default=30, help="milliseconds of a round trip; 0 for none")
    parser.add_argument("--no-local", action="store_true", help="not `show` in place, and no catch-up")
    parser.add_argument("--runs", type=int, default=5, help="of floor and ours, after one that does not count")
    parser.add_argument("--no-peer", action="store_true", help="not beside the peer")
    parser.add_argument("--peer-limit", type=float, default=300, help="seconds that the peer may take for each size")
    options = parser.parse_args()
    if options.alone:
        options.no_peer, options.no_local, options.branches = True, True, []
    if not options.no_peer and not GTO.exists():
        parser.error(f"there is no gto at {GTO}: run `make peer`, or give --no-peer")
    start = time.perf_counter()
    registries = ROOT / ".cache/bench"
    print(f"{machine()}; medians of {options.runs} runs")
    with ExitStack() as opened:
        scratch = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="gto-action-bench-")))
        authority = Authority(scratch / "tls")
        server = opened.enter_context(Server(registries))
        secure = opened.enter_context(Server(registries, authority.server()))
        for size in options.sizes:
            table(size, server, secure, scratch, options)
        for count in options.branches:
            branches(count, server, scratch, options)
        if not options.no_local:
            show_rows(registries, scratch, options.runs, 0 if options.no_peer else options.peer_limit)
            catch_up_row(server, scratch, options.runs)
    print(f"\nMeasured in {time.perf_counter() - start:.0f} s; {os.getloadavg()[0]:.1f} busy at the end.")


if __name__ == "__main__":
    main()
