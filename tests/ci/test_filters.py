"""What starts a run: the patterns of the pages and of the examples, with the engine that GitLab has."""

import re
from collections.abc import Callable
from typing import Final

import pytest
import yaml

from tests.support.ci_players import EXAMPLES
from tests.support.gitlab import matches_in_rules
from tests.support.pages import ROOT, codes, events, table

RULES: Final = table((ROOT / "docs/ci.md").read_text(), "### GitLab's rules")
PATTERNS: Final = {row["wanted"]: row["if: '$CI_COMMIT_TAG =~ …'"] for row in RULES}
ASSIGNED = ["churn#prod", "churn#prod#4", "models/nlp=churn#prod#12"]
OTHERS = ["churn#prod!", "churn#prod!#5", "churn#production", "churn#prod/eu", "churn@v1.0.0", "churn#prod#x", "v1.0.0"]


@pytest.mark.parametrize("row", RULES, ids=lambda row: row["wanted"])
def test_a_rule_starts_what_the_page_says(row: dict[str, str]) -> None:
    pattern = PATTERNS[row["wanted"]]
    starts = [*codes(row["there is the job for"]), *codes(row["not for"])]
    assert [tag for tag in starts if matches_in_rules(pattern, tag)] == codes(row["there is the job for"])


@pytest.mark.parametrize(
    ("wanted", "event", "stage"),
    [
        ("registrations", "registration", ""),
        ("assignments to `prod`", "assignment", "prod"),
        ("unassignments from `prod`", "unassignment", "prod"),
    ],
)
def test_a_rule_fits_the_tags_of_the_readme(wanted: str, event: str, stage: str) -> None:
    """A tag that is none of GTO's may start something; the command says so then."""
    for row in events():
        if row["event"]:
            assert matches_in_rules(PATTERNS["every GTO tag"], row["tag"])
            fits = (row["event"], row["stage"]) == (event, stage)
            assert matches_in_rules(PATTERNS[wanted], row["tag"]) == fits, row


def test_every_pattern_of_an_example_is_on_the_page() -> None:
    used = {
        found.replace("''", "'")
        for file in [*EXAMPLES.glob("gitlab-*"), ROOT / "templates/event.yml"]
        for found in re.findall(r"\$CI_COMMIT_TAG =~ (/.*/)(?='|$)", file.read_text(), re.MULTILINE)
    }
    assert used == {*PATTERNS.values()}


def _text(name: str) -> str:
    return (EXAMPLES / name).read_text()


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


FILTERS: Final[dict[str, Callable[[], str]]] = {
    "buildkite": lambda: yaml.safe_load(_text("buildkite.yml"))["steps"][0]["if"].split("/")[1].replace("$$", "$"),
    "circleci": lambda: _whole(
        yaml.safe_load(_text("circleci.yml"))["workflows"]["deploy"]["jobs"][0]["deploy"]["filters"]["tags"]["only"].strip("/")
    ),
    "cloudbuild": lambda: re.findall(r"the tag (\S+)", _text("cloudbuild.yaml"))[0],
    "codebuild": lambda: re.findall(r"\^refs/tags/(\S+)", _text("codebuild.yml"))[0],
    "jenkins": lambda: _whole(re.findall(r"tag pattern: '(.*?)'", _text("Jenkinsfile"))[0].replace("\\\\", "\\")),
    "woodpecker": lambda: yaml.safe_load(_text("woodpecker.yml"))["when"][0]["evaluate"].split('"')[1],
}  # fmt: skip
"""The regular expression of each example."""


@pytest.mark.parametrize("key", FILTERS)
def test_a_filter_starts_assignments_to_prod(key: str) -> None:
    pattern = f"/{FILTERS[key]()}/"
    assert [tag for tag in (*ASSIGNED, *OTHERS) if matches_in_rules(pattern, tag)] == ASSIGNED
