"""The order in which missed events have their turn, as GitHub may refuse some."""

from collections.abc import Callable, Iterable, Iterator

from gto_action.gto.event import Event


class Turns:
    """Yields events, oldest first as long as none is refused.

    GitHub refuses a commit, whose workflow cannot be dispatched, so the other events of that commit are dropped too.
    After a refusal the next turn skips 0, then 1, 3, 7… events, up to the newest: no matter how many are refused, a
    newer event soon has its turn. After the newest it continues at a random place among the skipped events, so that
    none waits behind the same ones in every run.
    """

    def __init__(self, events: Iterable[Event], choose: Callable[[int], int]) -> None:
        """Takes the events, oldest first; `choose` returns a random number below its argument."""
        self._left, self._choose = list(events), choose
        self._place = self._over = 0

    def __iter__(self) -> Iterator[Event]:
        while self._left:
            if self._place >= len(self._left):
                self._place, self._over = self._choose(len(self._left)), 0
            yield self._left.pop(self._place)

    def accepted(self) -> None:
        """Notes that the last event was accepted."""
        self._over = 0

    def refused(self, event: Event) -> list[Event]:
        """Notes that the last event was refused; returns the others of its commit, which are dropped."""
        others = [each for each in self._left if each.commit == event.commit]
        before = sum(each.commit == event.commit for each in self._left[: self._place])
        self._left = [each for each in self._left if each.commit != event.commit]
        at = self._place - before
        self._place = min(at + self._over, len(self._left) - 1) if at < len(self._left) else at
        self._over = 2 * self._over + 1
        return others
