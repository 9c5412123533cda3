"""A scratch folder of our own in which git works: what its git is told of the world, and that nothing stays."""

import json
import os
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
from gto_action.git.program import as_variables, check_version, isolated, own_config_files, start_git
from gto_action.system.cancellation import Leftover, unbroken
from gto_action.system.process import Process

_TRIES: Final = 3
_address = re.compile(r"(://)[^/@ ]*@")
"""Who asks, in an address, which may be a secret."""
ORIGIN: Final = "gto-action"
"""What a clone's remote is called: a user's own configuration may say something of `origin` (`remote.origin.fetch`)."""
_SETTINGS: Final = {
    "clone.defaultRemoteName": ORIGIN,  # not `--origin`, which a git before 2.39 does not take beside `--bare`
    "gc.auto": "0",
    "maintenance.auto": "false",
    "advice.detachedHead": "false",
    # A file that is asked for by its id must come, though its commit is here already.
    "fetch.negotiationAlgorithm": "noop",
    # What a user's own configuration may have, and what would hinder: all is looked at whatever it is (fsck), our own
    # repositories are bare, and no hook is for them.
    "fetch.fsckObjects": "false",
    "safe.bareRepository": "all",
    "init.defaultRefFormat": "files",  # `Clone.share` writes such a one
    "core.hooksPath": os.devnull,
    # A large file goes from the network to the disk as it comes, at any number of objects, and by one thread: what git
    # holds at once of what a stranger has packed is little.
    "core.bigFileThreshold": "8m",
    "core.deltaBaseCacheLimit": "16m",
    "fetch.unpackLimit": "1",
    "pack.threads": "1",
    "core.packedGitWindowSize": "16m",
    "core.packedGitLimit": "64m",
    # The repositories live as long as the process: nobody needs their files to outlast a power cut.
    "core.fsync": "none",
}


def read_trace(path: Path) -> tuple[Reply, ...]:
    """What came for the requests of a git that was started with this `trace`, if they were of HTTP."""
    try:
        with path.open("rb") as trace:
            return parse_trace(trace)
    except FileNotFoundError:
        return ()


class Scratch:
    """A folder that is there as long as the context, and the gits that run in it."""

    def __init__(self, *, own_config: bool = False, debug: Callable[[str], None] = lambda _: None) -> None:
        """Makes nothing yet.

        Args:
            own_config: whether the user's git configuration counts; it does not in a workflow.
            debug: takes what git is told to do.
        """
        self._own_config = own_config
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
            self._environment = self._own_environment() if self._own_config else isolated(self.folder)
            self._left = left.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()

    def _own_environment(self) -> dict[str, str]:
        files = own_config_files()
        own = "".join(f"[include]\n\tpath = {json.dumps(file, ensure_ascii=False)}\n" for file in files)
        # A file://'s upload-pack, which refuses a repository of somebody else's too, heeds only a file.
        (self.folder / "gitconfig").write_bytes(os.fsencode(f"{own}[safe]\n\tdirectory = *\n"))
        return {"GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig")}

    def new_folder(self) -> Path:
        """An empty folder."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def ask_version(self) -> None:
        """Starts a git that says its version."""
        self._saying_version = self.start(self.folder, "version", config={}, trace=self.folder / "version.http")

    def check_version(self, timeout: float) -> None:
        """Sees, once, that git is not too old: said before what an old one complains of, or answers without a word.

        :raises GitError: if it is.
        """
        process, self._saying_version = self._saying_version, None
        if process:
            check_version(process.wait(timeout=timeout)[1].decode("utf-8", "replace"))

    def start(  # noqa: PLR0913 - a process has three streams
        self,
        directory: Path,
        *arguments: str,
        config: Mapping[str, str],
        trace: Path,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        memory: int = 0,
        grace: float = 0.0,
    ) -> Process:
        """Starts git; it is ended with the context, if not before.

        Args:
            directory: where it works.
            arguments: git's.
            config: settings beside those that always hold.
            trace: takes what servers answer over HTTP, without contents and secrets.
            stdin: what it reads, if that is a file.
            stdout: where it prints, if that is a file.
            memory: the bytes that it may take; 0 for any number.
            grace: the seconds that it has to put its locks away when it is ended.
        """
        settings = {**_SETTINGS, **config}
        environment = {
            **self._environment,
            "GIT_TRACE_CURL": str(trace),
            "GIT_TRACE_CURL_NO_DATA": "1",
        }
        if not self._own_config:
            settings["credential.helper"] = ""
        environment |= as_variables(settings)
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
