"""Deleted tags: no event, what the tag had meant, and what holds now. The payloads are GitHub's own examples."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gto_action.answer.document import NAMES
from tests.support.action import Run, run_entrypoint
from tests.support.repo import Repo
from tests.support.webhooks import payloads

Delete = Callable[..., Run]
# All that may be said of a deletion; the rest is empty or false, so that no gate opens.
TOLD = {"current-version", "latest-version", "stages", "json"}


@pytest.fixture
def registry(repo: Repo) -> Repo:
    repo.commit(time=10)
    for time, tag in enumerate(
        ("churn@v1.0.0", "churn#prod#1", "models=churn@v0.1.0", "old@v1.0.0", "gone@v1.0.0"), 11
    ):
        repo.tag(tag, time=time)
    repo.commit(time=20)
    for time, tag in enumerate(("churn@v1.1.0", "churn#dev#2"), 21):
        repo.tag(tag, time=time)
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: c.pkl}}"}, time=30)
    repo.tag("old@deprecated", time=31)
    repo.tag("bare#prod", time=32)
    return repo


@pytest.fixture
def delete(registry: Repo, srv: Path, tmp_path: Path) -> Delete:
    """Runs the action for a payload, on the default branch as GitHub does."""
    assert registry.path == srv / "o/r"

    def run(event: str, payload: dict[str, Any], **environ: str) -> Run:
        (tmp_path / "event.json").write_text(json.dumps(payload))
        given = {
            "GITHUB_SERVER_URL": f"file://{srv}",
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "INPUT_REF": "refs/heads/main",
            "NO_COLOR": "1",
        }
        return run_entrypoint(tmp_path / "run", given | environ)

    return run


def deletion(tag: str) -> dict[str, Any]:
    return payloads("delete")[0] | {"ref": tag}


# deleted tag: event, name, version, stage that it had meant; the versions now: current, latest; and the stages
ROWS: dict[str, tuple[tuple[str, str, str, str], str, str, dict[str, str]]] = {
    "churn#prod#4": (("assignment", "churn", "", "prod"), "v1.0.0", "v1.1.0", {"dev": "v1.1.0", "prod": "v1.0.0"}),
    "churn#dev!#4": (("unassignment", "churn", "", "dev"), "v1.1.0", "v1.1.0", {"dev": "v1.1.0", "prod": "v1.0.0"}),
    "churn#qa": (("assignment", "churn", "", "qa"), "", "v1.1.0", {"dev": "v1.1.0", "prod": "v1.0.0"}),
    "churn@v1.2.0": (("registration", "churn", "v1.2.0", ""), "v1.1.0", "v1.1.0", {"dev": "v1.1.0", "prod": "v1.0.0"}),
    "gone@v1.0.0!": (("deregistration", "gone", "v1.0.0", ""), "v1.0.0", "v1.0.0", {}),
    "churn@deprecated": (("deprecation", "churn", "", ""), "", "v1.1.0", {"dev": "v1.1.0", "prod": "v1.0.0"}),
    "models=churn@v0.2.0-rc.1+x#7": (("registration", "models:churn", "v0.2.0-rc.1+x", ""), "v0.1.0", "v0.1.0", {}),
    "old#prod": (("assignment", "old", "", "prod"), "", "", {}),
    "old@v2.0.0": (("registration", "old", "v2.0.0", ""), "", "", {}),
    "never@v1.0.0": (("registration", "never", "v1.0.0", ""), "", "", {}),
}


@pytest.mark.parametrize("tag", ROWS)
def test_a_deleted_tag(delete: Delete, tag: str) -> None:
    (event, name, version, stage), current, latest, stages = ROWS[tag]
    run = delete("delete", deletion(tag))
    assert run.code == 0, run.log
    meant = {"tag": tag, "event": event, "name": name, "version": version, "stage": stage}
    assert run.document["deleted"] == meant | {"matched": True, "is_back": False}
    assert run.outputs
    said = {each: text for each, text in run.outputs.items() if each not in TOLD}
    assert said == dict.fromkeys(said, "") | {"is-current": "false", "matched": "false", "pulled": "false"}
    assert (run.outputs["current-version"], run.outputs["latest-version"]) == (current, latest)
    assert json.loads(run.outputs["stages"]) == stages
    assert set(run.outputs) == set(NAMES)
    assert run.log.splitlines()[-1].startswith(f"The tag {tag} was deleted, ")
    assert "was deleted, " in run.summary
    assert not run.told("error")
    narrow = delete("delete", deletion(tag), INPUT_SHOW="false", INPUT_HISTORY="false", INPUT_STRICT="true")
    assert narrow.outputs == run.outputs, narrow.log


SENTENCES = {
    "churn#prod#4": "an assignment of churn in stage prod; prod holds v1.0.0 now",
    "churn#qa!": "an unassignment of churn in stage qa; qa holds no version now",
    "bare#prod!#2": "an unassignment of bare in stage prod; prod holds {bare} now",
    "churn@v1.2.0": "a registration of churn v1.2.0; the latest version is v1.1.0 now",
    "never@v1.0.0!": "a deregistration of never v1.0.0; there is no version now",
    "churn@deprecated": "a deprecation of churn",
}


@pytest.mark.parametrize("tag", SENTENCES)
def test_what_people_read(registry: Repo, delete: Delete, tag: str) -> None:
    bare = registry.git("rev-parse", "--short=7", "bare#prod^{commit}")
    expected = f"The tag {tag} was deleted, {SENTENCES[tag].format(bare=bare)}"
    assert delete("delete", deletion(tag)).log.splitlines()[-1] == expected


@pytest.mark.parametrize("number", range(len(payloads("delete"))))
def test_every_example_of_a_deletion(delete: Delete, number: int) -> None:
    payload = payloads("delete")[number]
    assert delete("delete", payload | {"ref": "churn#prod#4"}).document["deleted"]["stage"] == "prod"
    plain = delete("delete", payload)  # as it is: not a GTO tag
    assert plain.outputs == dict.fromkeys(NAMES, "")
    assert f"The ref {payload['ref']!r} was deleted, and a deletion is not a GTO event." in plain.told("notice")[0]
    branch = delete("delete", payload | {"ref": "churn#prod#4", "ref_type": "branch"})
    assert branch.outputs == dict.fromkeys(NAMES, "")


@pytest.mark.parametrize("number", [i for i, each in enumerate(payloads("push")) if each["deleted"]])
def test_every_example_of_a_push_that_deletes(delete: Delete, number: int) -> None:
    run = delete("push", payloads("push")[number] | {"ref": "refs/tags/churn#prod#4"})
    assert run.document["deleted"]["tag"] == "churn#prod#4"
    branch = delete("push", payloads("push")[number] | {"ref": "refs/heads/churn#prod#4"})
    assert branch.outputs == dict.fromkeys(NAMES, "")


def test_the_filters_fit_what_the_tag_had_meant(delete: Delete) -> None:
    wanted = {"INPUT_EVENTS": "assignment", "INPUT_NAMES": "churn", "INPUT_STAGES": "prod"}
    for tag, expected in {"churn#prod#4": True, "churn#prod!#4": False, "churn#dev": False, "old#prod": False}.items():
        run = delete("delete", deletion(tag), **wanted)
        assert run.document["deleted"]["matched"] is expected, tag
        assert run.document["matched"] is False


def test_a_tag_that_is_there_again(delete: Delete) -> None:
    run = delete("delete", deletion("churn#prod#1"))
    assert run.document["deleted"]["is_back"] is True
    assert "The tag 'churn#prod#1' was deleted, but exists again." in run.told("notice")[0]


@pytest.mark.parametrize("accept", [False, True], ids=["fail", "accept"])
def test_a_lightweight_tag_is_back_only_where_it_counts(delete: Delete, registry: Repo, *, accept: bool) -> None:
    """Else what a deletion ends would go on for a tag that means nothing."""
    registry.lightweight("churn#prod#9", "main")
    run = delete("delete", deletion("churn#prod#9"), INPUT_LIGHTWEIGHT="accept" if accept else "fail")
    assert run.document["deleted"]["is_back"] is accept


def test_a_tag_that_is_asked_for_hides_the_deletion(delete: Delete) -> None:
    run = delete("delete", deletion("churn#prod#4"), INPUT_REF="churn#dev#2")
    assert (run.document["event"], run.document["deleted"]) == ("assignment", None)
    run = delete("delete", deletion("churn#prod#4"), INPUT_ARTIFACT="churn@latest")
    assert (run.document["version"], run.document["deleted"]) == ("v1.1.0", None)
