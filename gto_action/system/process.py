"""A program that runs: how it is waited for, and how it is ended with its children."""

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

from gto_action.system.cancellation import raise_if_cancelled, unbroken

_SIGN_OF_LIFE: Final = 10.0
_MOMENT: Final = 0.02
_TICK: Final = 0.2
_CHUNK: Final = 2**16
_MOST_SAID: Final = 2**16
_MOST_WATCHED: Final = 2**22
MOST_PRINTED: Final = 2**27
"""The bytes that a program may print, if nothing else is said."""


class Process:
    """A program that runs in a session of its own, so that it can be ended with its children."""

    grace: float = 0.0
    """The seconds that it has to put its locks away when it is ended; with none it is killed at once."""
    said: str = ""
    """The end of what it complained of, once all that it printed has been read (`reading`)."""
    most: int = MOST_PRINTED
    """The bytes that it may print."""
    watched: str = ""
    """The path of a file that it writes, and that stays small."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Takes a process that leads its session."""
        self._process = process

    @property
    def status(self) -> int | None:
        """That it exited with, negative for the signal that ended it; None if nobody has waited for its end."""
        return self._process.returncode

    def wait(self, *, timeout: float, alive: Callable[[float], None] = lambda _: None) -> tuple[int | None, bytes, str]:
        """Waits for its end; gives its status, what it said, and the end of what it complained of.

        The status is None if it was ended since `timeout` seconds were over, and that of a failure if since it said, or
        wrote to the file that is `watched`, more than anybody needs. `alive` is called now and then, with the seconds
        that this has taken.
        """
        try:
            return self._wait(timeout, alive)
        except BaseException:  # SIGTERM or Ctrl-C: the program goes first
            self.end()
            raise

    def _wait(self, timeout: float, alive: Callable[[float], None]) -> tuple[int | None, bytes, str]:
        start = sign = time.monotonic()
        out, said = bytearray(), bytearray()
        with selectors.DefaultSelector() as pipes:
            for pipe, text in ((self._process.stdout, out), (self._process.stderr, said)):
                if pipe:
                    pipes.register(pipe, selectors.EVENT_READ, text)
            while pipes.get_map() or self._process.poll() is None:
                raise_if_cancelled()  # if the interpreter has dropped what was raised, as it does in callbacks
                now = time.monotonic()
                self._read(pipes, max(min(start + timeout - now, sign + _SIGN_OF_LIFE - now, _TICK), 0))
                del said[:-_MOST_SAID]
                now = time.monotonic()
                if len(out) > self.most or self._has_written_too_much():
                    self.end()
                    return 1, b"", "fatal: what is sent has no end\n"
                if now >= start + timeout:
                    self.end()
                    return None, b"", ""
                if now >= sign + _SIGN_OF_LIFE:
                    alive(now - start)
                    sign = now
        self.end()
        return self._process.returncode, bytes(out), said.decode("utf-8", "replace")

    def _read(self, pipes: selectors.BaseSelector, timeout: float) -> None:
        """Reads what has come, into what each pipe is registered with; waits for it, or for the end."""
        if not pipes.get_map():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=timeout)
            return
        for key, _ in pipes.select(timeout):
            if data := os.read(key.fd, _CHUNK):
                key.data.extend(data)
            else:
                pipes.unregister(key.fileobj)

    def _has_written_too_much(self) -> bool:
        try:
            return bool(self.watched) and os.stat(self.watched).st_size > _MOST_WATCHED  # noqa: PTH116 - often
        except FileNotFoundError:
            return False

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
