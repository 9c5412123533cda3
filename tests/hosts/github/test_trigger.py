"""What triggers a run, and which tag it is then about."""

from collections.abc import Mapping

import pytest

from gto_action.errors import RegistryError
from gto_action.gto.record import TagRecord
from gto_action.hosts.github.trigger import trigger_of
from gto_action.hosts.github.variables import read_environment
from gto_action.job.trigger import OfDeletion, OfNothing, OfTag, Trigger

TAG, SHA, OTHER = "refs/tags/churn#prod#4", "a" * 40, "b" * 40


def trigger(
    event: str, ref: str, *, replay: str = "", sha: str = SHA, payload: Mapping[str, object] | None = None
) -> Trigger:
    environ = {"GITHUB_EVENT_NAME": event, "GITHUB_REF": ref, "GITHUB_SHA": sha, "GITHUB_OUTPUT": "/output"}
    return trigger_of(replay, read_environment(environ), payload or {})


@pytest.mark.parametrize("event", ["push", "create", "workflow_dispatch"])
def test_a_tag_must_still_be_where_it_was(event: str) -> None:
    assert trigger(event, TAG) == OfTag("churn#prod#4", sha=SHA)
    assert trigger(event, TAG, replay="churn#prod#4") == OfTag("churn#prod#4", sha=SHA)


@pytest.mark.parametrize("event", ["release", "workflow_run", ""])
def test_a_tag_of_which_the_runner_knows_no_commit(event: str) -> None:
    assert trigger(event, TAG) == OfTag("churn#prod#4")


@pytest.mark.parametrize("replay", [TAG, "churn#prod#4"])
@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/v1", ""])
def test_a_replayed_tag(ref: str, replay: str) -> None:
    assert trigger("workflow_dispatch", ref, replay=replay) == OfTag("churn#prod#4")


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/heads/churn#prod", "refs/pull/1/merge", "refs/notes/x"])
def test_a_ref_that_is_no_tag(ref: str) -> None:
    assert trigger("push", ref) == OfNothing(f"The ref {ref!r} is not a tag.")


def test_no_ref() -> None:
    assert trigger("deployment", "") == OfNothing("The trigger 'deployment' has no ref.")


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("push", {"ref": TAG, "deleted": True}),
        ("delete", {"ref": "churn#prod#4", "ref_type": "tag"}),
        ("delete", {}),
    ],
)
def test_a_deletion(event: str, payload: dict[str, object]) -> None:
    answer = trigger(event, "refs/heads/main", payload=payload)
    assert isinstance(answer, OfNothing if not payload else OfDeletion)
    assert "was deleted" in answer.reason
    assert trigger(event, "refs/heads/main", payload=payload, replay="m@v1.0.0") == OfTag("m@v1.0.0")


@pytest.mark.parametrize("deleted", [False, "true", None])
def test_a_push_that_deletes_nothing(deleted: object) -> None:
    assert trigger("push", TAG, payload={"ref": TAG, "deleted": deleted}) == OfTag("churn#prod#4", sha=SHA)


def test_a_tag_that_has_moved() -> None:
    here, moved = (TagRecord("m@v1.0.0", "oid", target, "commit") for target in (SHA, OTHER))
    OfTag("m@v1.0.0", sha=SHA).check(here)
    OfTag("m@v1.0.0", sha="oid").check(moved)  # act's GITHUB_SHA is the tag object's
    OfTag("m@v1.0.0").check(moved)
    with pytest.raises(
        RegistryError, match="has been moved since it triggered this run, from commit aaaaaaa to bbbbbbb"
    ):
        OfTag("m@v1.0.0", sha=SHA).check(moved)
