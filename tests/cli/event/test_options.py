"""The options of the command, and its exit codes: a row each."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

from tests.support.ci_runs import run_event
from tests.support.repo import Repo

Ask = Callable[..., Result]


@pytest.fixture
def ask(registry: Repo, job: Path) -> Ask:
    """Asks for the values of a tag in a terminal, as JSON."""

    def ask(*arguments: str, tag: str = "churn#prod#2", variables: Mapping[str, str] | None = None) -> Result:
        given = ("--repo", str(registry.path), "--format", "json", *arguments, *([tag] if tag else []))
        return run_event(*given, variables=variables or {})

    return ask


@pytest.mark.parametrize(
    ("arguments", "matched"),
    [
        ((), True),
        (("--events", "assignment"), True),
        (("--events", "*assignment"), True),
        (("--events", "registration", "--events", "assignment"), True),
        (("--events", "registration\nassignment"), True),
        (("--events", "registration"), False),
        (("--names", "churn", "--stages", "prod*"), True),
        (("--names", "models:*"), False),
        (("--stages", "dev"), False),
    ],
    ids=str,
)
def test_filters(ask: Ask, arguments: tuple[str, ...], matched: bool) -> None:
    result = ask(*arguments)
    assert (result.exit_code, json.loads(result.stdout)["matched"]) == (0, matched)
    assert ("Not matched: " in result.stderr) is not matched


@pytest.mark.parametrize(
    ("arguments", "tag", "code"),
    [
        ((), "churn#prod#2", 0),
        (("--stages", "dev"), "churn#prod#2", 77),
        ((), "v1.0.0", 77),
        ((), "refs/heads/main", 77),
        ((), "churn@v7.0.0", 1),
        (("--lightweight", "warn"), "churn@v2.0.0", 77),
        ((), "churn@v2.0.0", 1),
        (("--strict",), "v1.0.0", 1),
    ],
    ids=str,
)
def test_a_gate(ask: Ask, arguments: tuple[str, ...], tag: str, code: int) -> None:
    assert ask("--unmatched-exit", "77", *arguments, tag=tag).exit_code == code


@pytest.mark.parametrize(
    ("arguments", "version", "said"),
    [
        (("churn@latest",), "v1.1.0", "churn@latest is churn v1.1.0 (tag churn@v1.1.0"),
        (("churn@v1.0.0",), "v1.0.0", "churn@v1.0.0 is churn v1.0.0 (tag churn@v1.0.0"),
        (("churn#prod",), "v1.1.0", "churn#prod is churn v1.1.0 (tag churn@v1.1.0"),
        (("churn#dev",), "", "The registry has nothing for the artifact 'churn#dev'."),
    ],
    ids=str,
)
def test_a_version_instead_of_an_event(ask: Ask, arguments: tuple[str, ...], version: str, said: str) -> None:
    result = ask("--artifact", *arguments, tag="")
    assert (result.exit_code, json.loads(result.stdout)["version"]) == (0, version)
    assert said in result.stderr


def test_in_a_ci_a_version_needs_no_tag(registry: Repo, job: Path) -> None:
    variables = {"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main"}
    result = run_event("--repo", str(registry.path), "--artifact", "churn@latest", variables=variables)
    assert result.exit_code == 0, result.output
    assert "GTO_VERSION=v1.1.0\n" in (job / "gto.env").read_text()


@pytest.mark.parametrize(
    ("policy", "code", "said"),
    [
        (
            "fail",
            1,
            "but GTO only knows annotated tags. To accept it as it is, use --lightweight accept. Delete it, and if ",
        ),
        (
            "warn",
            0,
            "The tag 'churn@v2.0.0' is lightweight, but GTO only knows annotated tags. All outputs are empty.",
        ),
        ("accept", 0, "churn v2.0.0 was registered (tag churn@v2.0.0"),
    ],
)
def test_a_lightweight_tag(ask: Ask, policy: str, code: int, said: str) -> None:
    result = ask("--lightweight", policy, tag="churn@v2.0.0")
    assert result.exit_code == code
    assert said in result.stderr


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (
            "v1.0.0",
            "error: The tag 'v1.0.0' is not a GTO tag. It is an error because of --strict. All outputs are empty.\n",
        ),
        (
            "bare@v1.0.0",
            "error: There is no file 'dvc.yaml' at this commit, so 'bare' has no path, type or description. It is ",
        ),
    ],
)
def test_strict(ask: Ask, registry: Repo, tag: str, said: str) -> None:
    registry.tag("bare@v1.0.0", registry.commit(time=9000), time=9001)
    assert ask(tag=tag).exit_code == 0
    result = ask("--strict", tag=tag)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert ask("--strict").exit_code == 0


def test_a_prefix(registry: Repo, job: Path) -> None:
    given = ("--repo", str(registry.path), "--format", "dotenv", "--prefix", "MODEL_", "churn#prod#2")
    lines = run_event(*given, variables={}).stdout.splitlines()
    assert lines[:4] == ["MODEL_EVENT=assignment", "MODEL_NAME=churn", "MODEL_VERSION=v1.1.0", "MODEL_STAGE=prod"]
    assert len(lines) == 14


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--prefix", ""), "'' cannot begin the names of variables. Use letters, digits and '_', and end with '_'."),
        (("--prefix", "GTO"), "'GTO' cannot begin the names of variables."),
        (("--prefix", "1_"), "'1_' cannot begin"),
        (("--prefix", "A=_"), "'A=_' cannot begin"),
        (("--prefix", "A\n_"), "cannot begin"),
        (("--prefix", "É_"), "cannot begin"),
        (("--prefix", "NODE_"), "The prefix 'NODE_' would set NODE_PATH, which other programs read."),
        (("--prefix", "DVC_"), "The prefix 'DVC_' would set DVC_STAGE, which other programs read."),
        (("--prefix", "LD_LIBRARY_"), "The prefix 'LD_LIBRARY_' would set LD_LIBRARY_PATH"),
        (("--events", "deploy"), "Invalid value for '--events': it has 'deploy', which matches no event. Use one of "),
        (
            ("--names", "a,b"),
            "Invalid value for '--names': it has 'a,b', which matches no artifact. Write one pattern per line",
        ),
        (("--stages", "!dev"), "Invalid value for '--stages': it has '!dev', which matches no stage."),
        (("--lightweight", "no"), "Invalid value for '--lightweight': 'no' is not one of 'fail', 'warn', 'accept'."),
        (("--format", "yaml"), "Invalid value for '--format': 'yaml' is not one of 'auto', 'json', 'sh', "),
        (("--unmatched-exit", "256"), "256 is not in the range 0<=x<=255"),
        (("--unmatched-exit", "x"), "'x' is not a valid integer"),
        (
            ("--artifact", "churn"),
            "Invalid value for '--artifact': The artifact cannot be 'churn'. Use NAME@latest, ",
        ),
        (("--artifact", "churn@latest"), "REF and --artifact cannot be given together."),
        (("another",), "Got unexpected extra argument"),
    ],
    ids=str,
)
def test_wrong_usage(ask: Ask, arguments: tuple[str, ...], said: str) -> None:
    result = ask(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Usage: " in result.stderr


@pytest.mark.parametrize(
    ("variables", "code", "said"),
    [
        ({"REF": "churn#prod#1"}, 0, "churn v1.0.0 was assigned to stage prod"),
        ({"REF": "churn#prod#1", "FORMAT": "sh"}, 0, "GTO_VERSION"),
        ({"REF": "churn#prod#1", "FORMAT": "sh", "PREFIX": "MODEL_"}, 0, "MODEL_VERSION"),
        ({"REF": "churn#prod#1", "STAGES": "dev\nprod", "EVENTS": "*assignment"}, 0, "matched          true"),
        ({"REF": "churn#prod#1", "STAGES": "dev", "UNMATCHED_EXIT": "77"}, 77, "Not matched: "),
        ({"REF": "nope", "STRICT": "true"}, 1, "because of --strict"),
        ({"REF": "nope", "STRICT": "false"}, 0, "is not a GTO tag"),
        ({"ARTIFACT": "churn@latest"}, 0, "churn@latest is churn v1.1.0"),
        ({"CI": "gitlab", "REF": "churn#prod#1", "OUTPUT": "-"}, 0, "GTO_STAGE=prod"),
        ({"CI": "nope", "REF": "churn#prod#1"}, 2, "Invalid value for '--ci'"),
    ],
    ids=str,
)
def test_each_option_can_be_a_variable(
    variables: dict[str, str], code: int, said: str, registry: Repo, job: Path
) -> None:
    given = {f"GTO_ACTION_EVENT_{name}": value for name, value in variables.items()}
    result = run_event(variables={**given, "GTO_ACTION_EVENT_REPO": str(registry.path)})
    assert result.exit_code == code, result.output
    assert said in result.output


def test_an_empty_variable_is_not_set(registry: Repo, job: Path) -> None:
    """As a component has it whose inputs nobody has set."""
    names = (
        *("CI", "FORMAT", "OUTPUT", "PREFIX", "JSON_FILE", "SUMMARY", "EVENTS", "NAMES", "STAGES", "ARTIFACT", "REF"),
        *("LIGHTWEIGHT", "STRICT", "TOKEN_ENV", "UNMATCHED_EXIT", "REPO"),
    )
    result = run_event(
        "--repo", str(registry.path), "churn#prod#1", variables={f"GTO_ACTION_EVENT_{name}": "" for name in names}
    )
    assert result.exit_code == 0, result.output


def test_what_gto_allows_counts(registry: Repo, job: Path) -> None:
    result = run_event("--repo", str(registry.path), "churn#prod#2", variables={"GTO_STAGES": '["dev"]'})
    assert "warning: The stage 'prod' is not among those that GTO's configuration allows: 'dev'." in result.stderr
