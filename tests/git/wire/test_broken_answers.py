"""Answers that break off, hang or come damaged: never a part of an output."""

from pathlib import Path

import pytest

from tests.support.action import Action
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.wire import PLACES, RESULT, failed, right, within
from tests.support.wire_faults import ANSWERS, BROKEN, HEADS, of


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
    with GitServer(srv) as server, within(15):
        server.fault(of(answer, Fault(hang=100)))
        failed(action(server, INPUT_TIMEOUT="1"), "did not answer within 1 seconds.*'timeout'")


@pytest.mark.parametrize("times", [1, 2, None])
@pytest.mark.parametrize("place", PLACES)
def test_a_connection_that_is_reset(srv: Path, action: Action, place: str, times: int | None) -> None:
    with GitServer(srv) as server:
        server.fault(Fault(path=PLACES[place], times=times, reset=True))
        run = action(server)
    right(run) if times else failed(run, "Fetching from the remote")
