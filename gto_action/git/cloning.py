"""Fetches tags by clones, from remotes that cannot be asked by the wire (`git/wire`)."""

import time
from typing import Final

from gto_action.errors import FilterError, RemoteError, TooLargeError
from gto_action.git.clone import Clone, refspecs_of
from gto_action.git.cloned_files import ClonedFiles
from gto_action.git.cloned_tags import ClonedTags
from gto_action.git.program import LITTLE, MUCH
from gto_action.git.remote import Remote
from gto_action.git.surroundings import ORIGIN
from gto_action.git.tags import Tags
from gto_action.git.wanted import Wanted
from gto_action.git.workshop import Workshop
from gto_action.system.process import Process

_MOVES: Final = 3
_OF_ONE: Final = 2
"""The refspecs of one artifact."""
_PATIENCE: Final = 3.0
# Without files and folders; without files; with everything.
_FILTERS: Final[tuple[tuple[str, ...], ...]] = (("--filter=tree:0",), ("--filter=blob:none",), ())


class Cloning:
    """A clone of a remote's tags, in progress."""

    def __init__(self, workshop: Workshop, remote: Remote, wanted: Wanted) -> None:
        """Starts git.

        A clone writes all refs at once, which is many times faster than a fetch (F10).

        Args:
            workshop: where git works.
            remote: what to fetch from.
            wanted: what to fetch.
        """
        self._workshop, self._remote = workshop, remote
        self._needed = refspecs_of(*wanted.needed)
        self._began = time.monotonic()
        self._refspecs, self._filters = refspecs_of(*wanted.only), _FILTERS
        """What to fetch, empty for all tags; and the options to try, in this order."""
        self._cloning: tuple[Process, Clone] | None = self._clone()
        self._cloning_files: tuple[Process, Clone] | None = None
        if wanted.tag_name:
            # At the same time, a second clone gets the folders of the files, which the first leaves out.
            options = ("--single-branch", "--no-tags", f"--branch={wanted.tag_name}", "--filter=blob:none")
            clone = workshop.clone(remote)
            self._cloning_files = clone.make(*options), clone
        workshop.scratch.ask_version()  # at the same time, so it costs nothing

    def finish(self) -> Tags:
        """Waits for the tags and the commits that they point to, without files.

        If the filter cannot be used, more is sent, and the answer is the same. If not all tags can be fetched, those
        that are needed are.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """
        incomplete: RemoteError | None = None
        while True:
            try:
                clone = self._workshop.attempts.make(self._finish_clone)
                break
            except FilterError as error:
                self._filters = self._filters[1:]
                if not self._filters:
                    raise
                self._workshop.log(f"{error.message} Fetching without the filter instead.")
            except RemoteError as error:
                is_large = isinstance(error, TooLargeError)
                if self._refspecs or not self._needed or not (is_large or error.of_damage):
                    raise
                incomplete = error if is_large else self._remote.lacking(error.said or error.hint)
                self._refspecs = self._needed
        patience = max(_PATIENCE, 3 * (time.monotonic() - self._began))
        tags = ClonedTags(clone, self._workshop.scratch.folder)
        files = ClonedFiles(self._workshop, self._remote, clone, tags.ref_of, self._cloning_files, patience)
        return Tags(self._workshop, self._remote, tags, files, incomplete)

    def end(self) -> None:
        """Does nothing: git is ended with the scratch folder."""

    def _clone(self) -> tuple[Process, Clone]:
        own = self._refspecs
        refspecs = (part for refspec in own for part in ("-c", f"remote.{ORIGIN}.fetch={refspec}"))
        tags = ("--no-tags", *refspecs) if own else ()
        clone = self._workshop.clone(self._remote, memory=LITTLE if 0 < len(own) <= _OF_ONE else MUCH)
        return clone.make("--no-single-branch", *tags, *self._filters[0]), clone

    def _finish_clone(self) -> Clone:
        attempts = self._workshop.attempts
        self._workshop.scratch.check_version(_PATIENCE)
        for _ in range(_MOVES + 1):
            (process, clone), self._cloning = self._cloning or self._clone(), None
            status, _, said = attempts.wait(process)
            if status is None:
                raise attempts.too_slow(self._remote.shown)
            replies = clone.replies()
            moved = self._remote.moved(said, replies) if status else None
            if not moved:
                break
            self._workshop.log(f"The repository has moved to {moved.shown}")
            self._remote = moved
        if error := self._remote.error(said, replies, status) if status else self._remote.not_git(replies):
            raise error
        return clone


def share(workshop: Workshop, remote: Remote, clone: Clone) -> Tags:
    """The tags of a finished clone."""
    tags = ClonedTags(clone, workshop.scratch.folder)
    return Tags(workshop, remote, tags, ClonedFiles(workshop, remote, clone, tags.ref_of, None, 0.0))
