"""Statuses of HTTP: which are asked again for, when, and how often."""

import time
from pathlib import Path

import pytest

from tests.support.action import Action
from tests.support.git_server import GitServer
from tests.support.wire import PLACES, failed, right, within
from tests.support.wire_faults import FLEETING, LASTING


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
    with GitServer(srv) as server, within(40):
        server.answer(429, headers={"Retry-After": "3600"})
        failed(action(server, INPUT_TIMEOUT="60"))
