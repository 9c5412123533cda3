"""Parses the values of inputs: text to a value, or an error that says what is allowed."""

import enum
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeVar

from gto_action.errors import InputError
from gto_action.gto.selector import Selector, parse_selector

# The spellings of YAML 1.2's core schema, which GitHub's own actions accept too.
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_UNITS: Final = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_duration: Final = re.compile(r"([0-9]{1,6})([mhdw])", re.ASCII)
_workflow_file: Final = re.compile(r"[^/\\?#%\x00-\x1f\x7f]+\.ya?ml|[0-9]+", re.ASCII | re.IGNORECASE)

_Choice = TypeVar("_Choice", bound=enum.Enum)


class Lightweight(enum.Enum):
    """What to do if the tag is lightweight."""

    FAIL = "fail"
    WARN = "warn"
    ACCEPT = "accept"


class Retry(enum.Enum):
    """Which runs of a tag do not count as having handled it."""

    NONE = "none"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """Includes the cancelled ones."""


class State(enum.Enum):
    """The state of a deployment on GitHub, or the status of a job."""

    QUEUED = "queued"
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def reported(self) -> str:
        """The state of a deployment that GitHub accepts."""
        return {State.CANCELLED: "error", State.SKIPPED: "inactive"}.get(self, self.value)


@dataclass(frozen=True, slots=True)
class Since:
    """A time, or how long ago it was."""

    seconds: int
    """Since 1970; if `relative`, before now."""
    relative: bool = True
    text: str = field(default="", compare=False)
    """As it was written."""

    def start(self, now: int) -> int:
        """The time in seconds since 1970, given the current time.

        :raises InputError: if it is in the future, so that no tag can be as new.
        """
        if not self.relative and self.seconds > now:
            raise InputError(f"The input 'since' is {self.text!r}, which is in the future.", "Use a time in the past.")
        return max(now - self.seconds, 0) if self.relative else self.seconds


def _one_of(choices: type[_Choice], name: str, value: str) -> _Choice:
    """The member of an enum with this value.

    :raises InputError: if there is none.
    """
    try:
        return choices(value)
    except ValueError:
        *others, last = (repr(each.value) for each in choices)
        hint = f"Use {', '.join(others)} or {last}."
        raise InputError(f"The input {name!r} cannot be {value!r}.", hint) from None


def plain(_: str, value: str) -> str:
    """The text itself."""
    return value


def lightweight(name: str, value: str) -> Lightweight:
    """What to do about a lightweight tag.

    :raises InputError: if it is not one of the choices.
    """
    return _one_of(Lightweight, name, value)


def retry(name: str, value: str) -> Retry:
    """Which runs to retry.

    :raises InputError: if it is not one of the choices.
    """
    return _one_of(Retry, name, value)


def state(name: str, value: str) -> State:
    """The state of a deployment.

    :raises InputError: if it is not one of the choices.
    """
    return _one_of(State, name, value)


def selector(_: str, value: str) -> Selector | None:
    """A selector of a version; None if the text is empty.

    :raises InputError: if it is not a selector.
    """
    return parse_selector(value) if value else None


def seconds(name: str, value: str) -> int:
    """A number of seconds, at most about a day.

    :raises InputError: if it is anything else.
    """
    return _number(name, value, "seconds", 99_999)


def tags(name: str, value: str) -> int:
    """A number of tags, at most as many as a matrix may have jobs (docs.github.com, "Usage limits").

    :raises InputError: if it is anything else.
    """
    return _number(name, value, "tags", 256)


def deployment_number(name: str, value: str) -> int | None:
    """The number of a deployment; None if there is none, 0 to create a new one.

    :raises InputError: if it is anything else.
    """
    if value in {"", "new"}:
        return 0 if value else None
    if not re.fullmatch(r"[1-9][0-9]{0,18}", value, re.ASCII):
        hint = "Use the output 'deployment-id' of an earlier step."
        raise InputError(f"The input {name!r} cannot be {value!r}.", hint)
    return int(value)


def address(name: str, value: str) -> str:
    """The address of a page; empty if there is none.

    :raises InputError: if it is anything else.
    """
    if value and not re.fullmatch(r"https?://[^\s]+", value, re.ASCII):
        raise InputError(f"The input {name!r} cannot be {value!r}.", "Use an address with https://.")
    return value


def _number(name: str, value: str, what: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value, re.ASCII) or not 1 <= int(value) <= most:
        raise InputError(f"The input {name!r} cannot be {value!r}.", f"Use a number of {what} from 1 to {most}.")
    return int(value)


def folder(name: str, value: str) -> str:
    """The path of a folder in the workspace.

    :raises InputError: if it is absolute, leads out, or is the workspace itself.
    """
    parts = [part for part in value.split("/") if part not in {"", "."}]
    if not parts or value.startswith("/") or ".." in parts or "\0" in value:
        raise InputError(f"The input {name!r} cannot be {value!r}.", "Use the path of a folder in the workspace.")
    return value


def boolean(name: str, value: str) -> bool:
    """True or false.

    :raises InputError: if it is anything else.
    """
    try:
        return _BOOLEANS[value]
    except KeyError:
        raise InputError(f"The input {name!r} cannot be {value!r}.", "Use 'true' or 'false'.") from None


def since(name: str, value: str) -> Since:
    """A duration such as `7d` or `12h`, or a time in ISO 8601, in UTC if it has no zone.

    >>> since("since", "90m").start(10_000), since("since", "1970-01-02").start(10_000)
    (4600, 86400)

    :raises InputError: if it is anything else.
    """
    if match := _duration.fullmatch(value):
        if not int(match[1]):
            raise InputError(f"The input {name!r} cannot be {value!r}.", "Use a longer duration, such as '7d'.")
        return Since(int(match[1]) * _UNITS[match[2]], text=value)
    try:
        time = datetime.fromisoformat(value)
        seconds = int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
        return Since(seconds, relative=False, text=value)
    except (ValueError, OverflowError):
        raise InputError(
            f"The input {name!r} cannot be {value!r}.",
            "Use a duration such as '7d', '12h' or '90m', or a time such as '2026-11-23T09:30:00Z'.",
        ) from None


def environment_pattern(name: str, value: str) -> str:
    """A pattern for names, in which `{name}` and `{stage}` stand for the artifact's.

    :raises InputError: if it has other braces.
    """
    if set("{}") & set(value.replace("{name}", "").replace("{stage}", "")):
        raise InputError(
            f"The input {name!r} cannot be {value!r}.", "Use a text with '{name}' and '{stage}', and no other braces."
        )
    return value


def workflow(name: str, value: str) -> str:
    """The name of a workflow's file, without its folder; empty if the text is.

    >>> workflow("workflow", ".github/workflows/deploy.yml")
    'deploy.yml'

    :raises InputError: if it is not the name of a workflow file.
    """
    file = value.removeprefix(".github/workflows/")
    if file and not _workflow_file.fullmatch(file):
        raise InputError(
            f"The input {name!r} cannot be {value!r}.", "Use the name of a workflow file, such as 'deploy.yml'."
        )
    return file
