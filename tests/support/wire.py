"""What the tests of the wire share: what is served, and what a run over it may say."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote

from tests.support.action import SCHEMA, Run

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


def running() -> str:
    """What all processes were started with; a git that talks to a server has its address there."""
    lines = []
    for each in Path("/proc").iterdir():
        with suppress(OSError):  # it has just ended, or is no process
            lines.append((each / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return "\n".join(lines)


def ended(url: str) -> bool:
    """Whether nothing runs that was started with an address; a killed process takes a moment to go."""
    place = unquote(url.removeprefix("file://"))  # a repository on this machine is named by its path
    deadline = time.monotonic() + 30
    while place in running() and time.monotonic() < deadline:
        time.sleep(0.01)
    return place not in running()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What ends in time: of the seconds that it may take at least ten times what it does here."""
    start = time.monotonic()
    yield
    took = time.monotonic() - start
    assert took < seconds, f"{took:.1f} seconds"


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

RESULT = {"Content-Type": "application/x-git-upload-pack-result"}
