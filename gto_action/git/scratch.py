"""A scratch folder of our own in which git works: what its git is told of the world, and that nothing stays."""

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, Final, Self

from gto_action.errors import GitError
from gto_action.git.http_trace import Reply, parse_trace
from gto_action.git.program import check_version, start_git
from gto_action.git.surroundings import OURS, Settings, as_variables, isolated, with_own_config
from gto_action.system.cancellation import Leftover, unbroken
from gto_action.system.process import Ended, Process

_TRIES: Final = 3
_address = re.compile(r"(://)[^/@ ]*@")
"""Who asks, in an address, which may be a secret."""


def read_trace(path: Path) -> tuple[Reply, ...]:
    """What came for the requests of a git that was started with this `trace`, if they were of HTTP."""
    try:
        with path.open("rb") as trace:
            return parse_trace(trace)
    except FileNotFoundError:
        return ()


class Scratch:
    """A folder that is there as long as the context, and the gits that run in it."""

    def __init__(
        self, *, own_config: bool = False, settings: Settings = (), debug: Callable[[str], None] = lambda _: None
    ) -> None:
        """Makes nothing yet.

        Args:
            own_config: whether the user's git configuration counts; it does not in a workflow.
            settings: what counts after it, if it does.
            debug: takes what git is told to do.
        """
        self.own_config = own_config
        """Whether the user's git configuration counts."""
        self._settings = settings
        self._debug = debug
        self._folder: Path | None = None
        self._left = ExitStack()
        """The folder, and the gits that run in it."""
        self._environment: dict[str, str] = {}
        self._saying_version: Process | None = None

    @property
    def folder(self) -> Path:
        """Where it is, within the context."""
        assert self._folder  # noqa: S101 - not before the context, and not after
        return self._folder

    def __enter__(self) -> Self:
        try:
            with unbroken():
                self._folder = Path(tempfile.mkdtemp(prefix="gto-action-"))
                leftover = Leftover(partial(_remove, self._folder))
        except OSError as error:
            message = f"No temporary folder can be made in {error.filename or tempfile.tempdir!r}: {error.strerror}."
            raise GitError(message, "Set TMPDIR to a folder that can be written.") from error
        with ExitStack() as left:
            left.enter_context(leftover)
            own = self.own_config
            self._environment = with_own_config(self.folder, self._settings) if own else isolated(self.folder)
            self._left = left.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()

    def new_folder(self) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def ask_version(self) -> None:
        """Starts a git that says its version."""
        self._saying_version = self.start(self.folder, "version", config={})

    def check_version(self, timeout: float) -> tuple[int, int] | None:
        """The version of git, the first time; None if it is not understood, or has been looked at.

        An old one is told so before what it complains of, or answers without a word.

        :raises GitError: if it is too old.
        """
        process, self._saying_version = self._saying_version, None
        return check_version(process.wait(timeout=timeout)[1].decode("utf-8", "replace")) if process else None

    def ask(self, directory: Path, *arguments: str, timeout: float) -> Ended:
        """What git says of a repository of the user's: nothing comes for it, and nothing of it runs."""
        return self.start(directory, *arguments, config={"core.useReplaceRefs": "false"}).wait(timeout=timeout)

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
            directory: where it works.
            arguments: git's.
            config: settings beside those that always hold.
            trace: takes what servers answer over HTTP, without contents and secrets; None if no server is to be asked.
            stdin: what it reads: a file, or a pipe if it is `subprocess.PIPE`; nothing if None.
            stdout: where it prints, if that is a file.
            memory: the bytes that it may take; 0 for any number.
            grace: the seconds that it has to put its locks away when it is ended.
            protocol: what is asked of it, if it is a server (git, "GIT_PROTOCOL").
        """
        no_helper = {} if self.own_config else {"credential.helper": ""}
        environment = {**self._environment, **as_variables({**OURS, **config, **no_helper})}
        if trace:
            environment |= {"GIT_TRACE_CURL": str(trace), "GIT_TRACE_CURL_NO_DATA": "1"}
        else:
            environment["GIT_NO_LAZY_FETCH"] = "1"
        if protocol:
            environment["GIT_PROTOCOL"] = protocol
        self._debug(_address.sub(r"\1", " ".join(("git", *arguments))))
        process = start_git(
            directory, arguments, environment, stdin=stdin, stdout=stdout, memory=memory, trace=trace, grace=grace
        )
        self._left.callback(process.end)
        return process


def _remove(folder: Path) -> None:
    for _ in range(_TRIES):  # what has been killed may write a last file
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
