"""What a run needs from the place where it happens: GitHub's runner, another CI, a terminal."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from gto_action.errors import GtoActionError, Problem
from gto_action.system.attempts import Pace


class Host(Protocol):
    """Takes what a run logs, and what it writes at the end."""

    pace: Pace
    """How fast it may be asked."""

    def log(self, text: str, *, bold: bool = False) -> None:
        """Writes a line for people."""
        ...

    def group(self, title: str, lines: Iterable[str]) -> None:
        """Writes lines that belong together."""
        ...

    def debug(self, text: str) -> None:
        """Writes a line for those who look for a fault."""
        ...

    def tell(self, problem: Problem) -> None:
        """Shows a notice or a warning."""
        ...

    def error(self, failure: GtoActionError) -> None:
        """Shows the error that ends the run."""
        ...

    def advice(self, failure: GtoActionError) -> str:
        """What the user of this host can do about a failure; empty if there is no advice."""
        ...

    def fits(self, outputs: Mapping[str, str]) -> bool:
        """Whether the host accepts outputs of this size."""
        ...

    def write_outputs(self, outputs: Mapping[str, str]) -> None:
        """Writes values for later steps, all at once.

        :raises HostError: if they cannot be written.
        """
        ...

    def write_summary(self, markdown: str) -> None:
        """Adds to the page about the run; does nothing if there is no such page.

        :raises HostError: if it cannot be written.
        """
        ...
