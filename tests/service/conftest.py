"""A registry on a server that speaks git's protocol over HTTP, a sink, and the service between them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.churn import DVC_YAML
from tests.support.git_server import GitServer
from tests.support.hooks import push_hook
from tests.support.postgres import Postgres
from tests.support.registered import Registry, looked_at
from tests.support.repo import Repo
from tests.support.service import Service, Sink
from tests.support.skipping import skip


@pytest.fixture
def server(srv: Path) -> Iterator[GitServer]:
    srv.mkdir()
    with GitServer(srv) as server:
        yield server


@pytest.fixture
def registry(repo: Repo) -> Repo:
    """A registry with one version."""
    repo.commit({"dvc.yaml": DVC_YAML})
    repo.tag("churn@v1.0.0", time=1001)
    return repo


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def service(tmp_path: Path, server: GitServer, registry: Repo, sink: Sink) -> Iterator[Service]:
    """Configured, and not started."""
    with Service(tmp_path / "service", {"models": f"{server.url}/o/r"}, sink.url) as service:
        yield service


@pytest.fixture
def push() -> Callable[..., int]:
    """Sends the hook of a push that GitHub would send; gives the answer's status."""
    return push_hook


@pytest.fixture
def database() -> Iterator[Postgres]:
    if why := postgres.missing():
        skip("tests of replicas", why)
    with Postgres() as server:
        yield server


@pytest.fixture
def registered(service: Service, registry: Repo, sink: Sink) -> Iterator[Registry]:
    """With three versions; what follows is new."""
    with looked_at(service, registry, sink) as registered:
        yield registered
