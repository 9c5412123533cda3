"""The command line, in this process and as one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

ROOT = Path(__file__).parents[2]

Run = Callable[..., Result]


def run_module(*arguments: str, cwd: Path, **options: object) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gto_action", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def rows_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]
