"""The inputs of the step and what the runner says of the run: read once, typed, validated."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, TypeVar
from urllib.parse import urlsplit

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
}
"""Every input with its default. Those of `ref` and `token` are expressions in action.yml, filled in by the runner."""

_Choice = TypeVar("_Choice", bound=enum.Enum)

_GITHUB: Final = "https://github.com"
_repository = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the runner says of the run; whatever it does not say is empty."""

    event_name: str
    event_path: str
    """The file with the payload of the event that triggered the run."""
    ref: str
    sha: str
    """The commit the run is for: that of the tag when it was pushed."""
    repository_url: str
    """Where the tags are; empty for the `origin` of the repository in the working directory."""
    output_path: str
    summary_path: str
    debug: bool
    """Whether debug logging is on."""
    colour: bool
    """Whether lines of the log may be in colour or bold."""
    gto: Mapping[str, str]
    """The variables GTO_…, which are gto's own (R28)."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Environment":
        """Reads `GITHUB_*`.

        :raises InputError: if one of them is missing or cannot be used.
        """
        output_path = environ.get("GITHUB_OUTPUT", "")
        if not output_path:
            raise InputError(
                "GITHUB_OUTPUT is not set, so the outputs have nowhere to go.",
                "Run the action as a step of a workflow, or set GITHUB_OUTPUT to the path of a file.",
            )
        return cls(
            event_name=environ.get("GITHUB_EVENT_NAME", ""),
            event_path=environ.get("GITHUB_EVENT_PATH", ""),
            ref=environ.get("GITHUB_REF", ""),
            sha=environ.get("GITHUB_SHA", ""),
            repository_url=_repository_url(
                environ.get("GITHUB_SERVER_URL", "") or _GITHUB, environ.get("GITHUB_REPOSITORY", "")
            ),
            output_path=output_path,
            summary_path=environ.get("GITHUB_STEP_SUMMARY", ""),
            debug=environ.get("RUNNER_DEBUG", "") == "1",
            colour=not environ.get("NO_COLOR", ""),
            gto={name: value for name, value in environ.items() if name.startswith("GTO_")},
        )


def _repository_url(server: str, repository: str) -> str:
    if not repository:
        return ""
    if not _repository.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
        raise InputError(f"GITHUB_REPOSITORY cannot be {repository!r}.", "It takes 'OWNER/NAME'.")
    try:
        scheme, host, *_ = urlsplit(server)
    except ValueError:
        scheme = host = ""
    if scheme not in {"http", "https", "file"} or (scheme != "file" and not host):
        raise InputError(
            f"GITHUB_SERVER_URL cannot be {server!r}.", "It takes an address with https://, http:// or file://."
        )
    return f"{scheme}{server.rstrip('/')[len(scheme) :]}/{repository}"  # git does not know HTTP://


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do."""

    inputs: Inputs
    environment: Environment

    @property
    def summary_path(self) -> str:
        """The file that takes the job summary; empty if none is wanted."""
        return self.environment.summary_path if self.inputs.summary else ""
