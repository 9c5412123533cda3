"""Work that is done ahead, by a thread of its own, while this one does something else."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_Made = TypeVar("_Made")


class Ahead(Generic[_Made]):
    """A function that runs; what it gives, or raises, is kept until somebody asks."""

    def __init__(self, make: Callable[[], _Made]) -> None:
        """Starts it. It ends by itself, or when what it waits for is ended: no thread can be told to."""
        self._make = make
        self._made: list[_Made] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_done(self, seconds: float | None = None) -> bool:
        """Whether it has ended, if need be after so many seconds; None waits as long as it takes."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> _Made:
        """What it has given, as soon as it has ended; or else what it has raised is raised here."""
        self._thread.join()
        if self._error:
            raise self._error
        return self._made[0]

    def _run(self) -> None:
        try:
            self._made.append(self._make())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody asks for the result
            self._error = error
