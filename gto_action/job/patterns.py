"""The patterns of `events`, `names` and `stages`: which values match, and which patterns can never match."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from gto_action.errors import InputError
from gto_action.gto.tag import EventKind

Patterns = tuple[str, ...]
"""Shell patterns, in which `*` matches anything, also `/`; without patterns everything matches."""

_Steps = dict[str, dict[str, str]]
"""An automaton: for each state, characters and the states that they lead to."""

_SHOWN: Final = 10
# The grammar in names.py; a text may begin with a name or a directory, so both are tried.
_ALNUM: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_NAME_STEPS: Final[_Steps] = {
    "start": {_ALNUM: "end"},
    "end": {_ALNUM: "end", "-_/": "inside"},
    "inside": {_ALNUM: "end", "-_/": "inside"},
}
_DIRECTORY_STEPS: Final[_Steps] = {
    "directory": {_ALNUM + "_./-": "more"},
    "more": {_ALNUM + "_./-": "more", ":": "start"},
}
_part = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)
_separator = re.compile(r"[\s,;|]+")
_comment = re.compile(r"(?:^|\s)#\s.*|\s#.*", re.DOTALL)
# A YAML list contains words or separators; a set of characters contains neither, apart from its ranges.
_brackets = re.compile(r"\[([^\[\]!][^\[\]]{2,})\]")
_range = re.compile(r"[^-]-[^-]")
_words = re.compile(r"[A-Za-z]{2}|[\s,;|]")


@dataclass(frozen=True, slots=True)
class _Input:
    """An input with patterns, and what they are about."""

    name: str
    what: str
    grammar: str


_NAMES: Final = _Input("names", "artifact", "An artifact is written NAME, or DIR:NAME in a monorepo")
_STAGES: Final = _Input("stages", "stage", "A stage is made of letters, digits, '-', '_' and '/'")


def fits(patterns: Patterns, value: str) -> bool:
    """Whether a value matches one of the patterns."""
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)


def listed(patterns: Patterns) -> str:
    """The patterns for people; only the first of very many."""
    more = f" and {len(patterns) - _SHOWN} more" if len(patterns) > _SHOWN else ""
    return ", ".join(patterns[:_SHOWN]) + more


def event_patterns(_: str, value: str) -> Patterns:
    """Patterns for events, one per line.

    :raises InputError: if a pattern matches no event: a typo would silently never match.
    """
    found = _lines(value)
    for pattern in found:
        if not any(fnmatchcase(kind.value, pattern) for kind in EventKind):
            kinds = ", ".join(repr(kind.value) for kind in EventKind)
            raise InputError(f"The input 'events' has {pattern!r}, which matches no event.", f"Use one of {kinds}.")
    return found


def name_patterns(_: str, value: str) -> Patterns:
    """Patterns for artifacts, one per line.

    :raises InputError: if a pattern can match no artifact's name.
    """
    return tuple(_checked(pattern, _NAMES) for pattern in _lines(value))


def stage_patterns(_: str, value: str) -> Patterns:
    """Patterns for stages, one per line.

    :raises InputError: if a pattern can match no stage.
    """
    return tuple(_checked(pattern, _STAGES) for pattern in _lines(value))


def _lines(value: str) -> Patterns:
    return tuple(line.strip() for line in value.splitlines() if line.strip())


def _checked(pattern: str, of: _Input) -> str:
    is_list = _is_list(pattern)
    if not is_list and can_fit(pattern, directory=of is _NAMES):
        return pattern
    meant = [*dict.fromkeys(_meant(pattern, of))]
    if pattern.startswith("!"):
        hint = f"A pattern cannot exclude: name every {of.what} that you want."
    elif pattern.startswith("# "):
        hint = "Remove the comment."
    elif not meant or not all(can_fit(each, directory=of is _NAMES) for each in meant):
        hint = f"{of.grammar}, and begins and ends with a letter or a digit."
    elif len(meant) == 1:
        hint = f"Write {meant[0]!r}."
    else:
        hint = f"Write one pattern per line: {', '.join(map(repr, meant))}."
    which = f"matches no {of.what}"
    if is_list:
        which = f"matches only one-letter {of.what} names: `[…]` is a set of characters"
    raise InputError(f"The input {of.name!r} has {pattern!r}, which {which}.", hint)


def _is_list(pattern: str) -> bool:
    found = _brackets.fullmatch(pattern)
    return bool(found and _words.search(_range.sub("-", found[1])))


def _meant(pattern: str, of: _Input) -> Iterator[str]:
    """The patterns that may be meant by one that matches nothing."""
    for word in _separator.split(_comment.sub("", pattern)):
        part = word.strip("'\"[]{}()`")
        if of is _NAMES:
            part = re.split("[@#]", part)[0].replace("=", ":")
        elif "#" in part:
            part = part.split("#")[1].removesuffix("!")
        if part.strip("-"):
            yield part


@cache
def can_fit(pattern: str, *, directory: bool) -> bool:
    """Whether a pattern matches any name that GTO's grammar allows.

    >>> can_fit("prod*", directory=False), can_fit("models:churn", directory=False), can_fit("a, b", directory=True)
    (True, False, False)

    Args:
        pattern: as `fnmatch` takes it.
        directory: whether the names may have a directory, as in `models:churn`.
    """
    steps = {**_NAME_STEPS, **(_DIRECTORY_STEPS if directory else {})}
    states = {"start", "directory"} & {*steps}
    for part in _parts(pattern):
        states = _closure(states, steps) if part == "*" else _step(states, steps, part)
    return "end" in states


def _step(states: set[str], steps: _Steps, part: str) -> set[str]:
    """The states after one character that matches a part of a pattern."""
    ways = [way for state in states for way in steps[state].items()]
    return {after for characters, after in ways if any(fnmatchcase(each, part) for each in characters)}


def _closure(states: set[str], steps: _Steps) -> set[str]:
    """The states after any number of characters, including none."""
    found: set[str] = set()
    while states != found:
        found = states
        states = states | {after for state in states for after in steps[state].values()}
    return found


def _parts(pattern: str) -> Iterator[str]:
    """The parts of a pattern: `*`, or what matches one character; an unclosed bracket is a character."""
    return (match[0] for match in _part.finditer(pattern))
