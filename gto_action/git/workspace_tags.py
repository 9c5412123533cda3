"""Fetches all tags into the workspace's repository, for later steps.

It is one `git fetch`, through a `LinkedClone`; nothing else there changes.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gto_action.git.http_trace import Reply
from gto_action.git.linked_clone import HeldError, LinkedClone
from gto_action.git.locks import no_lock_left
from gto_action.git.program import FOR_FILES
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch, read_trace
from gto_action.system.attempts import Attempts
from gto_action.system.ownership import owner_kept

_PATIENCE: Final = 30.0
"""How many seconds to wait for a lock; an older one was left behind."""
_PAUSE: Final = 0.5
_GRACE: Final = 3.0
_MOVES: Final = 3
# Failures of this machine, not of the remote, whose own complaints begin with "remote:".
_LOCALLY: Final = re.compile(
    r"^(?!remote:).*(?:Permission denied$|Read-only file system|No space left|Disk quota|cannot (?:lock|update) ref"
    r"|[Uu]nable to create|shallow file has changed).*$",
    re.MULTILINE,
)
_REFS: Final = "+refs/tags/*:refs/tags/*"
_FETCH: Final = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-show-forced-updates")
_SETTINGS: Final = {
    "fetch.negotiationAlgorithm": "default",  # so that nothing is sent twice
    "core.fsync": "pack",  # these files stay: git's default
    "core.filesRefLockTimeout": "10000",
    "core.packedRefsTimeout": "10000",
    "advice.fetchShowForcedUpdates": "false",
}
# Folders are fetched even if the clone has none (`tree:0`): gto fails without those of the tags' commits.
_PARTIAL: Final = {"remote.origin.promisor": "true", "remote.origin.partialclonefilter": "blob:none"}


def fetch_all_tags(directory: Path, remote: Remote, *, timeout: float, log: Callable[[str], None]) -> int:
    """Fetches all tags of a remote into a clone; returns how many tags are new there or moved.

    Tags that the remote does not have stay, and so do branches, HEAD, index, files and configuration.

    Args:
        directory: the clone.
        remote: what to fetch from.
        timeout: the time limit for the remote, in seconds.
        log: writes a line for people.

    :raises GitError: if the clone cannot be written; its refs are unchanged then, but for tags that a git before 2.31
        has written already.
    :raises RemoteError: if the remote cannot be reached, or refuses.
    """
    attempts = Attempts(timeout, log)
    with Scratch() as scratch:
        clone = LinkedClone(directory, scratch)
        with owner_kept(clone.folder):
            before = clone.tags()
            _Fetching(clone, remote, attempts, log).run(min(_PATIENCE, timeout / 2))
            return len(clone.tags() - before)


class _Fetching:
    """Fetches into a clone, with as many tries as it takes."""

    def __init__(self, clone: LinkedClone, remote: Remote, attempts: Attempts, log: Callable[[str], None]) -> None:
        self._clone, self._remote, self._attempts, self._log = clone, remote, attempts, log

    def run(self, seconds: float) -> None:
        """Fetches; waits up to so many seconds while others write to the clone."""
        patience = time.monotonic() + seconds
        while True:
            try:
                return self._attempts.make(self._fetch)
            except HeldError as error:
                if time.monotonic() > patience:
                    raise
                self._log(f"{error.message} Trying again.")
                time.sleep(_PAUSE)

    def _fetch(self) -> None:
        for left in reversed(range(_MOVES + 1)):
            status, said, replies = self._ask()
            if not status:
                return
            moved = self._remote.moved(said, replies) if left else None
            if not moved:
                raise self._remote.error(said, replies, status)
            self._log(f"The repository has moved to {moved.shown}")
            self._remote = moved

    def _ask(self) -> tuple[int, str, tuple[Reply, ...]]:
        """Git's status and complaint, and the server's replies; shallow and partial clones stay what they are.

        :raises GitError: if the clone cannot be written.
        """
        clone, remote = self._clone, self._remote
        options = (*(("--atomic",) if clone.is_atomic else ()), *(("--depth=1",) if clone.is_short else ()))
        filters = _PARTIAL if clone.is_partial else {}
        config = {**remote.config, **_SETTINGS, **filters, "remote.origin.url": remote.url}
        trace = clone.scratch.new_folder() / "http"
        arguments = (*_FETCH, *options, "origin", _REFS)
        with no_lock_left(clone.folder):
            process = clone.scratch.start(
                clone.own, *arguments, config=config, trace=trace, memory=FOR_FILES, grace=_GRACE
            )
            status, _, said = self._attempts.wait(process)
            if status is None:
                raise self._attempts.too_slow(remote.shown)
        if status and (found := _LOCALLY.search(said)):
            raise clone.unwritable(said, found[0].replace(f"{clone.own}/./", f"{clone.folder}/"))
        return status, said, read_trace(trace)
