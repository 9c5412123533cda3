"""A remote repository: first its tags, then the files of their commits.

`Repository.start` returns a `Fetching`, whose `finish` returns `Tags`, whose `files` are the `Files` of the commits.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from gto_action.git.protocol.faults import CannotError
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.git.surroundings import Settings
from gto_action.git.tags import Tags
from gto_action.git.wanted import Wanted
from gto_action.git.wire.helper import Helper, start_helper
from gto_action.git.workshop import Workshop
from gto_action.gto.names import ArtifactName
from gto_action.system.attempts import NORMAL, Attempts, Pace

if TYPE_CHECKING:
    from gto_action.git.cloning import Cloning
    from gto_action.git.wire.fetching import WireFetching

TIMEOUT: Final = 120.0


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
        self._started: list[Fetching] = []

    def __enter__(self) -> Self:
        self._workshop.scratch.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for fetching in self._started:
            fetching.end()
        self._workshop.scratch.__exit__(None, None, None)

    @property
    def time_left(self) -> float:
        """The seconds left for requests to the remote."""
        return self._workshop.attempts.left

    def new_folder(self) -> Path:
        """An empty scratch folder, which is removed with the rest."""
        return self._workshop.scratch.new_folder()

    def start(
        self,
        tag_name: str = "",
        only: Iterable[ArtifactName] = (),
        needed: Iterable[ArtifactName] = (),
        paths: Iterable[str] = (),
        commit: str = "",
    ) -> "Fetching":
        """Starts fetching, and returns while git works (`Wanted` explains the arguments)."""
        wanted = Wanted(tag_name=tag_name, commit=commit, paths=tuple(paths), only=tuple(only), needed=tuple(needed))
        fetching = Fetching(self._workshop, self.remote, wanted)
        self._started.append(fetching)
        return fetching

    def fetch(self) -> Tags:
        """Fetches all tags, and waits.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """
        return self.start().finish()

    def share(self, git_dir: Path, common_dir: Path) -> Tags:
        """Reads a repository on this machine in place (`Clone.share`)."""
        from gto_action.git.cloning import share  # noqa: PLC0415 - for the command line

        return share(self._workshop, self.remote, self._workshop.clone(self.remote).share(git_dir, common_dir))


class Fetching:
    """A fetch of a remote's tags, in progress: by the wire, or else by a clone."""

    def __init__(self, workshop: Workshop, remote: Remote, wanted: Wanted) -> None:
        """Starts git.

        Args:
            workshop: where git works.
            remote: what to fetch from.
            wanted: what to fetch.
        """
        self._workshop, self._remote, self._wanted = workshop, remote, wanted
        self._ways: list[WireFetching | Cloning] = []
        try:
            helpers = [start_helper(workshop.scratch, remote) for _ in range(2 if wanted.tag_name else 1)]
        except CannotError as error:
            self._ways.append(self._cloning(error))
            return
        self._ways.append(self._wired(helpers))

    def finish(self) -> Tags:
        """Waits for the tags and the commits that they point to, without files.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """
        try:
            return self._ways[0].finish()
        except CannotError as error:
            self.end()
            return self._cloning(error).finish()

    def end(self) -> None:
        """Ends what is in progress."""
        for way in self._ways:
            way.end()

    def _wired(self, helpers: list[Helper]) -> "WireFetching":
        from gto_action.git.wire.fetching import WireFetching  # noqa: PLC0415 - imported while the helpers start

        return WireFetching(self._workshop, self._remote, self._wanted, helpers, self._clone)

    def _cloning(self, error: CannotError) -> "Cloning":
        from gto_action.git.cloning import Cloning  # noqa: PLC0415 - rarely needed

        self._workshop.scratch.debug(f"{error} It is cloned.")
        return Cloning(self._workshop, self._remote, self._wanted)

    def _clone(self) -> Tags:
        return self._cloning(CannotError("The files cannot be fetched.")).finish()
