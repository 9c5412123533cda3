"""The package as it comes from an index: by pip, by uv, and without an installation."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from gto_action import __version__
from gto_action.published import PACKAGE
from tests.packages.test_package import VERSION, built
from tests.support.machine import ENVIRON

UV: Final = Path(sys.executable).with_name("uv")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An index that has our package alone, as PyPI would: its wheel and its sdist."""
    folder = tmp_path_factory.mktemp("index")
    place = folder / "simple" / PACKAGE
    place.mkdir(parents=True)
    files = [shutil.copy2(built(suffix), place) for suffix in (".whl", ".tar.gz")]
    links = "".join(f'<a href="{Path(file).name}">{Path(file).name}</a>' for file in files)
    (place / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


@pytest.fixture
def run(index: str, tmp_path: Path) -> Callable[..., str]:
    """Runs a program that finds our index beside the one that it knows; gives what it prints."""
    environ: Mapping[str, str] = {
        **ENVIRON,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "PIP_EXTRA_INDEX_URL": index,
        "UV_INDEX": index,
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_PYTHON": sys.executable,
    }

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [*map(str, command)], cwd=tmp_path, env=environ, check=False, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


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
