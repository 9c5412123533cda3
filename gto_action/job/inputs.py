"""The inputs of the four actions: their types, defaults and descriptions.

Inputs are declared here. `action.yml` and the README say the same; `tests/test_contract.py` makes sure that they do.
"""

from dataclasses import dataclass

from gto_action.errors import InputError
from gto_action.gto.selector import Selector
from gto_action.job.declared import given, inputs_of
from gto_action.job.filters import Filters
from gto_action.job.patterns import Patterns, event_patterns, name_patterns, stage_patterns
from gto_action.job.values import (
    Lightweight,
    Retry,
    Since,
    State,
    address,
    boolean,
    deployment_number,
    environment_pattern,
    folder,
    lightweight,
    plain,
    retry,
    seconds,
    selector,
    since,
    state,
    tags,
    workflow,
)

_REF = (
    "The tag to explain, as `refs/tags/NAME` or `NAME`: any pushed tag, even an old one. "
    "Empty means the ref that triggered the run."
)
_LIGHTWEIGHT = (
    "What to do about a lightweight tag, which GTO ignores: `fail`, `warn` (a warning and empty outputs) or "
    "`accept` (lightweight tags count, dated by their commits)."
)
_COUNTED = "Whether lightweight tags, which GTO ignores, count too: `accept` if so, `fail` or `warn` if not."
_TIMEOUT = "Time limit in seconds for all requests to the git server, including retries."


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerInputs:
    """The inputs of the root action: what does this tag say happened?"""

    ref: str = given("${{ github.ref }}", plain, _REF)
    artifact: Selector | None = given(
        "",
        selector,
        "A version to look up instead of an event, on any trigger: `churn@latest`, `churn@v1.2.3`, `churn#prod`, or "
        "`dir:churn@latest` in a monorepo.",
    )
    token: str = given(
        "${{ github.token }}", plain, "The token to read the repository with; it needs `contents: read`."
    )
    events: Patterns = given(
        "",
        event_patterns,
        "The events that make `matched` true, as patterns such as `assignment` or `*registration`, one per line. "
        "Empty means all.",
    )
    names: Patterns = given(
        "",
        name_patterns,
        "The artifacts that make `matched` true, as patterns such as `models:*`, one per line. Empty means all. "
        "A pattern that no artifact can match is an error.",
    )
    stages: Patterns = given(
        "",
        stage_patterns,
        "The stages that make `matched` true, as patterns such as `prod*`, one per line. Empty means all. "
        "A pattern that no stage can match is an error.",
    )
    lightweight: Lightweight = given("fail", lightweight, _LIGHTWEIGHT)
    strict: bool = given(
        "false",
        boolean,
        "Whether a ref that is not a GTO tag, an ambiguous version, or a missing or unreadable entry in dvc.yaml is an "
        "error.",
    )
    timeout: int = given("120", seconds, _TIMEOUT)
    summary: bool = given(
        "true",
        boolean,
        "Whether to write the job summary: what happened, what holds now, the stages over time, the registry.",
    )
    show: bool = given("true", boolean, "Whether to show the registry in the log.")
    history: bool = given("true", boolean, "Whether to show the artifact's history in the log.")
    print_outputs: bool = given("true", boolean, "Whether to print the outputs in the log.")
    fetch_tags: bool = given(
        "false",
        boolean,
        "Also fetch all tags into the checkout, for later `gto` or `dvc` steps. Nothing else in it changes.",
    )
    pull: bool = given(
        "false",
        boolean,
        "Whether to put the artifact's file or folder, as of the event's commit, at `path` in the workspace, from its "
        "DVC remote or from git.",
    )
    dvc_remote: str = given(
        "", plain, "With `pull`, the name of the DVC remote to pull from. Empty means the repository's default."
    )
    pull_timeout: int = given(
        "3600", seconds, "With `pull`, its time limit in seconds, including the installation of DVC."
    )

    def __post_init__(self) -> None:
        """Refuses inputs that only count with `pull`, if it is not set.

        The runner sets every input, so an input with its default value may or may not have been given.
        """
        defaults = {declared.name: declared.default for declared in inputs_of(type(self))}
        for name, value in (("dvc-remote", self.dvc_remote), ("pull-timeout", str(self.pull_timeout))):
            if not self.pull and value != defaults[name]:
                raise InputError(
                    f"The input {name!r} is {value!r}, but counts only with 'pull'.",
                    f"Set 'pull' to 'true', or remove {name!r}.",
                )

    @property
    def filters(self) -> Filters:
        """Which events match."""
        return Filters(events=self.events, names=self.names, stages=self.stages)

    @property
    def only_artifact(self) -> bool:
        """Whether no other artifacts are shown, so that their tags need not be fetched."""
        return not self.show and not self.history


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUpInputs:
    """The inputs of `catch-up/`: which tags did GitHub start no run for?"""

    workflow: str = given(
        "",
        workflow,
        "The file name of the workflow whose runs count, such as `deploy.yml`. Empty means the running workflow.",
    )
    since: Since = given(
        "7d",
        since,
        "How old a tag may be: a duration such as `7d` or `12h`, or a time such as `2026-11-23T09:30:00Z`.",
    )
    retry: Retry = given(
        "none", retry, "Which finished runs to retry: `none`, `cancelled`, or `failed` (failed and cancelled)."
    )
    superseded: bool = given("false", boolean, "Whether superseded events count as missed too.")
    deployed: bool = given(
        "false",
        boolean,
        "Whether an assignment that has a deployment counts as handled. Needs `deployments: read`.",
    )
    dispatch: bool = given(
        "false",
        boolean,
        "Whether to start `workflow` for each missed tag, by `workflow_dispatch`. Needs `actions: write`.",
    )
    limit: int = given("20", tags, "How many tags to list or dispatch at most, oldest first.")
    events: Patterns = given(
        "", event_patterns, "The events to look for, as patterns such as `assignment`, one per line. Empty means all."
    )
    names: Patterns = given(
        "", name_patterns, "The artifacts to look for, as patterns such as `models:*`, one per line. Empty means all."
    )
    stages: Patterns = given(
        "", stage_patterns, "The stages to look for, as patterns such as `prod*`, one per line. Empty means all."
    )
    lightweight: Lightweight = given("fail", lightweight, _COUNTED)
    token: str = given("${{ github.token }}", plain, "The token to use; it needs `contents: read` and `actions: read`.")
    timeout: int = given("120", seconds, "Time limit in seconds for all requests, including retries.")
    summary: bool = given("true", boolean, "Whether to write the job summary: the missed events, and what was done.")

    @property
    def filters(self) -> Filters:
        """Which events are looked for."""
        return Filters(events=self.events, names=self.names, stages=self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentInputs:
    """The inputs of `deployment/`: an assignment as a deployment on GitHub."""

    ref: str = given("${{ github.ref }}", plain, _REF)
    environment: str = given(
        "{stage}",
        environment_pattern,
        "The deployment's environment; `{name}` and `{stage}` stand for the artifact's.",
    )
    state: State = given(
        "in_progress",
        state,
        "The state to report: `queued`, `pending`, `in_progress`, `success`, `failure` or `error`. "
        "A job's status works too: `cancelled` is reported as `error`, `skipped` as `inactive`.",
    )
    deployment_id: int | None = given(  # 0 for a new one
        "new",
        deployment_number,
        "The deployment to report on, from the output of an earlier step. Empty means that there is none, and the step "
        "does nothing. By default the step creates one.",
        may_be_empty=True,
    )
    log_url: str = given(
        "${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}",
        address,
        "The page with the deployment's log.",
    )
    environment_url: str = given("", address, "The page where the deployed artifact can be reached.")
    names: Patterns = given(
        "", name_patterns, "The artifacts to handle, as patterns such as `models:*`, one per line. Empty means all."
    )
    stages: Patterns = given(
        "", stage_patterns, "The stages to handle, as patterns such as `prod*`, one per line. Empty means all."
    )
    lightweight: Lightweight = given("fail", lightweight, _LIGHTWEIGHT)
    token: str = given(
        "${{ github.token }}", plain, "The token to use; it needs `contents: read` and `deployments: write`."
    )
    timeout: int = given("120", seconds, "Time limit in seconds for all requests, including retries.")

    @property
    def filters(self) -> Filters:
        """Which artifacts and stages are handled."""
        return Filters(names=self.names, stages=self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInputs:
    """The inputs of `page/`: the registry as a site."""

    out: str = given(
        "site", folder, "The folder for the site, in the workspace: new, empty, or made by this action before."
    )
    title: str = given("", plain, "What the site is called. Empty means the repository's name.")
    lightweight: Lightweight = given("fail", lightweight, _COUNTED)
    token: str = given(
        "${{ github.token }}", plain, "The token to read the repository with; it needs `contents: read`."
    )
    timeout: int = given("120", seconds, _TIMEOUT)
