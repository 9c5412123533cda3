"""What `make` says where there is no Python to make an environment with."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support.machine import ENVIRON

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
