"""Git as a process: what it is told, what it is not told, and how it is ended; the only user of GitPython."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gto_action.errors import GitError

# Variables that may steer git on purpose. Every other GIT_ variable is somebody else's (the GIT_DIR of a hook, a
# GIT_CONFIG_COUNT, a GIT_TRACE that would print headers) and does not reach our git.
_KEPT: Final = {"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_SSH", "GIT_SSH_COMMAND"}


def as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Git's settings as variables of its environment: no argument or file that others can read."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def run_git(
    directory: Path, arguments: tuple[str, ...], environment: Mapping[str, str], stdin: bytes, timeout: float
) -> tuple[int | None, bytes, str]:
    """Runs git; its status is None if it was ended since the time was up.

    :raises GitError: if there is no git.
    """
    fixed = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",  # empty, not unset: git would ask SSH_ASKPASS then
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",  # no ext::, which runs programs
    }
    with _without_git_variables():
        try:
            from git import Git  # noqa: PLC0415 - fails without a git program
        except ImportError as error:
            raise GitError("There is no 'git' on the PATH.", "Install git, version 2.38 or later.") from error
        handle = Git(directory).execute(
            ["git", *arguments],
            istream=subprocess.PIPE,
            as_process=True,
            env={**fixed, **environment},
            start_new_session=True,  # so that it can be ended with its children
        )
    process = handle.proc
    assert process is not None  # noqa: S101 - it has just been started
    try:
        out, err = process.communicate(stdin, timeout=max(timeout, 0))
    except subprocess.TimeoutExpired:
        _end(process)
        return None, b"", ""
    except BaseException:  # SIGTERM or Ctrl-C: git goes first
        _end(process)
        raise
    return process.returncode, out, err.decode("utf-8", "replace")


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@contextmanager
def _without_git_variables() -> Iterator[None]:
    """GitPython hands all of the process's environment to git; this takes the variables away that are not for it."""
    taken = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_") and name not in _KEPT}
    try:
        yield
    finally:
        os.environ.update(taken)
