"""A scratch folder in which git works, isolated, and of which nothing stays."""

import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from gto_action.errors import GitError
from gto_action.git.program import check_version, start_git
from gto_action.git.surroundings import OURS, Settings, as_variables, including, isolated, with_own_config
from gto_action.system.folders import passing_folder
from gto_action.system.process import Ended, Process

if TYPE_CHECKING:
    from gto_action.git.http_trace import Reply

_address = re.compile(r"(://)[^/@ ]*@")
"""The user and password in an address, which may be secret."""


def read_trace(path: Path) -> "tuple[Reply, ...]":
    """The replies to a git process that was started with this `trace`, if it used HTTP."""
    from gto_action.git.http_trace import parse_trace  # noqa: PLC0415 - rarely needed

    try:
        with path.open("rb") as trace:
            return parse_trace(trace)
    except FileNotFoundError:
        return ()


class Scratch:
    """A folder that exists as long as the context, and the git processes that run in it."""

    def __init__(
        self, *, own_config: bool = False, settings: Settings = (), debug: Callable[[str], None] = lambda _: None
    ) -> None:
        """Creates nothing yet.

        Args:
            own_config: whether the user's git configuration counts; it does not in a workflow.
            settings: take precedence over that configuration.
            debug: writes git's commands.
        """
        self.own_config = own_config
        """Whether the user's git configuration counts."""
        self._settings = settings
        self.debug = debug
        """Takes what git is told to do."""
        self._folder: Path | None = None
        self._left = ExitStack()
        """The folder, and the git processes that run in it."""
        self._environment: dict[str, str] = {}
        self._included: dict[str, str] = {}
        self._saying_version: Process | None = None

    @property
    def folder(self) -> Path:
        """The folder, within the context."""
        assert self._folder  # noqa: S101 - only used within the context
        return self._folder

    def __enter__(self) -> Self:
        try:
            self._folder, leftover = passing_folder("gto-action-")
        except OSError as error:
            message = f"No temporary folder can be made in {error.filename or tempfile.tempdir!r}: {error.strerror}."
            raise GitError(message, "Set TMPDIR to a writable folder.") from error
        with ExitStack() as left:
            left.enter_context(leftover)
            own = self.own_config
            self._environment = with_own_config(self.folder) if own else isolated(self.folder)
            self._included = including(self.folder, self._settings)
            self._left = left.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()

    def new_folder(self) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def ask_version(self) -> None:
        """Starts `git version`."""
        self._saying_version = self.start(self.folder, "version", config={})

    def check_version(self, timeout: float) -> tuple[int, int] | None:
        """The version of git, at the first call; None if it is not understood, or was checked before.

        An old git is reported before its own complaints, or its wrong answers.

        :raises GitError: if git is too old.
        """
        process, self._saying_version = self._saying_version, None
        return check_version(process.wait(timeout=timeout)[1].decode("utf-8", "replace")) if process else None

    def ask(self, directory: Path, *arguments: str, timeout: float) -> Ended:
        """Asks git about a repository of the user: nothing is fetched into it, and nothing in it runs."""
        return self.start(directory, *arguments, config={}).wait(timeout=timeout)

    def start(  # noqa: PLR0913 - a process has three streams
        self,
        directory: Path,
        *arguments: str,
        config: Mapping[str, str],
        trace: Path | None = None,
        stdin: IO[bytes] | int | None = None,
        stdout: IO[bytes] | None = None,
        memory: int = 0,
        grace: float = 0.0,
        protocol: str = "",
    ) -> Process:
        """Starts git; it is ended with the context, if not before.

        Args:
            directory: the working directory.
            arguments: git's arguments.
            config: settings, added to those that always hold.
            trace: a file for the servers' replies over HTTP, without contents and secrets; None to ask no server.
            stdin: a file to read from, or a pipe if it is `subprocess.PIPE`; nothing if None.
            stdout: a file to print to, if any.
            memory: how many bytes it may use; 0 for any number.
            grace: how many seconds it gets to remove its locks when it is ended.
            protocol: the protocol that a server is asked to speak (git, "GIT_PROTOCOL").
        """
        no_helper = {} if self.own_config else {"credential.helper": ""}
        environment = {**self._environment, **as_variables({**self._included, **OURS, **config, **no_helper})}
        if trace:
            environment |= {"GIT_TRACE_CURL": str(trace), "GIT_TRACE_CURL_NO_DATA": "1"}
        else:
            environment["GIT_NO_LAZY_FETCH"] = "1"
        if protocol:
            environment["GIT_PROTOCOL"] = protocol
        self.debug(_address.sub(r"\1", " ".join(("git", *arguments))))
        process = start_git(
            directory, arguments, environment, stdin=stdin, stdout=stdout, memory=memory, trace=trace, grace=grace
        )
        self._left.callback(process.end)
        return process
