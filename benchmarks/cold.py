"""What the first step that uses the action costs on a machine that has nothing: from its start to its outputs.

`make bench-cold` prints Markdown: the build from the Dockerfile, the pull of a released image at two speeds of a line,
the action without Docker, and `iterative/gto-action@v2`, which is built in each job. It has an engine and a registry of
its own, on loopback. The base images are there before, since no registry of images is reached: both builds are faster
than they would be by the time of that pull. Numbers are medians; the load is that of the machine's last minute when a
run began, ours included: with more than one for each core, a run waits for others.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from throttle import throttled  # noqa: E402

from tests.e2e.docker_registry import DockerRegistry, docker_registry  # noqa: E402
from tests.e2e.engine import ENVIRON, docker  # noqa: E402
from tests.e2e.registry import SampleRegistry, make_registry  # noqa: E402
from tests.support.git_server import GitServer  # noqa: E402

_TAG: Final = "churn#prod#2"
_SPEEDS: Final = (50, 100)
"""Megabytes a second."""
_PEER_BASE: Final = "gto-action-cold-peer-base:local"
_PEER: Final = """\
FROM {base}
RUN apt-get update && apt-get upgrade -y && apt-get install -y git && apt-get clean
COPY requirements.txt /requirements.txt
RUN python3 -m venv /peer && /peer/bin/pip install --no-deps -r /requirements.txt
"""
_ASKED: Final = " && ".join(
    (
        "cd /work && git config --global --add safe.directory '*' && git fetch --quiet --all --prune --tags --force",
        *(f"/peer/bin/gto check-ref refs/tags/'{_TAG}' --{each}" for each in ("name", "version", "event", "stage")),
        *(f"/peer/bin/gto {each}" for each in ("show churn", "history churn", "show", "history")),
    )
)


@contextmanager
def served(folder: Path) -> Iterator[tuple[GitServer, SampleRegistry]]:
    """A registry of artifacts, on a git server."""
    registry = make_registry(folder)
    with GitServer(registry.root) as server:
        yield server, registry


def variables(server: GitServer, registry: SampleRegistry, output: str) -> dict[str, str]:
    """What a runner says of the push of a tag."""
    return {
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_REF": f"refs/tags/{_TAG}",
        "GITHUB_SHA": registry.commits[_TAG],
        "GITHUB_OUTPUT": output,
        "INPUT_REF": f"refs/tags/{_TAG}",
    }


@dataclass(frozen=True, slots=True)
class Run:
    """A way that was gone."""

    seconds: float
    load: float
    """Of the machine, when it began."""


def timed(doing: Callable[[], object]) -> Run:
    """What something takes."""
    load, start = os.getloadavg()[0], time.perf_counter()
    doing()
    return Run(time.perf_counter() - start, load)


class Ways:
    """The ways to an answer, each on a machine that has nothing of it."""

    def __init__(self, folder: Path, images: DockerRegistry, server: GitServer, registry: SampleRegistry) -> None:
        """Takes a folder to work in."""
        self._folder = folder
        self._images = images
        self._server = server
        self._registry = registry

    def _run(self, image: str) -> None:
        output = self._folder / "output"
        output.write_bytes(b"")
        given = variables(self._server, self._registry, "/files/output")
        options = [f"--env={name}={value}" for name, value in given.items()]
        docker("run", "--rm", "--network=host", *options, f"--volume={self._folder}:/files", image)
        self._hold(output)

    @staticmethod
    def _hold(output: Path) -> None:
        assert b"assignment" in output.read_bytes()  # noqa: S101 - a benchmark of a failure says nothing

    def build(self) -> None:
        """What a commit of `main` costs."""
        options = {"DOCKER_BUILDKIT": "1"}
        program = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"
        docker("build", "--no-cache", "--tag", "cold:built", str(ROOT), program=program, timeout=600, environ=options)
        self._run("cold:built")

    def push(self) -> str:
        """Puts the image that was built into the registry; gives its digest."""
        docker("tag", "cold:built", f"{self._images.image}:cold")
        docker("push", "--quiet", f"{self._images.image}:cold", timeout=120)
        return self._images.digest("cold")

    def pull(self, port: int, digest: str) -> None:
        """What a release costs, over a line that a port leads to."""
        image = f"127.0.0.1:{port}/gto-action/gto-action@{digest}"
        docker("pull", "--quiet", image, timeout=300)
        self._run(image)

    @staticmethod
    def forget() -> None:
        """Takes from the engine all but the bases."""
        for each in docker("images", "--all", "--format", "{{.ID}} {{.Repository}}").splitlines():
            number, name = each.split()
            if name != "python" and not name.endswith(("-base", "-job")):
                subprocess.run(["docker", "rmi", "--force", number], env=ENVIRON, capture_output=True, check=False)
        docker("builder", "prune", "--all", "--force", program="/usr/bin/docker")

    def native(self) -> None:
        """What the action without Docker costs."""
        temporary = Path(tempfile.mkdtemp(dir=self._folder))
        output = temporary / "output"
        given = variables(self._server, self._registry, str(output))
        environ = {**os.environ, **given, "RUNNER_TEMP": str(temporary), "PIP_NO_CACHE_DIR": "1"}
        subprocess.run(["bash", ROOT / "native/run.sh"], env=environ, check=True, capture_output=True)
        self._hold(output)
        shutil.rmtree(temporary)

    def peer(self) -> None:
        """What `iterative/gto-action@v2` costs, without the time of actions/checkout."""
        place, work = self._folder / "peer", self._folder / "clone"
        place.mkdir(exist_ok=True)
        (place / "Dockerfile").write_text(_PEER.format(base=_PEER_BASE))
        shutil.copy2(ROOT / "requirements/peer.txt", place / "requirements.txt")
        url = f"{self._server.url}/acme/models"
        subprocess.run(["git", "clone", "--quiet", url, work], check=True)
        docker("build", "--no-cache", "--tag", "cold:peer", str(place), timeout=900)
        docker("run", "--rm", "--network=host", f"--volume={work}:/work", "cold:peer", "sh", "-ec", _ASKED, timeout=120)


def load_peer_base() -> bool:
    """Gives the engine a Debian with the Python that the peer's packages are for, if there is one."""
    images = ROOT / "tools/container/images"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        if subprocess.run([images, "unpack", "machine-bookworm", root], capture_output=True, check=False).returncode:
            return False
        tar = subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE)
        certificates = "ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt"
        command = ["docker", "import", "--change", certificates, "-", _PEER_BASE]
        subprocess.run(command, stdin=tar.stdout, env=ENVIRON, check=True, capture_output=True)
        tar.wait()
    return True


def measure(ways: Ways, images: DockerRegistry, runs: int, *, peer: bool) -> Iterator[tuple[str, list[Run]]]:
    """Each way with its runs."""
    builds = []
    for _ in range(runs):
        ways.forget()
        builds.append(timed(ways.build))
    yield "(a) build from the Dockerfile", builds
    digest = ways.push()
    for speed in _SPEEDS:
        found = []
        for _ in range(runs):
            ways.forget()
            with throttled(images.port, speed * 1e6) as port:
                found.append(timed(lambda port=port: ways.pull(port, digest)))  # type: ignore[misc]
        yield f"(b) pull of the image at {speed} MB/s", found
    yield "(c) without Docker", [timed(ways.native) for _ in range(runs)]
    if peer and load_peer_base():
        yield "(d) iterative/gto-action@v2", [timed(ways.peer)]


def main() -> None:
    """Measures, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each way but the peer (default: %(default)s)")
    parser.add_argument("--no-peer", action="store_true")
    given = parser.parse_args()
    print(f"| way, on {os.cpu_count()} cores | median | runs | load |\n| --- | --: | --- | --- |", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        images = stack.enter_context(docker_registry(folder / "images"))
        server, registry = stack.enter_context(served(folder / "git"))
        ways = Ways(folder, images, server, registry)
        for way, found in measure(ways, images, given.runs, peer=not given.no_peer):
            median = statistics.median(each.seconds for each in found)
            runs, loads = (
                ", ".join(f"{each:.1f}" for each in of)
                for of in zip(*((r.seconds, r.load) for r in found), strict=True)
            )
            print(f"| {way} | {median:.1f} s | {runs} | {loads} |", flush=True)


if __name__ == "__main__":
    main()
