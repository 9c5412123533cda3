"""The image itself: small, whole when it starts, and built by both builders."""

import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gto_action.published import REPOSITORY
from tests.e2e.conftest import Build
from tests.e2e.engine import BASE, ROOT, docker, size
from tests.e2e.registry import SampleRegistry
from tests.e2e.step import Step

pytestmark = pytest.mark.container

_LIMIT: Final = 105_000_000
"""The bytes of the image, base included; compressed a third."""
_SOURCE: Final = f"https://github.com/{REPOSITORY}"


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
    whole = size(build.image)
    assert whole < _LIMIT
    figure(f"{builder}: built in {build.seconds:.1f} s, {whole / 1e6:.1f} MB")


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
        "source": _SOURCE,
        "licenses": "Apache-2.0",
        "base.name": BASE,
    }


def test_nothing_is_installed_at_start(
    make_step: Callable[..., Step], registry: SampleRegistry, with_shell: str
) -> None:
    """A run without a network is a right one, and the container's own files are afterwards what they were."""
    step = make_step(
        image=with_shell, server_url="file:///srv/git", mounts=(f"{registry.root}:/srv/git:ro",), network="none"
    )
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


@pytest.fixture(scope="module")
def files(image: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tarfile.TarInfo]:
    """All that is in the image, by path."""
    archive = tmp_path_factory.mktemp("image") / "image.tar"
    container = docker("create", image)
    try:
        docker("export", "--output", str(archive), container)
    finally:
        docker("rm", container)
    with tarfile.open(archive) as tar:
        return {member.name: member for member in tar}


def test_nothing_is_in_it_that_runs_other_programs(files: dict[str, tarfile.TarInfo]) -> None:
    """No shell, no package manager, no compiler, no Perl; and no file by which a program becomes somebody else."""
    programs = {Path(name).name for name, file in files.items() if file.mode & 0o111 and not file.isdir()}
    unwanted = r"(ba|da|z|k|fi)?sh|busybox|apt.*|dpkg.*|perl.*|gcc.*|cc|ld|make|curl|wget|su|sudo|mount|pip.*"
    assert {name for name in programs if re.fullmatch(unwanted, name)} == set()
    assert {"git", "python"} <= programs
    assert [name for name, file in files.items() if file.mode & 0o6000] == []


def test_only_root_may_change_it(files: dict[str, tarfile.TarInfo]) -> None:
    open_to_all = {name for name, file in files.items() if file.mode & 0o022 and not file.issym()}
    assert open_to_all - {"dev/console", "dev/shm"} == {"tmp", "var/tmp"}
    assert {file.uid for file in files.values()} == {0}


def test_a_scanner_sees_its_packages(files: dict[str, tarfile.TarInfo]) -> None:
    """Debian's and Python's: those of the lock, and nothing that keys of GitHub Apps alone would need."""
    debian = {Path(name).name for name in files if name.startswith("var/lib/dpkg/status.d/")}
    assert {"git", "libc6", "libssl3t64", "libcurl3t64-gnutls"} <= debian
    assert not debian & {"bash", "dash", "apt", "perl-base", "coreutils"}
    installed = {found[1] for name in files if (found := re.search(r"/site-packages/([^/]+)\.dist-info$", name))}
    locked = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements/action.txt").read_text(), re.MULTILINE)
    assert {each.replace("-", "_").lower() for each in installed} == {
        f"{name}-{version}".replace("-", "_") for name, version in locked
    }
    assert "cryptography" not in dict(locked)


def test_libraries_of_python_are_all_there(image: str) -> None:
    """Each module in C of the standard library finds the libraries that it needs."""
    code = """
import importlib, math, pathlib, sysconfig
modules = {each.name.partition(".")[0] for each in pathlib.Path(sysconfig.get_config_var("DESTSHARED")).glob("*.so")}
assert {"_ssl", "_sqlite3", "_lzma", "_bz2", "_ctypes"} <= modules, modules
for name in sorted(modules):
    importlib.import_module(name)
"""
    assert docker("run", "--rm", "--entrypoint", "/app/bin/python", image, "-IBc", code) == ""


@pytest.mark.parametrize("user", ["1001:1001", "65532"])
def test_who_runs_it_need_not_be_root(make_step: Callable[..., Step], user: str) -> None:
    """Where the runner's files are its own: GitHub's belong to a user that no image knows, and ask for root."""
    step = make_step()
    step.prepare()
    for path in (step.folder, *step.folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    process = docker(*step.command("--rm", f"--user={user}", "--cap-drop=ALL", "--read-only", "--tmpfs=/tmp"))
    run = step.left(0, process, 0)
    assert run.outputs["event"] == "assignment", run.log
