"""Whenever a run is cancelled: no program, no folder, no lock and no part of an output is left."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from gto_action.system.cancellation import SIGNALS
from tests.support.action import ENTRYPOINT, ROOT
from tests.support.checkout import registry_of
from tests.support.fetch_tags import SHORT, TAG, TOKEN, environment
from tests.support.figures import FIGURE
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs

MOMENTS: Final = 14
PATIENCE: Final = 60.0
"""The seconds that the children of a killed program may take to go."""
# The action when nothing is registered as what must not stay.
CARELESS: Final = f"""
import os, runpy, sys
from gto_action.system.cancellation import Leftover
Leftover.__init__ = lambda self, remove: setattr(self, "_remove", remove)
Leftover.remove = lambda self: self._remove()
runpy.run_path({str(ENTRYPOINT)!r}, run_name="__main__")
"""

Start = Callable[..., "Run"]


class Run:
    """A run that has begun, in a temporary folder and a workspace of its own."""

    def __init__(self, folder: Path, command: tuple[str, ...], environ: dict[str, str], workspace: Path) -> None:
        self._folder = folder / "temporary"
        self._folder.mkdir(parents=True)
        self._workspace = folder / "workspace"
        shutil.copytree(workspace, self._workspace, symlinks=True)
        self._mark = f"MARK={uuid4()}"
        """What all programs of the run have in their environment."""
        self.output = folder / "output"
        found = {**environ, "PATH": os.environ["PATH"], "TMPDIR": str(self._folder), "GITHUB_OUTPUT": str(self.output)}
        name, _, value = self._mark.partition("=")
        self.process = subprocess.Popen(
            [sys.executable, *command],
            env={**found, name: value, "PYTHONPATH": str(ROOT)},
            cwd=self._workspace,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for_git(self) -> None:
        """Until there is something that must not stay."""
        while not [*self._folder.iterdir()]:
            assert self.process.poll() is None
            time.sleep(0.005)

    def programs(self) -> list[int]:
        """Those of the run that there are."""
        found = []
        for each in Path("/proc").iterdir():
            with suppress(OSError, ValueError):  # it has just ended, or is no process
                if self._mark.encode() in (each / "environ").read_bytes().split(b"\0"):
                    found.append(int(each.name))
        return found

    def left(self, patience: float = PATIENCE) -> list[str]:
        """What is left of it, once it has ended."""
        deadline = time.monotonic() + patience
        while self.programs() and time.monotonic() < deadline:
            time.sleep(0.01)
        git = self._workspace / ".git"
        paths = [*self._folder.iterdir(), *git.rglob("*.lock")]
        return [*map(str, self.programs()), *map(str, paths)]


@pytest.fixture
def commit(repo: Repo) -> str:
    """The registry's, of the tag."""
    return registry_of(repo, TAG)


@pytest.fixture
def start(srv: Path, commit: str, tmp_path: Path) -> Start:
    """Starts the action, or the command line, beside a server."""
    workspaces: dict[str, Path] = {}

    def run(server: GitServer, kind: str = "action", name: str = "") -> Run:
        if server.url not in workspaces:
            place = workspaces[server.url] = tmp_path / "workspace"
            SHORT.make(place, f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp")
        environ = environment(server) | {"INPUT_FETCH-TAGS": str(kind == "fetch-tags").lower()}
        command = {
            "command line": ("-m", "gto_action", "show", "--repo", f"{server.url}/o/r", "--json"),
            "careless": ("-c", CARELESS),
        }.get(kind, (str(ENTRYPOINT),))
        return Run(tmp_path / f"{kind} {name}", command, environ, workspaces[server.url])

    return run


@pytest.mark.parametrize("kind", ["action", "fetch-tags", "command line"])
def test_a_signal_at_any_moment(
    start: Start, srv: Path, kind: str, record_property: Callable[[str, object], None]
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    codes = []
    with GitServer(srv, token="" if kind == "command line" else TOKEN) as server:
        for name in ("for what it takes once", "for the time that it takes"):
            whole = start(server, kind, name)
            began = time.monotonic()
            whole.wait_for_git()
            beginning = time.monotonic() - began
            log, _ = whole.process.communicate(timeout=60)
            length = time.monotonic() - began
            assert whole.process.returncode == 0, log
        outputs = parse_outputs(whole.output.read_bytes()) if kind != "command line" else {}
        for number in range(1, MOMENTS + 1):
            run = start(server, kind, str(number))
            moment = rng.uniform(0, length if number % 4 == 0 else length - beginning)
            about = f"seed {seed}, {number}: after {moment:.3f} seconds, {beginning:.3f} and {length:.3f} for the whole"
            if number % 4:  # as most of the time goes by before there is anything
                run.wait_for_git()
            time.sleep(moment)
            sent = rng.sample(SIGNALS, rng.choice([1, 1, 2]))
            for each in sent:
                run.process.send_signal(each)
            log, _ = run.process.communicate(timeout=60)
            code = run.process.returncode
            about = f"{about}, {sent}, exit code {code}\n{log}"
            # Before it can be cancelled, and after, a signal ends Python itself, and nothing is there to be left.
            assert code in {0, *(-each for each in sent), *(128 + each for each in sent)}, about
            assert run.left() == [], about
            assert "bug" not in log, about
            assert "Traceback" not in log or code < 0, about
            assert code < 128 or kind == "command line" or log.splitlines()[-1] == "The run was cancelled.", about
            if run.output.exists():
                assert parse_outputs(run.output.read_bytes()).keys() == outputs.keys(), about
            codes.append(code)
    assert sum(code > 128 for code in codes) > 1, codes
    record_property(FIGURE, f"cancelled {kind}, seed {seed}: exit codes {sorted(codes)}")


@pytest.mark.parametrize("kind", ["action", "careless"])
def test_it_is_what_is_registered_that_does_not_stay(start: Start, srv: Path, kind: str) -> None:
    with GitServer(srv, token=TOKEN) as server:
        run = start(server, kind)
        server.stall()
        run.wait_for_git()
        time.sleep(0.2)
        run.process.terminate()
        run.process.communicate(timeout=60)
        assert run.process.returncode == 128 + signal.SIGTERM
        left = run.left(PATIENCE if kind == "action" else 1.0)
        for each in run.programs():
            os.kill(each, signal.SIGKILL)
    assert bool(left) is (kind == "careless"), left
