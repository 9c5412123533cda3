"""A remote that is asked by a connection, and again by another where that may help."""

from collections.abc import Callable
from typing import Generic, Self, TypeVar

from gto_action.errors import GitError
from gto_action.git.protocol.faults import CannotError
from gto_action.git.remote import Remote
from gto_action.git.wire.connection import Connection
from gto_action.git.wire.helper import Helper
from gto_action.git.workshop import Workshop
from gto_action.system.ahead import Ahead

_Answer = TypeVar("_Answer")


class Asking:
    """One after the other, questions to a remote: a context that leaves no helper behind."""

    def __init__(
        self, workshop: Workshop, remote: Remote, helper: Helper | None = None, *, quiet: bool = False
    ) -> None:
        """Starts a helper, and does not wait.

        Args:
            workshop: where it works.
            remote: whom to ask.
            helper: one that has been started.
            quiet: whether people hear nothing of it, unless it is asked again.

        :raises CannotError: if a remote with such an address cannot be asked this way.
        """
        self.workshop = workshop
        self._quiet, self._stopped = quiet, False
        self.remote = remote
        """Another than at first, if the repository has moved, once something has been asked."""
        self._connection = Connection(workshop, remote, helper, quiet=quiet)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends the helper."""
        self._connection.end()

    def ask(self, question: Callable[[Connection], _Answer]) -> _Answer:
        """The answer to a question, asked again while the connection fails and there is time.

        :raises RemoteError: if the remote refuses, or failed to the last.
        :raises CannotError: if it cannot be asked this way.
        """
        return self.workshop.attempts.make(lambda: self.ask_once(question))

    def ask_once(self, question: Callable[[Connection], _Answer]) -> _Answer:
        """The answer to a question that is not asked again."""
        if self._connection.is_over:
            self._connection = Connection(self.workshop, self.remote, quiet=self._quiet)
            if self._stopped:
                self._connection.stop()
        try:
            return question(self._connection)
        finally:
            self.remote = self._connection.remote

    def stop(self) -> None:
        """Sees to it that a thread that asks something comes to an end at once."""
        self._stopped = True
        self._connection.stop()

    def go_on(self) -> None:
        """Lets other questions be asked, when that thread has ended, and people hear of them."""
        if self._stopped:  # its helper has been killed, perhaps after the last answer, when nobody noticed
            self._connection.end()
        self._stopped = self._quiet = self._connection.quiet = False


class Coming(Generic[_Answer]):
    """What is asked by a thread of its own, at once, while this one does something else."""

    def __init__(self, asking: Asking, ask: Callable[[Asking], _Answer]) -> None:
        """Starts to ask; nothing else may be asked of the same before there is an answer."""
        self._asking, self._ask = asking, ask
        self._ahead: Ahead[_Answer] | None = Ahead(lambda: ask(asking))

    def answer(self) -> _Answer:
        """What has come; if that is a failure, what comes when it is asked again, while there is time.

        :raises RemoteError: if the remote refuses, or failed to the last.
        :raises CannotError: if it cannot be asked this way.
        """
        return self._asking.workshop.attempts.make(self._next)

    def soon(self, seconds: float) -> _Answer | None:
        """What has come within so many seconds; None if nothing has, for whatever reason."""
        ahead, self._ahead = self._ahead, None
        if not ahead:
            return None
        if not ahead.is_done(seconds):
            self._asking.stop()
        try:
            return ahead.result()
        except (CannotError, GitError):
            return None
        finally:
            self._asking.go_on()

    def end(self) -> None:
        """Ends it, whether there is an answer or not."""
        self.soon(0)

    def _next(self) -> _Answer:
        ahead, self._ahead = self._ahead, None
        return ahead.result() if ahead else self._ask(self._asking)
