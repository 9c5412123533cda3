"""Runs a program that leaves nothing running: its children end when it does, and are not waited for."""

import selectors
import time
from typing import Final

from gto_action.system.process import Process

_MOMENT: Final = 0.02
_LAST_WORDS: Final = 1.0
"""The seconds in which what was printed is read once the program has ended: a child that got away may hold the pipe."""


class TidyProcess(Process):
    """A running program, with whose end its children end.

    It may print as much as it likes: the end of it is kept, and the program is not ended in the middle of its work.
    """

    _over: float | None = None

    def _goes_on(self, pipes: selectors.BaseSelector) -> bool:
        if self._over is None and not self._is_over():
            return True
        if self._over is None:
            self._over = time.monotonic()
            self.kill()
        if pipes.get_map() and time.monotonic() < self._over + _LAST_WORDS:
            return True
        self._process.wait()
        return False

    def _read(self, pipes: selectors.BaseSelector, timeout: float) -> None:
        if pipes.get_map():
            super()._read(pipes, timeout)
            for key in pipes.get_map().values():
                del key.data[: -self._most]
        else:
            time.sleep(min(timeout, _MOMENT))
