"""A bare clone of a remote in the scratch folder, and what is asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from gto_action.attempts import Attempts
from gto_action.http_trace import Reply, parse_trace
from gto_action.process import Process, as_file
from gto_action.remote import Remote
from gto_action.scratch import Scratch

_BARE: Final = ("--quiet", "--bare", "--template=", "--depth=1")


class Clone:
    """A bare clone of depth 1."""

    def __init__(self, scratch: Scratch, remote: Remote, attempts: Attempts) -> None:
        """Asks nothing yet."""
        self._scratch = scratch
        self._remote = remote
        self._attempts = attempts
        self._folder = scratch.new_folder()

    @property
    def folder(self) -> Path:
        """Where it is: a bare repository, once it is made."""
        return self._folder

    def make(self, *options: str) -> Process:
        """Starts to clone; `options` say what."""
        return self.start("clone", *_BARE, *options, "--", self._remote.url, ".")

    def start(self, *arguments: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> Process:
        """Starts git in the clone."""
        config, trace = self._remote.config, self._trace
        return self._scratch.start(self._folder, *arguments, config=config, trace=trace, stdin=stdin, stdout=stdout)

    def ask(self, *arguments: str, stdin: bytes = b"", stdout: IO[bytes] | None = None) -> bytes:
        """What git prints in the clone.

        :raises RemoteError: if it fails, or takes too long.
        """
        with as_file(stdin) as question:
            process = self.start(*arguments, stdin=question, stdout=stdout)
        status, out, said = process.wait(timeout=self._attempts.left)
        if status is None:
            raise self._attempts.too_slow(self._remote.shown)
        if status:
            raise self._remote.error(said, self.replies())
        return out

    @contextmanager
    def reading(self, *arguments: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
        """What git prints in the clone, to be read while it prints it.

        :raises RemoteError: if it fails, or takes too long.
        """
        try:
            with self.start(*arguments, stdin=stdin).reading(self._attempts.left) as out:
                yield out
        except TimeoutError as error:
            raise self._attempts.too_slow(self._remote.shown) from error
        except ChildProcessError as error:
            raise self._remote.error(str(error), self.replies()) from error

    def replies(self) -> tuple[Reply, ...]:
        """What servers have answered, if they were asked over HTTP."""
        try:
            return parse_trace(self._trace.read_text("utf-8", "replace"))
        except FileNotFoundError:
            return ()

    @property
    def _trace(self) -> Path:
        """Beside the clone, as git clones into empty folders only."""
        return self._folder.with_name(f"{self._folder.name}.http")
