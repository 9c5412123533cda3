"""Repositories that have moved."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.action import Action
from tests.support.git_server import GitServer
from tests.support.wire import PLACES, TOKEN, failed, right


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
