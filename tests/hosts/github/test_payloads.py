"""GitHub's own examples of what starts a run, through the whole program: as they are, and for a GTO tag of ours."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gto_action.answer.document import NAMES
from tests.support.action import Run, run_entrypoint
from tests.support.repo import Repo
from tests.support.webhooks import payloads

TAG = "churn#prod#1"
EVENTS = ("push", "create", "release", "workflow_dispatch")
EXAMPLES = [
    pytest.param(event, number, id=f"{event} {number}")
    for event in EVENTS
    for number, payload in enumerate(payloads(event))
    if not payload.get("deleted")  # of deletions is test_deleted.py
]

Trigger = Callable[..., Run]


def ref_of(event: str, payload: dict[str, Any]) -> str:
    """What GitHub makes GITHUB_REF of it (docs.github.com, "Events that trigger workflows")."""
    if event == "create":
        return f"refs/{'tags' if payload['ref_type'] == 'tag' else 'heads'}/{payload['ref']}"
    return f"refs/tags/{payload['release']['tag_name']}" if event == "release" else str(payload["ref"])


def about(event: str, payload: dict[str, Any], sha: str) -> dict[str, Any]:
    """The same for our tag."""
    match event:
        case "create":
            return payload | {"ref": TAG, "ref_type": "tag"}
        case "release":
            return payload | {"release": payload["release"] | {"tag_name": TAG}}
        case "push":
            return payload | {"ref": f"refs/tags/{TAG}", "after": sha, "created": True}
    return payload | {"ref": f"refs/tags/{TAG}"}


@pytest.fixture
def trigger(repo: Repo, srv: Path, tmp_path: Path) -> Trigger:
    sha = repo.commit(time=10)
    repo.tag("churn@v1.0.0", time=11)
    repo.tag(TAG, time=12)

    def run(event: str, payload: dict[str, Any], action: str = "", **environ: str) -> Run:
        (tmp_path / "event.json").write_text(json.dumps(payload))
        ref = ref_of(event, payload)
        given = {
            "GITHUB_SERVER_URL": f"file://{srv}",
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_REF": ref,
            "GITHUB_SHA": sha,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        }
        if action != "catch-up":  # which has no such input
            given["INPUT_REF"] = ref
        return run_entrypoint(tmp_path / "run", given | environ, action=action)

    return run


@pytest.mark.parametrize(("event", "number"), EXAMPLES)
def test_an_example_as_it_is(trigger: Trigger, event: str, number: int) -> None:
    run = trigger(event, payloads(event)[number])
    assert run.code == 0, run.log
    assert run.outputs == dict.fromkeys(NAMES, "")
    assert len(run.told("notice")) == 1


@pytest.mark.parametrize(("event", "number"), EXAMPLES)
def test_an_example_for_a_tag_of_ours(trigger: Trigger, repo: Repo, event: str, number: int) -> None:
    sha = repo.git("rev-parse", "main")
    run = trigger(event, about(event, payloads(event)[number], sha))
    assert run.code == 0, run.log
    assert run.outputs
    assert {name: run.outputs[name] for name in ("event", "tag", "version", "stage", "sha")} == {
        "event": "assignment",
        "tag": TAG,
        "version": "v1.0.0",
        "stage": "prod",
        "sha": sha,
    }


@pytest.mark.parametrize(("event", "number"), EXAMPLES)
def test_catching_up_whatever_starts_it(trigger: Trigger, event: str, number: int) -> None:
    environ = {"INPUT_WORKFLOW": "deploy.yml", "INPUT_SINCE": "1h"}
    run = trigger(event, payloads(event)[number], action="catch-up", **environ)
    assert run.code == 0, run.log
    assert run.outputs == {"missed": "false", "events": "[]", "count": "0"}
