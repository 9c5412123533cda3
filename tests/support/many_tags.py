"""Many tags at once, and what a naive model says that must come of them."""

import random
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from tests.support.ref_journal import Journal
from tests.support.repo import PERSON, Repo

_BELIEVED = 8
"""How many tags may be gone at once."""


@dataclass
class Pushes:
    """What is done to a remote, written down as it is done; the model is this list."""

    repo: Repo
    artifacts: int
    random: random.Random
    journal: Journal | None = None
    """What the remote itself writes down, from before the first push."""
    now: int = 1_700_000_000
    made: int = 0
    events: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """For each artifact, what happened to which tag."""
    settled: list[str] = field(default_factory=list)
    """Tags of earlier pushes."""
    gone: list[str] = field(default_factory=list)
    """Tags that were deleted."""

    def push(self, number: int, seen: Collection[str] = ()) -> None:
        """So many new tags; now and then a tag is moved or deleted that the service has seen.

        One that comes and moves between two looks is one event, and nobody knows which looks a kill has left out. Nor are
        more tags deleted than a service believes that has not looked for long.

        Args:
            number: how many.
            seen: the tags of which an event has arrived; and "deleted" with a tag, if that was.
        """
        fresh = []
        for _ in range(number):
            self.made += 1
            fresh.append(f"a{self.random.randrange(self.artifacts)}#prod#{self.made}")
        for name in fresh:
            self._did("assignment", name)
        odd = [name for name in self.settled if name in seen and self.random.random() < 0.05]
        moved = odd[::2]
        for name in moved:
            self._did("moved", name)
        unseen = sum(f"deleted {name}" not in seen for name in self.gone)
        deleted = odd[1::2][: max(_BELIEVED - unseen, 0)]
        odd = [*moved, *deleted]
        self.gone += deleted
        for name in deleted:
            self.repo.git("update-ref", "-d", f"refs/tags/{name}")
            self._did("deleted", name)
        self._tag([*fresh, *moved])
        if self.journal:
            self.journal.pushed()
        self.settled = [name for name in self.settled if name not in odd] + fresh

    def _tag(self, names: list[str]) -> None:
        commit = self.repo.git("rev-parse", "main")
        lines = []
        for name in names:
            self.now += 1
            lines.append(f"tag {name}\nfrom {commit}\ntagger {PERSON} {self.now} +0000\ndata 4\nsaid\n")
        self.repo.git("fast-import", "--quiet", "--force", stdin="".join(lines).encode())

    def _did(self, word: str, name: str) -> None:
        self.events[name.partition("#")[0]].append(f"{word} {name}")

    @property
    def count(self) -> int:
        """How many events there are."""
        return sum(map(len, self.events.values()))
