"""The service's image, with the options of examples/service/compose.yaml: not root, and nothing is lost that it took."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.e2e.engine import ROOT, EngineError, alone, build, docker, remove
from tests.support.git_server import GitServer
from tests.support.hooks import push_hook
from tests.support.repo import Repo
from tests.support.service import SECRETS, Service, Sink, wait_for

pytestmark = pytest.mark.container

_FILE: Final = "tools/container/service.Dockerfile"
_STATE: Final = "/var/lib/gto-action"


@pytest.fixture(scope="module")
def service_image() -> Iterator[str]:
    tag = f"gto-action-e2e:serve-{os.getpid()}"
    with alone("build-service"):
        build(ROOT, tag, buildkit=False, file=_FILE)
    yield tag
    remove(tag)


@contextmanager
def container(image: str, service: Service) -> Iterator[str]:
    """The service in a container, as compose.yaml has it, but for its network: what it asks is on the loopback."""
    compose: dict[str, Any] = yaml.safe_load((ROOT / "examples/service/compose.yaml").read_text())
    wanted = compose["services"]["gto-action"]
    assert [each.partition(":")[2] for each in wanted["volumes"]] == ["/etc/gto-action/serve.toml:ro", _STATE]
    name = f"gto-action-e2e-serve-{os.getpid()}"
    service.config.chmod(0o644)
    options = ["--user", wanted["user"], "--read-only", "--network", "host", "--stop-timeout", "30"]
    options += [option for each in wanted["cap_drop"] for option in ("--cap-drop", each)]
    options += [option for each in wanted["security_opt"] for option in ("--security-opt", each)]
    options += [option for each in wanted["tmpfs"] for option in ("--tmpfs", each)]
    options += ["--volume", f"{name}:{_STATE}", "--volume", f"{service.config}:/etc/gto-action/serve.toml:ro"]
    options += [option for each in SECRETS for option in ("--env", each)]
    assert wanted["read_only"] is True
    try:
        docker("run", "--detach", "--name", name, *options, image, environ=SECRETS)
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)
        docker("volume", "rm", "--force", name)


def wait_ready(service: Service, name: str) -> None:
    deadline = time.monotonic() + 60
    while service.admin_status("/readyz") != 200:
        running = docker("inspect", "--format", "{{.State.Running}}", name)
        assert running == "true", docker("logs", name)
        assert time.monotonic() < deadline, docker("logs", name)
        time.sleep(0.05)


def test_what_it_took_is_delivered_though_it_is_killed(service_image: str, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "srv/o/r")
    repo.commit()
    repo.tag("churn@v1.0.0", time=1001)
    folder, database = tmp_path / "service", f"sqlite:///{_STATE}/serve.db"
    with GitServer(tmp_path / "srv") as server, Sink() as sink:
        service = Service(folder, {"models": f"{server.url}/o/r"}, sink.url, database=database)
        with container(service_image, service) as name:
            wait_ready(service, name)
            wait_for(lambda: service.metric("gto_look_seconds_count") == 1, 60)
            repo.tag("churn#prod#1", time=1002)
            assert push_hook(service) == 202
            sink.wait(1, 60)
            sink.answer = lambda _: (503, {}, 0.0)
            repo.tag("churn#prod#2", time=1003)
            assert push_hook(service) == 202
            wait_for(lambda: len(sink.arrivals) > 1, 60)
            docker("kill", name)
            sink.answer = lambda _: (200, {}, 0.0)
            docker("start", name)
            wait_ready(service, name)
            sink.wait(2, 60)
            assert sink.firsts() == {(f"{server.url}/o/r", "churn"): [1, 2]}
            check_inside(name)
            docker("stop", name)
            assert docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0"


def check_inside(name: str) -> None:
    """Who it is, what it may write, and that its commands are at hand."""
    assert docker("exec", name, "id", "-un") == "gto"
    for path in ("/app/x", "/etc/x", "/x"):
        with pytest.raises(EngineError, match="Read-only file system"):
            docker("exec", name, "touch", path)
    found = json.loads(docker("exec", name, "gto-action", "deliveries", "--json"))
    assert [each["state"] for each in found] == ["delivered", "delivered"]
    assert docker("exec", name, "stat", "--format", "%a %U", _STATE) == "700 gto"
    # whose parents have ended, as git's helpers: the first process takes notice of them, or they stay for ever
    wait_for(lambda: ") Z " not in docker("exec", name, "sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null || true"), 60)


def test_it_says_what_is_wrong_with_its_configuration(service_image: str) -> None:
    with pytest.raises(EngineError, match=r"serve\.toml. cannot be read: No such file"):
        docker("run", "--rm", "--read-only", "--network", "none", service_image)
