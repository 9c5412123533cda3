"""What has changed between two lists of a repository's tags: which tags came, moved or went."""

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gto_action.gto.tag import Tag, parse_tag

_FEW: Final = 10
_SHARE: Final = 5
Moment = tuple[int, int, str]
"""When GTO says that something happened (`Event.moment`)."""


class Action(enum.Enum):
    """What has become of a tag; the value is a word of the events that are delivered."""

    CREATED = "created"
    MOVED = "moved"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Seen:
    """A tag as it was last seen."""

    oid: str
    """What its ref points to; empty if the tag is gone."""
    generation: int
    """How often it came, moved or went: with it, the same tag at the same object again is something new."""
    counted: bool
    """Whether GTO counts it: a tag that never counted neither moves nor goes."""


@dataclass(frozen=True, slots=True)
class Now:
    """A tag as it is."""

    oid: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to a tag that counts, or did."""

    tag: Tag
    action: Action
    oid: str
    """What its ref points to; of a tag that is gone, what it pointed to."""
    generation: int
    before: str = ""
    """Of a tag that moved, what it pointed to."""

    @property
    def word(self) -> str:
        """What sinks ask for: the kind of the event of a new tag, else `moved` or `deleted`."""
        return self.tag.kind.value if self.action is Action.CREATED else self.action.value


@dataclass(frozen=True, slots=True)
class Step:
    """One tag that is not as it was."""

    name: str
    seen: Seen
    """As it is from now on."""
    change: Change | None
    """What to tell; None for a tag that does not count and did not."""


def steps(seen: Mapping[str, Seen], now: Mapping[str, Now]) -> Iterator[Step]:
    """What is not as it was, in the order of the names; tags that are not GTO's are left out.

    Args:
        seen: every tag that ever was seen.
        now: every tag there is.
    """
    for name in sorted(seen.keys() | now.keys()):
        tag = parse_tag(name)
        if tag and (step := _step(tag, name, seen.get(name), now.get(name))):
            yield step


def _step(tag: Tag, name: str, old: Seen | None, new: Now | None) -> Step | None:
    was = old if old and old.oid else None
    if was and new and was.oid == new.oid and was.counted == new.counts:
        return None
    if was is None and new is None:
        return None
    generation = (old.generation if old else 0) + 1
    counted, counts = bool(was and was.counted), bool(new and new.counts)
    seen = Seen(new.oid if new else "", generation, counts)
    if new and counts:
        moved = was is not None and counted
        action = Action.MOVED if moved else Action.CREATED
        return Step(name, seen, Change(tag, action, new.oid, generation, was.oid if was and moved else ""))
    if was and counted:
        return Step(name, seen, Change(tag, Action.DELETED, was.oid, generation))
    return Step(name, seen, None)


def in_order(found: list[Step], moment_of: Callable[[Tag], Moment]) -> list[Step]:
    """The order in which to tell: what is gone, then what there is by GTO's time.

    Nobody knows when a tag was deleted. Coming first, a tag that takes its place has the last word.
    """

    def key(step: Step) -> tuple[int, Moment]:
        change = step.change
        if change is None or change.action is Action.DELETED:
            return (0 if change else -1), (0, 0, step.name)
        return 1, moment_of(change.tag)

    return sorted(found, key=key)


def is_same(listed: Mapping[str, str], now: Mapping[str, Now]) -> bool:
    """Whether the tags are still those of a list that was read before: a server answers one question after the other.

    Args:
        listed: what each tag's ref pointed to, GTO's or not.
        now: GTO's tags, and perhaps others.
    """
    known = all(listed.get(name) == each.oid for name, each in now.items())
    return known and not any(parse_tag(name) for name in listed.keys() - now.keys())


def why_halt(seen: Mapping[str, Seen], now: Mapping[str, Now]) -> str:
    """Why these changes are not believed; empty if they are.

    A server that answers with half of its refs, or another repository at the same address, must not take everything
    out of production: nobody deletes a fifth of a registry at once without knowing it. Nor does a mirror that has made
    all tags lightweight.
    """
    known = {name for name, each in seen.items() if each.oid and each.counted}
    lost = {name for name in known if name not in now or not now[name].counts}
    gone, what = len(lost), "are gone" if lost.isdisjoint(now) else "no longer count"
    if len(known) > 1 and gone == len(known):
        return f"All {gone} tags {what}."
    if gone > _FEW and gone * _SHARE >= len(known):
        return f"{gone} of {len(known)} tags {what} at once."
    return ""
