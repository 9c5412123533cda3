"""Where a repository is: the workspace's `origin`, or what somebody names by a path or an address."""

import os
import re
from pathlib import Path

from gto_action.errors import GitError
from gto_action.git_process import as_variables, run_git
from gto_action.remote import Remote

_TIMEOUT = 60.0
_SETTINGS = {"safe.directory": "*", "core.fsmonitor": "false", "core.hooksPath": os.devnull}
_address = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|[^/]+:")  # the second is ssh's host:path


def remote_at(place: str) -> Remote:
    """The remote that a path or an address names; the repository at a path is one, with its own tags.

    :raises GitError: if there is no repository at the path.
    """
    path = Path(place)
    if not path.exists() and _address.match(place):
        return Remote(place)
    if not path.is_dir():
        raise GitError(f"There is no folder {place!r}.", "Name a folder, or the address of a repository.")
    status, out, _ = run_git(path, ("rev-parse", "--absolute-git-dir"), as_variables(_SETTINGS), b"", _TIMEOUT)
    if status != 0:
        raise GitError(f"There is no git repository at {place!r}.", "Name another with --repo.")
    return Remote(Path(os.fsdecode(out.removesuffix(b"\n"))).as_uri())


def origin(directory: Path) -> str:
    """The address of the `origin` of the repository that a directory is in.

    :raises GitError: if there is none.
    """
    status, out, _ = run_git(directory, ("remote", "get-url", "origin"), as_variables(_SETTINGS), b"", _TIMEOUT)
    if status:
        raise GitError(
            f"There is no repository with a remote 'origin' at {str(directory)!r}.",
            "Set GITHUB_REPOSITORY to 'OWNER/NAME', or run in a clone.",
        )
    url = out.decode("utf-8", "surrogateescape").strip()
    if "://" in url or re.match(r"[^/]+:", url):  # an address, or ssh's host:path
        return url
    root = run_git(directory, ("rev-parse", "--show-toplevel"), as_variables(_SETTINGS), b"", _TIMEOUT)[1]
    return (Path(os.fsdecode(root.strip())) / url).resolve().as_uri()
