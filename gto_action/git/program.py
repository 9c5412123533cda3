"""Git as a program: what it is told, and what it is not told; the only user of GitPython."""

import os
import re
import resource
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from gto_action.errors import GitError
from gto_action.system.process import Ended, Process, as_file

# Variables that may steer git on purpose. Every other GIT_ variable is somebody else's (the GIT_DIR of a hook, a
# GIT_CONFIG_COUNT, a GIT_TRACE that would print headers) and does not reach our git, nor do inputs: one is the token.
_KEPT: Final = {"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_SSH", "GIT_SSH_COMMAND"}
_PATHS: Final = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
_FIXED: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",  # empty, not unset: git would ask SSH_ASKPASS then
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",  # no ext::, which runs programs
}
_MOST_AT_ONCE: Final = "96m"
"""What git may ask for at once, where its memory is limited: it says what it would have taken, and ends."""
FOR_FILES: Final = 2**31
"""The memory for a git that moves files, of which it may need several times the size of a large one at once."""
_MARGIN: Final = 2**26
_LANGUAGE: Final = {"LANGUAGE": "C", "LC_ALL": "C"}  # its complaints are read
OLDEST: Final = (2, 30)
"""The oldest version that the tests run with: Debian 11's."""
_INSTALL: Final = f"Install git, version {OLDEST[0]}.{OLDEST[1]} or later."
_NO_GIT: Final = GitError("There is no 'git' on the PATH.", _INSTALL)
_version: Final = re.compile(r"git version (([0-9]+)\.([0-9]+)\S*)")
# GitPython runs `git version` when it is imported, unless it finds no git, and says so unless it is told not to.
_IMPORTING: Final = {"GIT_PYTHON_REFRESH": "quiet", "GIT_PYTHON_GIT_EXECUTABLE": os.devnull}


def as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Git's settings as a variable of its environment: no argument or file that others can read.

    The variable is the one by which git hands `-c` on to its children, which every version reads. GIT_CONFIG_COUNT is
    documented, but a git before 2.31 leaves it out without a word: the token, and that no redirect is to be followed.
    What is before the first `=` is the key.
    """
    pairs = (f"{key}={value}".replace("'", "'\\''").replace("!", "'\\!'") for key, value in settings.items())
    return {"GIT_CONFIG_PARAMETERS": " ".join(f"'{pair}'" for pair in pairs)}


def own_config_files() -> list[str]:
    """The files in which the user's own configuration is, as git looks for them, whether they are there or not."""
    if "GIT_CONFIG_GLOBAL" in os.environ:
        only = os.environ["GIT_CONFIG_GLOBAL"]
        return [str(Path(only).absolute())] if only else []
    home = os.environ.get("HOME", "")
    xdg = os.environ.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    return [*([f"{xdg}/git/config"] if xdg else []), *([f"{home}/.gitconfig"] if home else [])]


def isolated(folder: Path) -> dict[str, str]:
    """Makes a folder git's home, and gives the variables for it: no configuration but ours counts.

    GIT_CONFIG_GLOBAL would do, but for a git before 2.32.
    """
    # A file://'s upload-pack, which refuses a repository of somebody else's too, heeds only a file.
    (folder / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    passwords = Path("~/.netrc").expanduser()  # a runner of one's own may have one
    if passwords.is_file() and not (folder / ".netrc").exists():
        (folder / ".netrc").symlink_to(passwords)
    return {"GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def check_version(said: str) -> None:
    """Looks at what `git version` prints; what is not understood is not held against it.

    :raises GitError: if it is older than the oldest that does.
    """
    found = _version.match(said)
    if found and (int(found[2]), int(found[3])) < OLDEST:
        raise GitError(f"The 'git' on the PATH is version {found[1]}.", _INSTALL)


def start_git(  # noqa: PLR0913 - a process has three streams
    directory: Path,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
    memory: int = 0,
    trace: Path | None = None,
    grace: float = 0.0,
) -> Process:
    """Starts git without GitPython, whose import takes as long as git needs for a small registry.

    Args:
        directory: where it works.
        arguments: its own.
        environment: what it has beside what it has of this process.
        stdin: what it reads, if that is a file.
        stdout: where it prints, if that is a file.
        memory: the bytes that it and each of its children may take; 0 for any number.
        trace: a file that it writes, and that stays small.
        grace: the seconds that it has to put its locks away when it is ended.

    :raises GitError: if there is no git.
    """
    if 0 < memory < FOR_FILES:
        environment = {**environment, "GIT_ALLOC_LIMIT": _MOST_AT_ONCE}
    own = {name: value for name, value in os.environ.items() if not _foreign(name)}
    own |= {name: str(Path(own[name]).absolute()) for name in _PATHS if own.get(name)}  # git works in another folder

    def popen() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - no shell, and nothing but options of ours
            ["git", *arguments],  # noqa: S607 - the one on the PATH, as GitPython's
            cwd=directory,
            env={**own, **_LANGUAGE, **_FIXED, **environment},
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    try:
        with _limited(memory):
            return Process(popen, watched=trace, grace=grace)
    except FileNotFoundError as error:
        raise _NO_GIT from error
    except OSError as error:
        message = f"The program 'git' cannot be run: {error.strerror}."
        raise GitError(message, "See what 'git' is on the PATH.") from error


@contextmanager
def _limited(memory: int) -> Iterator[None]:
    """What is started within can have so much memory, or little more than this process has: it has the limit, too.

    A limit that the child sets for itself would need a fork, whose time grows with what this process has.
    """
    try:
        own = int(Path("/proc/self/statm").read_bytes().split()[5]) * resource.getpagesize()
    except OSError:  # not Linux
        memory = own = 0
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = max(memory, own + _MARGIN)
    if not memory or resource.RLIM_INFINITY != soft <= most:
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def run_git(
    directory: Path, arguments: tuple[str, ...], environment: Mapping[str, str], stdin: bytes, timeout: float
) -> Ended:
    """Runs git; its status is None if it was ended since the time was up.

    :raises GitError: if there is no git.
    """
    with _without_git_variables(), as_file(stdin) as question:
        os.environ |= _IMPORTING
        from git import Git, GitCommandNotFound  # noqa: PLC0415 - see start_git

        for name in _IMPORTING:
            del os.environ[name]

        def popen() -> "subprocess.Popen[bytes]":
            handle = Git(directory).execute(
                ["git", *arguments],
                istream=cast("BinaryIO", question),
                as_process=True,
                env={**_FIXED, **environment},
                start_new_session=True,
            )
            process, handle.proc = handle.proc, None
            assert process is not None  # noqa: S101 - it has just been started
            return process

        try:
            return Process(popen).wait(timeout=timeout)
        except GitCommandNotFound as error:
            raise _NO_GIT from error


def _foreign(name: str) -> bool:
    return name.startswith(("GIT_", "INPUT_")) and name not in _KEPT


@contextmanager
def _without_git_variables() -> Iterator[None]:
    """GitPython hands all of the process's environment to git; this takes the variables away that are not for it."""
    taken = {name: os.environ.pop(name) for name in list(os.environ) if _foreign(name)}
    try:
        yield
    finally:
        os.environ.update(taken)
