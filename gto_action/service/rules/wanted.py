"""Which events a sink wants, in the words of its configuration."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from gto_action.errors import InputError
from gto_action.gto.tag import EventKind
from gto_action.job.filters import Filters
from gto_action.job.patterns import Patterns
from gto_action.service.rules.ref_changes import Action, Change

WORDS: Final = (*(kind.value for kind in EventKind), Action.MOVED.value, Action.DELETED.value)
"""What can happen: the events of GTO's tags, and that a tag is moved or deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Patterns for repositories, events, artifacts and stages; without patterns everything matches."""

    repositories: Patterns = ()
    filters: Filters = field(default_factory=Filters)

    def takes(self, repository: str, change: Change) -> bool:
        """Whether a sink wants to know of a change."""
        if self.repositories and not any(fnmatchcase(repository, each) for each in self.repositories):
            return False
        return self.filters.match(event=change.word, name=str(change.tag.artifact), stage=str(change.tag.stage or ""))


def word_patterns(patterns: Patterns) -> Patterns:
    """Patterns for what can happen.

    :raises InputError: if one matches nothing: a typo would silently never match.
    """
    for pattern in patterns:
        if not any(fnmatchcase(word, pattern) for word in WORDS):
            words = ", ".join(map(repr, WORDS))
            raise InputError(f"'events' has {pattern!r}, which matches no event.", f"Use one of {words}.")
    return patterns
