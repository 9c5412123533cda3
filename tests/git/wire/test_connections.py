"""Servers that cannot be reached, or not be trusted; TLS and SSH."""

import threading
import time
from pathlib import Path

import pytest

from gto_action.errors import GitError
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.system.attempts import Pace
from tests.support.action import Action
from tests.support.certificates import Authority
from tests.support.git_server import GitServer
from tests.support.ports import free_port
from tests.support.wire import TOKEN, failed, right


def test_a_closed_port(srv: Path, action: Action) -> None:
    with GitServer(srv) as server:
        url = server.url
    run = action(url)
    failed(run, "Fetching from the remote")
    assert run.log.count("Trying again") == 3


def test_a_host_without_an_address(action: Action) -> None:
    run = action(f"http://{'no-name-is-so-long' * 4}.invalid")  # no network is asked for it
    failed(run, "Fetching from the remote .*Could not resolve host")
    assert run.log.count("Trying again") == 3


@pytest.mark.usefixtures("tls")
def test_a_certificate_of_somebody_else(srv: Path, action: Action, tmp_path: Path) -> None:
    """What curl says of it differs, so it is asked for again; what it says is told."""
    with GitServer(srv, tls=Authority(tmp_path / "other").server()) as server:
        run = action(server)
    failed(run, "Fetching from the remote .*certificate")
    assert run.log.count("Trying again") == 3


def test_a_server_with_tls(srv: Path, action: Action, tls: Authority) -> None:
    with GitServer(srv, token=TOKEN, tls=tls.server()) as server:
        right(action(server))


def test_a_server_that_would_rather_speak_http2(srv: Path, action: Action, tls: Authority) -> None:
    """As GitHub, but this one cannot: a git before 2.34 does not keep the token out of its trace then."""
    context = tls.server()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with GitServer(srv, token=TOKEN, tls=context) as server:
        right(action(server))


def test_a_folder_that_is_not_there(srv: Path, action: Action) -> None:
    run = action(srv.as_uri(), GITHUB_REPOSITORY="o/none")
    failed(run, "was not found")
    assert "Trying again" not in run.log


# what ssh does; what is said of it; how often it is asked again
SSH = {
    "the host is not known": ("echo 'Host key verification failed.' >&2; exit 255", "Git failed .* says: Host key", 0),
    "the key is refused": ("echo 'x@h: Permission denied (publickey).' >&2; exit 255", "Git failed .* says: x@h: Perm", 0),
    "there is no such host": ("echo 'ssh: Could not resolve hostname h: Name' >&2; exit 255", "Fetching .* says: ssh: Could", 3),
    "it breaks off": ("exit 255", "Fetching .* says: fatal: Could not read", 3),
    "git is killed": ("kill -9 $PPID; sleep 1", "on this machine: 'git was ended by signal 9'", 0),
}  # fmt: skip


@pytest.mark.parametrize("what", SSH)
def test_a_remote_over_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    does, says, again = SSH[what]
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\n{does}\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(ssh))
    log: list[str] = []
    remote, pace = Remote("ssh://x@h/o/r"), Pace(pause=0.01)
    with Repository(remote, log=log.append, pace=pace) as repository, pytest.raises(GitError, match=says):
        repository.fetch()
    assert len(log) == again


def test_a_port_that_opens_late(srv: Path, action: Action) -> None:
    port = free_port()
    servers: list[GitServer] = []

    def open_late() -> None:
        time.sleep(0.5)
        servers.append(GitServer(srv, port=port))
        servers[0].__enter__()

    thread = threading.Thread(target=open_late)
    thread.start()
    try:
        right(action(f"http://127.0.0.1:{port}", pace=Pace(pause=0.7)))
    finally:
        thread.join()
        servers[0].__exit__(None, None, None)


@pytest.mark.parametrize("mount", ["/git", "/a/b"])
def test_a_server_below_a_path(srv: Path, action: Action, mount: str) -> None:
    with GitServer(srv, token=TOKEN, mount=mount) as server:
        right(action(server))
        assert all(request.path.startswith(f"{mount}/o/r/") for request in server.requests)


def test_a_server_by_another_name(srv: Path, action: Action) -> None:
    """As GitHub Enterprise: a host and a port of one's own."""
    with GitServer(srv, token=TOKEN) as server:
        right(action(server.url.replace("127.0.0.1", "localhost")))
