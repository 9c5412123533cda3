"""A machine that asks for what is in a stage: the page's own commands, by a real curl, of a host with ETags."""

import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.support.pages import ROOT

pytestmark = pytest.mark.usefixtures("curl")
ASKED: Final = "/api/artifacts/churn/stages/prod.json"
BLOCK: Final = re.findall(r"^```bash\n(url=.*?)^```", (ROOT / "docs/page.md").read_text(), re.MULTILINE | re.DOTALL)
DEPLOY: Final = '#!/bin/sh\necho "$*" >> deployed\ntest ! -e broken\n'


@dataclass
class Host:
    """A static host, and the folder of a machine that asks it."""

    folder: Path
    url: str = ""
    version: str | None = None
    """What the stage holds; None for nothing."""
    there: bool = True
    made: int = 0
    """How often the site was made anew: a part of the ETag, as of hosts that make it of a file's time."""
    statuses: list[int] = field(default_factory=list)

    def ask(self) -> list[str]:
        """Asks once; gives what was deployed until now."""
        subprocess.run(
            ["bash", "-c", f"site={self.url}\n{BLOCK[0]}"], cwd=self.folder, capture_output=True, check=False
        )
        deployed = self.folder / "deployed"
        return deployed.read_text().splitlines() if deployed.exists() else []


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"version": %s}' % (f'"{host.version}"' if host.version else "null").encode()
            etag = f'"{host.made}-{hash(body)}"'
            known = self.headers["if-none-match"] == etag
            status = 304 if known else 200
            if not host.there or self.path != ASKED:
                status, body = 404, b'{"version": "v6.6.6"}'
            host.statuses.append(status)
            self.send_response(status)
            self.send_header("etag", etag)
            self.send_header("content-length", str(0 if status == 304 else len(body)))
            self.end_headers()
            if status != 304:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / "deploy.sh").write_text(DEPLOY)
    (tmp_path / "deploy.sh").chmod(0o755)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        host.url = f"http://127.0.0.1:{server.server_port}"
        yield host
        server.shutdown()


def test_a_change_is_deployed_once(host: Host) -> None:
    host.version = "v1.0.0"
    assert [host.ask() for _ in range(3)] == [["v1.0.0"]] * 3
    host.version = "v1.1.0"
    assert [host.ask() for _ in range(2)] == [["v1.0.0", "v1.1.0"]] * 2
    assert host.statuses == [200, 304, 304, 200, 304]


def test_what_is_made_anew_and_is_the_same_is_not_deployed_again(host: Host) -> None:
    host.version = "v1.0.0"
    assert host.ask() == ["v1.0.0"]
    host.made += 1
    assert [host.ask() for _ in range(2)] == [["v1.0.0"]] * 2
    host.version = "v1.1.0"
    assert host.ask() == ["v1.0.0", "v1.1.0"]
    host.made, host.version = host.made + 1, "v1.0.0"
    assert host.ask() == ["v1.0.0", "v1.1.0", "v1.0.0"]
    assert host.statuses == [200, 200, 304, 200, 200]


def test_a_file_that_is_not_there_deploys_nothing(host: Host) -> None:
    host.there = False
    assert host.ask() == []
    host.there, host.version = True, "v1.0.0"
    assert host.ask() == ["v1.0.0"]
    host.there = False
    assert host.ask() == ["v1.0.0"]
    assert host.statuses == [404, 200, 404]


def test_a_stage_that_holds_nothing_deploys_nothing(host: Host) -> None:
    assert host.ask() == host.ask() == []
    host.version = "v1.0.0"
    assert host.ask() == ["v1.0.0"]
    host.version = None
    assert host.ask() == ["v1.0.0"]
    assert host.statuses == [200] * 4


def test_what_could_not_be_deployed_is_tried_again(host: Host) -> None:
    host.version = "v1.0.0"
    (host.folder / "broken").touch()
    assert [host.ask() for _ in range(2)] == [["v1.0.0"], ["v1.0.0", "v1.0.0"]]
    (host.folder / "broken").unlink()
    assert [host.ask() for _ in range(2)] == [["v1.0.0"] * 3] * 2
    assert host.statuses == [200, 200, 200, 304]


def test_nobody_answers(host: Host) -> None:
    host.url = "http://127.0.0.1:9"
    assert host.ask() == []
