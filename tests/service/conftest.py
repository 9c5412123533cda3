"""A registry on a server that speaks git's protocol over HTTP, a sink, and the service between them."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.churn import DVC_YAML
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.service import HOOK_SECRET, Service, Sink


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
def push() -> Callable[[Service], int]:
    """Sends the hook of a push that GitHub would send; gives the answer's status."""

    def send(service: Service, name: str = "models") -> int:
        body = json.dumps({"ref": "refs/tags/churn#prod#1", "at": time.time()}).encode()
        signature = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": f"sha256={signature}", "x-github-event": "push", "x-github-delivery": "d"}
        return service.post(headers, body, name)

    return send
