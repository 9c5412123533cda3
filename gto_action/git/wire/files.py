"""The files of the commits that tags point to, fetched by the wire."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from gto_action.errors import GitError
from gto_action.git.paths import within
from gto_action.git.protocol.faults import CannotError
from gto_action.git.remote import Remote
from gto_action.git.tags import Files
from gto_action.git.wanted import Wanted
from gto_action.git.wire.asking import Asking, Coming
from gto_action.git.wire.connection import Connection
from gto_action.git.wire.folders import Folders
from gto_action.git.wire.helper import Helper
from gto_action.git.wire.reading import read_head, read_target
from gto_action.git.workshop import Workshop
from gto_action.gto.record import TagRecord

if TYPE_CHECKING:
    from gto_action.git.clone import Clone

_Answer = TypeVar("_Answer")
_HEAD: Final = "HEAD"
_name: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PATIENCE: Final = 3.0


class WireFiles:
    """The files of commits, fetched on a connection of their own."""

    def __init__(self, workshop: Workshop, remote: Remote, cloned: Callable[[], Files]) -> None:
        """Asks nothing yet.

        Args:
            workshop: where git works.
            remote: what to fetch from.
            cloned: fetches files by a clone if the wire cannot.
        """
        self._workshop, self._cloned = workshop, cloned
        self.remote = remote
        """Where the files are."""
        self._folders = Folders()
        self._expected: dict[str, tuple[str, ...]] = {}
        """Paths that will be asked for, by commit."""
        self._head: str | None = None
        self._instead: Files | None = None
        self._asking: Asking | None = None
        self._coming: Coming[None] | None = None
        self.patience = _PATIENCE
        """How many seconds to wait for what only makes the run faster."""

    def expect_tag(self, wanted: Wanted, helper: Helper) -> None:
        """Starts fetching files of a tag whose commit is not known for certain yet."""
        self._asking = Asking(self._workshop, self.remote, helper, quiet=True)
        guess = wanted.commit if _name.fullmatch(wanted.commit) else ""

        def bring(connection: Connection) -> None:
            if target := guess or read_target(connection, wanted.tag_name):
                self._folders.bring(connection, {target: wanted.paths})

        self._start(bring)

    def go_on_with(self, asking: Asking) -> None:
        """Takes a remote that has been asked for tags: where it is now, and the connection if there is no other."""
        self.remote = asking.remote
        if self._asking:
            asking.end()
        else:
            self._asking = asking

    def expect(self, commit: str, paths: Iterable[str]) -> None:
        """Starts fetching files, unless a fetch is in progress."""
        wanted = {commit: tuple(paths)}
        self._expected |= wanted
        if not self._coming:
            self._start_if_it_can(lambda connection: self._folders.bring(connection, wanted))

    def expect_all(self, wanted: Mapping[TagRecord, Iterable[str]]) -> None:
        """Starts fetching files of the commits of one tag or many."""
        paths: dict[str, dict[str, None]] = {}
        for record, own in wanted.items():
            paths.setdefault(record.target, {}).update(dict.fromkeys(own))
        self._settle()
        self._expected |= {commit: tuple(each) for commit, each in paths.items()}
        self._start_if_it_can(lambda connection: self._folders.bring(connection, paths))

    def read(self, commit: str, path: str) -> bytes | None:
        """A file at a commit (`Files.read`).

        :raises RemoteError: if the remote does not deliver it.
        """
        if (place := within(path)) is None:
            return None
        self._settle()
        if not self._instead:
            try:
                return self._read(commit, place)
            except CannotError as error:
                self._workshop.scratch.debug(f"{error} The files are fetched by a clone.")
                self._instead = self._cloned()
        return self._instead.read(commit, path)

    def lacks(self, _commit: str, _path: str) -> bool:
        """Whether a commit may have a file that is missing here: never."""
        return False

    def with_folders(self, commit: str) -> "Clone | None":
        """A clone that has the folders of a commit, if there is one already."""
        return self._instead.with_folders(commit) if self._instead else None

    def end(self) -> None:
        """Ends what is in progress."""
        if self._coming:
            self._coming.end()
            self._coming = None

    def _read(self, commit: str, path: str) -> bytes | None:
        if commit == _HEAD and self._head is None:
            self._head = self._ask(read_head)
        at = (self._head or "") if commit == _HEAD else commit
        if at and not self._folders.known(at, path):
            self._bring(at, path)
        found = self._folders.file(at, path) if at else None
        if found and found.size > len(found.text):
            self._workshop.log(f"The file {path!r} has {found.size:,} bytes, of which {len(found.text):,} are read.")
        return found.text if found else None

    def _bring(self, commit: str, path: str) -> None:
        """Fetches a file, and what else was expected and has not come, by as few requests as at first."""
        wanted = {**self._expected, commit: (path, *self._expected.get(commit, ()))}
        self._expected = {}
        if len(wanted) > 1:
            with suppress(GitError):  # perhaps for another commit, which nobody may ask for in the end
                self._ask(lambda connection: self._folders.bring(connection, wanted))
                return
        self._ask(lambda connection: self._folders.bring(connection, {commit: wanted[commit]}))

    def _ask(self, question: Callable[[Connection], _Answer]) -> _Answer:
        return self._workshop.attempts.make(lambda: self._asked().ask_once(question))

    def _asked(self) -> Asking:
        if self._asking is None:
            self._asking = Asking(self._workshop, self.remote)
        return self._asking

    def _start(self, question: Callable[[Connection], None]) -> None:
        """Starts asking; a failure is not reported."""
        self._asking = self._asking or Asking(self._workshop, self.remote, quiet=True)
        self._coming = Coming(self._asking, lambda asking: asking.ask_once(question))

    def _start_if_it_can(self, question: Callable[[Connection], None]) -> None:
        if self._instead:
            return
        try:
            self._start(question)
        except (CannotError, GitError):  # it is reported when a file is read
            self._coming = None

    def _settle(self) -> None:
        """Waits for what is in progress, but not long: there must be time left to do without it."""
        if coming := self._coming:
            attempts = self._workshop.attempts
            attempts.once(lambda: coming.soon(min(self.patience, attempts.left / 2)))
            self._coming = None
