"""How much a run takes from a server, over all its requests together: each may be small, and there may be many."""

from typing import Final

from gto_action.git.protocol.faults import TooMuchError

MOST_TAKEN: Final = 2**34
"""The bytes that a run takes: those of packs as they come, and of what is made of them, as often as it is made."""


class Allowance:
    """What is left of it."""

    def __init__(self, most: int = MOST_TAKEN) -> None:
        """Nothing is taken yet."""
        self._most = self._left = most

    def take(self, size: int) -> None:
        """Takes so many bytes.

        :raises TooMuchError: if this is more than is left.
        """
        self._left -= size
        if self._left < 0:
            raise TooMuchError(f"The server sends more than {self._most:,} bytes to one run.")
