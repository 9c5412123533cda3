"""What a remote itself writes down of its tags, replayed naively: which events must have come of that, and in which order.

The journal is a hook of git's (`reference-transaction`), a reflog that outlives the refs. A look at the remote sees each
tag as it is at one moment, and no two of them at the same one. So of a tag that changes twice between two looks the model
knows one event, and the changes of one push may come in two looks, in any part. All else it holds against the journal.
"""

import base64
import hashlib
import stat
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tests.support.repo import Repo

_HOOK = """#!/bin/sh
[ "$1" = committed ] && { cat; echo; } >> "${GIT_DIR:-.}/journal" || cat > /dev/null
"""
_TAGS = "refs/tags/"


class Told(NamedTuple):
    """An event as it arrived."""

    id: str
    word: str
    tag: str
    look: float
    """Which look found it: when that was written down."""


@dataclass
class Change:
    """One change of one tag."""

    push: int
    """Of which push it was part."""
    oid: str
    """Empty if the tag went."""


@dataclass
class Journal:
    """What has become of the tags since this began."""

    repo: Repo
    name: str = "models"
    """The repository's, in the service."""
    _start: dict[str, str] = field(default_factory=dict)
    _pushes: list[int] = field(default_factory=list)
    """How long the journal was after each push."""

    def __post_init__(self) -> None:
        listed = self.repo.git("for-each-ref", "--format=%(objectname) %(refname)", _TAGS).splitlines()
        self._start = {name.removeprefix(_TAGS): oid for oid, _, name in (line.partition(" ") for line in listed)}
        self._file = self.repo.path / "journal"
        self._file.write_bytes(b"")
        hook = self.repo.path / "hooks/reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)

    def pushed(self) -> None:
        """Notes that a push is over; the next one begins a while later."""
        self._pushes.append(self._file.stat().st_size)

    def _changes(self) -> dict[str, list[Change]]:
        found = {name: [Change(-1, oid)] for name, oid in self._start.items()}
        text, start = self._file.read_bytes(), 0
        for number, end in enumerate([*self._pushes, len(text)]):
            for line in text[start:end].decode().splitlines():
                _, oid, name = [*line.split(" "), "", ""][:3]
                if name.startswith(_TAGS):
                    oid = oid.strip("0") and oid
                    changes = found.setdefault(name.removeprefix(_TAGS), [Change(-1, "")])
                    if changes[-1].oid != oid:
                        changes.append(Change(number, oid))
            start = end
        return found

    def count(self) -> int:
        """How many changes there were."""
        return sum(len(each) - 1 for each in self._changes().values())

    def hold(self, told: Iterable[Sequence[Told]]) -> None:
        """Holds what has arrived against the journal: of each artifact, in the order of its first arrivals."""
        changes, times = self._changes(), self._times()
        seen: dict[str, list[Told]] = defaultdict(list)
        found: dict[str, Change] = {}
        for artifact in told:
            for each in artifact:
                seen[each.tag].append(each)
        for tag, known in changes.items():
            found |= self._of_tag(tag, known, seen.pop(tag, []))
        assert not seen, f"nobody has changed {sorted(seen)}"
        for artifact in told:
            for before, after in pairwise(artifact):
                if before.look == after.look:
                    first, second = (_key(each, found[each.id], times) for each in (before, after))
                    assert first < second, f"{before} comes before {after} in one look"
            for place, after in enumerate(artifact):
                early = [each for each in artifact[:place] if found[each.id].oid]  # in a look, what is gone comes first
                late = [each for each in early if found[each.id].push > found[after.id].push + 1]
                assert not late, f"{after} was pushed long before {late}, and arrived after them"

    def _of_tag(self, tag: str, changes: list[Change], told: list[Told]) -> dict[str, Change]:
        """Which change each event of a tag tells of: each a later one, and the last the last."""
        generation = 1 if changes[0].oid else 0
        place, found = 0, {}
        for each in told:
            generation += 1
            for after in range(place + 1, len(changes)):
                action, oid = _action(changes[place].oid, changes[after].oid)
                if action and each.id == _id(self.name, tag, generation, oid, action):
                    assert each.word == action or (action == "created" and each.word not in {"moved", "deleted"}), each
                    place, found[each.id] = after, changes[after]
                    break
            else:
                raise AssertionError(
                    f"the journal has nothing of which {each} could tell, after {changes[: place + 1]}"
                )
        assert changes[place].oid == changes[-1].oid, f"nobody was told how {tag} ended: {changes}, {told}"
        return found

    def _times(self) -> dict[str, int]:
        """When each tag object says that it was made."""
        listed = self.repo.git(
            "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"
        ).splitlines()
        tags = [line.split()[1] for line in listed if line.startswith("tag ")]
        told = self.repo.git("cat-file", "--batch", stdin="\n".join([*tags, ""]).encode())
        times, oid = {}, ""
        for line in told.splitlines():
            words = line.split(" ")
            if len(words) == 3 and words[1] == "tag" and len(words[0]) in {40, 64}:
                oid = words[0]
            elif words[0] == "tagger":
                times[oid] = int(words[-2])
        return times


def _key(told: Told, change: Change, times: dict[str, int]) -> tuple[int, int, str]:
    """Where an event stands among those of the same look: what is gone, by name, then the others by their time."""
    return (1, times[change.oid], told.tag) if change.oid else (0, 0, told.tag)


def _action(before: str, after: str) -> tuple[str, str]:
    """What happened between two looks, and the object that it is about."""
    if before == after:
        return "", ""
    if not after:
        return "deleted", before
    return ("moved" if before else "created"), after


def _id(repository: str, tag: str, generation: int, oid: str, action: str) -> str:
    digest = hashlib.sha256("\0".join((repository, tag, str(generation), oid, action)).encode()).digest()
    return f"gto_{base64.b32encode(digest).decode().lower()[:26]}"
