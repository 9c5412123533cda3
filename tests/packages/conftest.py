"""What the tests of packages share: pips of three ages, and packages that nobody should take."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.machine import ENVIRON
from tests.support.wheels import make_wheel

MakeDecoys = Callable[[list[str]], Path]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the one that keeps all other tests off the network: these install packages."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "HOME"):
        monkeypatch.delenv(name, raising=False)
        if name in ENVIRON:
            monkeypatch.setenv(name, ENVIRON[name])


@pytest.fixture(scope="session")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Fetches a wheel, such as `pip==23.0.1`, and gives the folder that it was unpacked to."""

    def download(requirement: str) -> Path:
        folder = tmp_path_factory.mktemp("download")
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps")
        subprocess.run((*pip, "--only-binary", ":all:", "--dest", folder, requirement), check=True, env=ENVIRON)
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "unpacked")
        return folder / "unpacked"

    return download


@pytest.fixture
def make_decoys(tmp_path: Path) -> MakeDecoys:
    """Makes a folder for PIP_FIND_LINKS, with a far higher version of each of these packages."""

    def make(names: list[str]) -> Path:
        folder = tmp_path / "decoys"
        folder.mkdir()
        for name in names:
            make_wheel(folder, name, "99999")
        return folder

    return make
