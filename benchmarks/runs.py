"""What is measured on one registry: git alone, the action by each of its ways, the command line, the peer."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from peer import Peer, check_out, run_peer  # noqa: E402
from process import Memory, Spent, spend, watch  # noqa: E402
from tag_repository import Pushed  # noqa: E402
from wire import Server  # noqa: E402

from tests.support.runner_files import parse_outputs  # noqa: E402
from tests.support.ways import command_by  # noqa: E402

_CLONE: Final = ("clone", "--quiet", "--bare", "--depth=1", "--no-single-branch", "--filter=tree:0", "--template=")


class Runs:
    """One registry, and what is run on it."""

    def __init__(self, url: str, scratch: Path, repository: str, pushed: Pushed) -> None:
        self._server, self._scratch, self._repository, self._pushed = url, scratch, repository, pushed
        self._url = f"{url}/{repository}"
        trusted = {"GIT_SSL_CAINFO": str(scratch / "tls/authority.pem")}
        self._base = {"PATH": os.environ["PATH"], "HOME": str(scratch), **trusted}

    def floor(self) -> Spent:
        """What nobody can do without: git, and a Python that starts."""
        folder = self._fresh()
        environ = {**self._base, "GIT_CONFIG_NOSYSTEM": "1"}
        clone = self._spend(["git", *_CLONE, self._url, str(folder / "clone")], environ, folder)
        python = self._spend([sys.executable, "-c", "pass"], environ, folder)
        return Spent(0, clone.wall + python.wall, clone.cpu + python.cpu, max(clone.peak, python.peak))

    def questions(self) -> Spent:
        """What no run can do without that asks what the action asks: git, its server, and a Python that starts."""
        folder = self._fresh()
        artifact = self._pushed.name.replace(":", "=")
        command = [sys.executable, str(ROOT / "benchmarks/questions.py"), self._url, artifact, self._pushed.commit]
        return self._spend([*command, *self._pushed.blobs], {**self._base, "GIT_CONFIG_NOSYSTEM": "1"}, folder)

    def ours(self, by: str = "wire", traces: Path | None = None) -> Spent:
        """The action, by the wire or by clones."""
        folder = self._fresh()
        command = command_by(by, traces)
        spent = self._spend(command, self._environ(folder), folder)
        self._check(parse_outputs((folder / "output").read_bytes()), ("event", "name", "version", "stage"), "ours")
        if self._pushed.version not in (folder / "summary").read_text():
            raise RuntimeError("ours: the summary does not name the version")
        if list((folder / "temporary").iterdir()):
            raise RuntimeError("ours: something is left in the temporary folder")
        return spent

    def show(self) -> Spent:
        """All tags, as `catch-up` and `doctor` need them too."""
        folder = self._fresh()
        command = [sys.executable, "-m", "gto_action", "show", "--repo", self._url, "--json"]
        spent = self._spend(command, {**self._base, "PYTHONPATH": str(ROOT)}, folder)
        if f'"{self._pushed.version}"' not in (folder / "log").read_text():
            raise RuntimeError("show: the version is not there")
        return spent

    def processes(self, by: str = "wire") -> int:
        """How many there are in one more run, its Python among them."""
        traces = self._scratch / "traces"
        traces.mkdir()
        self.ours(by, traces)
        started = sum(path.read_text().count('"event":"start"') for path in traces.iterdir())
        shutil.rmtree(traces)
        return started + 1

    def memory(self) -> Memory:
        """Of one more run of ours."""
        folder = self._fresh()
        return watch(command_by("wire"), self._environ(folder), folder)

    def peer(self, limit: float) -> Peer:
        """One run of the peer, whose answers are checked."""
        folder = self._fresh() / "workspace"
        folder.mkdir()
        check_out(self._url, self._pushed.tag, self._pushed.commit, folder)
        peer = run_peer(folder, self._pushed.tag, self._pushed.name, limit)
        self._check(peer.answers, tuple(peer.answers), "the peer")
        return peer

    def _environ(self, folder: Path) -> dict[str, str]:
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
            "GITHUB_SERVER_URL": self._server,
            "GITHUB_SHA": self._pushed.commit,
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "INPUT_REF": f"refs/tags/{self._pushed.tag}",
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


@contextmanager
def delayed(server: Server, milliseconds: float) -> Iterator[str]:
    """The address of a server by a line on which a round trip takes its time."""
    host, port = "127.0.0.1", str(server.server_address[1])
    command = [sys.executable, str(ROOT / "benchmarks/delay.py"), host, port, str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as line:
        assert line.stdout  # noqa: S101 - it is a pipe
        try:
            yield server.url.replace(port, line.stdout.readline().strip())
        finally:
            line.kill()
