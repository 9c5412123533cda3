"""Servers that are slow, or silent: always an end in time."""

from pathlib import Path

import pytest

from gto_action.system.attempts import Pace
from tests.support.action import Action
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.wire import DVC_YAML, PLACES, TAG, failed, right, within


@pytest.mark.parametrize("place", PLACES)
def test_a_server_that_never_answers(srv: Path, action: Action, place: str) -> None:
    with GitServer(srv) as server, within(15):
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


def test_a_file_that_comes_slowly(srv: Path, action: Action, registry: Repo) -> None:
    registry.commit(
        {"dvc.yaml": f"vars: [other.yaml]\n{DVC_YAML}".replace("models/churn.pkl", "'${q}'"), "other.yaml": "q: a.pkl"}
    )
    registry.tag(TAG, time=60)
    with GitServer(srv) as server:
        blob = f"want {registry.git('rev-parse', f'{TAG}:other.yaml')}".encode()
        server.fault(Fault(path="git-upload-pack", asks=blob, drip=0.003))
        run = action(server, pace=Pace(sign=0.1))
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["path"] == "a.pkl"


def test_a_server_that_sends_the_tags_only(srv: Path, action: Action) -> None:
    """The files are waited for no longer than everything may take."""
    with GitServer(srv) as server, within(30):
        server.fault(Fault(path="git-upload-pack", asks=b"filter blob:none", stall=True))
        failed(action(server, INPUT_TIMEOUT="2"), "did not answer")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("drip", "timeout", "ok"), [(0.0002, "120", True), (0.05, "2", False)])
def test_a_slow_drip(srv: Path, action: Action, place: str, drip: float, timeout: str, ok: bool) -> None:
    with GitServer(srv) as server, within(150):
        server.fault(Fault(path=PLACES[place], drip=drip))
        run = action(server, INPUT_TIMEOUT=timeout)
    right(run) if ok else failed(run, "did not answer")
