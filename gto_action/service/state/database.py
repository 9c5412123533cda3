"""The database: how it is opened, and how it comes to have the tables of this version."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from gto_action.errors import GtoActionError
from gto_action.service.state.tables import METADATA, MIGRATION

Connection = sa.Connection
_LOCK: Final = 4_711_001
"""The number of PostgreSQL's advisory lock under which tables are made."""
_PATIENCE: Final = 15_000
"""The milliseconds that SQLite waits for another process, a command such as `deliveries`."""


class DatabaseError(GtoActionError):
    """The database cannot be reached, or takes nothing now."""


class AwayError(DatabaseError):
    """The database does not answer, or not as it should."""


def _counts_what_has_begun(connection: Connection) -> None:
    for table in ("gto_delivery", "gto_repository"):
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN begun INTEGER DEFAULT 0 NOT NULL")


def _counts_looks_in_part(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE gto_repository ADD COLUMN partial INTEGER DEFAULT 0 NOT NULL")


_MIGRATIONS: Final[Mapping[int, Callable[[Connection], None]]] = {2: _counts_what_has_begun, 3: _counts_looks_in_part}
"""What makes of the tables of one version those of the next; a migration that was released never changes.

Where there are no tables yet, those of the newest version are made at once.
"""
NEWEST: Final = max(_MIGRATIONS)


class Database:
    """The database of the service."""

    def __init__(self, address: str) -> None:
        """Connects to nothing yet.

        Args:
            address: `sqlite:////PATH` or `postgresql://…`.
        """
        self.is_sqlite = address.startswith("sqlite:")
        self.path = Path(address.removeprefix("sqlite:///")) if self.is_sqlite else None
        self.address = address if self.is_sqlite else address.replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine = _sqlite(self.address) if self.is_sqlite else _postgresql(self.address)

    @property
    def shown(self) -> str:
        """Where it is, for people."""
        return self.engine.url.set(query={}).render_as_string(hide_password=True)  # which may have one, too

    def close(self) -> None:
        """Closes its connections."""
        self.engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: all of it counts, or nothing.

        :raises DatabaseError: if the database does not take it.
        """
        with _told(self.shown), self.engine.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Makes the tables of this version.

        :raises DatabaseError: if it cannot, or the tables are those of a later version.
        """
        if self.path and not self.path.parent.is_dir():
            raise DatabaseError(f"There is no folder {str(self.path.parent)!r} for the database.", "Make it.")
        if self.path:
            with suppress(OSError):  # SQLite says why; what it writes beside the file gets the same mode
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with self.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                self._refuse_other_encodings(connection)
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            number = _number(connection)
            if number > NEWEST:
                raise DatabaseError(
                    f"The database {self.shown!r} is of a later version: it has migration {number}, and {NEWEST} is "
                    "the last known here.",
                    "Install that version again.",
                )
            if not number:
                METADATA.create_all(connection)
            for each in range(number + 1, NEWEST + 1):
                if number:
                    _MIGRATIONS[each](connection)
                connection.execute(sa.insert(MIGRATION).values(number=each, applied_at=time.time()))

    def _refuse_other_encodings(self, connection: Connection) -> None:
        """What a repository says is UTF-8: another encoding lacks some of it, and from SQL_ASCII no text comes."""
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise DatabaseError(
                f"The database {self.shown!r} has the encoding {encoding}.", "Create it with ENCODING 'UTF8'."
            )

    @property
    def is_ready(self) -> bool:
        """Whether it answers, and has the tables of this version."""
        try:
            with self.begin() as connection:
                return _number(connection) == NEWEST
        except DatabaseError:
            return False


def _number(connection: Connection) -> int:
    if not sa.inspect(connection).has_table(MIGRATION.name):
        return 0
    return max(connection.execute(sa.select(MIGRATION.c.number)).scalars(), default=0)


def _sqlite(address: str) -> sa.Engine:
    # one connection, so that threads wait for each other in turn and not by SQLite's sleeping
    engine = sa.create_engine(address, pool_size=1, max_overflow=0, pool_timeout=_PATIENCE / 1000)

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            ("busy_timeout", _PATIENCE),
            ("journal_mode", "WAL"),
            ("synchronous", "FULL"),
            ("foreign_keys", 1),
        ):
            connection.execute("PRAGMA {} = {}".format(*pragma))
        # DBOS, on Python 3.12 or later, takes SQLite 3.42 for granted; Python comes with older ones, too.
        if sqlite3.sqlite_version_info < (3, 42):
            connection.create_function("unixepoch", 1, lambda word: time.time() if word == "subsec" else None)

    return engine


def _postgresql(address: str) -> sa.Engine:
    return sa.create_engine(
        address,
        pool_size=8,
        max_overflow=4,
        pool_pre_ping=True,  # the server may have been started again
        connect_args={
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
            "client_encoding": "UTF8",
        },
    )


def insert_for(connection: Connection, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    """An insertion that knows what to do about a row that is there."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


_HELD: Final = """
    SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :space AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
"""How PostgreSQL shows an advisory lock with two numbers (its documentation, "pg_locks")."""


class Session:
    """A connection of its own to PostgreSQL, with the locks that end with it."""

    def __init__(self, database: Database) -> None:
        """Connects.

        :raises DatabaseError: if it cannot.
        """
        self._shown = database.shown
        with _told(self._shown):
            self._connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.detach()  # else the pool would give it to others

    def held(self, space: int) -> set[int]:
        """The numbers of the locks that somebody has.

        :raises DatabaseError: if the connection is lost.
        """
        with _told(self._shown):
            return set(self._connection.execute(sa.text(_HELD), {"space": space}).scalars())

    def try_lock(self, space: int, number: int) -> bool:
        """Takes a lock, if nobody has it.

        :raises DatabaseError: if the connection is lost.
        """
        return self._ask(sa.func.pg_try_advisory_lock(space, number))

    def unlock(self, space: int, number: int) -> None:
        """Gives a lock back.

        :raises DatabaseError: if the connection is lost.
        """
        self._ask(sa.func.pg_advisory_unlock(space, number))

    def close(self) -> None:
        """Ends it, and its locks.

        :raises DatabaseError: if the connection is lost.
        """
        with _told(self._shown):
            self._connection.close()

    def _ask(self, question: sa.ColumnElement[Any]) -> bool:
        with _told(self._shown):
            return bool(self._connection.execute(sa.select(question)).scalar_one())


@contextmanager
def _told(shown: str) -> Iterator[None]:
    """Where a driver's errors become ours."""
    try:
        yield
    except SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        raise AwayError(f"The database {shown!r} failed: {said}.", "Nothing was written.") from error
