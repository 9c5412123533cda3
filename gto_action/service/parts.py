"""Artifacts that are read a few at a time, because not all can be read together."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from gto_action.errors import GtoActionError
from gto_action.gto.names import ArtifactName

Artifacts = frozenset[ArtifactName]
_MANY: Final = 200
"""How many artifacts are read together."""
_MOST: Final = 2**16
"""The bytes of their names: they may be part of a command line, which has an end."""
_NAMED: Final = 10


class TooMuchError(Exception):
    """The tags of some artifacts cannot be read together; nothing has been written of what they say."""


class UnreadError(GtoActionError):
    """The tags of some artifacts could not be read; those of all others have been."""

    artifacts: Artifacts = frozenset()
    late: bool = False
    """Whether there was no time for some of them, which may be read the next time."""


class Read(NamedTuple):
    """What has become of some artifacts."""

    parts: list[Artifacts]
    """Those that have been read together."""
    unread: UnreadError | None
    """If some could not be read."""


def parts_of(artifacts: Artifacts) -> Iterator[Artifacts]:
    """Parts that are not too large, in another order each time: what comes last may have to wait."""
    names = sorted(artifacts, key=str)
    random.shuffle(names)
    part: list[ArtifactName] = []
    size = 0
    for name in names:
        length = len(name.in_tag.encode())
        if part and (len(part) == _MANY or size + length > _MOST):
            yield frozenset(part)
            part, size = [], 0
        part.append(name)
        size += length
    if part:
        yield frozenset(part)


def read_apart(parts: Iterable[Artifacts], read: Callable[[Artifacts], None], seconds: float) -> Read:
    """Reads parts, and by halves those that are too large, until what cannot be read stands alone.

    Args:
        parts: of the artifacts.
        read: reads one.
        seconds: when no more is begun: whoever may push can make as many large tags as they like.
    """
    deadline = time.monotonic() + seconds
    waiting = list(parts)
    done: list[Artifacts] = []
    large: dict[ArtifactName, TooMuchError] = {}
    late: Artifacts = frozenset()
    while waiting:
        part = waiting.pop()
        if time.monotonic() > deadline:
            late |= part
            continue
        try:
            read(part)
        except TooMuchError as error:
            if len(part) > 1:
                names = sorted(part, key=str)
                half = len(names) // 2
                waiting += [frozenset(names[:half]), frozenset(names[half:])]
            else:
                large |= dict.fromkeys(part, error)
        else:
            done.append(part)
    return Read(done, _unread(large, late) if large or late else None)


def _unread(large: Mapping[ArtifactName, TooMuchError], late: Artifacts) -> UnreadError:
    names = ", ".join(repr(str(name)) for name in sorted(large, key=str)[:_NAMED])
    more = f" and {len(large) - _NAMED} more" if len(large) > _NAMED else ""
    sentences = [f"The tags of {names}{more} are too large to be read."] if large else []
    if late:
        sentences.append(f"There was no time for those of {len(late)} artifacts.")
    why = next((str(error.__cause__) for error in large.values()), "")
    unread = UnreadError(" ".join(sentences), said=why)
    unread.artifacts, unread.late = late | large.keys(), bool(late)
    return unread
