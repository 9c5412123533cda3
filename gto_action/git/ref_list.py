"""The tags of a remote by their names alone, as `git ls-remote` lists them: far less than a clone brings."""

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.git.workshop import Workshop
from gto_action.system.attempts import NORMAL, Attempts, Pace

_TAGS: Final = b"refs/tags/"
_PEELED: Final = b"^{}"


@dataclass(frozen=True, slots=True)
class RefList:
    """The tags that there are."""

    raw: bytes
    """What git has printed."""

    @property
    def digest(self) -> str:
        """The same for the same tags at the same objects."""
        return hashlib.sha256(self.raw).hexdigest()

    def oids(self) -> Mapping[str, str]:
        """What each tag's ref points to."""
        lines = (line.rstrip(b"\n").split(b"\t", 1) for line in io.BytesIO(self.raw))  # a list would take as much again
        return {
            parts[1].removeprefix(_TAGS).decode("utf-8", "surrogateescape"): parts[0].decode("ascii", "replace")
            for parts in lines
            if len(parts) > 1 and parts[1].startswith(_TAGS) and not parts[1].endswith(_PEELED)
        }


def list_tags(remote: Remote, *, log: Callable[[str], None], timeout: float, pace: Pace = NORMAL) -> RefList:
    """Asks a remote for its tags, without the user's configuration.

    Args:
        remote: whom to ask.
        log: takes a line for people.
        timeout: the seconds that this may take.
        pace: how soon the remote is asked again.

    :raises RemoteError: if it cannot be reached, or refuses.
    """
    with Scratch() as scratch:
        attempts = Attempts(timeout, log, pace=pace)
        clone = Workshop(scratch, attempts, log).clone(remote)
        clone.ask("init", "--quiet", "--bare", "--template=")  # else git would look for one in the folders above
        return RefList(attempts.make(lambda: clone.ask("ls-remote", "--tags", "--", remote.url)))
