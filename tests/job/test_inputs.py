"""Every input and every variable of the runner: its values, its default, its rejections."""

from dataclasses import replace

import pytest

from gto_action.errors import InputError
from gto_action.gto.names import ArtifactName, StageName
from gto_action.gto.selector import Selector
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.filters import Filters
from gto_action.job.inputs import INPUTS, Inputs
from gto_action.job.values import Lightweight, Retry, Scope, Since

DEFAULTS = Inputs(
    ref="",
    token="",
    lightweight=Lightweight.FAIL,
    strict=False,
    filters=Filters(),
    artifact=None,
    show=True,
    history=True,
    print_outputs=True,
    summary=True,
    scope=Scope.REGISTRY,
    timeout=120,
    fetch_tags=False,
    pull=False,
    remote="",
    pull_timeout=3600,
    catch_up=False,
    since=Since(7 * 86_400),
    workflow="",
    retry=Retry.NONE,
    superseded=False,
    dispatch=False,
    limit=20,
    deployments=False,
    environment="{stage}",
)
OUTPUT = {"GITHUB_OUTPUT": "/output"}


def test_the_defaults() -> None:
    assert read_inputs({}) == DEFAULTS


def test_an_empty_input_has_its_default() -> None:
    assert read_inputs({f"INPUT_{name.upper()}": " \n" for name in INPUTS}) == DEFAULTS


def test_every_input_is_read() -> None:
    given = read_inputs(
        {
            "INPUT_REF": " refs/tags/churn#prod#4\n",
            "INPUT_TOKEN": "t",
            "INPUT_LIGHTWEIGHT": "accept",
            "INPUT_STRICT": "True",
            "INPUT_EVENTS": "assignment\n *registration \n\n",
            "INPUT_NAMES": "churn\nmodels:*",
            "INPUT_STAGES": "prod",
            "INPUT_SHOW": "false",
            "INPUT_HISTORY": "False",
            "INPUT_PRINT-OUTPUTS": "FALSE",
            "INPUT_SUMMARY": "false",
            "INPUT_SCOPE": "artifact",
            "INPUT_TIMEOUT": "7",
            "INPUT_FETCH-TAGS": "true",
            "INPUT_CATCH-UP": "true",
            "INPUT_SINCE": "12h",
            "INPUT_WORKFLOW": ".github/workflows/deploy.yml",
            "INPUT_RETRY": "failed",
            "INPUT_SUPERSEDED": "true",
            "INPUT_DISPATCH": "true",
            "INPUT_LIMIT": "7",
            "INPUT_DEPLOYMENTS": "true",
            "INPUT_ENVIRONMENT": "{name}-{stage}",
        }
    )
    assert given == Inputs(
        ref="refs/tags/churn#prod#4",
        token="t",
        lightweight=Lightweight.ACCEPT,
        strict=True,
        filters=Filters(events=("assignment", "*registration"), names=("churn", "models:*"), stages=("prod",)),
        artifact=None,
        show=False,
        history=False,
        print_outputs=False,
        summary=False,
        scope=Scope.ARTIFACT,
        timeout=7,
        fetch_tags=True,
        pull=False,
        remote="",
        pull_timeout=3600,
        catch_up=True,
        since=Since(12 * 3_600),
        workflow="deploy.yml",
        retry=Retry.FAILED,
        superseded=True,
        dispatch=True,
        limit=7,
        deployments=True,
        environment="{name}-{stage}",
    )


def test_what_does_not_go_with_catching_up_is_read() -> None:
    given = read_inputs(
        {
            "INPUT_ARTIFACT": "models:churn#prod",
            "INPUT_PULL": "true",
            "INPUT_REMOTE": "store",
            "INPUT_PULL-TIMEOUT": "60",
        }
    )
    assert given == replace(
        DEFAULTS,
        artifact=Selector(ArtifactName("churn", "models"), stage=StageName("prod")),
        pull=True,
        remote="store",
        pull_timeout=60,
    )


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
    inputs = read_inputs({f"INPUT_{name}": value for name, value in patterns.items()})
    kind, name, stage = event
    assert inputs.filters.match(event=kind, name=name, stage=stage) == matched
    assert (inputs.filters.unmatched(event=kind, name=name, stage=stage) == "") == matched


# the input, a value, and the input that it needs
NEEDS = [
    ("since", "1d", "catch-up"),
    ("workflow", "deploy.yml", "catch-up"),
    ("retry", "failed", "catch-up"),
    ("superseded", "true", "catch-up"),
    ("dispatch", "true", "catch-up"),
    ("limit", "5", "catch-up"),
    ("remote", "store", "pull"),
    ("pull-timeout", "60", "pull"),
    ("environment", "{name}", "deployments"),
]


@pytest.mark.parametrize(("name", "value", "needed"), NEEDS, ids=[row[0] for row in NEEDS])
def test_an_input_that_needs_another_one(name: str, value: str, needed: str) -> None:
    given = {f"INPUT_{name.upper()}": value}
    for off in ({}, {f"INPUT_{needed.upper()}": "false"}):
        with pytest.raises(InputError) as error:
            read_inputs({**given, **off})
        assert str(error.value) == (
            f"The input {name!r} is {value!r}, but counts only with {needed!r}. "
            f"Set {needed!r} to 'true', or leave {name!r} out."
        )
    assert read_inputs({**given, f"INPUT_{needed.upper()}": "true"}) != DEFAULTS


@pytest.mark.parametrize("name", [row[0] for row in NEEDS])
def test_the_default_of_an_input_needs_none(name: str) -> None:
    """The runner sets it in each run."""
    default = INPUTS[name]
    for value in {default, default.upper() if default in {"true", "false"} else default}:
        assert read_inputs({f"INPUT_{name.upper()}": value}) == DEFAULTS


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
    inputs = read_inputs({f"INPUT_{name}": value for name, value in patterns.items()})
    kind, name, stage = event
    assert inputs.filters.unmatched(event=kind, name=name, stage=stage) == f"Not matched: {why}"


@pytest.mark.parametrize(
    "value",
    ["churn", "churn@", "churn@1.0.0", "churn#prod!", "churn@deprecated", "@latest", "a b@latest", "churn@latest#1"],
)
def test_what_asks_for_no_version(value: str) -> None:
    with pytest.raises(InputError, match=r"cannot be .* It takes NAME@latest, NAME@vX\.Y\.Z or NAME#STAGE"):
        read_inputs({"INPUT_ARTIFACT": value})


@pytest.mark.parametrize("value", ["yes", "on", "1", "0", "tRUE", "${{ x }}", "true false"])
def test_what_is_no_boolean(value: str) -> None:
    with pytest.raises(InputError, match=r"'strict' cannot be .* 'true' or 'false'"):
        read_inputs({"INPUT_STRICT": value})


def test_a_variable_without_the_prefix_is_no_input() -> None:
    assert read_inputs({"REF": "x", "STRICT": "true", "INPUT_PRINT_OUTPUTS": "false"}) == DEFAULTS


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
