"""Fetches tags by the wire, and the files of one tag; threads read while the rest of the program is imported."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from gto_action.errors import GitError, RemoteError, TransientRemoteError
from gto_action.git.protocol.faults import LacksError, SaidError
from gto_action.git.remote import Remote
from gto_action.git.tags import Tags
from gto_action.git.wanted import Wanted
from gto_action.git.wire.asking import Asking, Coming
from gto_action.git.wire.brought_tags import BroughtTags
from gto_action.git.wire.files import WireFiles
from gto_action.git.wire.helper import Helper
from gto_action.git.wire.reading import bring_tags, list_tags, read_tags
from gto_action.git.workshop import Workshop
from gto_action.gto.names import ArtifactName

MANY: Final = 10_000
"""How many tags are fetched if only the table of all artifacts needs them."""
_PATIENCE: Final = 3.0


class _Brought(NamedTuple):
    tags: BroughtTags
    more_than: int = 0
    incomplete: RemoteError | None = None


class WireFetching:
    """A fetch by the wire, in progress."""

    def __init__(
        self, workshop: Workshop, remote: Remote, wanted: Wanted, helpers: list[Helper], cloned: Callable[[], Tags]
    ) -> None:
        """Starts asking.

        Args:
            workshop: where git works.
            remote: what to fetch from.
            wanted: what to fetch.
            helpers: started helpers: one for the tags, and one for the files of a tag if there is one.
            cloned: fetches the same by a clone.
        """
        self._workshop, self._wanted = workshop, wanted
        self._began = time.monotonic()
        self._has_lacked = False
        """Whether objects of tags have not come."""
        self._asking = Asking(workshop, remote, helpers[0])
        self._files = WireFiles(workshop, remote, lambda: cloned().files)
        self._coming = Coming(self._asking, self._ask)
        if len(helpers) > 1:
            self._files.expect_tag(wanted, helpers[1])

    def finish(self) -> Tags:
        """Waits for the tags and the commits that they point to, without files.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        :raises CannotError: if it cannot be asked this way.
        """
        try:
            found = self._coming.answer()
        except GitError:
            scratch = self._workshop.scratch
            scratch.ask_version()
            scratch.check_version(_PATIENCE)  # an old git is told so before what it complains of
            raise
        self._files.go_on_with(self._asking)
        self._files.patience = max(_PATIENCE, 3 * (time.monotonic() - self._began))
        remote, tags, more_than, incomplete = self._asking.remote, *found
        return Tags(self._workshop, remote, tags, self._files, incomplete, more_than)

    def end(self) -> None:
        """Ends what is in progress."""
        self._coming.end()
        self._files.end()

    def _ask(self, asking: Asking) -> _Brought:
        only, needed = self._wanted.only, self._wanted.needed
        if prefixes := _prefixes(*only):
            return _Brought(asking.ask_once(lambda connection: read_tags(connection, prefixes)))
        prefixes = _prefixes(*needed)
        if not prefixes:
            return _Brought(asking.ask_once(read_tags))
        # One list that is cut off, not two at the same time: few tags are listed once, and a cut list is cheap.
        listed = asking.ask_once(lambda connection: list_tags(connection, MANY))
        incomplete = None
        if not listed.more:
            try:
                return _Brought(asking.ask_once(lambda connection: bring_tags(connection, listed.refs)))
            except RemoteError as error:
                if not (incomplete := self._lacking(error)):
                    raise
        needed_tags = asking.ask_once(lambda connection: read_tags(connection, prefixes))
        return _Brought(needed_tags, MANY if listed.more else 0, incomplete)

    def _lacking(self, error: RemoteError) -> RemoteError | None:
        """What to warn of if the remote lacks objects of some tag, perhaps of one that is not needed.

        None if it failed in another way, or for the first time in a way that may pass: a tag may have been moved
        between two questions.
        """
        cause = error.__cause__
        if not isinstance(cause, SaidError | LacksError) and not error.of_damage:
            return None
        before, self._has_lacked = self._has_lacked, True
        if isinstance(error, TransientRemoteError) and not before:
            return None
        said = f"The server says {str(cause)!r}." if isinstance(cause, SaidError) else str(cause)
        return self._asking.remote.lacking(error.said or error.hint if error.of_damage else said)


def _prefixes(*artifacts: ArtifactName) -> tuple[str, ...]:
    """The prefixes of the refs of artifacts' tags."""
    return tuple(f"refs/tags/{artifact.in_tag}{mark}" for artifact in artifacts for mark in "@#")
