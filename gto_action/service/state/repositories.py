"""The repositories: who asked for a look at them, and how the last one ended."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import sqlalchemy as sa

from gto_action.service.state.database import Connection, Database, insert_for
from gto_action.service.state.tables import HOOK, REPOSITORY

_MOST_HOOKS: Final = 100_000
"""How many hooks are noted."""
_SECOND_LOOK: Final = 15.0
"""The seconds from a hook to a look that is not its own: a server of several machines may send it before all know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryState:
    """What is known of a repository."""

    name: str
    digest: str = ""
    """Of the refs that were seen last; empty before the first look."""
    version: int = 0
    """How often its refs were written."""
    wanted: int = 0
    """How often somebody said: look."""
    done: int = 0
    """How much of that has been done."""
    looks: int = 0
    failures: int = 0
    """Looks in a row that have failed."""
    not_before: float = 0.0
    """When there may be the next look, after a failure."""
    poll_at: float = 0.0
    """When the clock says to look."""
    looked_at: float = 0.0
    """When the last look ended that has not failed; 0 before the first."""
    error: str = ""
    halted: bool = False
    """Whether a person has to say that it is right that so many tags are gone."""
    begun: int = 0
    """Looks in a row that have begun and not ended: the service ended before."""
    partial: int = 0
    """Looks in a row that have read the tags of some artifacts only."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A hook that says to look."""

    repository: str
    """Which is known."""
    delivery: str
    """The provider's id of the hook."""
    event: str
    """The provider's word for what has happened."""


class Repositories:
    """The table of them."""

    def __init__(self, database: Database) -> None:
        """Reads nothing yet."""
        self._database = database

    def know(self, names: Iterable[str]) -> None:
        """Makes a row for each that has none."""
        rows = [{each.name: getattr(RepositoryState(name=name), each.name) for each in _FIELDS} for name in names]
        with self._database.begin() as connection:
            for row in rows:
                connection.execute(insert_for(connection, REPOSITORY).values(row).on_conflict_do_nothing())

    def all(self) -> dict[str, RepositoryState]:
        """Every one by its name."""
        with self._database.begin() as connection:
            return {row["name"]: RepositoryState(**row) for row in connection.execute(sa.select(REPOSITORY)).mappings()}

    def want(self, hints: Sequence[Hint], now: float) -> None:
        """Notes that hooks say to look, at once and a little later; when this has returned, nothing loses them."""
        rows = [
            {"repository": each.repository, "delivery": each.delivery, "event": each.event, "received_at": now}
            for each in hints
        ]
        with self._database.begin() as connection:
            for name, number in sorted(Counter(each.repository for each in hints).items()):
                wanted = sa.update(REPOSITORY).where(REPOSITORY.c.name == name)
                later = now + _SECOND_LOOK
                poll_at = sa.case((REPOSITORY.c.poll_at > later, later), else_=REPOSITORY.c.poll_at)
                # who pushes may be the one who mends what made the last look fail
                connection.execute(wanted.values(wanted=REPOSITORY.c.wanted + number, not_before=0.0, poll_at=poll_at))
            connection.execute(sa.insert(HOOK), rows)

    def poll_soon(self, names: Iterable[str]) -> None:
        """Notes that the clock says to look at all of these: hooks that came while nobody listened are lost."""
        for name in names:  # each by itself, so that nobody waits for two while somebody else does
            with self._database.begin() as connection:
                connection.execute(sa.update(REPOSITORY).where(REPOSITORY.c.name == name).values(poll_at=0.0))

    def poll(self, known: RepositoryState, next_at: float, now: float) -> None:
        """Notes that the clock says to look, and when it will again, unless somebody else has noted it."""
        with self._database.begin() as connection:
            mine = sa.update(REPOSITORY).where(REPOSITORY.c.name == known.name, REPOSITORY.c.poll_at == known.poll_at)
            if not connection.execute(mine.values(wanted=REPOSITORY.c.wanted + 1, poll_at=next_at)).rowcount:
                return
            # asked when the row is locked: a hook that is being written waits, or has been
            hook = _newest_hook(connection, known.name, since=now - _SECOND_LOOK)
            if hook and hook + _SECOND_LOOK < next_at:
                second = sa.update(REPOSITORY).where(REPOSITORY.c.name == known.name)
                connection.execute(second.values(poll_at=hook + _SECOND_LOOK))

    def begin(self, known: RepositoryState, not_before: float) -> None:
        """Notes that a look begins, and when there may be the next if nobody ever hears of this one."""
        with self._database.begin() as connection:
            mine = sa.update(REPOSITORY).where(REPOSITORY.c.name == known.name)
            connection.execute(mine.values(begun=REPOSITORY.c.begun + 1, not_before=not_before))

    def again(self, known: RepositoryState) -> None:
        """Notes that a look has come to nothing, so that the next one has a name of its own."""
        with self._database.begin() as connection:
            same = REPOSITORY.c.name == known.name, REPOSITORY.c.looks == known.looks
            connection.execute(sa.update(REPOSITORY).where(*same).values(looks=known.looks + 1))

    def looked(self, name: str, *, done: int, digest: str, version: int, now: float) -> None:
        """Notes that a look is over: all is done that was wanted when it began.

        The digest is of the refs at a version; if somebody else has written since, it says nothing of what is seen.
        """
        still = sa.case((REPOSITORY.c.version == version, digest), else_=REPOSITORY.c.digest)
        values = {"done": done, "digest": still, "looked_at": now}
        self._after(name, **values, failures=0, partial=0, not_before=0.0, error="", halted=False)

    def failed(self, known: RepositoryState, *, began: float, error: str, not_before: float, halted: bool) -> None:
        """Notes that a look has failed, and when there may be the next: at once, if a hook has come since it began."""
        with self._database.begin() as connection:
            pause = 0.0 if _newest_hook(connection, known.name, since=began) else not_before
        failures = REPOSITORY.c.failures + 1
        self._after(known.name, failures=failures, not_before=pause, error=error, halted=halted)

    def found_in_part(self, known: RepositoryState, *, error: str, again_at: float) -> None:
        """Notes that a look could not read the tags of some artifacts, of which others must not hear.

        Args:
            known: what was known when it began.
            error: why.
            again_at: when the rest is to be read, if that had only to wait; 0 if it is left to the next look.
        """
        done = {} if again_at else {"done": known.wanted}
        partial = REPOSITORY.c.partial + 1
        self._after(known.name, **done, partial=partial, failures=0, not_before=again_at, error=error, halted=False)

    def _after(self, name: str, **values: Any) -> None:  # noqa: ANN401 - columns
        with self._database.begin() as connection:
            after = sa.update(REPOSITORY).where(REPOSITORY.c.name == name)
            connection.execute(after.values(looks=REPOSITORY.c.looks + 1, begun=0, **values))

    def forget_hooks(self, before: float, most: int = _MOST_HOOKS) -> None:
        """Removes the notes of old hooks, and of all but so many: one request may be sent a million times."""
        newest = sa.select(sa.func.max(HOOK.c.number)).scalar_subquery()
        with self._database.begin() as connection:
            connection.execute(sa.delete(HOOK).where((HOOK.c.received_at < before) | (HOOK.c.number <= newest - most)))


_FIELDS = fields(RepositoryState)


def _newest_hook(connection: Connection, name: str, *, since: float) -> float:
    """When the newest hook of a repository came; 0 if none has since a time. Few rows are asked, of many."""
    newest = sa.select(sa.func.max(HOOK.c.received_at)).where(HOOK.c.received_at > since, HOOK.c.repository == name)
    return float(connection.execute(newest).scalar() or 0.0)
