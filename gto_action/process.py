"""A program that runs: how it is waited for, and how it is ended with its children."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from gto_action.cancellation import raise_if_cancelled, unbroken

_SIGN_OF_LIFE: Final = 10.0
_MOMENT: Final = 0.02


class Process:
    """A program that runs in a session of its own, so that it can be ended with its children."""

    grace: float = 0.0
    """The seconds that it has to put its locks away when it is ended; with none it is killed at once."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Takes a process that leads its session."""
        self._process = process

    @property
    def status(self) -> int | None:
        """That it exited with, negative for the signal that ended it; None if nobody has waited for its end."""
        return self._process.returncode

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
            except BaseException:  # SIGTERM or Ctrl-C: the program goes first
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

    def _ask_to_end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        # What has ended is not reaped yet: its number would be free, and its children are still to be killed by it.
        while not os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            if time.monotonic() > deadline:
                break
            time.sleep(_MOMENT)

    def end(self) -> None:
        """Ends it, if it has not ended."""
        if self._process.returncode is None:
            if self.grace:
                self._ask_to_end()
            self._kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()


def start(
    command: tuple[str, ...], environ: Mapping[str, str], stdin: bytes = b"", *, cwd: Path | None = None
) -> Process:
    """Starts a program, with exactly these variables."""
    with as_file(stdin) as question, unbroken():
        return Process(
            subprocess.Popen(  # noqa: S603 - no shell
                command,
                env=dict(environ),
                cwd=cwd,
                stdin=question,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        )


def as_file(text: bytes) -> IO[bytes]:
    """A file for a process to read, which is gone when it is closed.

    A pipe would have to be fed while the process is waited for, and `communicate` cannot go on with that.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(text)
    file.seek(0)
    return file


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - only asked of those that are pipes
    return pipe
