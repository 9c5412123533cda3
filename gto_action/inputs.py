"""The inputs of the step: read once, typed, validated."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from gto_action.environment import Environment
from gto_action.errors import InputError
from gto_action.selector import Selector, parse_selector
from gto_action.tag import Kind

INPUTS: Final[dict[str, str]] = {
    "ref": "",
    "token": "",
    "lightweight": "fail",
    "strict": "false",
    "events": "",
    "names": "",
    "stages": "",
    "artifact": "",
    "show": "true",
    "history": "true",
    "print-outputs": "true",
    "summary": "true",
    "scope": "registry",
    "timeout": "120",
    "fetch-tags": "false",
    "pull": "false",
    "remote": "",
    "pull-timeout": "3600",
}
"""Every input with its default. Those of `ref` and `token` are expressions in action.yml, filled in by the runner."""

_Choice = TypeVar("_Choice", bound=enum.Enum)

# The spellings of YAML 1.2's core schema, which the inputs of GitHub's own actions take.
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


Patterns = tuple[str, ...]
"""Shell patterns, in which `*` is anything, `/` too; none at all fits everything."""


class Lightweight(enum.Enum):
    """What to do when the triggering tag is a lightweight one."""

    FAIL = "fail"
    WARN = "warn"
    ACCEPT = "accept"


class Scope(enum.Enum):
    """Which tags are fetched."""

    REGISTRY = "registry"
    ARTIFACT = "artifact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the workflow's author asked for."""

    ref: str
    """A full ref or a tag name; empty for the ref that triggered the run."""
    token: str
    lightweight: Lightweight
    strict: bool
    events: Patterns
    names: Patterns
    stages: Patterns
    artifact: Selector | None
    """The version to resolve instead of an event."""
    show: bool
    history: bool
    print_outputs: bool
    summary: bool
    scope: Scope
    """With ARTIFACT nothing is known of other artifacts."""
    timeout: int
    """The seconds that everything asked of the remote may take together."""
    fetch_tags: bool
    """Whether the workspace's repository receives every tag too."""
    pull: bool
    """Whether the artifact itself is brought to its path in the workspace."""
    remote: str
    """The DVC remote that has it; empty for the default one."""
    pull_timeout: int
    """The seconds that bringing it may take, with the installation of DVC."""

    def match(self, *, event: str, name: str, stage: str) -> bool:
        """Whether an event is one that the workflow's author wants."""
        return all(
            not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)
            for patterns, value in ((self.events, event), (self.names, name), (self.stages, stage))
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Inputs":
        """Reads `INPUT_*`, as the runner names them: in upper case, hyphens kept.

        An input that is empty has its default.

        :raises InputError: if a value is none of those the input takes.
        """
        # A container action gets each input twice, as a variable and in the metadata; only the variable is of use
        # (runner-facts.md, 1.2 and 1.4: `args` breaks on a backslash).
        given = {name: environ.get(f"INPUT_{name.upper()}", "").strip() or default for name, default in INPUTS.items()}
        return cls(
            ref=given["ref"],
            token=given["token"],
            lightweight=_one_of(Lightweight, "lightweight", given["lightweight"]),
            strict=_boolean("strict", given["strict"]),
            events=_events(given["events"]),
            names=_patterns(given["names"]),
            stages=_patterns(given["stages"]),
            artifact=parse_selector(given["artifact"]) if given["artifact"] else None,
            show=_boolean("show", given["show"]),
            history=_boolean("history", given["history"]),
            print_outputs=_boolean("print-outputs", given["print-outputs"]),
            summary=_boolean("summary", given["summary"]),
            scope=_one_of(Scope, "scope", given["scope"]),
            timeout=_seconds("timeout", given["timeout"]),
            fetch_tags=_boolean("fetch-tags", given["fetch-tags"]),
            pull=_boolean("pull", given["pull"]),
            remote=given["remote"],
            pull_timeout=_seconds("pull-timeout", given["pull-timeout"]),
        )


def _patterns(value: str) -> Patterns:
    return tuple(line.strip() for line in value.splitlines() if line.strip())


def _events(value: str) -> Patterns:
    """Patterns of which each fits some event: a slip of the pen would match nothing, in silence."""
    patterns = _patterns(value)
    for pattern in patterns:
        if not any(fnmatchcase(kind.value, pattern) for kind in Kind):
            kinds = ", ".join(repr(kind.value) for kind in Kind)
            raise InputError(f"The input 'events' cannot have {pattern!r}, which fits no event.", f"They are {kinds}.")
    return patterns


def _one_of(choices: type[_Choice], name: str, value: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        values = ", ".join(repr(each.value) for each in choices)
        raise InputError(f"The input {name!r} cannot be {value!r}.", f"It takes {values}.") from None


def _seconds(name: str, value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value, re.ASCII) or not int(value):
        raise InputError(f"The input {name!r} cannot be {value!r}.", "It takes a number of seconds, from 1 to 99999.")
    return int(value)


def _boolean(name: str, value: str) -> bool:
    try:
        return _BOOLEANS[value]
    except KeyError:
        raise InputError(f"The input {name!r} cannot be {value!r}.", "It takes 'true' or 'false'.") from None


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do."""

    inputs: Inputs
    environment: Environment

    @property
    def summary_path(self) -> str:
        """The file that takes the job summary; empty if none is wanted."""
        return self.environment.summary_path if self.inputs.summary else ""
