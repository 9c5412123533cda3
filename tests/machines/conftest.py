"""What the tests of bare machines share: which machines, and that only who can make them runs these."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.bare_machine import BareMachine, missing, unpack
from tests.support.machine import ROOT
from tests.support.skipping import skip

# A part that shows that all of what `make test` sets up is there; the whole takes minutes.
PART: Final = "tests/gto/test_tag.py tests/git/test_remote_failures.py tests/git/test_http_trace.py"
OF_GIT: Final = "tests/git tests/step"
"""What another git can break."""
OF_PYTHON: Final = (
    "tests/step tests/answer tests/cli tests/deployments tests/dvc_yaml tests/gto tests/hosts tests/job tests/page "
    "tests/render tests/service tests/system tests/yaml12 tests/pull/bring/test_pulled.py"
)
"""What another Python can break: its own libraries, DVC's, the service's."""
EVERYTHING: Final = "tests"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of machine."""

    suite: str
    """Of Debian."""
    python: str = ""
    """The command that `make` is told to take; empty for what it finds."""
    git: str = ""
    """The suite whose git it has; empty for its own."""
    tests: str = EVERYTHING
    """Those that it runs where all kinds are tried: what only another kind of Python or git breaks, one kind shows."""


# Those that say most first. A Debian 12 runs everything in CI.
KINDS: Final = {
    "Debian 13": Kind("trixie", tests=f"{OF_GIT} {OF_PYTHON}"),
    "Debian 12, git of 11": Kind("bookworm", git="bullseye", tests=OF_GIT),
    "Debian 12, Python 3.12": Kind("bookworm", python="python3.12", tests=OF_PYTHON),
    "Debian forky": Kind("forky", tests=OF_PYTHON),
    "Debian forky, Python 3.15": Kind("forky", python="python3.15"),
    "Debian 12": Kind("bookworm", tests=PART),
}
# Forky rather than Debian 13: its git and its Python are what the next machines have, and what fails there fails first.
OLDEST_AND_NEWEST: Final = ("Debian 12", "Debian forky, Python 3.15")
ALL: Final = os.environ.get("GTO_ACTION_MACHINES") == "all"
"""Whether all kinds are tried, with the tests that theirs may break."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what cannot be run here, in words that are the same for all, so that they are printed once."""
    if what := missing():
        skip("tests of bare machines", what)


@pytest.fixture
def make_machine(tmp_path: Path) -> Iterator[Callable[[str], BareMachine]]:
    """Makes a machine with a suite of Debian, with this checkout to be cloned."""

    def make(suite: str) -> BareMachine:
        machine = unpack(suite, tmp_path / suite)
        machine.give_source(ROOT)
        return machine

    yield make
    for each in tmp_path.iterdir():
        shutil.rmtree(each)  # a gigabyte, with what was installed
