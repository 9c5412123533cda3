"""A remote repository, read through scratch clones: first its tags, then the files of their commits.

`Repository.start` returns a `Fetching`, whose `finish` returns `Tags`, whose `files` are the `Files` of the commits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from gto_action.errors import FilterError, TooLargeError
from gto_action.git.clone import LITTLE, MUCH, Clone, refspecs_of
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.git.surroundings import ORIGIN, Settings
from gto_action.git.tags import Tags
from gto_action.git.workshop import Workshop
from gto_action.gto.names import ArtifactName
from gto_action.system.attempts import NORMAL, Attempts, Pace
from gto_action.system.process import Process

TIMEOUT: Final = 120.0
_MOVES: Final = 3
_PATIENCE: Final = 3.0
# Without files and folders; without files; with everything.
_FILTERS: Final[tuple[tuple[str, ...], ...]] = (("--filter=tree:0",), ("--filter=blob:none",), ())


class Repository:
    """A remote and a scratch folder, as a context that leaves nothing behind."""

    def __init__(  # noqa: PLR0913 - most have defaults
        self,
        remote: Remote,
        *,
        log: Callable[[str], None],
        debug: Callable[[str], None] = lambda _: None,
        timeout: float = TIMEOUT,
        own_config: bool = False,
        settings: Settings = (),
        pace: Pace = NORMAL,
    ) -> None:
        """Asks and writes nothing yet.

        Args:
            remote: what to fetch from.
            log: writes a line for people.
            debug: writes git's commands.
            timeout: the time limit, in seconds from now, for all requests to the remote together.
            own_config: whether the user's git configuration counts; it does not in a workflow.
            settings: take precedence over that configuration, if it counts.
            pace: how soon to repeat requests, and how often to report on slow ones.
        """
        self.remote = remote
        scratch = Scratch(own_config=own_config, settings=settings, debug=debug)
        self._workshop = Workshop(scratch, Attempts(timeout, log, pace=pace), log)

    def __enter__(self) -> Self:
        self._workshop.scratch.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._workshop.scratch.__exit__(None, None, None)

    @property
    def time_left(self) -> float:
        """The seconds left for requests to the remote."""
        return self._workshop.attempts.left

    def new_folder(self) -> Path:
        """An empty scratch folder, which is removed with the rest."""
        return self._workshop.scratch.new_folder()

    def start(
        self, tag_name: str = "", only: ArtifactName | None = None, needed: ArtifactName | None = None
    ) -> "Fetching":
        """Starts fetching, and returns while git works.

        Args:
            tag_name: the tag whose files will be needed; empty if not known yet.
            only: the artifact whose tags suffice; None for all tags.
            needed: the artifact whose tags suffice if not all tags can be fetched.
        """
        return Fetching(self._workshop, self.remote, tag_name, refspecs_of(only), refspecs_of(needed))

    def fetch(self) -> Tags:
        """Fetches all tags, and waits.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """
        return self.start().finish()

    def share(self, git_dir: Path, common_dir: Path) -> Tags:
        """Reads a repository on this machine in place (`Clone.share`)."""
        clone = self._workshop.clone(self.remote).share(git_dir, common_dir)
        return Tags(self._workshop, self.remote, clone)


@dataclass(frozen=True, slots=True)
class _Way:
    """How to fetch the tags."""

    refspecs: tuple[str, ...]
    """Empty for all tags."""
    filters: tuple[tuple[str, ...], ...]
    """The options to try, in this order."""


class Fetching:
    """A fetch of a remote's tags, in progress."""

    def __init__(
        self, workshop: Workshop, remote: Remote, tag_name: str, refspecs: tuple[str, ...], needed: tuple[str, ...]
    ) -> None:
        """Starts git.

        A clone writes all refs at once, which is many times faster than a fetch (F10).

        Args:
            workshop: where git works.
            remote: what to fetch from.
            tag_name: the tag whose files will be needed; empty if not known yet.
            refspecs: what to fetch; empty for all tags.
            needed: what suffices if not all tags can be fetched; empty if all are needed.
        """
        self._workshop, self._remote, self._needed = workshop, remote, needed
        self._began = time.monotonic()
        self._way = _Way(refspecs, _FILTERS)
        self._cloning: tuple[Process, Clone] | None = self._clone()
        self._cloning_files: tuple[Process, Clone] | None = None
        if tag_name:
            # At the same time, a second clone gets the folders of the files, which the first leaves out.
            options = ("--single-branch", "--no-tags", f"--branch={tag_name}", "--filter=blob:none")
            clone = workshop.clone(remote)
            self._cloning_files = clone.make(*options), clone
        workshop.scratch.ask_version()  # at the same time, so it costs nothing

    def finish(self) -> Tags:
        """Waits for the tags and the commits that they point to, without files.

        If the filter cannot be used, more is sent, and the answer is the same.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """
        too_large: TooLargeError | None = None
        while True:
            try:
                clone = self._workshop.attempts.make(self._finish_clone)
                break
            except FilterError as error:
                self._way = _Way(self._way.refspecs, self._way.filters[1:])
                if not self._way.filters:
                    raise
                self._workshop.log(f"{error.message} Fetching more from it.")
            except TooLargeError as error:
                if self._way.refspecs or not self._needed:
                    raise
                self._way, too_large = _Way(self._needed, self._way.filters), error
        patience = max(_PATIENCE, 3 * (time.monotonic() - self._began))
        return Tags(self._workshop, self._remote, clone, too_large, self._cloning_files, patience)

    def _clone(self) -> tuple[Process, Clone]:
        own = self._way.refspecs
        refspecs = (part for refspec in own for part in ("-c", f"remote.{ORIGIN}.fetch={refspec}"))
        tags = ("--no-tags", *refspecs) if own else ()
        clone = self._workshop.clone(self._remote, memory=LITTLE if own else MUCH)
        return clone.make("--no-single-branch", *tags, *self._way.filters[0]), clone

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
