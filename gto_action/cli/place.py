"""Which repository a command is about, and how it reports failures."""

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
    """The repository that a command is about."""

    repo: str | None
    """None if not given."""
    variables: Mapping[str, str]

    @contextmanager
    def open(self) -> Iterator[Session]:
        """Opens the repository, with all its tags; turns expected failures into click's."""
        with failing(), open_session(self.repo or ".", self.variables, show_note) as session:
            yield session


class Failure(click.ClickException):
    """An expected failure: one line."""

    exit_code = EXPECTED

    def show(self, file: Any = None) -> None:  # noqa: ANN401, ARG002 - click's signature
        """Prints the failure."""
        show_note(f"error: {self.message}")


@contextmanager
def failing(advice: Mapping[Kind, str] = ADVICE) -> Iterator[None]:
    """Turns expected failures into click's, with advice."""
    try:
        yield
    except GtoActionError as error:
        raise Failure(failure_text(error, advice)) from error
