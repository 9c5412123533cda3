"""The inputs of the step: read once, typed, validated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gto_action.errors import InputError
from gto_action.gto.selector import Selector, parse_selector
from gto_action.job.filters import Filters
from gto_action.job.patterns import event_patterns, name_patterns, stage_patterns
from gto_action.job.values import (
    Lightweight,
    Retry,
    Scope,
    Since,
    boolean,
    environment_pattern,
    number,
    one_of,
    since,
    workflow,
)

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
    "catch-up": "false",
    "since": "7d",
    "workflow": "",
    "retry": "none",
    "superseded": "false",
    "dispatch": "false",
    "limit": "20",
    "deployments": "false",
    "environment": "{stage}",
}
"""Every input with its default. Those of `ref` and `token` are expressions in action.yml, filled in by the runner."""

_NEEDS: Final = {
    **dict.fromkeys(("since", "workflow", "retry", "superseded", "dispatch", "limit"), "catch-up"),
    **dict.fromkeys(("remote", "pull-timeout"), "pull"),
    "environment": "deployments",
}
"""The inputs that count only where another one is true, each with that one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the workflow's author asked for."""

    ref: str
    """A full ref or a tag name; empty for the ref that triggered the run."""
    token: str
    lightweight: Lightweight
    strict: bool
    filters: Filters
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
    deployments: bool
    """Whether an assignment makes a deployment on GitHub."""
    environment: str
    """The pattern of the names of environments, with `{name}` and `{stage}`."""

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> "Inputs":
        """Reads the inputs from their texts, by their names; one that is empty or missing has its default.

        :raises InputError: if an input does not take its text.
        """
        given = {name: texts.get(name, "").strip() or default for name, default in INPUTS.items()}
        for name, wanted in (("artifact", bool(given["artifact"])), ("pull", boolean("pull", given["pull"]))):
            if wanted and boolean("catch-up", given["catch-up"]):
                raise InputError(f"The inputs {name!r} and 'catch-up' cannot both be set.", "Use two steps.")
        inputs = cls(
            ref=given["ref"],
            token=given["token"],
            lightweight=one_of(Lightweight, "lightweight", given["lightweight"]),
            strict=boolean("strict", given["strict"]),
            filters=Filters(
                events=event_patterns(given["events"]),
                names=name_patterns(given["names"]),
                stages=stage_patterns(given["stages"]),
            ),
            artifact=parse_selector(given["artifact"]) if given["artifact"] else None,
            show=boolean("show", given["show"]),
            history=boolean("history", given["history"]),
            print_outputs=boolean("print-outputs", given["print-outputs"]),
            summary=boolean("summary", given["summary"]),
            scope=one_of(Scope, "scope", given["scope"]),
            timeout=number("timeout", given["timeout"], "seconds", 99999),
            fetch_tags=boolean("fetch-tags", given["fetch-tags"]),
            pull=boolean("pull", given["pull"]),
            remote=given["remote"],
            pull_timeout=number("pull-timeout", given["pull-timeout"], "seconds", 99999),
            catch_up=boolean("catch-up", given["catch-up"]),
            since=since("since", given["since"]),
            workflow=workflow("workflow", given["workflow"]),
            retry=one_of(Retry, "retry", given["retry"]),
            superseded=boolean("superseded", given["superseded"]),
            dispatch=boolean("dispatch", given["dispatch"]),
            limit=number("limit", given["limit"], "tags", 256),
            deployments=boolean("deployments", given["deployments"]),
            environment=environment_pattern("environment", given["environment"]),
        )
        inputs._check_needs(given)
        return inputs

    def _check_needs(self, given: Mapping[str, str]) -> None:
        """Refuses an input that another one makes count, and does not.

        The runner sets every input, so one that has its default may be left out or not: nobody can tell.
        """
        for name, needed in _NEEDS.items():
            value, default = given[name], INPUTS[name]
            if not boolean(needed, given[needed]) and value != default and value.lower() != default:
                raise InputError(
                    f"The input {name!r} is {value!r}, but counts only with {needed!r}.",
                    f"Set {needed!r} to 'true', or leave {name!r} out.",
                )
