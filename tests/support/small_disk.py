"""A disk that is soon full."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.skipping import skip


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of that size at an empty folder; root can mount one, where the machine lets it."""
    mounted = (
        os.geteuid() == 0
        and shutil.which("mount")
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True, check=False
        )
    )
    if not mounted or mounted.returncode:
        skip("tests of a full disk", "one cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
