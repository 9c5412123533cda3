"""Every input and every variable of the runner: its values, its default, its rejections."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gto_action.errors import InputError
from gto_action.gto.names import ArtifactName, StageName
from gto_action.gto.selector import Selector
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.declared import inputs_of, is_expression
from gto_action.job.inputs import AnswerInputs, CatchUpInputs, DeploymentInputs
from gto_action.job.values import Lightweight, Retry, Since, State

ROOT = AnswerInputs(
    ref="",
    artifact=None,
    token="",
    events=(),
    names=(),
    stages=(),
    lightweight=Lightweight.FAIL,
    strict=False,
    timeout=120,
    summary=True,
    show=True,
    history=True,
    print_outputs=True,
    fetch_tags=False,
    pull=False,
    dvc_remote="",
    pull_timeout=3600,
)
CATCH_UP = CatchUpInputs(
    workflow="",
    since=Since(7 * 86_400),
    retry=Retry.NONE,
    superseded=False,
    deployed=False,
    dispatch=False,
    limit=20,
    events=(),
    names=(),
    stages=(),
    lightweight=Lightweight.FAIL,
    token="",
    timeout=120,
    summary=True,
)
DEPLOYMENT = DeploymentInputs(
    ref="",
    environment="{stage}",
    state=State.IN_PROGRESS,
    deployment_id=0,
    log_url="",
    environment_url="",
    names=(),
    stages=(),
    lightweight=Lightweight.FAIL,
    token="",
    timeout=120,
)
KINDS: dict[str, Any] = {"root": ROOT, "catch-up": CATCH_UP, "deployment": DEPLOYMENT}
OUTPUT = {"GITHUB_OUTPUT": "/output"}


def variables(texts: Mapping[str, str]) -> dict[str, str]:
    return {f"INPUT_{name.upper()}": text for name, text in texts.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_defaults(kind: str) -> None:
    assert read_inputs(type(KINDS[kind]), {}) == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_input_has_its_default(kind: str) -> None:
    defaults = KINDS[kind]
    given = read_inputs(type(defaults), variables({each.name: " \n" for each in inputs_of(type(defaults))}))
    expected = {"deployment_id": None} if kind == "deployment" else {}  # there is none: nothing is to be done
    assert given == replace(defaults, **expected)


def test_every_input_of_the_root_is_read() -> None:
    given = read_inputs(
        AnswerInputs,
        {
            "INPUT_REF": " refs/tags/churn#prod#4\n",
            "INPUT_ARTIFACT": "models:churn#prod",
            "INPUT_TOKEN": "t",
            "INPUT_EVENTS": "assignment\n *registration \n\n",
            "INPUT_NAMES": "churn\nmodels:*",
            "INPUT_STAGES": "prod",
            "INPUT_LIGHTWEIGHT": "accept",
            "INPUT_STRICT": "True",
            "INPUT_TIMEOUT": "7",
            "INPUT_SUMMARY": "false",
            "INPUT_SHOW": "false",
            "INPUT_HISTORY": "False",
            "INPUT_PRINT-OUTPUTS": "FALSE",
            "INPUT_FETCH-TAGS": "true",
            "INPUT_PULL": "true",
            "INPUT_DVC-REMOTE": "store",
            "INPUT_PULL-TIMEOUT": "60",
        },
    )
    assert given == AnswerInputs(
        ref="refs/tags/churn#prod#4",
        artifact=Selector(ArtifactName("churn", "models"), stage=StageName("prod")),
        token="t",
        events=("assignment", "*registration"),
        names=("churn", "models:*"),
        stages=("prod",),
        lightweight=Lightweight.ACCEPT,
        strict=True,
        timeout=7,
        summary=False,
        show=False,
        history=False,
        print_outputs=False,
        fetch_tags=True,
        pull=True,
        dvc_remote="store",
        pull_timeout=60,
    )


def test_every_input_of_catching_up_is_read() -> None:
    given = read_inputs(
        CatchUpInputs,
        {
            "INPUT_WORKFLOW": ".github/workflows/deploy.yml",
            "INPUT_SINCE": "12h",
            "INPUT_RETRY": "failed",
            "INPUT_SUPERSEDED": "true",
            "INPUT_DEPLOYED": "true",
            "INPUT_DISPATCH": "true",
            "INPUT_LIMIT": "7",
            "INPUT_EVENTS": "*assignment",
            "INPUT_NAMES": "models:*",
            "INPUT_STAGES": "prod",
            "INPUT_LIGHTWEIGHT": "accept",
            "INPUT_TOKEN": "t",
            "INPUT_TIMEOUT": "7",
            "INPUT_SUMMARY": "false",
        },
    )
    assert given == CatchUpInputs(
        workflow="deploy.yml",
        since=Since(12 * 3_600),
        retry=Retry.FAILED,
        superseded=True,
        deployed=True,
        dispatch=True,
        limit=7,
        events=("*assignment",),
        names=("models:*",),
        stages=("prod",),
        lightweight=Lightweight.ACCEPT,
        token="t",
        timeout=7,
        summary=False,
    )


def test_every_input_of_a_deployment_is_read() -> None:
    given = read_inputs(
        DeploymentInputs,
        {
            "INPUT_REF": "churn#prod#4",
            "INPUT_ENVIRONMENT": "{name}-{stage}",
            "INPUT_STATE": "cancelled",
            "INPUT_DEPLOYMENT-ID": "42",
            "INPUT_LOG-URL": "https://github.com/o/r/actions/runs/1",
            "INPUT_ENVIRONMENT-URL": "https://churn.example",
            "INPUT_NAMES": "churn",
            "INPUT_STAGES": "prod*",
            "INPUT_LIGHTWEIGHT": "accept",
            "INPUT_TOKEN": "t",
            "INPUT_TIMEOUT": "7",
        },
    )
    assert given == DeploymentInputs(
        ref="churn#prod#4",
        environment="{name}-{stage}",
        state=State.CANCELLED,
        deployment_id=42,
        log_url="https://github.com/o/r/actions/runs/1",
        environment_url="https://churn.example",
        names=("churn",),
        stages=("prod*",),
        lightweight=Lightweight.ACCEPT,
        token="t",
        timeout=7,
    )
    assert given.state.reported == "error"


@pytest.mark.parametrize("kind", ["catch-up", "deployment"])
def test_an_input_of_the_root(kind: str) -> None:
    with pytest.raises(
        InputError,
        match=r"'pull' is 'true', but this action has no such input. It is an input of gto-action/gto-action@v3\.",
    ):
        read_inputs(type(KINDS[kind]), variables({"pull": "true"}))


# an input of another action, or one that there was, at the root; and what to do
ELSEWHERE = {
    "catch-up": ("true", "Use the action gto-action/gto-action/catch-up@v3."),
    "dispatch": ("true", "It is an input of gto-action/gto-action/catch-up@v3."),
    "deployments": ("true", "Use the action gto-action/gto-action/deployment@v3."),
    "state": ("success", "It is an input of gto-action/gto-action/deployment@v3."),
    "remote": ("store", "Use the input 'dvc-remote' for the name of a DVC remote."),
    "scope": ("artifact", "Remove it; 'show' and 'history' decide which tags are fetched."),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_input_of_another_action(name: str) -> None:
    value, hint = ELSEWHERE[name]
    with pytest.raises(InputError) as error:
        read_inputs(AnswerInputs, variables({name: value}))
    assert str(error.value) == f"The input {name!r} is {value!r}, but this action has no such input. {hint}"
    assert read_inputs(AnswerInputs, variables({name: ""})) == ROOT


@pytest.mark.parametrize(
    ("patterns", "event", "matched"),
    [
        ({}, ("assignment", "churn", "prod"), True),
        ({"EVENTS": "assignment"}, ("assignment", "churn", "prod"), True),
        ({"EVENTS": "assignment"}, ("unassignment", "churn", "prod"), False),
        ({"EVENTS": "*assignment"}, ("unassignment", "churn", "prod"), True),
        ({"EVENTS": "deprecation\nregistration"}, ("registration", "churn", ""), True),
        ({"NAMES": "churn"}, ("assignment", "models:churn", "prod"), False),
        ({"NAMES": "*churn"}, ("assignment", "models/nlp:churn", "prod"), True),
        ({"NAMES": "Churn"}, ("assignment", "churn", "prod"), False),
        ({"STAGES": "prod"}, ("registration", "churn", ""), False),
        ({"STAGES": "prod*"}, ("assignment", "churn", "prod/eu"), True),
        ({"STAGES": "prod"}, ("assignment", "churn", "production"), False),
        ({"EVENTS": "assignment", "STAGES": "prod"}, ("assignment", "churn", "dev"), False),
        ({"EVENTS": "assignment", "NAMES": "c*", "STAGES": "d?v"}, ("assignment", "churn", "dev"), True),
    ],
    ids=str,
)
def test_match(patterns: dict[str, str], event: tuple[str, str, str], matched: bool) -> None:
    inputs = read_inputs(AnswerInputs, {f"INPUT_{name}": value for name, value in patterns.items()})
    kind, name, stage = event
    assert inputs.filters.match(event=kind, name=name, stage=stage) == matched
    assert (inputs.filters.unmatched(event=kind, name=name, stage=stage) == "") == matched


# the input, a value, and the input that it needs
NEEDS = [("dvc-remote", "store"), ("pull-timeout", "60")]


@pytest.mark.parametrize(("name", "value"), NEEDS, ids=[row[0] for row in NEEDS])
def test_an_input_that_needs_another_one(name: str, value: str) -> None:
    for off in ({}, {"pull": "false"}):
        with pytest.raises(InputError) as error:
            read_inputs(AnswerInputs, variables({name: value, **off}))
        assert str(error.value) == (
            f"The input {name!r} is {value!r}, but counts only with 'pull'. Set 'pull' to 'true', or remove {name!r}."
        )
    assert read_inputs(AnswerInputs, variables({name: value, "pull": "true"})) != ROOT


@pytest.mark.parametrize("kind", KINDS)
def test_the_default_of_an_input_needs_nothing(kind: str) -> None:
    """The runner sets it in each run."""
    defaults = KINDS[kind]
    for each in inputs_of(type(defaults)):
        if not is_expression(each.default):
            for value in {each.default, each.default.upper() if each.default in {"true", "false"} else each.default}:
                assert read_inputs(type(defaults), variables({each.name: value})) == defaults


UNMATCHED = [
    ({"STAGES": "staging"}, ("assignment", "churn", "prod"), "stage 'prod' is not among `stages`: staging."),
    ({"STAGES": "a\nb*"}, ("assignment", "churn", "prod"), "stage 'prod' is not among `stages`: a, b*."),
    ({"STAGES": "prod"}, ("registration", "churn", ""), "there is no stage, and `stages` asks for prod."),
    ({"EVENTS": "registration"}, ("", "churn", ""), "there is no event, and `events` asks for registration."),
    (
        {"EVENTS": "registration", "NAMES": "models:*"},
        ("assignment", "churn", "prod"),
        "event 'assignment' is not among `events`: registration; artifact 'churn' is not among `names`: models:*.",
    ),
]


@pytest.mark.parametrize(("patterns", "event", "why"), UNMATCHED, ids=[row[2] for row in UNMATCHED])
def test_why_an_event_does_not_match(patterns: dict[str, str], event: tuple[str, str, str], why: str) -> None:
    inputs = read_inputs(AnswerInputs, {f"INPUT_{name}": value for name, value in patterns.items()})
    kind, name, stage = event
    assert inputs.filters.unmatched(event=kind, name=name, stage=stage) == f"Not matched: {why}"


@pytest.mark.parametrize(
    "value",
    ["churn", "churn@", "churn@1.0.0", "churn#prod!", "churn@deprecated", "@latest", "a b@latest", "churn@latest#1"],
)
def test_what_asks_for_no_version(value: str) -> None:
    with pytest.raises(InputError, match=r"cannot be .* Use NAME@latest, NAME@vX\.Y\.Z or NAME#STAGE"):
        read_inputs(AnswerInputs, {"INPUT_ARTIFACT": value})


@pytest.mark.parametrize("value", ["yes", "on", "1", "0", "tRUE", "${{ x }}", "true false"])
def test_what_is_no_boolean(value: str) -> None:
    with pytest.raises(InputError, match=r"'strict' cannot be .* 'true' or 'false'"):
        read_inputs(AnswerInputs, {"INPUT_STRICT": value})


def test_a_variable_without_the_prefix_is_no_input() -> None:
    assert read_inputs(AnswerInputs, {"REF": "x", "STRICT": "true", "INPUT_PRINT_OUTPUTS": "false"}) == ROOT


@pytest.mark.parametrize(
    ("server", "repository", "url"),
    [
        ("https://github.com", "o/r", "https://github.com/o/r"),
        ("", "o/r", "https://github.com/o/r"),
        ("http://127.0.0.1:8080/git/", "o.1/r-_2", "http://127.0.0.1:8080/git/o.1/r-_2"),
        ("file:///srv", "o/r", "file:///srv/o/r"),
        ("HTTPS://git.example.com", "o/r", "https://git.example.com/o/r"),
        ("https://github.com", "", ""),
        ("", "", ""),
    ],
)
def test_the_address_of_the_repository(server: str, repository: str, url: str) -> None:
    environ = {"GITHUB_SERVER_URL": server, "GITHUB_REPOSITORY": repository, **OUTPUT}
    assert read_environment(environ).repository_url == url


@pytest.mark.parametrize(
    "repository", ["o", "o/", "/r", "o/r/x", "../r", "o/..", "./r", "o/r\n", "o/r ", "o/é", "-u/../r"]
)
def test_what_is_no_repository(repository: str) -> None:
    with pytest.raises(InputError, match="GITHUB_REPOSITORY cannot be"):
        read_environment({"GITHUB_REPOSITORY": repository, **OUTPUT})


@pytest.mark.parametrize(
    "server", ["github.com", "ext::sh", "-u", "ssh://git@host", "git@host:o", "http://[", "http://", "https:///x"]
)
def test_what_is_no_server(server: str) -> None:
    with pytest.raises(InputError, match="GITHUB_SERVER_URL cannot be"):
        read_environment({"GITHUB_REPOSITORY": "o/r", "GITHUB_SERVER_URL": server, **OUTPUT})


def test_without_a_file_for_the_outputs() -> None:
    with pytest.raises(InputError, match="GITHUB_OUTPUT is not set"):
        read_environment({})
