"""Folders that do not outlive the run."""

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from gto_action.system.cancellation import Leftover, unbroken

_TRIES: Final = 3


def passing_folder(prefix: str, parent: Path | None = None) -> tuple[Path, Leftover]:
    """Makes an empty folder, and what removes it.

    Args:
        prefix: what its name begins with.
        parent: where it is; by default where temporary files are.

    :raises OSError: if it cannot be made.
    """
    with unbroken():
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        return folder, Leftover(partial(_remove, folder))


def _remove(folder: Path) -> None:
    for _ in range(_TRIES):  # a killed process may write one last file
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
