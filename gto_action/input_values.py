"""What the values of inputs may be: text to a value, or an error that says what the input takes."""

import enum
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from gto_action.errors import InputError
from gto_action.tag import Kind

# The spellings of YAML 1.2's core schema, which the inputs of GitHub's own actions take.
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_UNITS: Final = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_duration: Final = re.compile(r"([0-9]{1,6})([mhdw])", re.ASCII)
_workflow_file: Final = re.compile(r"[^/\\?#%\x00-\x1f\x7f]+\.ya?ml|[0-9]+", re.ASCII | re.IGNORECASE)

_Choice = TypeVar("_Choice", bound=enum.Enum)

Patterns = tuple[str, ...]
"""Shell patterns, in which `*` is anything, `/` too; none at all fits everything."""


@dataclass(frozen=True, slots=True)
class Since:
    """A time, or how long ago it was."""

    seconds: int
    """Since 1970; or before now."""
    relative: bool = True

    def start(self, now: int) -> int:
        """The time in seconds since 1970, where now is `now`."""
        return max(now - self.seconds, 0) if self.relative else self.seconds


def patterns(value: str) -> Patterns:
    """One pattern a line."""
    return tuple(line.strip() for line in value.splitlines() if line.strip())


def event_patterns(value: str) -> Patterns:
    """Patterns of which each fits some event: a slip of the pen would match nothing, in silence.

    :raises InputError: if one fits none.
    """
    found = patterns(value)
    for pattern in found:
        if not any(fnmatchcase(kind.value, pattern) for kind in Kind):
            kinds = ", ".join(repr(kind.value) for kind in Kind)
            raise InputError(f"The input 'events' cannot have {pattern!r}, which fits no event.", f"They are {kinds}.")
    return found


def one_of(choices: type[_Choice], name: str, value: str) -> _Choice:
    """The member of an enum with this value.

    :raises InputError: if there is none.
    """
    try:
        return choices(value)
    except ValueError:
        values = ", ".join(repr(each.value) for each in choices)
        raise InputError(f"The input {name!r} cannot be {value!r}.", f"It takes {values}.") from None


def number(name: str, value: str, what: str, most: int) -> int:
    """A number from 1 to `most`; `what` is counted.

    :raises InputError: if it is anything else.
    """
    if not re.fullmatch(r"[0-9]{1,5}", value, re.ASCII) or not 1 <= int(value) <= most:
        raise InputError(f"The input {name!r} cannot be {value!r}.", f"It takes a number of {what}, from 1 to {most}.")
    return int(value)


def boolean(name: str, value: str) -> bool:
    """True or false.

    :raises InputError: if it is anything else.
    """
    try:
        return _BOOLEANS[value]
    except KeyError:
        raise InputError(f"The input {name!r} cannot be {value!r}.", "It takes 'true' or 'false'.") from None


def since(name: str, value: str) -> Since:
    """A duration such as `7d` or `12h`, or a time of ISO 8601, which without a zone is in UTC.

    >>> since("since", "90m").start(10_000), since("since", "1970-01-02").start(10_000)
    (4600, 86400)

    :raises InputError: if it is anything else.
    """
    if match := _duration.fullmatch(value):
        return Since(int(match[1]) * _UNITS[match[2]])
    try:
        time = datetime.fromisoformat(value)
        return Since(int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()), relative=False)
    except (ValueError, OverflowError):
        raise InputError(
            f"The input {name!r} cannot be {value!r}.",
            "It takes a duration such as '7d', '12h' or '90m', or a time such as '2026-11-23T09:30:00Z'.",
        ) from None


def environment_pattern(name: str, value: str) -> str:
    """A pattern of names, in which `{name}` and `{stage}` stand for an artifact's.

    :raises InputError: if there are other braces in it.
    """
    if set("{}") & set(value.replace("{name}", "").replace("{stage}", "")):
        raise InputError(f"The input {name!r} cannot be {value!r}.", "It takes a text with '{name}' and '{stage}'.")
    return value


def workflow(name: str, value: str) -> str:
    """The name of a workflow's file, with or without its folder; empty if it is.

    >>> workflow("workflow", ".github/workflows/deploy.yml")
    'deploy.yml'

    :raises InputError: if it is none.
    """
    file = value.removeprefix(".github/workflows/")
    if file and not _workflow_file.fullmatch(file):
        raise InputError(f"The input {name!r} cannot be {value!r}.", "It takes the name of a file: 'deploy.yml'.")
    return file
