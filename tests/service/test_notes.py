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

    def poll(now: float, next_at: float) -> float:
        repositories.poll(repositories.all()["models"], next_at, now)
        return repositories.all()["models"].poll_at

    assert poll(1000.0, 5000.0) == 5000.0
    assert [hook(1000.0), hook(1014.0)] == [1015.0, 1015.0]
    assert poll(1015.0, 5000.0) == 1029.0
    assert poll(1029.0, 5000.0) == 5000.0
    assert hook(4999.0) == 5000.0
    assert poll(5000.0, 9000.0) == 5014.0
    assert poll(6000.0, 9000.0) == 9000.0


def test_a_look_that_fails_does_not_hold_up_a_hook_that_has_come_meanwhile(database: Database) -> None:
    """The clock is another matter: where looks take longer than its pauses there would be no other pause."""
    repositories = Repositories(database)
    known = repositories.all()["models"]

    def fail() -> float:
        repositories.failed(known, began=1000.0, error="e", not_before=2000.0, halted=False)
        return repositories.all()["models"].not_before

    repositories.want([Hint("models", "d", "push")], 999.0)
    assert fail() == 2000.0
    repositories.poll(repositories.all()["models"], 9000.0, 1001.0)
    assert fail() == 2000.0
    repositories.want([Hint("models", "d", "push")], 1001.0)
    assert fail() == 0.0


def test_a_look_in_part_is_no_reason_for_a_pause(database: Database) -> None:
    repositories = Repositories(database)
    for _ in range(20):
        repositories.found_in_part(repositories.all()["models"], error="e", again_at=0.0)
    known = repositories.all()["models"]
    assert (known.partial, known.failures, known.not_before) == (20, 0, 0.0)
    repositories.looked("models", done=0, digest="d", version=0, now=1000.0)
    assert repositories.all()["models"].partial == 0


def test_what_had_to_wait_is_wanted_again_soon(database: Database) -> None:
    repositories = Repositories(database)
    repositories.want([Hint("models", "d", "push")], 1000.0)
    repositories.found_in_part(repositories.all()["models"], error="e", again_at=1015.0)
    known = repositories.all()["models"]
    assert (known.wanted - known.done, known.not_before) == (1, 1015.0)


def test_a_look_that_fails_is_not_the_last_that_did_not(database: Database) -> None:
    repositories = Repositories(database)
    repositories.looked("models", done=0, digest="d", version=0, now=1000.0)
    for _ in range(2):
        repositories.failed(repositories.all()["models"], began=1000.0, error="e", not_before=0.0, halted=False)
    known = repositories.all()["models"]
    assert (known.looked_at, known.failures) == (1000.0, 2)
