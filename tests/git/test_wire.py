"""Faults on the wire: never a wrong output, never a part of one, always an end in time."""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice, pairwise
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from gto_action.errors import GitError
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.step.main import main
from gto_action.system import attempts
from tests.support.action import ENTRYPOINT, SCHEMA, Run, run_entrypoint
from tests.support.certificates import Authority
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs
from tests.support.tunnel import Tunnel

TAG = "churn#prod#4"
TOKEN = "s3cret"
DVC_YAML = "artifacts: {churn: {path: models/churn.pkl, type: model, desc: Who leaves}}\n"
EXPECTED = {
    "event": "assignment",
    "name": "churn",
    "version": "v3.1.0",
    "stage": "prod",
    "path": "models/churn.pkl",
    "type": "model",
    "description": "Who leaves",
    "is-current": "true",
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry, made once, to be copied."""
    repo = Repo(tmp_path_factory.mktemp("made") / "r")
    repo.commit({"dvc.yaml": DVC_YAML, ".gto": "stages: [prod]\n", "big": os.urandom(20_000)}, time=10)
    for number in range(30):
        repo.tag(f"other@v1.0.{number}", time=11 + number)
    repo.tag("churn@v3.1.0", time=50)
    repo.tag(TAG, time=60)
    return repo.path


@pytest.fixture
def registry(made: Path, srv: Path) -> Repo:
    """What is served as `o/r`."""
    return Repo(shutil.copytree(made, srv / "o/r"))


Action = Callable[..., Run]


def running() -> str:
    """What all processes were started with; a git that talks to a server has its address there."""
    lines = []
    for each in Path("/proc").iterdir():
        with suppress(OSError):  # it has just ended, or is no process
            lines.append((each / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return "\n".join(lines)


def ended(url: str) -> bool:
    """Whether nothing runs that was started with an address, within the moment that a killed process takes to go."""
    deadline = time.monotonic() + 1
    while url in running() and time.monotonic() < deadline:
        time.sleep(0.01)
    return url not in running()


@pytest.fixture
def action(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, registry: Repo
) -> Action:
    """The action in this process, with real git and real servers, and pauses too short to wait for."""
    monkeypatch.setattr(attempts, "_FIRST_PAUSE", 0.01)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    def run(server: GitServer | str, ref: str = f"refs/tags/{TAG}", **given: str) -> Run:
        output = tmp_path / "output"
        output.write_bytes(b"")
        url = server if isinstance(server, str) else server.url
        environ = {"GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": ref, "INPUT_TIMEOUT": "20"}
        code = main({**environ, "INPUT_TOKEN": TOKEN, "GITHUB_OUTPUT": str(output), **given})
        captured = capfd.readouterr()
        assert list(temporary.iterdir()) == [], "left in the temporary folder"
        assert ended(url), "a git is left"
        log = captured.out + captured.err
        assert TOKEN not in log
        assert "Traceback" not in log
        written = output.read_bytes()
        return Run(code, log, parse_outputs(written) if written else None, "")

    return run


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def right(run: Run) -> None:
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs | EXPECTED == run.outputs
    SCHEMA.validate(run.document)
    assert run.told("error") == []


def failed(run: Run, says: str = "") -> None:
    assert (run.code, run.outputs) == (1, None), run.log
    (error,) = run.told("error")
    assert re.search(says, error), error


PLACES = {"advertisement": "/info/refs", "answer": "/o/r/git-upload-pack", "everything": ""}
FLEETING = [500, 502, 503, 504, 429, 408]
LASTING = {401: "refused the token", 403: "refused the token", 404: "was not found", 400: "", 410: ""}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", FLEETING)
def test_a_status_that_passes(srv: Path, action: Action, status: int, place: str) -> None:
    with GitServer(srv) as server:
        server.answer(status, path=PLACES[place], times=2)
        run = action(server)
    right(run)


@pytest.mark.parametrize("place", ["advertisement", "answer"])
@pytest.mark.parametrize("status", FLEETING)
def test_a_status_that_stays(srv: Path, action: Action, status: int, place: str) -> None:
    with GitServer(srv) as server:
        server.answer(status, path=PLACES[place])
        run = action(server)
        asked = len(server.requests)
    failed(run, "failed")
    assert [line.rpartition("; ")[2] for line in run.log.splitlines() if "Trying again in" in line] == [
        "3 more tries.",
        "2 more tries.",
        "1 more try.",
    ]
    assert asked <= 5 * 2  # four attempts and the clone of the one tag, of two requests each


@pytest.mark.parametrize("place", ["advertisement", "answer"])
@pytest.mark.parametrize("status", LASTING)
def test_a_status_that_asking_again_does_not_change(srv: Path, action: Action, status: int, place: str) -> None:
    with GitServer(srv) as server:
        server.answer(status, path=PLACES[place])
        run = action(server)
        asked = len(server.requests)
    failed(run, LASTING[status])
    assert "Trying again" not in run.log
    assert asked <= 2 * 3  # two clones; git asks once more after a 401


def test_the_server_says_when_to_ask_again(srv: Path, action: Action) -> None:
    with GitServer(srv) as server:
        server.answer(429, headers={"Retry-After": "2"}, times=2)
        start = time.monotonic()
        run = action(server)
    right(run)
    assert time.monotonic() - start >= 2
    assert "Trying again in 2.0 seconds" in run.log


def test_a_pause_beyond_the_deadline_is_not_waited_for(srv: Path, action: Action) -> None:
    with GitServer(srv) as server, within(2):
        server.answer(429, headers={"Retry-After": "3600"})
        failed(action(server, INPUT_TIMEOUT="5"))


# each answer of git's: the path and a part of the question, and bytes after which it breaks off
ANSWERS = {
    "advertisement": ("/info/refs", b"", (0, 1, 2, 3, 4, 5, 20, 40, 60, 90, -34, -4)),
    "refs": ("/o/r/git-upload-pack", b"command=ls-refs", (0, 1, 2, 4, 5, 12, 40, 150, 500, 900, 2000, 3500)),
    "pack": ("/o/r/git-upload-pack", b"command=fetch", (0, 1, 2, 4, 5, 12, 40, 150, 500, 900, 1500, 2500)),
}
# every other place in turn: told the length, in chunks, until the connection ends
BROKEN = [
    (answer, after, framing)
    for shift, (answer, (_, _, cuts)) in enumerate(ANSWERS.items())
    for after, framing in zip(cuts, islice(cycle(("length", "chunked", "close")), shift, None), strict=False)
]


def of(answer: str, fault: Fault) -> Fault:
    """The fault, for one of git's answers alone."""
    path, asks, _ = ANSWERS[answer]
    return replace(fault, path=path, asks=asks)


@pytest.mark.parametrize(("answer", "after", "framing"), BROKEN)
def test_an_answer_that_breaks_off_once(srv: Path, action: Action, answer: str, after: int, framing: str) -> None:
    with GitServer(srv) as server:
        server.fault(of(answer, Fault(times=2, cut=after, framing=framing)))  # once for each of the two clones
        right(action(server))


@pytest.mark.parametrize(("answer", "after", "framing"), BROKEN)
def test_an_answer_that_breaks_off_each_time(srv: Path, action: Action, answer: str, after: int, framing: str) -> None:
    with GitServer(srv) as server:
        server.fault(of(answer, Fault(cut=after, framing=framing)))
        run = action(server)
    failed(run)
    assert run.log.count("Trying again") == 3


HEADS = [0, 1, 9, 12, 14, 30, 60]  # in the status line, after it, and in the headers


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("after", HEADS)
def test_headers_that_break_off(srv: Path, action: Action, answer: str, after: int) -> None:
    with GitServer(srv) as server:
        server.fault(of(answer, Fault(times=2, head=after)))
        right(action(server))
        server.fault(of(answer, Fault(head=after)))
        run = action(server)
    failed(run, "Fetching from the remote")
    assert run.log.count("Trying again") == 3


# Git says how many bytes of a packet are missing in the words in which it says a status.
@pytest.mark.parametrize("missing", [301, 401, 403, 404, 450, 500])
def test_missing_bytes_are_no_status(srv: Path, action: Action, registry: Repo, missing: int) -> None:
    refs = registry.git("for-each-ref", "--format=%(objectname) %(refname) %(*objectname)", "refs/tags")
    reply = "".join(f"{line}\n" for line in refs.splitlines())[: missing + 100].encode()
    body = b"%04x%b" % (len(reply) + 4, reply[: len(reply) - missing])
    with GitServer(srv) as server:
        server.fault(of("refs", Fault(times=2, status=200, headers=RESULT, body=body)))
        right(action(server))


@pytest.mark.parametrize("place", [100, 300, 700, 1500, 2500, -20])
def test_a_pack_with_a_changed_byte(srv: Path, action: Action, place: int) -> None:
    with GitServer(srv) as server:
        server.fault(of("pack", Fault(flip=place)))
        failed(action(server))


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_hangs_in_its_middle(srv: Path, action: Action, answer: str) -> None:
    with GitServer(srv) as server, within(4):
        server.fault(of(answer, Fault(hang=100)))
        failed(action(server, INPUT_TIMEOUT="1"), "did not answer within 1 seconds.*'timeout'")


@pytest.mark.parametrize("times", [1, 2, None])
@pytest.mark.parametrize("place", PLACES)
def test_a_connection_that_is_reset(srv: Path, action: Action, place: str, times: int | None) -> None:
    with GitServer(srv) as server:
        server.fault(Fault(path=PLACES[place], times=times, reset=True))
        run = action(server)
    right(run) if times else failed(run, "Fetching from the remote")


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


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that is trusted."""
    authority = Authority(tmp_path / "trusted")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(authority.file))
    return authority


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
    monkeypatch.setattr(attempts, "_FIRST_PAUSE", 0.01)
    log: list[str] = []
    with Repository(Remote("ssh://x@h/o/r"), log=log.append) as repository, pytest.raises(GitError, match=says):
        repository.fetch_tags()
    assert len(log) == again


def test_a_port_that_opens_late(srv: Path, action: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_FIRST_PAUSE", 0.7)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    servers: list[GitServer] = []

    def open_late() -> None:
        time.sleep(0.5)
        servers.append(GitServer(srv, port=port))
        servers[0].__enter__()

    thread = threading.Thread(target=open_late)
    thread.start()
    try:
        right(action(f"http://127.0.0.1:{port}"))
    finally:
        thread.join()
        servers[0].__exit__(None, None, None)


@pytest.mark.parametrize("place", PLACES)
def test_a_server_that_never_answers(srv: Path, action: Action, place: str) -> None:
    with GitServer(srv) as server, within(4):
        server.stall(path=PLACES[place])
        failed(action(server, INPUT_TIMEOUT="1"), "did not answer within 1 seconds.*'timeout'")


@pytest.mark.parametrize("what", ["the clone of the tag alone", "the fetch of the files"])
def test_what_only_makes_the_run_faster_is_not_waited_for_long(
    srv: Path, action: Action, registry: Repo, what: str
) -> None:
    blob = f"want {registry.git('rev-parse', f'{TAG}:dvc.yaml')}".encode()
    with GitServer(srv) as server, within(8):
        fetch = Fault(path="git-upload-pack", asks=blob, times=1, stall=True)
        clone = Fault(path="git-upload-pack", asks=b"filter blob:none", times=1, stall=True)
        server.fault(fetch if what == "the fetch of the files" else clone)
        right(action(server))


def test_a_file_that_comes_slowly(srv: Path, action: Action, registry: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gto_action.system.process._SIGN_OF_LIFE", 0.1)
    registry.commit(
        {"dvc.yaml": f"vars: [other.yaml]\n{DVC_YAML}".replace("models/churn.pkl", "'${q}'"), "other.yaml": "q: a.pkl"}
    )
    registry.tag(TAG, time=60)
    with GitServer(srv) as server:
        blob = f"want {registry.git('rev-parse', f'{TAG}:other.yaml')}".encode()
        server.fault(Fault(path="git-upload-pack", asks=blob, drip=0.003))
        run = action(server)
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["path"] == "a.pkl"


def test_a_server_that_answers_the_clones_only(srv: Path, action: Action) -> None:
    """The files, fetched after them, are waited for no longer than everything may take."""
    with GitServer(srv) as server, within(5):
        server.fault(Fault(path="/info/refs", times=2, drip=0.0001))
        server.stall(path="/info/refs")
        failed(action(server, INPUT_TIMEOUT="2"), "did not answer")


@pytest.mark.parametrize(("drip", "timeout", "ok"), [(0.0002, "20", True), (0.05, "2", False)])
def test_a_slow_drip(srv: Path, action: Action, drip: float, timeout: str, ok: bool) -> None:
    with GitServer(srv) as server, within(20):
        server.fault(Fault(path=PLACES["answer"], drip=drip))
        run = action(server, INPUT_TIMEOUT=timeout)
    right(run) if ok else failed(run, "did not answer")


RESULT = {"Content-Type": "application/x-git-upload-pack-result"}
ADVERTISEMENT = {"Content-Type": "application/x-git-upload-pack-advertisement"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
# the place, the headers and the body of a 200 that is no answer of git's
GARBAGE: Mapping[str, tuple[str, Mapping[str, str], bytes]] = {
    "a login page": ("", HTML, b"<html><title>Sign in</title></html>\n"),
    "a login page for the advertisement": ("/info/refs", HTML, b"<html>Sign in</html>\n"),
    "an empty page": ("/info/refs", HTML, b""),
    "no type": ("/info/refs", {}, b"hello"),
    "a list of refs, as of a plain file server": ("/info/refs", {"Content-Type": "text/plain"}, b"%b\trefs/heads/main\n" % (b"1" * 40)),
    "nothing as the advertisement": ("/info/refs", ADVERTISEMENT, b""),
    "noise as the advertisement": ("/info/refs", ADVERTISEMENT, os.urandom(300)),
    "only a flush": ("/info/refs", ADVERTISEMENT, b"001e# service=git-upload-pack\n00000000"),
    "a page for a pack": ("/o/r/git-upload-pack", HTML, b"<html>Sign in</html>\n"),
    "noise for a pack": ("/o/r/git-upload-pack", RESULT, os.urandom(300)),
    "nothing for a pack": ("/o/r/git-upload-pack", RESULT, b""),
    "an error of git's": ("/o/r/git-upload-pack", RESULT, b"0014ERR not today\n\n0000"),
    "zeros": ("/o/r/git-upload-pack", RESULT, b"0000" * 20),
}  # fmt: skip


@pytest.mark.parametrize("what", GARBAGE)
def test_what_is_not_git(srv: Path, action: Action, what: str) -> None:
    path, headers, body = GARBAGE[what]
    with GitServer(srv) as server:
        server.answer(200, path=path, headers=headers, body=body)
        failed(action(server))


def test_a_login_page_is_named(srv: Path, action: Action) -> None:
    with GitServer(srv) as server:
        server.answer(200, headers=HTML, body=b"<html>Sign in</html>\n")
        failed(action(server), "'text/html; charset=utf-8'.*proxy|not valid")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository(srv: Path, action: Action, status: int) -> None:
    (srv / "o/r").rename(srv / "o/new")
    with GitServer(srv, token=TOKEN) as server:
        location = f"{server.url}/o/new.git/info/refs?service=git-upload-pack"
        server.answer(status, path="/o/r/", headers={"Location": location})
        run = action(server)
    right(run)
    assert f"The repository has moved to {server.url}/o/new.git" in run.log


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["advertisement", "answer"])
def test_a_repository_on_another_server(srv: Path, action: Action, status: int, place: str) -> None:
    with GitServer(srv) as elsewhere, GitServer(srv) as server:
        server.redirect(elsewhere.url, status=status, path=PLACES[place])
        failed(action(server), "has moved")
        assert elsewhere.requests == []


def test_redirects_in_a_circle(srv: Path, action: Action) -> None:
    with GitServer(srv) as server:
        for one, other in (("r", "s"), ("s", "r")):
            location = f"{server.url}/o/{other}/info/refs?service=git-upload-pack"
            server.answer(301, path=f"/o/{one}/", headers={"Location": location})
        failed(action(server), "has moved")
        assert len(server.requests) <= 8


@pytest.mark.parametrize(("moves", "ok"), [(3, True), (4, False)])
def test_a_repository_renamed_again_and_again(srv: Path, action: Action, moves: int, ok: bool) -> None:
    names = ["r", *(f"r{number}" for number in range(1, moves)), "new"]
    (srv / "o/r").rename(srv / "o/new")
    with GitServer(srv, token=TOKEN) as server:
        for one, other in pairwise(names):
            location = f"{server.url}/o/{other}/info/refs?service=git-upload-pack"
            server.answer(301, path=f"/o/{one}/", headers={"Location": location})
        run = action(server)
    right(run) if ok else failed(run, "has moved")


NO_TREE = {"uploadpackfilter.tree.allow": "false", "uploadpackfilter.tree.maxDepth": None}
FILTERS: Mapping[str, Mapping[str, str | None]] = {
    "none is known": {"uploadpack.allowFilter": "false"},
    "none is allowed": NO_TREE | {f"uploadpackfilter.{name}.allow": "false" for name in ("blob:none", "blob:limit")},
    "no tree": NO_TREE,
    "no blob": {"uploadpackfilter.blob:none.allow": "false"},
    "no ids": {"uploadpack.allowAnySHA1InWant": "false"},
}


@pytest.mark.parametrize("kind", ["lightweight", "annotated", "both"])
@pytest.mark.parametrize("what", ["main^{tree}", "main:dvc.yaml"])
def test_a_tag_of_what_is_no_commit(srv: Path, action: Action, registry: Repo, kind: str, what: str) -> None:
    if kind != "annotated":
        registry.git("update-ref", "refs/tags/anything", registry.git("rev-parse", what))
    if kind != "lightweight":
        registry.tag("another", what, kind="tree" if what == "main^{tree}" else "blob")
    with GitServer(srv) as server:
        run = action(server)
    right(run)


@pytest.mark.parametrize("server", FILTERS)
def test_a_server_without_filters(srv: Path, action: Action, server: str) -> None:
    with GitServer(srv, config=FILTERS[server]) as refusing:
        right(action(refusing))


def test_a_server_without_the_newer_protocol(srv: Path, action: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    with GitServer(srv) as server:
        monkeypatch.setattr(server, "speaks_v2", False)
        right(action(server))


def test_a_tag_that_was_moved(srv: Path, action: Action, registry: Repo) -> None:
    sha = registry.git("rev-parse", f"{TAG}^{{commit}}")
    registry.commit(time=70)
    registry.tag(TAG, time=71)
    with GitServer(srv) as server:
        failed(action(server, GITHUB_SHA=sha, GITHUB_EVENT_NAME="push"), "has been moved")


def test_a_tag_that_was_deleted(srv: Path, action: Action, registry: Repo) -> None:
    registry.git("update-ref", "-d", f"refs/tags/{TAG}")
    with GitServer(srv) as server:
        failed(action(server), "has no tag 'churn#prod#4': it was deleted, or never pushed")


def test_pushes_that_race_the_fetch(srv: Path, action: Action, registry: Repo) -> None:
    """Each answer is right for some moment: no version but those that were there, none twice, none half."""
    done = threading.Event()

    def push() -> None:
        number = 100
        while not done.is_set():
            registry.tag(f"churn@v3.1.{number}", registry.commit(time=number), time=number)
            registry.tag(f"churn#prod#{number}", time=number)
            number += 1

    thread = threading.Thread(target=push)
    thread.start()
    try:
        with GitServer(srv) as server:
            for _ in range(6):
                run = action(server)
                assert run.code == 0, run.log
                assert run.outputs
                kept = {name: text for name, text in EXPECTED.items() if name != "is-current"}
                assert run.outputs | kept == run.outputs
                assert re.fullmatch(r"v3\.1\.[0-9]+", run.outputs["latest-version"])
    finally:
        done.set()
        thread.join()


def test_a_sha256_repository(srv: Path, action: Action) -> None:
    repo = Repo(srv / "o/sha256", object_format="sha256")
    repo.commit({"dvc.yaml": DVC_YAML})
    repo.tag("churn@v3.1.0", time=50)
    repo.tag(TAG, time=60)
    with GitServer(srv) as server:
        run = action(server, GITHUB_REPOSITORY="o/sha256")
    right(run)
    assert len(run.document["sha"]) == 64


def test_a_repository_without_tags(srv: Path, action: Action) -> None:
    repo = Repo(srv / "o/none")
    with GitServer(srv) as server:
        failed(action(server, GITHUB_REPOSITORY="o/none"), "has no tag")
        repo.commit()
        failed(action(server, GITHUB_REPOSITORY="o/none"), "has no tag")


def test_refs_that_clash_in_case(srv: Path, action: Action, registry: Repo) -> None:
    registry.tag("Churn@v3.1.0", time=51)
    registry.tag("CHURN#PROD#4", time=61)
    registry.tag("churn#Prod#4", time=62)
    with GitServer(srv) as server:
        right(action(server))
        assert action(server, "refs/tags/churn#Prod#4").document["stage"] == "Prod"


def _version(git: Path | str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"[0-9]+", subprocess.check_output([git, "version"], text=True))[:2]))


# The server's git may be another one (`tools/other-git.sh`).
_HTTP_BACKEND = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip(), "git-http-backend").resolve()
_GIT = min(_version("git"), _version(_HTTP_BACKEND.with_name("git")))
_STORES = ("loose", "packed", "some of each", *(["reftable"] if _GIT >= (2, 46) else []))


@pytest.mark.parametrize("how", _STORES)
def test_refs_as_the_server_keeps_them(srv: Path, action: Action, registry: Repo, how: str) -> None:
    if how == "packed":
        registry.git("pack-refs", "--all")
    elif how == "some of each":
        registry.git("pack-refs", "--all")
        registry.tag("churn@v3.0.0", time=49)
        registry.git("update-ref", "-d", "refs/tags/other@v1.0.0")
    elif how == "reftable":
        registry.git("refs", "migrate", "--ref-format=reftable")
    with GitServer(srv) as server:
        right(action(server))


@pytest.mark.parametrize("mount", ["/git", "/a/b"])
def test_a_server_below_a_path(srv: Path, action: Action, mount: str) -> None:
    with GitServer(srv, token=TOKEN, mount=mount) as server:
        right(action(server))
        assert all(request.path.startswith(f"{mount}/o/r/") for request in server.requests)


def test_a_server_by_another_name(srv: Path, action: Action) -> None:
    """As GitHub Enterprise: a host and a port of one's own."""
    with GitServer(srv, token=TOKEN) as server:
        right(action(server.url.replace("127.0.0.1", "localhost")))


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
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    with GitServer(srv, token=TOKEN) as server:
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{TAG}"}
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        environ |= {"INPUT_TOKEN": TOKEN, "http_proxy": address, "no_proxy": "127.0.0.1" if exempt else ""}
        run = run_entrypoint(tmp_path / "run", environ)
    proxy.shutdown()
    proxy.server_close()
    right(run)
    assert bool(proxy.asked) != exempt


@pytest.mark.parametrize(("status", "says"), [(407, "A proxy before"), (502, "Fetching"), (None, "Fetching")])
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


# What a proxy answers to the first so many that want to be connected; after them it connects.
BEFORE_TLS = [
    (status, times) for status in (301, 302, 307, 308, 401, 404, 410, 429, 500, 502, 503) for times in (2, None)
]


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
        return action(server, GITHUB_SHA=sha, GITHUB_EVENT_NAME="push", INPUT_TIMEOUT="30")

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
        with within(20):
            run = through(proxy, server)
        assert not [request for request in server.requests if "fork" in request.path]
    right(run) if times else failed(run, "^Fetching from the remote")
    assert "has moved" not in run.log
    assert run.log.count("Trying again") == (1 if times else 3)


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("place", ["advertisement", "answer", "a pause"])
def test_a_run_that_is_cancelled(srv: Path, registry: Repo, tmp_path: Path, place: str, number: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    output = tmp_path / "output"
    with GitServer(srv) as server:
        if place == "a pause":
            server.answer(503, headers={"Retry-After": "60"})
        else:
            server.stall(path=PLACES[place])
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{TAG}"}
        environ |= {"PATH": os.environ["PATH"], "TMPDIR": str(temporary), "GITHUB_OUTPUT": str(output)}
        process = subprocess.Popen(
            [sys.executable, str(ENTRYPOINT)], env=environ, stdout=subprocess.PIPE, start_new_session=True
        )
        assert process.stdout
        log = b""
        while b"Trying again in" not in log and not any(request.status == 0 for request in server.requests):
            if select.select([process.stdout], [], [], 0.02)[0]:
                log += os.read(process.stdout.fileno(), 1 << 16)
            assert process.poll() is None
        process.send_signal(number)
        with within(3):
            process.communicate(timeout=5)
    assert process.returncode == 128 + number
    assert list(temporary.iterdir()) == []
    assert not output.exists()
    assert ended(server.url)


@pytest.mark.parametrize("signals", [1, 2])
@pytest.mark.parametrize("answers", [True, False])
def test_a_run_that_is_cancelled_at_any_moment(
    srv: Path, registry: Repo, tmp_path: Path, answers: bool, signals: int
) -> None:
    assert registry.git("rev-parse", TAG)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    cancelled = 0
    with GitServer(srv) as server:
        if not answers:
            server.stall()
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{TAG}"}
        environ |= {"PATH": os.environ["PATH"], "TMPDIR": str(temporary)}
        for moment in range(30):
            output = tmp_path / f"output-{moment}"
            process = subprocess.Popen(
                [sys.executable, str(ENTRYPOINT)],
                env={**environ, "GITHUB_OUTPUT": str(output)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            time.sleep(0.04 + 0.006 * moment)
            for number in (signal.SIGTERM, signal.SIGINT)[:signals]:
                process.send_signal(number)
                time.sleep(0.002)
            log, _ = process.communicate(timeout=5)
            # before the run begins and after it has ended nothing is there to be left, and Python ends at the signal
            sent = (signal.SIGTERM, signal.SIGINT)[:signals]
            assert process.returncode in {0, *(-each for each in sent), *(128 + each for each in sent)}, log
            cancelled += process.returncode != 0
            assert "Traceback" not in log or process.returncode < 0
            assert "bug" not in log
            assert list(temporary.iterdir()) == []
            assert ended(server.url)
            if output.exists():
                written = parse_outputs(output.read_bytes())
                assert written | EXPECTED == written
    assert cancelled > 5
