"""Git as a process: what it is told, what it is not told, and how it is ended; the only user of GitPython."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from gto_action.cancellation import raise_if_cancelled, unbroken
from gto_action.errors import GitError

# Variables that may steer git on purpose. Every other GIT_ variable is somebody else's (the GIT_DIR of a hook, a
# GIT_CONFIG_COUNT, a GIT_TRACE that would print headers) and does not reach our git.
_KEPT: Final = {"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_SSH", "GIT_SSH_COMMAND"}
_PATHS: Final = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
_FIXED: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",  # empty, not unset: git would ask SSH_ASKPASS then
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",  # no ext::, which runs programs
}
_LANGUAGE: Final = {"LANGUAGE": "C", "LC_ALL": "C"}  # its complaints are read
_NO_GIT: Final = GitError("There is no 'git' on the PATH.", "Install git, version 2.39 or later.")
_SIGN_OF_LIFE: Final = 10.0


def as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Git's settings as variables of its environment: no argument or file that others can read."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


class GitProcess:
    """A git that runs, in a session of its own, so that it can be ended with its children."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Takes a process that leads its session."""
        self._process = process

    def wait(self, *, timeout: float, alive: Callable[[float], None] = lambda _: None) -> tuple[int | None, bytes, str]:
        """Waits for its end; gives its status, what it said, and what it complained of.

        The status is None if it was ended since `timeout` seconds were over. `alive` is called now and then, with
        the seconds that this has taken.
        """
        start = time.monotonic()
        left = timeout
        while True:
            try:
                raise_if_cancelled()  # if the interpreter has dropped what was raised, as it does in callbacks
                out, err = self._process.communicate(timeout=max(min(left, _SIGN_OF_LIFE), 0))
            except subprocess.TimeoutExpired:
                passed = time.monotonic() - start
                left = timeout - passed
                if left <= 0:
                    self.end()
                    return None, b"", ""
                alive(passed)
            except BaseException:  # SIGTERM or Ctrl-C: git goes first
                self.end()
                raise
            else:
                return self._process.returncode, out or b"", err.decode("utf-8", "replace")

    @contextmanager
    def reading(self, timeout: float) -> Iterator[IO[bytes]]:
        """What it prints, to be read while it prints it.

        :raises TimeoutError: if `timeout` seconds are over.
        :raises ChildProcessError: if it fails; the argument is what it complained of.
        """
        late = threading.Event()
        alarm = threading.Timer(timeout, self._kill, kwargs={"late": late})
        alarm.daemon = True  # the program's end waits for no alarm
        try:
            alarm.start()
            yield _opened(self._process.stdout)
            self._check(late)
        except (ValueError, LookupError):  # half an answer cannot be read: why it broke off says more
            self._check(late)
            raise
        finally:
            alarm.cancel()
            self.end()

    def _check(self, late: threading.Event) -> None:
        """Raises if the process has failed; it has closed its output."""
        complaint = _opened(self._process.stderr).read()
        status = self._process.wait()
        if status and late.is_set():
            raise TimeoutError
        if status:
            raise ChildProcessError(complaint.decode("utf-8", "replace"))

    def _kill(self, late: threading.Event | None = None) -> None:
        if late:
            late.set()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Ends it, if it has not ended."""
        if self._process.returncode is None:
            self._kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()


def as_file(text: bytes) -> IO[bytes]:
    """A file for a process to read, which is gone when it is closed.

    A pipe would have to be fed while the process is waited for, and `communicate` cannot go on with that.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(text)
    file.seek(0)
    return file


def start_git(
    directory: Path,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> GitProcess:
    """Starts git without GitPython, whose import takes as long as git needs for a small registry.

    Args:
        directory: where it works.
        arguments: its own.
        environment: what it has beside what it has of this process.
        stdin: what it reads, if that is a file.
        stdout: where it prints, if that is a file.

    :raises GitError: if there is no git.
    """
    own = {name: value for name, value in os.environ.items() if not _foreign(name)}
    own |= {name: str(Path(own[name]).absolute()) for name in _PATHS if own.get(name)}  # git works in another folder
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, and nothing but options of ours
            ["git", *arguments],  # noqa: S607 - the one on the PATH, as GitPython's
            cwd=directory,
            env={**own, **_LANGUAGE, **_FIXED, **environment},
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise _NO_GIT from error
    except OSError as error:
        message = f"The program 'git' cannot be run: {error.strerror}."
        raise GitError(message, "See what 'git' is on the PATH.") from error
    return GitProcess(process)


def run_git(
    directory: Path, arguments: tuple[str, ...], environment: Mapping[str, str], stdin: bytes, timeout: float
) -> tuple[int | None, bytes, str]:
    """Runs git; its status is None if it was ended since the time was up.

    :raises GitError: if there is no git.
    """
    with _without_git_variables(), as_file(stdin) as question:
        try:
            with unbroken():
                from git import Git  # noqa: PLC0415 - fails without a git program; and see start_git
        except ImportError as error:
            raise _NO_GIT from error
        handle = Git(directory).execute(
            ["git", *arguments],
            istream=cast("BinaryIO", question),
            as_process=True,
            env={**_FIXED, **environment},
            start_new_session=True,
        )
    process = handle.proc
    assert process is not None  # noqa: S101 - it has just been started
    return GitProcess(process).wait(timeout=timeout)


def _foreign(name: str) -> bool:
    return name.startswith("GIT_") and name not in _KEPT


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - only asked of those that are pipes
    return pipe


@contextmanager
def _without_git_variables() -> Iterator[None]:
    """GitPython hands all of the process's environment to git; this takes the variables away that are not for it."""
    taken = {name: os.environ.pop(name) for name in list(os.environ) if _foreign(name)}
    try:
        yield
    finally:
        os.environ.update(taken)
