"""A process and its children, measured: seconds, the processor's seconds, memory."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_KILOBYTE: Final = 1024
_EVERY: Final = 0.02


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run cost."""

    code: int
    wall: float
    """Seconds."""
    cpu: float
    """Seconds of the processor, of the process and all children that it waited for."""
    peak: int
    """Bytes: the resident set of the largest single process; Linux counts that of its parent too, at exec."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes, seen by looking again and again: a process of a few milliseconds may be missed."""

    own: int
    """The largest resident set of the process itself."""
    children: int
    """That of its largest child."""
    together: int
    """The most that all had at one time, what they share counted once."""


def spend(command: Sequence[str], environ: Mapping[str, str], folder: Path, log: Path) -> Spent:
    """Runs to the end; standard output and error go to the file `log`."""
    with log.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environ), cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)  # it is no longer there to be waited for
    return Spent(process.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KILOBYTE)


def watch(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> Memory:
    """Runs to the end and looks at its memory meanwhile: apart from `spend`, since looking takes time."""
    process = subprocess.Popen(
        command,
        env=dict(environ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    own = children = together = 0
    while process.poll() is None:
        time.sleep(_EVERY)
        tree = _tree(process.pid)
        own = max(own, _status(process.pid, "status", "VmHWM:"))
        children = max([children, *(_status(pid, "status", "VmHWM:") for pid in tree[1:])])
        together = max(together, sum(_status(pid, "smaps_rollup", "Pss:") for pid in tree))
    return Memory(own, children, together)


def _tree(pid: int) -> list[int]:
    """A process and every program below it: not what it has forked and that is not yet another program."""
    found, program = [pid], _program(pid)
    for each in found:
        try:
            tasks = list(Path(f"/proc/{each}/task").iterdir())
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:  # it has just ended
            continue
        found += [child for child in children if _program(child) != program]
    return found


def _program(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/exe").readlink())
    except OSError:  # it has just ended
        return ""


def _status(pid: int, file: str, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) * _KILOBYTE for line in lines if line.startswith(field)), 0)
