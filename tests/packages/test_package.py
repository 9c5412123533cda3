"""The package, installed as users do: from a wheel, an sdist or a clone, in an environment with nothing else in it."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Final

import pytest
from packaging.version import Version

from gto_action import __version__
from tests.support.built import build
from tests.support.machine import ENVIRON, ROOT

RELEASE: Final = str(Version(__version__))
"""As an index writes it: `3.0.0rc1` for `3.0.0-rc.1`."""
VERSION: Final = f"gto-action, version {__version__}\n"
DIST: Final = ROOT / "dist"  # `make dist`
REGISTRY: Final = """\
churn@v1.0.0 A 2000
churn#prod#1 A 2001
"""


def built(suffix: str) -> Path:
    (found,) = DIST.glob(f"gto_action-{RELEASE}*{suffix}")
    return found


def tracked() -> list[str]:
    """The files of this checkout as they are now, with what is new and without what is ignored."""
    listed = subprocess.run(
        ("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_wheel_has_the_package_whole_and_nothing_else() -> None:
    with zipfile.ZipFile(built(".whl")) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {name for name in tracked() if name.startswith("gto_action/")}
    assert "gto_action/py.typed" in names
    assert "gto_action/pull/locks/base.txt" in names


def test_the_sdist_has_what_a_wheel_is_built_of_and_no_tests() -> None:
    with tarfile.open(built(".tar.gz")) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {name for name in tracked() if name.startswith("gto_action/")} < names
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} < names
    assert not [name for name in names if name.startswith(("tests", ".ci", ".github", "tools"))]


@pytest.fixture(scope="session", params=["wheel", "sdist", "clone"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is installed."""
    if request.param != "clone":
        return built(".whl" if request.param == "wheel" else ".tar.gz")
    clone = tmp_path_factory.mktemp("clone")
    for name in tracked():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    return clone


def install(folder: Path, what: str) -> Path:
    """A new environment's folder of programs."""
    subprocess.run((sys.executable, "-m", "venv", folder / "environment"), check=True, env=ENVIRON)
    programs = folder / "environment/bin"
    pip = (programs / "python", "-m", "pip", "--disable-pip-version-check")
    subprocess.run((*pip, "install", "--quiet", what), check=True, cwd=folder, env=ENVIRON)
    subprocess.run((*pip, "check"), check=True, cwd=folder, env=ENVIRON)
    return programs


@pytest.mark.parametrize("extra", ["", "[cli]"])
def test_the_command_line_works_from_any_folder(source: Path, tmp_path: Path, extra: str) -> None:
    programs = install(tmp_path, f"{source}{extra}")
    registry = tmp_path / "registry"
    build(registry, REGISTRY)

    def said(*arguments: str) -> str:
        command = [str(programs / "gto-action"), *arguments]
        return subprocess.run(command, check=True, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8").stdout

    assert said("--version") == VERSION
    assert said("--repo", str(registry), "show", "churn#prod", "--version") == "v1.0.0\n"
    assert said("--repo", str(registry), "check-ref", "churn#prod#1", "--event") == "assignment\n"
    assert said("--repo", str(registry), "doctor") == "No problems found.\n"
    python = [str(programs / "python"), "-I", "-c", "import gto_action.step.root, gto_action.step.finish"]
    subprocess.run(python, check=True, cwd=tmp_path)


@pytest.mark.parametrize(
    ("tags", "code", "said"),
    [
        pytest.param(
            "fixture@v1.0.0 A 2000\nfixture#prod#1 A 2001\n",
            0,
            [f"The package, by {each}, says what it has to say." for each in ("pip", "uvx", "pipx")],
            id="the fixture",
        ),
        pytest.param("fixture@v1.0.1 A 2000\nfixture#prod#1 A 2001\n", 1, [], id="another version"),
    ],
)
def test_a_release_tries_it(tmp_path: Path, tags: str, code: int, said: list[str]) -> None:
    """As `.github/workflows/release.yml` does, before it is published."""
    build(tmp_path / "owner/name", tags)
    tried = subprocess.run(
        (ROOT / "tools/try-release.sh", "package", DIST),
        env={**ENVIRON, "GITHUB_SERVER_URL": f"file://{tmp_path}", "GITHUB_REPOSITORY": "owner/name"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == code, tried.stderr
    assert tried.stdout.splitlines() == said
    if code:
        assert "The package, by pip, does not say what fixture#prod#1 means, but 'fixture v1.0.1 was" in tried.stderr
