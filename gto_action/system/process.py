"""Runs a program: waits for it, and ends it together with its children."""

import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from gto_action.system.cancellation import Leftover, unbroken

_MOMENT: Final = 0.02
_TICK: Final = 0.2
_CHUNK: Final = 2**16
_MOST_SAID: Final = 2**16
_MOST_WATCHED: Final = 2**22
MOST_PRINTED: Final = 2**27
"""How many bytes a program may print by default."""
SIGN_OF_LIFE: Final = 10.0
"""How many seconds pass between signs of life."""

Ended = tuple[int | None, bytes, str]
"""A program's exit status, its standard output, and the end of its standard error.

The status is negative if a signal ended the program; None if it was ended because time was up; and 1 if it printed too
much, or wrote too much to the file that is watched.
"""


class Process:
    """A running program, in its own session, so that it can be ended together with its children."""

    said: str = ""
    """The end of its standard error, once its output has been read (`reading`)."""

    def __init__(
        self,
        start: "Callable[[], subprocess.Popen[bytes]]",
        *,
        most: int = MOST_PRINTED,
        watched: Path | None = None,
        grace: float = 0.0,
    ) -> None:
        """Starts the program.

        Args:
            start: starts it, as the leader of a session.
            most: how many bytes it may print.
            watched: a file that it writes, and that has to stay small.
            grace: how many seconds it gets to remove its locks when it is ended; with 0 it is killed at once.
        """
        self._most = most
        self._watched = watched
        self._grace = grace
        with unbroken():
            self._process = start()
            self._leftover = Leftover(self._stop)

    @property
    def status(self) -> int | None:
        """Its exit status, negative if a signal ended it; None if nobody has waited for it yet."""
        return self._process.returncode

    @property
    def pipes(self) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
        """Its input, its output and what it complains on, for who talks with it (`system.conversation`)."""
        return _opened(self._process.stdin), _opened(self._process.stdout), _opened(self._process.stderr)

    def wait(
        self, *, timeout: float, alive: Callable[[float], None] = lambda _: None, every: float = SIGN_OF_LIFE
    ) -> Ended:
        """Waits until the program ends, and ends it when time is up.

        Args:
            timeout: how many seconds it has, from now.
            alive: called now and then, with the seconds since the start.
            every: how many seconds pass between two such calls.
        """
        try:
            return self._wait(timeout, alive, every)
        finally:
            self.end()

    def _wait(self, timeout: float, alive: Callable[[float], None], every: float) -> Ended:
        start = sign = time.monotonic()
        out, said = bytearray(), bytearray()
        with selectors.DefaultSelector() as pipes:
            for pipe, text in ((self._process.stdout, out), (self._process.stderr, said)):
                if pipe:
                    pipes.register(pipe, selectors.EVENT_READ, text)
            while self._goes_on(pipes):
                now = time.monotonic()
                self._read(pipes, max(min(start + timeout - now, sign + every - now, _TICK), 0))
                del said[:-_MOST_SAID]
                now = time.monotonic()
                if len(out) > self._most or self.has_written_too_much():
                    return 1, b"", "fatal: too much output\n"
                if now >= start + timeout:
                    return None, b"", ""
                if now >= sign + every:
                    alive(now - start)
                    sign = now
        return self._process.returncode, bytes(out), said.decode("utf-8", "replace")

    def _goes_on(self, pipes: selectors.BaseSelector) -> bool:
        return bool(pipes.get_map()) or self._process.poll() is None

    def _read(self, pipes: selectors.BaseSelector, timeout: float) -> None:
        """Waits for output, or for the end, and reads it into the buffers that the pipes are registered with."""
        if not pipes.get_map():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=timeout)
            return
        for key, _ in pipes.select(timeout):
            if data := os.read(key.fd, _CHUNK):
                key.data.extend(data)
            else:
                pipes.unregister(key.fileobj)

    def has_written_too_much(self) -> bool:
        """Whether the file that is watched is larger than anybody needs."""
        try:
            return self._watched is not None and self._watched.stat().st_size > _MOST_WATCHED
        except FileNotFoundError:
            return False

    @contextmanager
    def reading(self, timeout: float) -> Iterator[IO[bytes]]:
        """Yields its standard output, to be read while it runs.

        :raises TimeoutError: if it takes longer than `timeout` seconds.
        :raises ChildProcessError: if it fails; the argument is the end of its standard error.
        """
        late = threading.Event()
        alarm = threading.Timer(timeout, self._kill, kwargs={"late": late})
        alarm.daemon = True  # so that this process can end without waiting for it
        try:
            alarm.start()
            yield _opened(self._process.stdout)
            self._check(late)
        except (ValueError, LookupError):  # half an answer cannot be parsed; the reason why it is incomplete says more
            self._check(late)
            raise
        finally:
            alarm.cancel()
            self.end()

    def _check(self, late: threading.Event) -> None:
        """Raises if the program, which has closed its output, has failed."""
        stderr, complaint = _opened(self._process.stderr), b""
        while data := stderr.read(_MOST_SAID):
            complaint = (complaint + data)[-_MOST_SAID:]
        status, self.said = self._process.wait(), complaint.decode("utf-8", "replace")
        if status and late.is_set():
            raise TimeoutError
        if status:
            raise ChildProcessError(self.said)

    def _kill(self, late: threading.Event | None = None) -> None:
        if late:
            late.set()
        self.kill()

    def kill(self) -> None:
        """Kills it, for a thread that does not read from it: the one that does finds its output at an end."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _is_over(self) -> bool:
        """Whether it has ended; it is not reaped, as its number is needed to kill its children."""
        return bool(os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG))

    def _ask_to_end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while not self._is_over():
            if time.monotonic() > deadline:
                break
            time.sleep(_MOMENT)

    def end(self) -> None:
        """Ends the program, unless it has ended."""
        if self._process.returncode is None:
            if self._grace:
                self._ask_to_end()
            self._kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()
        self._leftover.forget()

    def _stop(self) -> None:
        """Ends the program when the run is cancelled, perhaps in the middle of Popen's `wait`, which holds a lock."""
        with suppress(ChildProcessError):  # somebody has waited for it already
            if self._process.returncode is None:
                if self._grace:
                    self._ask_to_end()
                self._kill()
                os.waitpid(self._process.pid, 0)


def start(
    command: tuple[str, ...],
    environ: Mapping[str, str],
    stdin: bytes = b"",
    *,
    cwd: Path | None = None,
    kind: "Callable[[Callable[[], subprocess.Popen[bytes]]], Process]" = Process,
) -> Process:
    """Starts a program with exactly these environment variables; `kind` says what is special about it."""
    with as_file(stdin) as question:

        def popen() -> "subprocess.Popen[bytes]":
            return subprocess.Popen(  # noqa: S603 - no shell
                command,
                env=dict(environ),
                cwd=cwd,
                stdin=question,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

        return kind(popen)


def as_file(text: bytes = b"") -> IO[bytes]:
    """A file for a process to read, which is removed when it is closed.

    A pipe would have to be fed during the wait, and `communicate` cannot resume that.
    """
    with unbroken():  # on some file systems the file has a name for a moment
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(text)
    file.seek(0)
    return file


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - it is a pipe wherever this is called
    return pipe
