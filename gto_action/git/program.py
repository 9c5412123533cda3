"""Git as a program: finds, starts and asks it; the only user of GitPython."""

import os
import re
import resource
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from gto_action.errors import GitError
from gto_action.git.surroundings import THEIRS, as_variables, at_home, exactly, inherited
from gto_action.system.folders import passing_folder
from gto_action.system.process import Ended, Process

_MOST_AT_ONCE: Final = "96m"
"""The largest single allocation of a git with limited memory: above it git names the size and ends."""
LITTLE: Final = 2**28
MUCH: Final = 2**30
"""For the list of all tags: git 2.39 needs 1.4 KB for each."""
FOR_FILES: Final = 2**31
"""The memory limit for a git that moves files: it may need several times the size of a large one."""
_MARGIN: Final = 2**26
_SHARE: Final = 4
_LOCAL: Final = 60.0
OLDEST: Final = (2, 30)
"""The oldest version that is tested: Debian 11's."""
_INSTALL: Final = f"Install git, version {OLDEST[0]}.{OLDEST[1]} or later."
_version: Final = re.compile(r"git version (([0-9]+)\.([0-9]+)\S*)")
_one_at_a_time: Final = threading.Lock()
"""Threads start git too, and meanwhile its memory limit is this process's."""
# GitPython runs `git version` when it is imported, unless it finds no git, and complains then unless told not to.
_IMPORTING: Final = {"GIT_PYTHON_REFRESH": "quiet", "GIT_PYTHON_GIT_EXECUTABLE": os.devnull}


def check_version(said: str) -> tuple[int, int] | None:
    """The version that `git version` prints; None if the text is not understood, which is no error.

    :raises GitError: if the version is too old.
    """
    found = _version.match(said)
    version = (int(found[2]), int(found[3])) if found else None
    if found and version and version < OLDEST:
        raise GitError(f"The 'git' on the PATH is version {found[1]}.", _INSTALL)
    return version


def start_git(  # noqa: PLR0913 - a process has three streams
    directory: Path,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    stdin: IO[bytes] | int | None = None,
    stdout: IO[bytes] | None = None,
    memory: int = 0,
    trace: Path | None = None,
    grace: float = 0.0,
) -> Process:
    """Starts git without GitPython, whose import takes as long as git needs for a small registry.

    Args:
        directory: the working directory.
        arguments: git's arguments.
        environment: variables, added to those that it inherits.
        stdin: a file to read from, or a pipe if it is `subprocess.PIPE`; nothing if None.
        stdout: a file to print to, if any.
        memory: how many bytes it and each of its children may use; 0 for any number.
        trace: a file that it writes, and that has to stay small.
        grace: how many seconds it gets to remove its locks when it is ended.

    :raises GitError: if there is no git.
    """
    variables = {**inherited(), **environment}
    if 0 < memory < FOR_FILES:
        variables["GIT_ALLOC_LIMIT"] = _MOST_AT_ONCE

    def popen() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - no shell, and only options of ours
            ["git", *arguments],  # noqa: S607 - the one on the PATH, as with GitPython
            cwd=directory,
            env=variables,
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    with _found(), _one_at_a_time, _limited(memory):
        return Process(popen, watched=trace, grace=grace)


def ask_git_here(directory: Path, *arguments: str) -> Ended:
    """Asks git about a repository of the user's, as `ask_git`, without the time that GitPython's import takes.

    :raises GitError: if git is missing.
    """

    def ask(home: Mapping[str, str]) -> Ended:
        return start_git(directory, arguments, {**as_variables(THEIRS), **home}).wait(timeout=_LOCAL)

    return _whoever_owns(directory, ask)


def ask_git(directory: Path, *arguments: str, timeout: float = _LOCAL) -> Ended:
    """Asks git, through GitPython, about a repository of the user, whose own configuration counts.

    :raises GitError: if there is no git.
    """

    def ask(home: Mapping[str, str]) -> Ended:
        with exactly({**inherited(), **as_variables(THEIRS), **_IMPORTING, **home}):
            from git import Git, GitCommandNotFound  # noqa: PLC0415 - see start_git

            def popen() -> "subprocess.Popen[bytes]":
                try:
                    handle = Git(directory).execute(["git", *arguments], as_process=True, start_new_session=True)
                except GitCommandNotFound as error:
                    raise FileNotFoundError from error
                started, handle.proc = handle.proc, None  # otherwise it would end with the handle
                assert started is not None  # noqa: S101 - it has just been started
                return started

            with _found():
                process = Process(popen)
            return process.wait(timeout=timeout)

    return _whoever_owns(directory, ask)


def _whoever_owns(directory: Path, ask: Callable[[Mapping[str, str]], Ended]) -> Ended:
    """Asks; and if git fails where a directory is somebody else's, once more with a home that lets it read there."""
    ended = ask({})
    with suppress(OSError):
        if ended[0] and directory.stat().st_uid != os.geteuid():
            home, leftover = passing_folder("gto-action-")
            with leftover:
                return ask(at_home(home))
    return ended


@contextmanager
def _found() -> Iterator[None]:
    """Turns a failure to start git into an error for people.

    :raises GitError: if git cannot be started.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise GitError("There is no 'git' on the PATH.", _INSTALL) from error
    except OSError as error:
        message = f"The program 'git' cannot be run: {error.strerror}."
        raise GitError(message, "Check which 'git' is on the PATH.") from error


@contextmanager
def _limited(memory: int) -> Iterator[None]:
    """Limits the memory of programs started within; at least to more than this process uses itself.

    The limit is set for this process, because a child could set its own only after a fork, whose time grows with the
    memory of this process. Meanwhile its other threads may start some more.
    """
    try:
        own = int(Path("/proc/self/statm").read_bytes().split()[5]) * resource.getpagesize()
    except OSError:  # not Linux
        memory = own = 0
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = max(memory, own + max(_MARGIN, own // _SHARE))
    if not memory or resource.RLIM_INFINITY != soft <= most:
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
