"""Which repository a command asks about, and how its failures are told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import click

from gto_action.cli.checking import ADVICE, failure_text
from gto_action.cli.session import Session, open_session
from gto_action.cli.terminal import show_note
from gto_action.errors import GtoActionError, Kind

EXPECTED: Final = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Which repository is asked about."""

    repo: str | None
    """None if nobody says."""
    variables: Mapping[str, str]

    @contextmanager
    def open(self) -> Iterator[Session]:
        """The repository, with all its tags; foreseen failures become click's."""
        with failing(), open_session(self.repo or ".", self.variables, show_note) as session:
            yield session


class Failure(click.ClickException):
    """A foreseen failure: one line."""

    exit_code = EXPECTED

    def show(self, file: Any = None) -> None:  # noqa: ANN401, ARG002 - as click has it
        """Tells it."""
        show_note(f"error: {self.message}")


@contextmanager
def failing(advice: Mapping[Kind, str] = ADVICE) -> Iterator[None]:
    """Where foreseen failures become click's, each with what to do about it."""
    try:
        yield
    except GtoActionError as error:
        raise Failure(failure_text(error, advice)) from error
