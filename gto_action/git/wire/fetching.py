"""Fetches tags by the wire, and the files of one tag; threads read while the rest of the program is imported."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from gto_action.errors import GitError
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
    more_than: int


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
        return Tags(self._workshop, self._asking.remote, found.tags, self._files, more_than=found.more_than)

    def end(self) -> None:
        """Ends what is in progress."""
        self._coming.end()
        self._files.end()

    def _ask(self, asking: Asking) -> _Brought:
        only, needed = self._wanted.only, self._wanted.needed
        if only and (prefixes := _prefixes(only)):
            return _Brought(asking.ask_once(lambda connection: read_tags(connection, prefixes)), 0)
        prefixes = _prefixes(needed) if needed else ()
        if not prefixes:
            return _Brought(asking.ask_once(read_tags), 0)
        # One list that is cut off, not two at the same time: few tags are listed once, and a cut list is cheap.
        listed = asking.ask_once(lambda connection: list_tags(connection, MANY))
        if not listed.more:
            return _Brought(asking.ask_once(lambda connection: bring_tags(connection, listed.refs)), 0)
        return _Brought(asking.ask_once(lambda connection: read_tags(connection, prefixes)), MANY)


def _prefixes(artifact: ArtifactName) -> tuple[str, ...]:
    """The prefixes of the refs of an artifact's tags."""
    return tuple(f"refs/tags/{artifact.in_tag}{mark}" for mark in "@#")
