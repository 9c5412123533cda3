"""What every clone of a run needs: the scratch folder, the time that there is, and the log."""

from collections.abc import Callable
from dataclasses import dataclass

from gto_action.git.clone import LITTLE, Clone
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.system.attempts import Attempts


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where clones are made."""

    scratch: Scratch
    attempts: Attempts
    """The time that everything asked of the remote may take together."""
    log: Callable[[str], None]
    """Takes a line for people."""

    def clone(self, remote: Remote, *, memory: int = LITTLE) -> Clone:
        """A clone of which nothing has been asked yet; each git of it may take so many bytes."""
        return Clone(self.scratch, remote, self.attempts, memory=memory)
