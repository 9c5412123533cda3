"""The git inside the image, which is another one than that of this machine: what goes wrong on the wire, with it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.engine import ENVIRON, ROOT, docker

pytestmark = pytest.mark.container


def test_every_row_of_the_wire(image: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    container = docker("create", image)
    try:
        docker("export", "--output", str(tmp_path / "image.tar"), container)
    finally:
        docker("rm", container)
    root, git = tmp_path / "root", tmp_path / "git"
    root.mkdir()
    members = ("usr", "lib", "lib64")  # no devices, which only root can make
    subprocess.run(["tar", "-xf", tmp_path / "image.tar", "-C", root, *members], check=True)
    version = subprocess.check_output([ROOT / "tools/other-git.sh", root, git], text=True).strip()
    tables = "tests/git/fetch_tags/test_what_comes.py::test_refs_as_the_workspace_keeps_them"
    options = ("--quiet", "--numprocesses", "2", "-p", "no:cacheprovider")
    rows = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/git/wire", tables],
        cwd=ROOT,
        env={**ENVIRON, "PATH": f"{git}/bin{os.pathsep}{ENVIRON['PATH']}"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert rows.returncode == 0, rows.stdout + rows.stderr
    assert re.search(r"^\d+ passed in ", rows.stdout, re.MULTILINE), rows.stdout  # none was skipped
    figure(f"the image's {version}: {rows.stdout.splitlines()[-1]}")
