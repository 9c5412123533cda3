"""Takes hooks into the database, many in one transaction: what has been taken is not lost, whatever comes."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from gto_action.service.state.repositories import Hint, Repositories

_MOST: Final = 2_000
"""How many wait at most; more are refused, and their senders come again."""
_AT_ONCE: Final = 500


Taken = Future[None]
"""Done when a hook is written; with an error if it cannot be."""


class FullError(Exception):
    """There are too many hooks to take one more."""


@dataclass(slots=True)
class _Waiting:
    hint: Hint
    taken: Taken


class Intake:
    """The one who writes hooks down."""

    def __init__(self, repositories: Repositories, wake: Callable[[], None]) -> None:
        """Takes nothing yet.

        Args:
            repositories: where hooks are written.
            wake: is called when there is something to look at.
        """
        self._repositories, self._wake = repositories, wake
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(_MOST)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        """Begins to take hooks."""
        self._thread.start()

    def stop(self) -> None:
        """Takes what has come, and no more."""
        self._queue.put(None)
        self._thread.join()

    def put(self, hint: Hint) -> Taken:
        """Takes a hook; it is taken when the future is done, and not if that has an error.

        :raises FullError: if there are too many.
        """
        waiting = _Waiting(hint, Future())
        try:
            self._queue.put_nowait(waiting)
        except queue.Full as error:
            raise FullError from error
        return waiting.taken

    def _run(self) -> None:
        while first := self._queue.get():
            some = [first]
            more = True
            with suppress(queue.Empty):
                while len(some) < _AT_ONCE and more:
                    following = self._queue.get_nowait()
                    more = following is not None
                    some += [following] if following else []
            self._take(some)
            if not more:
                return

    def _take(self, come: list[_Waiting]) -> None:
        some = [each for each in come if each.taken.set_running_or_notify_cancel()]  # nobody waits for the others
        if not some:
            return
        try:
            self._repositories.want([each.hint for each in some], time.time())
        except Exception as error:  # noqa: BLE001 - whatever it is, the next ones are taken
            for each in some:
                each.taken.set_exception(error)
            return
        for each in some:
            each.taken.set_result(None)
        self._wake()
