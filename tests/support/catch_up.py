"""Runs that catch up, and the tags that they find."""

import json
import time
from collections.abc import Callable
from typing import Any

from tests.support.action import SCHEMA, Run
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo

TOKEN = "s3cret"
NOW = int(time.time())
HOUR, DAY = 3_600, 86_400
# tag, commit, hours ago; oldest first
TAGS = (
    ("churn@v1.0.0", "one", 50),
    ("churn#prod#1", "one", 40),
    ("churn@v2.0.0", "two", 30),
    ("churn#prod#2", "two", 20),
    ("models=nlp@v0.1.0", "two", 10),
    ("churn@v2.0.0!", "two", 1),
)
NAMES = [name for name, _, _ in TAGS]

CatchUp = Callable[..., Run]

GIVEN = {
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_EVENT_NAME": "schedule",
    "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/deploy.yml@refs/heads/main",
    "INPUT_SUPERSEDED": "true",
}


def events(run: Run) -> list[dict[str, Any]]:
    assert run.code == 0, run.log
    assert run.outputs
    found: list[dict[str, Any]] = json.loads(run.outputs["events"])
    for each in found:
        SCHEMA.validate(each)
    assert run.outputs["count"] == str(len(found))
    waits = any(each in run.log for each in ("refused a run", "missed events are left", "missed events is left"))
    assert run.outputs["missed"] == ("true" if found or waits or "missed event is left" in run.log else "false")
    assert set(run.outputs) == {"missed", "events", "count"}, "no gate of a single event opens"
    return found


def tags(run: Run) -> list[str]:
    return [each["tag"] for each in events(run)]


def handle(github: GitHubServer, *names: str, **given: Any) -> None:  # noqa: ANN401 - as they are
    for name in names:
        github.add_run(name, github.commits[name], **given)


def make_again(registry: Repo, name: str, hours: float) -> None:
    """As by `gto … --delete` and then `gto assign`: the name and the commit are those of before."""
    registry.tag(name, f"{name}^{{}}", time=int(NOW - hours * HOUR))
