"""The inputs of the step and what the runner says of the run: read once, typed, validated."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

from gto_action.errors import InputError
from gto_action.input_values import (
    Patterns,
    Since,
    boolean,
    event_patterns,
    number,
    one_of,
    patterns,
    since,
    workflow,
)
from gto_action.selector import Selector, parse_selector

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
    "catch-up": "false",
    "since": "7d",
    "workflow": "",
    "retry": "none",
    "superseded": "false",
    "dispatch": "false",
    "limit": "20",
}
"""Every input with its default. Those of `ref` and `token` are expressions in action.yml, filled in by the runner."""

_GITHUB: Final = "https://github.com"
_API: Final = "https://api.github.com"
_repository = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Lightweight(enum.Enum):
    """What to do when the triggering tag is a lightweight one."""

    FAIL = "fail"
    WARN = "warn"
    ACCEPT = "accept"


class Scope(enum.Enum):
    """Which tags are fetched."""

    REGISTRY = "registry"
    ARTIFACT = "artifact"


class Retry(enum.Enum):
    """Which runs of a tag do not count as having handled it."""

    NONE = "none"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """The cancelled ones too."""


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
    catch_up: bool
    """Whether to look for the events that no run has handled."""
    since: Since
    workflow: str
    """The file of the workflow whose runs count; empty for the one that runs."""
    retry: Retry
    superseded: bool
    dispatch: bool
    limit: int
    """How many tags to dispatch, at most."""

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
        if given["artifact"] and boolean("catch-up", given["catch-up"]):
            raise InputError("The inputs 'artifact' and 'catch-up' cannot both be set.", "Use two steps.")
        return cls(
            ref=given["ref"],
            token=given["token"],
            lightweight=one_of(Lightweight, "lightweight", given["lightweight"]),
            strict=boolean("strict", given["strict"]),
            events=event_patterns(given["events"]),
            names=patterns(given["names"]),
            stages=patterns(given["stages"]),
            artifact=parse_selector(given["artifact"]) if given["artifact"] else None,
            show=boolean("show", given["show"]),
            history=boolean("history", given["history"]),
            print_outputs=boolean("print-outputs", given["print-outputs"]),
            summary=boolean("summary", given["summary"]),
            scope=one_of(Scope, "scope", given["scope"]),
            timeout=number("timeout", given["timeout"], "seconds", 99999),
            fetch_tags=boolean("fetch-tags", given["fetch-tags"]),
            catch_up=boolean("catch-up", given["catch-up"]),
            since=since("since", given["since"]),
            workflow=workflow("workflow", given["workflow"]),
            retry=one_of(Retry, "retry", given["retry"]),
            superseded=boolean("superseded", given["superseded"]),
            dispatch=boolean("dispatch", given["dispatch"]),
            limit=number("limit", given["limit"], "tags", 500),
        )


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
    repository: str
    """`OWNER/NAME`; empty if the runner does not say."""
    api_url: str
    """Of GitHub's REST API."""
    workflow: str
    """The file of the workflow that runs; empty if the runner does not say."""
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
            repository=environ.get("GITHUB_REPOSITORY", ""),
            api_url=(environ.get("GITHUB_API_URL", "") or _API).rstrip("/"),
            # OWNER/NAME/.github/workflows/FILE@REF
            workflow=environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2],
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
