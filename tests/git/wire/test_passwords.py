"""A password in the address is sent, and never told."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import pytest

from tests.support.action import Action
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.wire import failed, right, running


@contextmanager
def watched() -> Iterator[list[str]]:
    """What processes were started with in the meantime."""
    seen: list[str] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            seen.append(running())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("where", ["origin", "GITHUB_SERVER_URL", "http::"])
def test_a_password_of_the_address(
    srv: Path, action: Action, registry: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """It is sent, and is on no command line and in no line of the log."""
    secret, who = token_hex(), token_hex()
    with GitServer(srv, token=f"{secret}/x", user=who) as server:
        server.fault(Fault(path="/info/refs", drip=0.001))
        address = server.url.replace("http://", f"http://{who}:{secret}%2Fx@")
        environ = {"GITHUB_REPOSITORY": "", "INPUT_TOKEN": "", "RUNNER_DEBUG": "1"}
        if where == "GITHUB_SERVER_URL":
            environ |= {"GITHUB_REPOSITORY": "o/r", "GITHUB_SERVER_URL": address}
        else:
            registry.git("clone", "-q", str(registry.path), str(tmp_path / "clone"))
            url = f"{'http::' if where == 'http::' else ''}{address}/o/r"
            registry.git("-C", str(tmp_path / "clone"), "config", "remote.origin.url", url)
            monkeypatch.chdir(tmp_path / "clone")
        with watched() as seen:
            run = action(server, **environ)
    right(run)
    assert f"Fetching the tags of {server.url}/o/r" in run.log
    lines = "\n".join((run.log, *seen))
    assert re.search(rf"remote-http \S+ {server.url}/o/r", lines)
    assert secret not in lines
    assert who not in lines


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ("http://ada:h1d/den@h", "The address 'http://…@h/o/r' cannot be used"),
        ("http://ada:h1d#den@h", "The address 'http://…@h/o/r' cannot be used"),
        ("ftp://ada:h1dden@h", "GITHUB_SERVER_URL cannot be 'ftp://h'"),
        ("http://ada:h1dden@127.0.0.1:1", "Fetching from the remote 'http://127.0.0.1:1/o/r' failed"),
        ("http://h1dden@127.0.0.1:1", "Fetching from the remote 'http://127.0.0.1:1/o/r' failed"),
    ],
)
def test_a_password_of_an_address_that_fails(action: Action, server: str, says: str) -> None:
    run = action(server, RUNNER_DEBUG="1")
    failed(run, says)
    assert not re.search("h1d|den@|ada:", run.log)
