"""`show`: the registry, an artifact, a version."""

import json

import pytest

from tests.support.command_line import Run, rows_of
from tests.support.repo import Repo


def test_show_is_a_table_of_the_registry(run: Run, registry: Repo) -> None:
    commit = registry.git("rev-parse", "bare#dev^{commit}")[:7]
    assert rows_of(run("show").stdout) == [
        ["name", "latest", "#dev", "#prod"],
        ["bare", "-", commit, "-"],
        ["churn", "v1.1.0", "v1.1.0", "v1.0.0"],
        ["models/nlp:sentiment", "v0.1.0", "-", "-"],
    ]


def test_a_name_may_look_like_a_commit(run: Run, registry: Repo) -> None:
    name, stage = "a" * 40, "b" * 64
    registry.tag(f"{name}#{stage}", "main", time=4000)
    commit = registry.git("rev-parse", "main")
    assert [name, "-", commit[:7], "-", "-"] in rows_of(run("show").stdout)
    newest = rows_of(run("history").stdout)[1]
    assert newest[1:] == [name, "assignment", commit[:7], stage, commit[:7], f"{name}#{stage}"]


def test_show_as_json(run: Run) -> None:
    document = json.loads(run("show", "--json").stdout)
    assert sorted(document) == ["bare", "churn", "models/nlp:sentiment"]
    assert document["churn"]["stage"] == {"dev": "v1.1.0", "prod": "v1.0.0"}


def test_show_names(run: Run) -> None:
    assert run("show", "--name").stdout.splitlines() == ["bare", "churn", "models/nlp:sentiment"]


@pytest.mark.parametrize(
    ("wanted", "form", "expected"),
    [
        ("churn", "--version", ["v1.1.0", "v1.0.0"]),
        ("churn", "--ref", ["churn@v1.1.0", "churn@v1.0.0"]),
        ("churn", "--stage", ["dev", "prod"]),
        ("churn", "--name", ["churn", "churn"]),
        ("churn@latest", "--version", ["v1.1.0"]),
        ("churn@greatest", "--ref", ["churn@v1.1.0"]),
        ("churn@v1.0.0", "--ref", ["churn@v1.0.0"]),
        ("churn@v1.0.0", "--stage", ["prod"]),
        ("churn#prod", "--version", ["v1.0.0"]),
        ("churn#nowhere", "--version", []),
        ("churn@v9.9.9", "--ref", []),
        ("bare#dev", "--ref", ["bare#dev"]),
        ("old", "--version", []),
        ("old@latest", "--version", []),
        ("models/nlp:sentiment", "--version", ["v0.1.0"]),
        ("models/nlp:sentiment@latest", "--ref", ["models/nlp=sentiment@v0.1.0"]),
    ],
)
def test_show_gives_one_thing_a_line(run: Run, wanted: str, form: str, expected: list[str]) -> None:
    result = run("show", wanted, form)
    assert (result.exit_code, result.stdout.splitlines(), result.stderr) == (0, expected, "")


def test_show_of_an_artifact_is_a_table(run: Run) -> None:
    assert rows_of(run("show", "churn").stdout) == [
        ["artifact", "version", "stage", "created_at", "ref"],
        ["churn", "v1.1.0", "dev", "1970-01-01T00:33:21+00:00", "churn@v1.1.0"],
        ["churn", "v1.0.0", "prod", "1970-01-01T00:16:41+00:00", "churn@v1.0.0"],
    ]


def test_show_of_a_version_as_json(run: Run) -> None:
    (version,) = json.loads(run("show", "churn@latest", "--json").stdout)
    assert (version["version"], version["ref"], version["message"]) == ("v1.1.0", "churn@v1.1.0", "better")


@pytest.mark.parametrize("form", [[], ["--version"]])
def test_nothing_found_is_no_output(run: Run, form: list[str]) -> None:
    assert run("show", "churn#nowhere", *form).output == ""


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("nobody", "There is no artifact 'nobody' in the registry."),
        ("nobody@latest", "There is no artifact 'nobody' in the registry."),
        ("churn@1.0", "The artifact cannot be 'churn@1.0'."),
        ("-churn", "'-churn' is not an artifact's name."),
        ("", "'' is not an artifact's name."),
        ("a\x1b[31m", "'a\\x1b[31m' is not an artifact's name."),
    ],
)
def test_an_artifact_that_is_not_there_is_an_error(run: Run, wanted: str, message: str) -> None:
    result = run("show", "--", wanted)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {message}")
    assert len(result.stderr.splitlines()) == 1
