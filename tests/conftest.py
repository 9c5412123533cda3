"""What every test shares: an isolated git, and no network but the loopback."""

import functools
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.support")  # what a helper asserts is told in detail, as in a test

from tests.support.browser import Browser, missing
from tests.support.chromium import Chromium
from tests.support.figures import pytest_terminal_summary  # noqa: F401 - a hook, which pytest finds here
from tests.support.machine import ANOTHER_DAY
from tests.support.repo import Repo
from tests.support.scheduling import Scheduling
from tests.support.skipping import skip

# How long an example takes says nothing: another process may have the processor.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_OFF = "http://the-network-is-off-in-tests.invalid:9"


class ReachedForTheNetworkError(AssertionError):
    """A test must only talk to servers that it started itself."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:  # noqa: ANN401 - xdist's own
    """What distributes the tests, where groups are asked for (`--dist loadgroup`)."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what needs a browser where there is none, in words that are the same for all, so that they are printed once."""
    if what := item.get_closest_marker("browser") and missing():
        skip("browser tests", what)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, _OFF)  # for the children, git among them
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[object, ...] | str | bytes) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "localhost", "::1"}:
            raise ReachedForTheNetworkError(f"{address!r} is not on the loopback")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True, scope="session")
def _another_day() -> Iterator[None]:
    """Under `make test-future` every child lives on the same day and in the same place, whatever its environment says.

    Many tests give the action only the variables that a runner would.
    """
    shared = {name: os.environ[name] for name in ANOTHER_DAY if name in os.environ}
    if "DATEFUDGE" not in shared:
        yield
        return
    start: Callable[..., None] = subprocess.Popen.__init__

    @functools.wraps(start)
    def with_it(self: object, *args: Any, env: Mapping[str, str] | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        start(self, *args, env=env if env is None else {**shared, **env}, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", with_it)
        yield


@pytest.fixture(autouse=True)
def _isolated_git(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def srv(tmp_path: Path) -> Path:
    """Where the tests' servers and `file://` addresses find OWNER/NAME."""
    return tmp_path / "srv"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The runner's, empty."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def make_repo(srv: Path) -> Callable[[str], Repo]:
    """Makes an empty repository OWNER/NAME."""
    return lambda name: Repo(srv / name)


@pytest.fixture
def repo(srv: Path) -> Repo:
    """An empty repository `o/r`."""
    return Repo(srv / "o/r")


@pytest.fixture
def registry(template: Path, srv: Path) -> Repo:
    """The repository `o/r` as a room's `template` has it, which is made once: to copy it is quicker."""
    return Repo(shutil.copytree(template, srv / "o/r", dirs_exist_ok=True))


@pytest.fixture(scope="session")
def _chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium") / "profile") as chromium:
        yield chromium


@pytest.fixture
def browser(_chromium: Chromium, tmp_path: Path) -> Iterator[Browser]:
    """A real browser, which shows summaries as GitHub would."""
    with Browser(_chromium, tmp_path) as browser:
        yield browser
