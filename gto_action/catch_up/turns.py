"""In which order missed events have their turn, where GitHub may refuse some."""

from collections.abc import Callable, Iterable, Iterator

from gto_action.gto.event import Event


class Turns:
    """Events, the oldest first for as long as none is refused.

    A refusal is by commit, whose workflow cannot be dispatched: no other event of that commit has a turn. The next is
    one after 0, 1, 3, 7… others, up to the newest: however many are refused, a newer one soon has its turn. After the
    newest it goes on at any place among those that were left out, so that none waits for the same others in each run.
    """

    def __init__(self, events: Iterable[Event], choose: Callable[[int], int]) -> None:
        """Takes the events, the oldest first; `choose` gives any number below another."""
        self._left, self._choose = list(events), choose
        self._place = self._over = 0

    def __iter__(self) -> Iterator[Event]:
        while self._left:
            if self._place >= len(self._left):
                self._place, self._over = self._choose(len(self._left)), 0
            yield self._left.pop(self._place)

    def accepted(self) -> None:
        """Says that the last one was taken."""
        self._over = 0

    def refused(self, event: Event) -> list[Event]:
        """Says that the last one was refused; gives the others of its commit, which have no turn any more."""
        others = [each for each in self._left if each.commit == event.commit]
        before = sum(each.commit == event.commit for each in self._left[: self._place])
        self._left = [each for each in self._left if each.commit != event.commit]
        at = self._place - before
        self._place = min(at + self._over, len(self._left) - 1) if at < len(self._left) else at
        self._over = 2 * self._over + 1
        return others
