"""The package as it comes from an index: by pip, by uv, and without an installation."""

import hashlib
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Final

import pytest

from gto_action import __version__
from gto_action.published import PACKAGE
from tests.packages.test_package import DIST, RELEASE, VERSION, built
from tests.support.machine import ENVIRON, ROOT

UV: Final = Path(sys.executable).with_name("uv")
PIPX: Final = ROOT / ".cache/dist/bin/pipx"  # `make dist`


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, a list of them as PyPI serves it, and says nothing of it."""

    def guess_type(self, path: str | PathLike[str]) -> str:
        """A list is one of PEP 691."""
        return "application/vnd.pypi.simple.v1+json" if str(path).endswith(".json") else "application/octet-stream"

    def send_head(self) -> BytesIO | BinaryIO | None:
        """What a folder has is in its list."""
        if self.path.endswith("/"):
            self.path += "list.json"
        return super().send_head()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An index that has our package alone, as PyPI would: its wheel and its sdist."""
    folder = tmp_path_factory.mktemp("index")
    place = folder / "simple" / PACKAGE
    place.mkdir(parents=True)
    files = [shutil.copy2(built(suffix), place) for suffix in (".whl", ".tar.gz")]
    listed = [
        {"filename": file.name, "url": file.name, "hashes": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}}
        for file in map(Path, files)
    ]
    (place / "list.json").write_text(json.dumps({"meta": {"api-version": "1.0"}, "name": PACKAGE, "files": listed}))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


@pytest.fixture
def environ(index: str, tmp_path: Path) -> Mapping[str, str]:
    """The variables of a program that finds our index beside the one that it knows."""
    return {
        **ENVIRON,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "PIP_EXTRA_INDEX_URL": index,
        "UV_INDEX": index,
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_PYTHON": sys.executable,
        "PIPX_HOME": str(tmp_path / "pipx"),
    }


@pytest.fixture
def run(environ: Mapping[str, str], tmp_path: Path) -> Callable[..., str]:
    """Runs a program with them; gives what it prints."""

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [*map(str, command)], cwd=tmp_path, env=environ, check=False, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


Tool = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tool(environ: Mapping[str, str], index: str) -> Tool:
    """Runs `tools/package_index.py`, which asks our index, once."""

    def tool(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-I", str(ROOT / "tools/package_index.py"), *arguments]
        variables = {**environ, "PIP_INDEX_URL": index, "TRIES": "1"}
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300, check=False)

    return tool


@pytest.mark.parametrize("installer", ["pip", "uv"])
@pytest.mark.parametrize("what", [PACKAGE, f"{PACKAGE}[cli]"])
def test_it_is_installed(run: Callable[..., str], tmp_path: Path, installer: str, what: str) -> None:
    place = tmp_path / "environment"
    run(sys.executable, "-m", "venv", place)
    python = place / "bin/python"
    pip = (UV, "pip", "install", "--python", python) if installer == "uv" else (python, "-m", "pip", "install")
    run(*pip, "--quiet", f"{what}=={__version__}")
    assert run(place / "bin/gto-action", "--version") == VERSION
    assert "check-ref" in run(place / "bin/gto-action", "--help")


@pytest.mark.parametrize(
    "what", [f"{PACKAGE}@{__version__}", f"{PACKAGE}=={__version__}", f"{PACKAGE}[cli]=={__version__}"]
)
def test_it_is_run_without_an_installation(run: Callable[..., str], what: str) -> None:
    assert "check-ref" in run(UV, "tool", "run", what, "--help")


@pytest.mark.parametrize("what", [f"{PACKAGE}=={__version__}", f"{PACKAGE}[cli]=={__version__}"])
def test_pipx_runs_it(run: Callable[..., str], what: str) -> None:
    assert "check-ref" in run(PIPX, "run", "--spec", what, PACKAGE, "--help")


def altered(folder: Path) -> Path:
    """What a release would have, had somebody else published the version first."""
    shutil.copytree(DIST, folder)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("gto_action/evil.py", "")
    return folder


def newer(folder: Path) -> Path:
    folder.mkdir()
    for file in DIST.iterdir():
        shutil.copy2(file, folder / file.name.replace(RELEASE, "99.0.0"))
    return folder


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        pytest.param(("free", "99.0.0"), 0, f"The index has no {PACKAGE} 99.0.0.\n", id="a new version"),
        pytest.param(
            ("free", __version__), 1, f"the index has {PACKAGE} {__version__}, as gto_action-", id="a taken one"
        ),
        pytest.param(("has", DIST), 0, f"The index has this gto_action-{RELEASE}.tar.gz.\n", id="what was built"),
        pytest.param(("has", altered), 1, f"the index has another gto_action-{RELEASE}-py3", id="something else"),
        pytest.param(("has", newer), 1, "the index does not have gto_action-99.0.0-py3", id="what never came"),
    ],
)
def test_a_release_asks_the_index(
    tool: Tool, tmp_path: Path, what: tuple[str, str | Path | Callable[[Path], Path]], code: int, said: str
) -> None:
    """Whether the version is free before anything is built, and in the end whether what it has is ours."""
    command, subject = what
    done = tool(command, str(subject(tmp_path / "dist") if callable(subject) else subject))
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
