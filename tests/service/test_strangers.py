"""What strangers can do who may push, or connect, or be asked: nothing runs, nothing is told, nothing fills up."""

import base64
import io
import logging
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from gto_action.service.log import Log
from tests.service.test_receiver import Receiver, status
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.service import Service, Sink, wait_for

SERVICE = b"# service=git-upload-pack\n"
TRAPS = """
[core]
    fsmonitor = {trap}
    sshCommand = {trap}
    alternateRefsCommand = {trap}
    askPass = {trap}
    pager = {trap}
    hooksPath = {hooks}
    gitProxy = {trap}
[uploadpack]
    packObjectsHook = {trap}
[credential]
    helper = {trap}
[remote "origin"]
    uploadpack = {trap}
    url = ext::{trap}
[protocol]
    allow = always
[trace2]
    eventTarget = {file}
[include]
    path = {hooks}/more
"""


@pytest.mark.parametrize("spelled", ["{}", "file://{}"], ids=["a path", "file://"])
def test_a_repository_that_names_programs_runs_none(
    service: Service, registry: Repo, tmp_path: Path, spelled: str
) -> None:
    hooks, file = tmp_path / "hooks", tmp_path / "it-ran"
    hooks.mkdir()
    trap = hooks / "trap"
    for name in ("trap", "reference-transaction", "post-checkout", "pre-receive", "update", "post-update", "fsmonitor"):
        (hooks / name).write_text(f'#!/bin/sh\necho "$0" >>{file}\n')
        (hooks / name).chmod(0o755)
    (hooks / "more").write_text(f"[core]\n\tfsmonitor = {trap}\n")
    config = registry.path / "config"
    plain = config.read_text()
    trapped = plain + TRAPS.format(trap=trap, hooks=hooks, file=file)
    config.write_text(trapped)
    service.repositories = {"models": spelled.format(registry.path)}
    service.write()
    assert service.run("sync", "models").returncode == 0
    config.write_text(plain)
    registry.tag("churn#prod#1", time=1002)
    config.write_text(trapped)
    ran = service.run("sync", "models")
    assert (ran.returncode, "churn#prod#1" in ran.stdout) == (0, True), ran.stderr
    assert not file.exists(), file.read_text()


def test_a_token_is_told_to_nobody(service: Service, registry: Repo, server: GitServer) -> None:
    """Not in what is printed and not in the database, as it is or as HTTP spells it, though the server refuses it."""
    token = "t0k3n-of-this-test"
    service.variables["TOKEN"] = token
    service.repository_keys = 'token = "env:TOKEN"'
    service.write()
    server.answer(401)
    ran = service.run("sync", "models")
    assert ran.returncode == 1
    assert "Check the repository's 'token' in the configuration." in ran.stderr
    server.mend()
    registry.tag("churn#prod#1", time=1002)
    assert service.run("sync", "models").returncode == 0
    kept = b"".join(path.read_bytes() for path in service.folder.iterdir() if path.is_file())
    for each in (token.encode(), base64.b64encode(f"x-access-token:{token}".encode())):
        assert each not in kept
        assert each.decode() not in ran.stderr


@pytest.mark.parametrize("command", [("sync", "models"), ("serve", "--check")], ids=" ".join)
def test_a_server_that_says_the_token_back_tells_nobody(
    service: Service, server: GitServer, command: tuple[str, ...]
) -> None:
    token = "t0k3n-of-this-test"
    header = base64.b64encode(f"x-access-token:{token}".encode())
    said = b"ERR Permission denied (%s, basic %s).\n" % (token.encode(), header)
    lines = b"".join(b"%04x%s" % (len(each) + 4, each) if each else b"0000" for each in (SERVICE, b"", said))
    server.answer(200, headers={"content-type": "application/x-git-upload-pack-advertisement"}, body=lines)
    service.variables["TOKEN"] = token
    service.repository_keys = 'token = "env:TOKEN"'
    service.write()
    ran = service.run(*command)
    assert ran.returncode == 1
    assert "remote error: Permission denied (***, basic eC1hY2Nlc3MtdG9rZW46***)." in ran.stdout + ran.stderr
    assert token not in ran.stdout + ran.stderr


def test_large_events_are_written_a_few_at_a_time(service: Service, registry: Repo) -> None:
    """Whoever pushes 500 of them would otherwise have all of them in memory at once."""
    service.run("sync", "models")
    for number in range(1, 24):
        registry.tag(f"churn#prod#{number}", time=1001 + number, message="\U0001f600" * 2**16)  # 800 KB in JSON
    assert service.run("sync", "models").returncode == 0
    with service.tables() as database:
        ((count,),) = database.execute("SELECT count(*) FROM gto_event")
        ((version,),) = database.execute("SELECT version FROM gto_repository")
    assert count == 23
    assert version == 4


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process may have more files than the service."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service logs, with what its libraries say."""
    names = ("dbos", "uvicorn", "uvicorn.error", "uvicorn.access", "urllib3", "sqlalchemy", "asyncio")
    loggers = [logging.getLogger(name) for name in names]
    before = [(each, each.handlers, each.propagate, each.level) for each in loggers]
    stream = io.StringIO()
    Log(stream).take_over()
    yield stream
    for each, handlers, propagate, level in before:
        each.handlers, each.propagate = handlers, propagate
        each.setLevel(level)


def test_odd_requests_fill_no_log(log: io.StringIO) -> None:
    """Anybody can send them, as many as they like."""
    receiver = Receiver()
    for said in (
        b"\x16\x03\x01\x02\x00\x01\n\n",
        b"POST /hooks/models HTTP/1.1\r\nhost: x\r\nupgrade: y\r\n\r\n",
        b"\n" * 9,
    ):
        for _ in range(3):
            with receiver.connect() as connection:
                connection.sendall(said)
                connection.shutdown(socket.SHUT_WR)
                assert status(connection.recv(65536)) in {0, 400, 401}
    receiver.listener.stop()
    assert log.getvalue() == ""


def test_a_full_disk_under_the_log_stops_nothing() -> None:
    with suppress(OSError), Path("/dev/full").open("w") as full:  # which cannot be closed in peace
        log = Log(full)
        for _ in range(1_000):
            log.fail("x" * 1_000)


@pytest.mark.usefixtures("many_files")
def test_who_only_connects_holds_nothing_up(
    service: Service, registry: Repo, sink: Sink, push: Callable[..., int]
) -> None:
    """More connections than the process may have files: hooks are taken, git is started, events are delivered."""
    service.wrapper = ("prlimit", "--nofile=1024", "--")
    service.start()
    wait_for(lambda: any("were there before" in line["message"] for line in service.lines()))
    with ExitStack() as stack:
        for number in range(1_300):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", service.listen), timeout=20))
            connection.sendall(b"POST /hooks/models HTTP/1.1\r\n" * (number % 2))
        registry.tag("churn#prod#1", time=1002)
        assert push(service) == 202
        sink.wait(1)
        files = len(list(Path(f"/proc/{service.process.pid}/fd").iterdir())) if service.process else 0
        assert files < 900
    assert [line for line in service.lines() if line["level"] == "error"] == []
