"""The image itself: small, whole when it starts, and built by both builders."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import Build
from tests.e2e.engine import BASE, ROOT, docker, size
from tests.e2e.registry import SampleRegistry
from tests.e2e.step import Step

pytestmark = [pytest.mark.container, pytest.mark.xdist_group("image")]

_LIMIT = 70_000_000


@pytest.fixture
def config(image: str) -> dict[str, Any]:
    config = json.loads(docker("image", "inspect", "--format", "{{json .Config}}", image))
    assert isinstance(config, dict)
    return config


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
def test_build(
    builds: Callable[[str], Build], make_step: Callable[..., Step], figure: Callable[[str], None], builder: str
) -> None:
    build = builds(builder)
    run = make_step(image=build.image).run()
    assert run.code == 0, run.log
    assert run.outputs["event"] == "assignment"
    above = size(build.image) - size(BASE)
    assert above < _LIMIT
    figure(f"{builder}: built in {build.seconds:.1f} s, {above / 1e6:.1f} MB above {BASE}")


def test_starts_without_a_shell(config: dict[str, Any]) -> None:
    assert config["Entrypoint"] == ["/app/bin/python", "-IBu", "/app/entrypoint.py"]
    assert not config.get("Cmd")
    assert not config.get("User")  # the runner's files can be written by root only


def test_labels(config: dict[str, Any]) -> None:
    contract = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["Labels"].items()}
    assert labels == {
        "title": "gto-action",
        "description": contract["description"],
        "licenses": "Apache-2.0",
        "base.name": BASE,
    }


def test_nothing_is_installed_at_start(make_step: Callable[..., Step], registry: SampleRegistry) -> None:
    """A run without a network is a right one, and the container's own files are afterwards what they were."""
    step = make_step(server_url="file:///srv/git", mounts=(f"{registry.root}:/srv/git:ro",), network="none")
    step.prepare()
    container = docker(*step.command("--detach"))
    try:
        assert docker("wait", container) == "0", docker("logs", container)
        changed = docker("diff", container).splitlines()
    finally:
        docker("rm", "--force", container)
    # The folders that the engine makes for what is mounted.
    assert [each for each in changed if not each.startswith(("A /github", "A /srv", "C /srv"))] == []


def test_start_finds_bytecode(image: str) -> None:
    """No module is compiled again at each start."""
    code = """
import sys, gto_action.step.root
origins = [each.__spec__ for each in list(sys.modules.values()) if getattr(each, "__spec__", None)]
from pathlib import Path
print(*(each.name for each in origins if each.cached and not Path(each.cached).exists()))
"""
    assert docker("run", "--rm", "--entrypoint", "/app/bin/python", image, "-IB", "-c", code) == ""
