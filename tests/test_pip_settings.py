"""What a user has set for pip, Python and uv changes nothing of what a lock gives; but how an index is reached counts."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from pip._internal.cache import SimpleWheelCache
from pip._internal.models.link import Link

from tests.support.pages import ROOT
from tests.support.wheels import locked, make_wheel

INSTALL: Final = ROOT / "native/install.py"
MISLEADING: Final = {
    "constraint": "{away}/requirements.txt",
    "dry-run": "true",
    "editable": "{away}",
    "ignore-requires-python": "maybe",
    "prefix": "{away}/prefix",
    "quiet": "3",
    "report": "{away}/report.json",
    "require-virtualenv": "true",
    "requirement": "{away}/requirements.txt",
    "root": "{away}/root",
    "target": "{away}/target",
    "user": "true",
}
"""Settings of pip's, each with a value by which pip alone would install something else, or elsewhere, or nothing at all."""
VARIABLES: Final = {
    "PIP_PYTHON": "/no/such/python",
    "PYTHONHOME": "/no/such/python",
    "PYTHONPATH": "{away}",
    "PYTHONSTARTUP": "{away}/sitecustomize.py",
    "PYTHONUSERBASE": "{away}",
    "UV_CONSTRAINT": "{away}/requirements.txt",
    "UV_EXCLUDE_NEWER": "2001-01-01",
    "UV_INDEX_URL": "http://127.0.0.1:9/simple",
    "UV_NO_INDEX": "1",
    "VIRTUAL_ENV": "/no/such/environment",
}


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """Where nobody should look: another version of the package, a project, a module that every Python imports."""
    away = tmp_path / "away"
    away.mkdir()
    (away / "requirements.txt").write_text(locked(make_wheel(away, "wanted", "2.0")))
    (away / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "1"\n')
    (away / "sitecustomize.py").write_text(f"open({str(away / 'ran')!r}, 'w')\n")
    return away


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock, beside the folder of its wheel."""
    (tmp_path / "wheels").mkdir()
    lock = tmp_path / "lock.txt"
    lock.write_text(locked(make_wheel(tmp_path / "wheels", "wanted", "1.0")))
    return lock


Install = Callable[[Mapping[str, str]], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def install(lock: Path, tmp_path: Path) -> Install:
    """Installs the lock as `native/run.py` does, with variables."""
    (tmp_path / "home").mkdir()
    options = ("--no-compile", "--only-binary", ":all:", "--require-hashes", "--no-deps", "--requirement", lock)

    def install(variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-I", INSTALL, *options, "--target", tmp_path / "made"],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return install


def made(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def held(done: "subprocess.CompletedProcess[str]", tmp_path: Path, away: Path) -> None:
    """What the lock says was installed, there and nowhere else."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert made(tmp_path / "made") == {"wanted.py", "wanted-1.0.dist-info"}
    assert made(away) == {"pyproject.toml", "requirements.txt", "sitecustomize.py", "wanted-2.0-py3-none-any.whl"}


def configured(home: Path, text: str) -> Path:
    """Pip's file of a user, where every system has had it."""
    file = home / ".pip/pip.conf"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize("setting", MISLEADING)
def test_a_setting_of_pip_that_leads_elsewhere(setting: str, install: Install, tmp_path: Path, away: Path) -> None:
    value = MISLEADING[setting].format(away=away)
    configured(tmp_path / "home", f"[global]\n{setting} = {value}\n[install]\n{setting} = {value}\n")
    variable = f"PIP_{setting.upper().replace('-', '_')}"
    held(install({"PIP_FIND_LINKS": str(tmp_path / "wheels"), "PIP_NO_INDEX": "1", variable: value}), tmp_path, away)


def test_a_variable_of_another_program(install: Install, tmp_path: Path, away: Path) -> None:
    variables = {name: value.format(away=away) for name, value in VARIABLES.items()}
    held(install({"PIP_FIND_LINKS": str(tmp_path / "wheels"), "PIP_NO_INDEX": "1", **variables}), tmp_path, away)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def index(tmp_path: Path, lock: Path) -> Iterator[str]:
    """A package index that has the wheel of the lock."""
    place = tmp_path / "index/simple/wanted"
    place.mkdir(parents=True)
    (wheel,) = (tmp_path / "wheels").iterdir()
    wheel.rename(place / wheel.name)
    (place / "index.html").write_text(
        f'<!DOCTYPE html><html><body><a href="{wheel.name}">{wheel.name}</a></body></html>'
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "index"))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


NOWHERE: Final = "http://127.0.0.1:9/simple"


@pytest.mark.parametrize(
    ("user", "named", "variable"),
    [
        ("[global]\nindex-url = {index}\n", "", ""),
        ("[install]\nindex-url = {index}\n", "", ""),
        ("[global]\nindex-url = {nowhere}\n[install]\nindex-url = {index}\nquiet = 3\n", "", ""),
        ("[global]\nindex-url = {nowhere}\n[download]\nindex-url = {nowhere}\n", "", "{index}"),
        ("[global]\nindex-url = {nowhere}\n", "[global]\nindex-url = {index}\n", ""),
        ("[global]\npython = /no/such/python\nindex-url = {index}\n", "", ""),
        ("[global]\nquiet = 5\nindex-url = {index}\n", "", ""),
        ("[global]\nquiet = 1\nindex-url = {nowhere}\n", "[global]\nindex-url = {index}\n", ""),
        ("[config]\nuser = true\n", "[global]\nindex-url = {index}\n", ""),
        ("[global]\nno-index = true\nfind-links =\n    /no/such/folder\n    {wheels}\n", "", ""),
    ],
)
def test_how_an_index_is_reached_counts(
    user: str, named: str, variable: str, install: Install, index: str, tmp_path: Path, away: Path
) -> None:
    """In pip's files and its variables, with pip's own order of them."""
    values = {"index": index, "nowhere": NOWHERE, "wheels": str(tmp_path / "index/simple/wanted")}
    configured(tmp_path / "home", user.format(**values))
    variables = {"PIP_INDEX_URL": variable.format(**values)} if variable else {}
    if named:
        (tmp_path / "named.conf").write_text(named.format(**values))
        variables["PIP_CONFIG_FILE"] = str(tmp_path / "named.conf")
    held(install({"PIP_RETRIES": "0", "no_proxy": "127.0.0.1", **variables}), tmp_path, away)


@pytest.mark.parametrize("named", [{}, {"PIP_CACHE_DIR": "{cache}"}], ids=["where it is", "where a variable says"])
def test_what_pip_has_in_its_cache_is_not_taken(
    named: Mapping[str, str], install: Install, index: str, tmp_path: Path, away: Path
) -> None:
    """Such as what a job restored that others may write: a wheel that says of itself that it has the lock's hash."""
    cache = tmp_path / ("cache" if named else "home/.cache/pip")
    url = f"{index}/wanted/wanted-1.0-py3-none-any.whl"
    entry = Path(SimpleWheelCache(str(cache)).get_path_for_link(Link(url)))
    entry.mkdir(parents=True)
    other = make_wheel(entry, "wanted", "1.0")
    with zipfile.ZipFile(other, "a") as wheel:
        wheel.writestr("evil.py", "")
    digest = (tmp_path / "lock.txt").read_text().rstrip().rpartition(":")[2]
    origin = {"url": url, "archive_info": {"hash": f"sha256={digest}", "hashes": {"sha256": digest}}}
    (entry / "origin.json").write_text(json.dumps(origin))
    reach = {"PIP_INDEX_URL": index, "no_proxy": "127.0.0.1"}
    held(install({**reach, **{name: value.format(cache=cache) for name, value in named.items()}}), tmp_path, away)


def test_a_file_that_pip_cannot_read_is_named(install: Install, tmp_path: Path) -> None:
    file = configured(tmp_path / "home", "no section\n")
    done = install({"PIP_FIND_LINKS": str(tmp_path / "wheels"), "PIP_NO_INDEX": "1"})
    assert done.returncode
    assert str(file) in done.stderr
    assert not (tmp_path / "made").exists()
