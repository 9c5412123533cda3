"""Proxies: they pass on, refuse, or answer in the place of the server."""

import shutil
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.support.action import Action, Run, run_entrypoint
from tests.support.certificates import Authority
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.tunnel import Tunnel
from tests.support.wire import TAG, TOKEN, failed, right, within
from tests.support.wire_faults import BEFORE_TLS


class Proxy(ThreadingHTTPServer):
    """Passes on what it is asked, and notes it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.asked: list[str] = []


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._pass()

    def do_POST(self) -> None:
        self._pass()

    def _pass(self) -> None:
        server: Any = self.server
        server.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))) or None
        wanted = ("Authorization", "Content-Type", "Git-Protocol", "Accept", "Content-Encoding")
        headers = {name: self.headers[name] for name in wanted if self.headers[name]}
        answer = build_opener(ProxyHandler({})).open(Request(self.path, body, headers))  # noqa: S310 - the test's own
        data = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.mark.parametrize("exempt", [False, True])
def test_a_proxy(srv: Path, registry: Repo, tmp_path: Path, exempt: bool) -> None:
    proxy = Proxy()
    threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    with GitServer(srv, token=TOKEN) as server:
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{TAG}"}
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        environ |= {"INPUT_TOKEN": TOKEN, "http_proxy": address, "no_proxy": "127.0.0.1" if exempt else ""}
        run = run_entrypoint(tmp_path / "run", environ)
    proxy.shutdown()
    proxy.server_close()
    right(run)
    assert bool(proxy.asked) != exempt


@pytest.mark.parametrize(("status", "says"), [(407, "A proxy in front"), (502, "Fetching"), (None, "Fetching")])
def test_a_proxy_that_refuses(
    srv: Path, action: Action, monkeypatch: pytest.MonkeyPatch, status: int | None, says: str
) -> None:
    with GitServer(srv, token=TOKEN) as server, GitServer(srv) as proxy:
        if status:
            proxy.answer(status)
        else:
            proxy.fault(Fault(reset=True))
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("NO_PROXY", "")
        failed(action(server), says)
        assert proxy.requests
        assert server.requests == []


@pytest.fixture
def fork(registry: Repo) -> Repo:
    """Another repository on the server, as anybody may have one: it has the run's commit, and other tags."""
    fork = Repo(shutil.copytree(registry.path, registry.path.with_name("fork")))
    fork.tag("churn@v6.6.6", time=70)
    fork.tag("churn#prod#5", time=80)
    return fork


@pytest.fixture
def through(
    srv: Path, action: Action, fork: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Tunnel, GitServer], Run]:
    """Runs the action over TLS through a proxy."""

    def run(proxy: Tunnel, server: GitServer) -> Run:
        monkeypatch.setenv("https_proxy", proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "")
        sha = fork.git("rev-parse", f"{TAG}^{{commit}}")
        return action(server, GITHUB_SHA=sha, GITHUB_EVENT_NAME="push", INPUT_TIMEOUT="60")

    return run


@pytest.mark.parametrize(("status", "times"), BEFORE_TLS)
def test_a_proxy_is_not_the_server(
    srv: Path, through: Callable[[Tunnel, GitServer], Run], tls: Authority, status: int, times: int | None
) -> None:
    with GitServer(srv, token=TOKEN, tls=tls.server()) as server, Tunnel() as proxy:
        headers = {
            "Location": f"{server.url}/o/fork/info/refs?service=git-upload-pack",
            "Retry-After": "3600",
            "Content-Type": "application/x-git-upload-pack-advertisement",
        }
        proxy.answer(status, headers, times=times)
        with within(100):
            run = through(proxy, server)
        assert not [request for request in server.requests if "fork" in request.path]
    right(run) if times else failed(run, "^Fetching from the remote")
    assert "has moved" not in run.log
    again = run.log.count("Trying again")  # two connections are made at once, and which one gets the answers is chance
    assert 1 <= again <= times if times else again == 3


@pytest.mark.parametrize(
    ("status", "says"), [(403, "The proxy refuses to connect"), (407, "The proxy refuses to connect")]
)
def test_a_proxy_that_never_connects(
    srv: Path, through: Callable[[Tunnel, GitServer], Run], tls: Authority, status: int, says: str
) -> None:
    with GitServer(srv, token=TOKEN, tls=tls.server()) as server, Tunnel() as proxy:
        proxy.answer(status, {"Proxy-Authenticate": 'Basic realm="x"'} if status == 407 else {})
        run = through(proxy, server)
        assert server.requests == []
    failed(run, f"{says} to the remote '{server.url}/o/r', with status {status}")
    assert "Trying again" not in run.log


def test_a_server_that_moves_behind_a_proxy(
    srv: Path, through: Callable[[Tunnel, GitServer], Run], tls: Authority
) -> None:
    (srv / "o/r").rename(srv / "o/new")
    with GitServer(srv, token=TOKEN, tls=tls.server()) as server, Tunnel() as proxy:
        location = f"{server.url}/o/new/info/refs?service=git-upload-pack"
        server.answer(301, path="/o/r/", headers={"Location": location})
        run = through(proxy, server)
        assert len(proxy.asked) >= 2
    right(run)
    assert "The repository has moved to" in run.log
