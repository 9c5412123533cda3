"""`check-ref`: what a tag says, and why it says nothing."""

import json

import pytest

from tests.support.command_line import Run
from tests.support.repo import Repo


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["churn#prod#1", "--name"], "churn\n"),
        (["churn#prod#1", "--version"], "v1.0.0\n"),
        (["churn#prod#1", "--stage"], "prod\n"),
        (["churn#prod#1", "--event"], "assignment\n"),
        (["refs/tags/churn@v1.1.0", "--version"], "v1.1.0\n"),
        (["churn@v1.1.0", "--stage"], ""),
        (["old@deprecated", "--version"], ""),
        (["old@deprecated", "--event"], "deprecation\n"),
        (["models/nlp=sentiment@v0.1.0", "--name"], "models/nlp:sentiment\n"),
        (["churn@v9.9.9"], ""),
        (["churn@v9.9.9", "--json"], ""),
        (["models/nlp:sentiment@v0.1.0"], ""),
        (["nightly-7"], ""),
        (["main"], ""),
        (["refs/heads/main"], ""),
        (["tags/churn@v1.1.0"], ""),
    ],
)
def test_check_ref(run: Run, arguments: list[str], expected: str) -> None:
    result = run("check-ref", *arguments)
    assert (result.exit_code, result.stdout) == (0, expected)


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("churn@v9.9.9", "There is no tag 'churn@v9.9.9'."),
        ("refs/tags/churn#prd#9", "There is no tag 'churn#prd#9'."),
        ("churn@1.0.0", "'churn@1.0.0' is not a GTO tag; 'churn@v1.0.0' would be one."),
        ("models/nlp:sentiment@v0.1.0", "'models/nlp:sentiment@v0.1.0' is not a GTO tag; 'models/nlp=sentiment@v0.1.0' would be one."),
        ("nightly-7", "'nightly-7' is not a GTO tag."),
        ("refs/heads/main", "'refs/heads/main' is not a GTO tag."),
        ("churn@created", "'churn@created' is not a GTO tag."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [[], ["--json"], ["--version"]])
def test_check_ref_says_why_it_says_nothing(run: Run, ref: str, reason: str, form: list[str]) -> None:
    result = run("check-ref", ref, *form)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{reason}\n")


@pytest.mark.parametrize("arguments", [["churn@v1.1.0", "--stage"], ["old@deprecated", "--version"], ["churn#prod#1"]])
def test_check_ref_says_nothing_beside_an_answer(run: Run, arguments: list[str]) -> None:
    assert run("check-ref", *arguments).stderr == ""


def test_check_ref_is_a_sentence_for_people(run: Run, registry: Repo) -> None:
    commit = registry.git("rev-parse", "churn#prod#1^{commit}")[:7]
    sentence = f"churn v1.0.0 was assigned to stage prod (tag churn#prod#1, commit {commit})\n"
    assert run("check-ref", "churn#prod#1").stdout == sentence


def test_check_ref_as_json(run: Run, registry: Repo) -> None:
    assert json.loads(run("check-ref", "churn@v1.1.0", "--json").stdout) == {
        "artifact": "churn",
        "created_at": "1970-01-01T00:33:21+00:00",
        "author": "Ada Lovelace",
        "author_email": "ada@example.com",
        "message": "better",
        "commit_hexsha": registry.git("rev-parse", "churn@v1.1.0^{commit}"),
        "tag": "churn@v1.1.0",
        "version": "v1.1.0",
        "event": "registration",
    }


def test_check_ref_of_a_lightweight_tag(run: Run, registry: Repo) -> None:
    commit = registry.lightweight("churn@v3.0.0")
    result = run("check-ref", "churn@v3.0.0")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "The tag 'churn@v3.0.0' is lightweight, but GTO only knows annotated tags. Make it again, with its commit's "
        f"date: GIT_COMMITTER_DATE='@3000 +0000' git tag -a -f -m MESSAGE churn@v3.0.0 {commit[:12]} && "
        "git push --force origin refs/tags/churn@v3.0.0\n"
    )


def test_check_ref_of_a_tag_on_a_tree_is_an_error(run: Run, registry: Repo) -> None:
    registry.tag("churn@v3.0.0", "main^{tree}", kind="tree")
    result = run("check-ref", "churn@v3.0.0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: The tag 'churn@v3.0.0' points to a tree, not to a commit.")
