"""What every clone of a run needs: the scratch folder, the time limit and the log."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gto_action.git.program import LITTLE
from gto_action.git.protocol.allowance import Allowance
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch
from gto_action.system.attempts import Attempts

if TYPE_CHECKING:
    from gto_action.git.clone import Clone


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes clones."""

    scratch: Scratch
    attempts: Attempts
    """The time limit for all requests to the remote together."""
    log: Callable[[str], None]
    """Writes a line for people."""
    allowance: Allowance = field(default_factory=Allowance)
    """What is taken from the remote by the wire."""

    def clone(self, remote: Remote, *, memory: int = LITTLE) -> "Clone":
        """A new, empty clone, whose git processes may use so many bytes of memory."""
        from gto_action.git.clone import Clone  # noqa: PLC0415 - rarely needed

        return Clone(self.scratch, remote, self.attempts, memory=memory)
