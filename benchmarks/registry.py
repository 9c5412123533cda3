"""What the registry costs: by number of tags, by shape, and beside the real `gto show`.

`make bench-registry` prints Markdown. Its ARGS are the options here: `ARGS="--sizes 1000 10000 --no-gto"` is quick,
`--all-sizes` measures the odd shapes with 1,000,000 tags too, `--large-gto` gives `gto` five minutes for 10,000 tags.

A number is the median of several runs in a process of its own: of the processor's time, so that other work counts
little; beside `gto` of the time that passes. Memory is that process's largest resident set: first with nothing but the
records, then with the registry of them. Python's garbage collector, which finds nothing here and looks at every object
again as they grow in number, works as usual, or not at all with `--no-collector`.
"""

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the package of this folder, wherever this is started from
from gto_repository import build  # noqa: E402
from shapes import SHAPES  # noqa: E402

COMMON: Final = "50 artifacts"
GTO: Final = Path(os.environ.get("GTO_ACTION_ORACLE_PYTHON", ROOT / ".cache/oracle/bin/python")).with_name("gto")
GTO_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Measured:
    """One shape in one size."""

    event: float
    """Seconds for what the action asks for one pushed tag: its event, how that stands, the problems."""
    fold: float
    """Seconds for the state of every artifact."""
    show: float
    """Seconds for the latest version and the stages of every artifact, from the state."""
    records: int
    """Megabytes of a process that has the records."""
    peak: int
    """Megabytes, with the registry."""


def measure(shape: str, size: int, runs: int) -> Measured:
    """Measures in this process."""
    from gto_action.gto.registry import Registry  # noqa: PLC0415 - only the children need it
    from gto_action.gto.standing import standing_of  # noqa: PLC0415
    from gto_action.gto.tag import parse_tag  # noqa: PLC0415

    records = list(SHAPES[shape](size))
    last = parse_tag(records[-1].name)
    assert last  # noqa: S101 - the shapes hold nothing but tags of GTO's
    before = _megabytes()

    def event() -> None:
        registry = Registry(records)
        event = registry.event(last)
        _ = standing_of(event, registry), registry.problems(last.artifact)

    states = Registry(records).artifacts()
    show = _median(runs, lambda: [(each.latest, each.stages) for each in states])
    states.clear()
    fold = _median(runs, lambda: Registry(records).artifacts())
    peak = _megabytes()
    return Measured(_median(runs, event), fold, show, before, peak)


def _median(runs: int, what: Callable[[], object]) -> float:
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        what()
        times.append(time.process_time() - start)
    return statistics.median(times)


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure_apart(shape: str, size: int, options: argparse.Namespace) -> Measured:
    """Measures in a process of its own."""
    arguments = ["--measure", shape, "--sizes", str(size), "--runs", str(options.runs)]
    return Measured(**json.loads(_python(*arguments, *(["--no-collector"] if options.no_collector else []))))


def _python(*arguments: str) -> str:
    command = [sys.executable, str(Path(__file__)), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def show_by_size(shapes: list[str], sizes: list[int], options: argparse.Namespace) -> None:
    """Prints a row for each shape and size, with how the time grows from size to size."""
    print("| shape | tags | one event | every artifact | and shown | µs a tag | growth | records | peak |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: |")
    for shape in shapes:
        previous: tuple[int, float] | None = None
        for size in sizes:
            found = measure_apart(shape, size, options)
            total = found.fold + found.show
            growth = f"{total / previous[1]:.1f} for {size / previous[0]:g}" if previous else ""
            previous = size, total
            print(
                f"| {shape} | {size:,} | {found.event:.3f} s | {found.fold:.3f} s | {found.show:.3f} s "
                f"| {1e6 * total / size:.1f} | {growth} | {found.records} MB | {found.peak} MB |",
                flush=True,
            )


def beside_gto(sizes: list[int], runs: int) -> None:
    """Prints the time of two processes that tell every artifact's latest version and stages of a real repository."""
    print("| tags | `gto show --json` | gto-action | of that the clone | times as fast | the same answer |")
    print("| --: | --: | --: | --: | --: | --- |")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            repository = Path(folder) / "registry"
            build(repository, size)
            (theirs, seconds), ours, cloning = _gto(repository), [], []
            for _ in range(runs):
                start = time.perf_counter()
                answer = json.loads(_python("--answer", str(repository)))
                ours.append(time.perf_counter() - start)
                cloning.append(answer["clone"])
            mine = statistics.median(ours)
            told = f"{seconds:.2f} s" if theirs else f"stopped after {seconds:.0f} s"
            same = ("yes" if theirs == answer["show"] else "no") if theirs else "-"
            times = f"{'' if theirs else '> '}{seconds / mine:.1f}"
            print(
                f"| {size:,} | {told} | {mine:.2f} s | {statistics.median(cloning):.2f} s | {times} | {same} |",
                flush=True,
            )


def _gto(repository: Path) -> tuple[dict[str, Any] | None, float]:
    """What gto shows, None if it takes too long; and its seconds. It is run once: it is that slow."""
    start = time.perf_counter()
    command = [str(GTO), "show", "--json", "--repo", str(repository)]
    try:
        process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=GTO_SECONDS)
    except subprocess.TimeoutExpired:
        return None, time.perf_counter() - start
    shown = json.loads(process.stdout)
    return {
        name: {"version": each["version"], "stage": each["stage"]} for name, each in shown.items()
    }, time.perf_counter() - start


def answer(path: Path) -> dict[str, Any]:
    """The same from this side: the tags are cloned into a scratch repository first, as the action does."""
    from gto_action.git.remote import Remote  # noqa: PLC0415
    from gto_action.git.repository import Repository  # noqa: PLC0415
    from gto_action.gto.registry import Registry  # noqa: PLC0415 - only the children need it

    with Repository(Remote(path.as_uri()), log=lambda _: None) as repository:
        start = time.perf_counter()
        tags = repository.fetch()
        clone = time.perf_counter() - start
        states = Registry(tags.records).artifacts()
    show = {
        str(each.name): {
            "version": str(each.latest) if each.latest else None,
            "stage": {str(stage): str(state) for stage, state in each.stages.items()},
        }
        for each in states
    }
    return {"clone": clone, "show": show}


def machine() -> str:
    """What the figures were measured with."""
    git = subprocess.run(["git", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[2]
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores ({load:.1f} busy at the start), Python {platform.python_version()}, git {git}"


def main() -> None:
    """Reads the options and prints what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--all-sizes", action="store_true", help="the odd shapes in the largest size too")
    parser.add_argument("--no-collector", action="store_true", help="without Python's garbage collector")
    parser.add_argument("--no-gto", action="store_true", help="not beside gto")
    parser.add_argument("--large-gto", action="store_true", help=f"gto with 10,000 tags, for {GTO_SECONDS} s at most")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.no_collector:
        gc.disable()
    if options.measure:
        print(json.dumps(asdict(measure(options.measure, options.sizes[0], options.runs))))
    elif options.answer:
        print(json.dumps(answer(options.answer)))
    else:
        print(f"{machine()}; medians of {options.runs} runs; garbage collector {'on' if gc.isenabled() else 'off'}\n")
        odd = [shape for shape in options.shapes if shape != COMMON]
        if COMMON in options.shapes:
            show_by_size([COMMON], options.sizes, options)
            print()
        show_by_size(odd, options.sizes if options.all_sizes else options.sizes[:3], options)
        if not options.no_gto:
            print()
            beside_gto([30, 1_000, *([10_000] if options.large_gto else [])], options.runs)


if __name__ == "__main__":
    main()
