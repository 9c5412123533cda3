"""What every clone of a run needs: the scratch folder, the time limit and the log."""

from collections.abc import Callable
from dataclasses import dataclass

from gto_action.git.clone import LITTLE, Clone
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.system.attempts import Attempts


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes clones."""

    scratch: Scratch
    attempts: Attempts
    """The time limit for all requests to the remote together."""
    log: Callable[[str], None]
    """Writes a line for people."""

    def clone(self, remote: Remote, *, memory: int = LITTLE) -> Clone:
        """A new, empty clone, whose git processes may use so many bytes of memory."""
        return Clone(self.scratch, remote, self.attempts, memory=memory)
