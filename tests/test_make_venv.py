"""What `make` says where there is no Python to make an environment with, and that it runs nothing of the folder."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.machine import ENVIRON
from tests.support.wheels import locked, make_wheel

ROOT: Final = Path(__file__).parents[1]
# Those of pyenv, if it is here: the interpreters themselves, which need no variable to be the version that they are.
NAMES: Final = {
    path.parents[1].name: path
    for path in sorted(Path(ENVIRON["HOME"]).glob(".pyenv/versions/*/bin/python"))
    if re.match(r"2\.|3\.(?:[0-9]|10)\.", path.parents[1].name)
}


@pytest.mark.parametrize("version", ["not there", *NAMES])
def test_a_python_that_is_too_old(tmp_path: Path, version: str) -> None:
    python = NAMES.get(version, tmp_path / "nowhere/python3")
    ran = subprocess.run(
        [ROOT / "tools/make-venv.sh", tmp_path / "made", ROOT / "requirements/runtime.txt"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr == (
        f"make: no Python 3.11 or later in {python}: install one (as root: apt-get install python3-venv), "
        "or name it: make PYTHON=/path/to/python\n"
    )
    assert not (tmp_path / "made").exists()


def test_no_module_of_the_folder_or_of_pythonpath_is_run(tmp_path: Path) -> None:
    folder, ran = tmp_path / "folder", tmp_path / "ran"
    folder.mkdir()
    for name in ("venv", "ensurepip", "pip", "sitecustomize"):
        (folder / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write({name!r})\n")
    lock = tmp_path / "lock.txt"
    lock.write_text(f"semver==3.0.4 --hash=sha256:{'0' * 64}\n")
    made = subprocess.run(
        [ROOT / "tools/make-venv.sh", tmp_path / "made", lock],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHON": str(Path(sys.base_prefix) / "bin/python3"),
            "PYTHONPATH": str(folder),
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 1
    assert "is a package index reached?" in made.stderr
    assert not ran.exists(), ran.read_text()


def test_no_setting_changes_what_a_lock_gives(tmp_path: Path) -> None:
    """Of a user's file and variables; tests/test_pip_settings.py has them one by one."""
    (tmp_path / "other").mkdir()
    other = tmp_path / "other/requirements.txt"
    other.write_text(locked(make_wheel(tmp_path / "other", "other", "1.0")))
    lock = tmp_path / "lock.txt"
    lock.write_text(locked(make_wheel(tmp_path, "wanted", "1.0")))
    settings = tmp_path / "home/.pip/pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[install]\nrequirement = {other}\nuser = true\ntarget = {tmp_path}/target\n")
    subprocess.run(
        [ROOT / "tools/make-venv.sh", tmp_path / "made", lock],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path / "home"),
            "PYTHON": str(Path(sys.base_prefix) / "bin/python3"),
            "PYTHONHOME": "/no/such/python",
            "PIP_DRY_RUN": "1",
            "PIP_FIND_LINKS": f"{tmp_path} {tmp_path}/other",
            "PIP_NO_INDEX": "1",
            "PIP_PREFIX": str(tmp_path / "prefix"),
            "PIP_REQUIREMENT": str(other),
        },
        check=True,
    )
    (site,) = (tmp_path / "made").glob("lib/python*/site-packages")
    there = {path.name for path in site.iterdir()} - {"__pycache__", "wanted.py", "wanted-1.0.dist-info"}
    assert {name.partition("-")[0] for name in there} <= {
        "_distutils_hack",
        "distutils",
        "pip",
        "pkg_resources",
        "setuptools",
    }
    assert (site / "wanted.py").exists()
    assert not (tmp_path / "target").exists()
