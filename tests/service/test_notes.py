"""What is noted of hooks and looks, and for how long."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gto_action.service.state.database import Database
from gto_action.service.state.repositories import Hint, Repositories
from gto_action.service.state.tables import HOOK


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'serve.db'}")
    database.migrate()
    Repositories(database).know(["models"])
    yield database
    database.close()


def test_one_hook_that_is_sent_again_and_again_fills_no_disk(database: Database) -> None:
    """GitHub signs no time: who has seen one request may send it as often as they like."""
    repositories = Repositories(database)
    repositories.want([Hint("models", f"{number}", "push") for number in range(10)], 1000.0)
    repositories.forget_hooks(999.0, most=3)
    with database.begin() as connection:
        assert [*connection.execute(sa.select(HOOK.c.delivery)).scalars()] == ["7", "8", "9"]
    repositories.forget_hooks(1001.0)
    with database.begin() as connection:
        assert [*connection.execute(sa.select(HOOK.c.delivery)).scalars()] == []


def test_each_hook_has_a_second_look(database: Database) -> None:
    """A little later: the server may have sent the hook before all its machines knew."""
    repositories = Repositories(database)

    def hook(now: float) -> float:
        repositories.want([Hint("models", "d", "push")], now)
        return repositories.all()["models"].poll_at

    def poll(next_at: float) -> float:
        repositories.poll(repositories.all()["models"], next_at)
        return repositories.all()["models"].poll_at

    assert poll(5000.0) == 5000.0
    assert [hook(1000.0), hook(1014.0)] == [1015.0, 1015.0]
    assert poll(5000.0) == 1029.0
    assert poll(5000.0) == 5000.0
    assert hook(4999.0) == 5000.0
    assert poll(9000.0) == 5014.0
    assert poll(9000.0) == 9000.0


def test_a_look_that_fails_does_not_hold_up_a_hook_that_has_come_meanwhile(database: Database) -> None:
    repositories = Repositories(database)
    known = repositories.all()["models"]
    repositories.failed(known, error="e", not_before=2000.0, halted=False)
    assert repositories.all()["models"].not_before == 2000.0
    repositories.want([Hint("models", "d", "push")], 1000.0)
    repositories.failed(known, error="e", not_before=2000.0, halted=False)
    assert repositories.all()["models"].not_before == 0.0


def test_a_look_that_fails_is_not_the_last_that_did_not(database: Database) -> None:
    repositories = Repositories(database)
    repositories.looked("models", done=0, digest="d", version=0, now=1000.0)
    for _ in range(2):
        repositories.failed(repositories.all()["models"], error="e", not_before=0.0, halted=False)
    known = repositories.all()["models"]
    assert (known.looked_at, known.failures) == (1000.0, 2)
