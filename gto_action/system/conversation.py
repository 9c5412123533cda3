"""A program that is told things and answers, again and again, in the time that there is."""

import io
import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from gto_action.system.process import SIGN_OF_LIFE, Process

_TICK: Final = 0.2
_CHUNK: Final = 2**16
_MOST_SAID: Final = 2**16
_ENDLESS: Final = b"fatal: too much output\n"


class Conversation(io.RawIOBase):
    """What a program prints, as a file to read from, and what it is told.

    It may complain meanwhile, which does not hold it up. One that is told something reads all of it before it answers.
    """

    def __init__(
        self,
        process: Process,
        seconds: float,
        *,
        alive: Callable[[float], None] = lambda _: None,
        every: float = SIGN_OF_LIFE,
    ) -> None:
        """Says and reads nothing yet.

        Args:
            process: the program, with pipes.
            seconds: the time that it has, from now.
            alive: is called now and then while it is waited for, with the seconds since now.
            every: the seconds from one such call to the next.
        """
        self._process = process
        self._began = self._sign = time.monotonic()
        self._deadline = self._began + seconds
        self._alive, self._every = alive, every
        self._stdin, self._stdout, self._stderr = (pipe.fileno() for pipe in process.pipes)
        os.set_blocking(self._stdin, False)
        self._to_write, self._to_read, self._to_hear = select.poll(), select.poll(), select.poll()
        self._to_write.register(self._stdin, select.POLLOUT)
        self._to_read.register(self._stdout, select.POLLIN)
        for each in (self._to_write, self._to_read, self._to_hear):
            each.register(self._stderr, select.POLLIN)
        self._said = bytearray()
        self._has_said_all = False

    def readable(self) -> bool:
        """As a file that can be read."""
        return True

    def readinto(self, buffer: memoryview | bytearray, /) -> int:  # type: ignore[override] # Python 3.12 names the type
        """Reads what has come, or waits for it; nothing comes at the end.

        :raises TimeoutError: if the time is up.
        """
        if not self._wait(self._to_read, self._stdout):
            return 0
        return os.readv(self._stdout, [buffer])

    def say(self, text: bytes) -> None:
        """Tells it something.

        :raises TimeoutError: if the time is up before it has heard it.
        :raises BrokenPipeError: if it hears nothing any more.
        """
        left = memoryview(text)
        while left:
            if not self._wait(self._to_write, self._stdin):
                raise BrokenPipeError
            with suppress(BlockingIOError):
                left = left[os.write(self._stdin, left) :]

    def check_time(self) -> None:
        """Nothing, while there is time.

        :raises TimeoutError: if the time is up.
        """
        if time.monotonic() >= self._deadline:
            raise TimeoutError

    def finish(self, seconds: float) -> tuple[int | None, str]:
        """Tells it that nothing more is asked, and ends it after so many seconds, if it has not ended.

        Gives its status, None if it had to be ended, and the end of what it complained of.
        """
        self._deadline = time.monotonic() + seconds
        self._process.pipes[0].close()
        with suppress(TimeoutError):
            while self._wait(self._to_read, self._stdout) and os.read(self._stdout, _CHUNK):
                pass
            while not self._has_said_all and self._wait(self._to_hear, self._stderr):
                pass
        status, _, _ = self._process.wait(timeout=max(self._deadline - time.monotonic(), 0))
        return status, self._said.decode("utf-8", "replace")

    def _wait(self, poll: select.poll, pipe: int) -> bool:
        """Waits until a pipe is ready, and takes complaints; False if what is sent has no end."""
        while True:
            now = time.monotonic()
            self.check_time()
            if now >= self._sign + self._every:
                self._sign = now
                self._alive(now - self._began)
            left = min(self._deadline - now, self._sign + self._every - now, _TICK)
            ready = {each for each, _ in poll.poll(max(left, 0) * 1000)}
            if self._stderr in ready:
                self._hear()
            if pipe in ready:
                return True
            if not ready and self._process.has_written_too_much():
                self._said += _ENDLESS
                return False

    def _hear(self) -> None:
        """Takes what it complains of."""
        text = os.read(self._stderr, _CHUNK)
        self._said += text
        del self._said[:-_MOST_SAID]
        if not text and not self._has_said_all:
            self._has_said_all = True
            for each in (self._to_write, self._to_read):
                each.unregister(self._stderr)
