"""Which replica this is: each holds a slot, and sees which slots nobody holds any more.

On SQLite there is one slot, a lock on a file beside the database. On PostgreSQL a slot is an advisory lock, which ends
with the session of its process.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from gto_action.errors import GtoActionError
from gto_action.service.state.database import Database, DatabaseError, Session

_SLOTS: Final = 32
_SPACE: Final = 4_711
_EVERY: Final = 1.5
"""The seconds from one look at the slots to the next."""
_GONE: Final = 3
"""How often a slot must be free before somebody takes over: its replica may only have lost its connection."""
_TRIES: Final = 20
_BETWEEN: Final = 0.5
"""The seconds from one try to have the slot again to the next: somebody may be taking over from it, which ends."""


class LostError(GtoActionError):
    """The slot has been lost: what runs here may run elsewhere, too."""


class FileSlot:
    """The one slot of a database on SQLite."""

    name = "slot-0"

    def __init__(self, database: Database) -> None:
        """Takes it.

        :raises DatabaseError: if another process has it.
        """
        assert database.path  # noqa: S101 - of SQLite
        path = database.path.with_name(f"{database.path.name}.lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise DatabaseError(
                f"Another service runs on the database {database.shown!r}.",
                "Stop it, or use PostgreSQL, which takes any number.",
            ) from error

    def release(self) -> None:
        """Gives it back."""
        os.close(self._file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heirs:
    """Who takes over what a replica has left."""

    left_by: Callable[[Collection[str]], set[str]]
    """Those of some replicas that have left something."""
    adopt: Callable[[str], object]
    failed: Callable[[Exception], object]
    """Takes what went wrong."""


class SessionSlots:
    """The slots of a database on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Takes the first that is free.

        :raises DatabaseError: if none is.
        """
        self._database = database
        self._session = Session(database)
        for number in range(_SLOTS):
            if self._session.try_lock(_SPACE, number):
                self._mine = number
                self.name = f"slot-{number}"
                self._free = dict.fromkeys(range(_SLOTS), 0)
                break
        else:
            raise DatabaseError(f"All {_SLOTS} slots of the database {database.shown!r} are taken.")

    def release(self) -> None:
        """Gives it back."""
        with suppress(DatabaseError):  # it is gone with the connection
            self._session.close()

    def watch(self, stopping: threading.Event, heirs: Heirs, count: Callable[[int], None]) -> None:
        """Takes over from replicas that run no more, until this one is to stop.

        Args:
            stopping: when that is.
            heirs: who takes over.
            count: takes how many run.

        :raises LostError: if another replica has this one's slot.
        """
        while not stopping.wait(_EVERY):
            try:
                count(self._look(heirs))
            except DatabaseError:
                self._again(stopping)
            except Exception as error:  # noqa: BLE001 - whatever the engine says: who watches goes on
                heirs.failed(error)

    def _look(self, heirs: Heirs) -> int:
        held = self._session.held(_SPACE)
        if self._mine not in held:
            raise DatabaseError("The slot is lost.")
        for number in self._free:
            self._free[number] = 0 if number in held else self._free[number] + 1
        gone = {f"slot-{number}": number for number, looks in self._free.items() if looks >= _GONE}
        for name in sorted(heirs.left_by(gone.keys())):
            if self._session.try_lock(_SPACE, gone[name]):  # so that nobody begins with this name meanwhile
                try:
                    heirs.adopt(name)
                finally:
                    self._session.unlock(_SPACE, gone[name])
        return len(held)

    def _again(self, stopping: threading.Event) -> None:
        """Connects again, with the same slot."""
        with suppress(DatabaseError):
            self._session.close()
        with suppress(DatabaseError):
            session = Session(self._database)
            self._session = session
            for _ in range(_TRIES):
                if session.try_lock(_SPACE, self._mine):
                    return
                if stopping.wait(_BETWEEN):
                    return
            raise LostError(f"Another replica has the slot {self.name!r} of this one.")
