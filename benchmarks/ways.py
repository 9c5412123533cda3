"""What reading a remote costs by each way to do it: by clones, as the product does, and by the wire (`git/wire`).

Prints Markdown: a table for each size. Each run is a process that reads the tags of a registry and the files of the
last one; what it reads is held against what the others have read. `artifact` reads the tags of one artifact alone, and
by the wire it counts the others up to 10,000. Options: `python benchmarks/ways.py --sizes 30 1000 --runs 5`, and
`--file` for a local path.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from process import Spent, spend  # noqa: E402
from tag_repository import Pushed, build  # noqa: E402
from wire import Server, Traffic  # noqa: E402

from gto_action.git import program  # noqa: E402
from gto_action.git.remote import Remote  # noqa: E402
from gto_action.git.repository import Repository  # noqa: E402
from gto_action.git.scratch import Scratch  # noqa: E402
from gto_action.git.surroundings import inherited  # noqa: E402
from gto_action.git.wire.asking import Asking  # noqa: E402
from gto_action.git.wire.reading import list_tags, read_files, read_tags, read_target  # noqa: E402
from gto_action.git.workshop import Workshop  # noqa: E402
from gto_action.gto.names import ArtifactName  # noqa: E402
from gto_action.gto.record import TagRecord  # noqa: E402
from gto_action.system.attempts import Attempts  # noqa: E402

_PATHS: Final = ("dvc.yaml", ".gto", "params.yaml", "models/dvc.yaml")
_MOST: Final = 10_000
_MEGABYTE: Final = 1024 * 1024
Read = tuple[list[TagRecord], dict[str, bytes]]


def by_clones(url: str, tag: str, only: ArtifactName | None) -> Read:
    """As the product reads it."""
    with Repository(Remote(url), log=print) as repository:
        tags = repository.start(tag, only).finish()
        record = next(each for each in tags.records if each.name == tag)
        tags.files.expect(record.target, _PATHS)
        found = {path: tags.files.read(record.target, path) for path in _PATHS}
        return tags.records, {path: text for path, text in found.items() if text is not None}


def by_wire(url: str, tag: str, only: ArtifactName | None) -> Read:
    """Tags and files by helpers side by side; what is counted by a third."""
    prefixes = tuple(f"refs/tags/{only.in_tag}{mark}" for mark in "@#") if only else ("refs/tags/",)
    with Scratch() as scratch, ThreadPoolExecutor() as threads:

        def asking() -> Asking:
            return Asking(Workshop(scratch, Attempts(120, print), print), Remote(url))

        def files() -> dict[str, bytes]:
            with asking() as asked:
                target = asked.ask(lambda connection: read_target(connection, tag))
                found = asked.ask(lambda connection: read_files(connection, target, _PATHS))
            return {path: file.text for path, file in found.items()}

        def counted() -> int:
            with asking() as asked:
                return len(asked.ask(lambda connection: list_tags(connection, _MOST)).refs)

        with asking() as asked:
            others = [threads.submit(counted)] if only else []
            coming = threads.submit(files)
            records = asked.ask(lambda connection: read_tags(connection, prefixes)).records
        for each in others:
            each.result()
        return records, coming.result()


WAYS: Final[dict[str, Callable[[str, str, ArtifactName | None], Read]]] = {"clones": by_clones, "wire": by_wire}


def read_once(way: str, url: str, tag: str, only: str, traces: str) -> None:
    """Prints what has been read, in short; with a folder for traces, each git leaves one there."""
    if traces:
        vars(program)["inherited"] = lambda: {**inherited(), "GIT_TRACE2_EVENT": traces}  # kept from git otherwise
    folder, _, name = only.rpartition("=")
    records, files = WAYS[way](url, tag, ArtifactName(name, folder) if only else None)
    print(hashlib.sha256(repr((records, sorted(files.items()))).encode()).hexdigest(), len(records), len(files))


class Ways:
    """The ways to read one registry."""

    def __init__(self, server: Server, scratch: Path, url: str, pushed: Pushed) -> None:
        self._server, self._scratch, self._url, self._pushed = server, scratch, url, pushed

    def measure(self, only: str, runs: int) -> None:
        """Prints a row for each way; the ways take turns."""
        spent: dict[str, list[Spent]] = {way: [] for way in WAYS}
        traffic: dict[str, Traffic] = {}
        said: set[str] = set()
        for number in range(runs + 1):
            for way in WAYS:
                self._server.take()
                run = self._run(way, only, said)
                traffic[way] = self._server.take()
                if number:
                    spent[way].append(run)
        same = "the same" if len(said) == 1 else "**different**"
        for way, seen in spent.items():
            walls, wire = [each.wall for each in seen], traffic[way]
            asked = f"{wire.requests}, {len(wire.connections)} | {wire.round_trips}" if wire.connections else "- | -"
            cpu, peak = statistics.median(each.cpu for each in seen), max(each.peak for each in seen) / _MEGABYTE
            print(
                f"| {way}{', artifact' if only else ''} | {statistics.median(walls):.3f} s | {min(walls):.3f} to "
                f"{max(walls):.3f} s | {cpu:.2f} s | {peak:.0f} MB | {wire.received / 1024:,.0f} KB | {asked} "
                f"| {self._processes(way, only)} | {same} |",
                flush=True,
            )

    def _run(self, way: str, only: str, said: set[str], traces: str = "") -> Spent:
        environ = {"PATH": os.environ["PATH"], "HOME": str(self._scratch), "TMPDIR": str(self._scratch)}
        command = [sys.executable, __file__, "--one", way, self._url, self._pushed.tag, only, traces]
        log = self._scratch / "log"
        spent = spend(command, environ, self._scratch, log)
        if spent.code:
            raise RuntimeError(log.read_text())
        said.add(log.read_text())
        return spent

    def _processes(self, way: str, only: str) -> int:
        """How many there are in one more run, its Python among them."""
        traces = self._scratch / "traces"
        traces.mkdir()
        self._run(way, only, set(), str(traces))
        started = sum(path.read_text().count('"event":"start"') for path in traces.iterdir())
        shutil.rmtree(traces)
        return started + 1


def main() -> None:
    """Reads the options and prints what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 1_000, 10_000], help="multiples of 5, at least 10")
    parser.add_argument("--runs", type=int, default=5, help="of each way, after one that does not count")
    parser.add_argument("--file", action="store_true", help="a local path, and not a server")
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        read_once(*options.one)
        return
    registries = ROOT / ".cache/bench"
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the start; medians of {options.runs} runs")
    with tempfile.TemporaryDirectory(prefix="gto-action-ways-") as scratch, Server(registries) as server:
        for size in options.sizes:
            pushed = build(registries, size)
            path = f"team/registry-{size}"
            url = (registries / path).as_uri() if options.file else f"{server.url}/{path}"
            print(
                f"\n### {size:,} tags\n\n| way | wall, median | least to most | CPU | largest process | received ",
                end="",
            )
            print("| requests, connections | one after another | processes | read |\n| --- |" + " --: |" * 8 + " --- |")
            ways = Ways(server, Path(scratch), url, pushed)
            for only in ("", pushed.name.replace(":", "=")):
                ways.measure(only, options.runs)
    print(f"\nLoad average {os.getloadavg()[0]:.1f} at the end.")


if __name__ == "__main__":
    main()
