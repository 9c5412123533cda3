"""What a service's database says, for tests that hold it against something, and for the message of one that fails."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tests.support.service import Service

_LINES = 12
_ROWS = 40
_OPEN = """
    SELECT id, artifact, sequence, state, attempts, begun, wake, wake_at, next_at, said FROM gto_delivery
    WHERE state NOT IN ('delivered', 'superseded') ORDER BY artifact, sequence
"""
_WORK = """
    SELECT workflow_uuid, status, executor_id, queue_partition_key, recovery_attempts, started_at_epoch_ms, updated_at
    FROM {}workflow_status WHERE status NOT IN ('SUCCESS') OR name = 'look' ORDER BY updated_at DESC
"""


def ask(service: Service, question: str) -> list[dict[str, Any]]:
    """The rows that a service's database answers."""
    address = service.database.replace("postgresql:", "postgresql+psycopg:")
    engine = sa.create_engine(address or f"sqlite:///{service.folder / 'serve.db'}")
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(question)).mappings()]
    finally:
        engine.dispose()


def looks_of(service: Service) -> dict[str, float]:
    """For each event, which look has found it: when that wrote it down."""
    return {row["id"]: row["found_at"] for row in ask(service, "SELECT id, found_at FROM gto_event")}


def what_is_missing(services: Sequence[Service], arrived: set[str]) -> str:
    """Which events have not arrived, what the tables hold, and what each service has said last."""
    one = services[0]
    said = []
    questions = {
        "found, and not arrived": "SELECT id, artifact, sequence, word, tag FROM gto_event",
        "repositories": "SELECT * FROM gto_repository",
        "not delivered": _OPEN,
        "the engine's": _WORK.format("dbos." if one.database else ""),
    }
    for title, question in questions.items():
        try:
            rows = [row for row in ask(one, question) if title[0] != "f" or row["id"] not in arrived]
        except sa.exc.SQLAlchemyError as error:
            said.append(f"{title}: {error}")
            continue
        said += [f"{title}: {len(rows)}", *(f"  {row}" for row in rows[:_ROWS])]
    for each in services:
        status = each.process.poll() if each.process else None
        said += [f"{each.name}, {'runs' if status is None else f'ended with {status}'}, said last:"]
        said += [f"  {line}" for line in each.log.read_text().splitlines()[-_LINES:]]
    return "\n".join(["", *said])
