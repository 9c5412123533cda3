"""Runs that make a deployment, and what they say of it."""

from collections.abc import Callable
from typing import Any

from gto_action.gto.record import Signature, TagRecord
from gto_action.gto.tag import parse_tag
from tests.support.action import Run
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo

TOKEN = "s3cret"

Deploy = Callable[..., Run]


def number(run: Run) -> int:
    assert run.code == 0, run.log
    assert run.outputs
    return int(run.outputs["deployment-id"])


def none(run: Run) -> bool:
    assert run.code == 0, run.log
    return run.outputs is not None and run.outputs["deployment-id"] == ""


def superseded(run: Run) -> bool:
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["superseded"] in {"true", "false"}
    return run.outputs["superseded"] == "true"


def assign(registry: Repo, github: GitHubServer, version: str, *tags: str) -> None:
    """A version at a new commit, and tags of it."""
    made = 100 * (len(github.commits) + 1)
    github.commits[version] = registry.commit({"n": version}, time=made)
    for place, tag in enumerate((f"churn@{version}", *tags), 1):
        registry.tag(tag, time=made + place)


def parsed(name: str) -> Any:  # noqa: ANN401 - a tag, and nothing to check
    return parse_tag(name)


def record(name: str, at: int, commit: str = "a") -> TagRecord:
    return TagRecord(name, "0" * 40, commit * 40, "commit", inner_name=name, signature=Signature(time=at))
