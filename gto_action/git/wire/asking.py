"""A remote that is asked by a connection, and again by another where that may help."""

from collections.abc import Callable
from typing import Self, TypeVar

from gto_action.git.remote import Remote
from gto_action.git.wire.connection import Connection
from gto_action.git.workshop import Workshop

_Answer = TypeVar("_Answer")


class Asking:
    """One after the other, questions to a remote: a context that leaves no helper behind."""

    def __init__(self, workshop: Workshop, remote: Remote) -> None:
        """Starts a helper, and does not wait.

        :raises CannotError: if a remote with such an address cannot be asked this way.
        """
        self._workshop = workshop
        self.remote = remote
        """Another than at first, if the repository has moved, once something has been asked."""
        self._connection: Connection | None = Connection(workshop, remote)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection:
            self._connection.end()

    def ask(self, question: Callable[[Connection], _Answer]) -> _Answer:
        """The answer to a question, asked again while the connection fails and there is time.

        :raises RemoteError: if the remote refuses, or failed to the last.
        :raises CannotError: if it cannot be asked this way.
        """
        return self._workshop.attempts.make(lambda: self._ask(question))

    def _ask(self, question: Callable[[Connection], _Answer]) -> _Answer:
        connection, self._connection = self._connection or Connection(self._workshop, self.remote), None
        try:
            answer = question(connection)
        finally:
            self.remote = connection.remote
        self._connection = None if connection.is_over else connection
        return answer
