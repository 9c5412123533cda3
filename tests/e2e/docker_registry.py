"""A container registry on the loopback: Debian's package of the one that Docker makes."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from tests.e2e.engine import ENVIRON
from tests.support.ports import free_port, wait_until_open

PROGRAM: Final = shutil.which("docker-registry", path=f"{ENVIRON['PATH']}:/usr/bin") or ""
_SETTINGS: Final = """\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: "{folder}"}}
  delete: {{enabled: true}}
http: {{addr: "127.0.0.1:{port}"}}
"""
_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass(frozen=True, slots=True)
class DockerRegistry:
    """A registry that runs."""

    port: int
    folder: Path

    @property
    def image(self) -> str:
        """The name of the one image that is in it."""
        return f"127.0.0.1:{self.port}/gto-action/gto-action"

    def delete(self, digest: str) -> None:
        """Deletes what has a digest, as somebody who cleans up does."""
        assert self._ask("DELETE", f"manifests/{digest}")[0] == 202

    def digest(self, reference: str) -> str:
        """The digest of what a tag names; empty if it names nothing."""
        return self._ask("HEAD", f"manifests/{reference}")[1]

    def _ask(self, verb: str, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(verb, f"/v2/gto-action/gto-action/{path}", headers={"Accept": f"{_LIST}, {_MANIFEST}"})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("Docker-Content-Digest", "") if answer.status < 400 else ""
        finally:
            connection.close()


@contextmanager
def docker_registry(folder: Path) -> Iterator[DockerRegistry]:
    """Runs an empty registry, as long as this lasts."""
    port = free_port()
    folder.mkdir()
    settings = folder / "settings.yml"
    settings.write_text(_SETTINGS.format(folder=folder / "data", port=port))
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([PROGRAM, "serve", settings], stdout=log, stderr=log, env={"PATH": ENVIRON["PATH"]})
    try:
        wait_until_open(port, lambda: server.poll() is not None)
        yield DockerRegistry(port, folder / "data")
    finally:
        server.terminate()
        server.wait()
