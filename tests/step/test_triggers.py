"""Which tag a run is about, whatever triggered it, and what is no event."""

import re
from pathlib import Path

import pytest

from tests.support.action import EMPTY, Action
from tests.support.repo import Repo


@pytest.mark.parametrize(
    "environ",
    [
        {"GITHUB_REF": "refs/heads/main", "INPUT_REF": "refs/tags/churn#prod#4"},
        {"GITHUB_REF": "refs/heads/main", "INPUT_REF": "churn#prod#4"},
        {"GITHUB_REF": "refs/heads/main", "INPUT_REF": " churn#prod#4\n", "GITHUB_EVENT_NAME": "schedule"},
        {"GITHUB_REF": "refs/tags/churn@v3.0.0", "INPUT_REF": "refs/tags/churn#prod#4", "GITHUB_SHA": "0" * 40},
        {"GITHUB_REF": "refs/tags/churn#prod#4", "INPUT_REF": ""},
    ],
    ids=["full", "short", "with white space", "another tag than the trigger", "empty"],
)
def test_any_tag_can_be_replayed(registry: Repo, action: Action, environ: dict[str, str]) -> None:
    run = action("", **environ)
    assert (run.code, run.outputs and run.outputs["tag"]) == (0, "churn#prod#4"), run.log


# what triggered the run, and what the notice says
NO_EVENT = {
    "a branch": ({"GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_NAME": "push"}, "'refs/heads/main' is not a tag"),
    "a schedule": ({"GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_NAME": "schedule"}, "'refs/heads/main' is not a tag"),
    "a pull request": ({"GITHUB_REF": "refs/pull/1/merge"}, "'refs/pull/1/merge' is not a tag"),
    "no ref": ({"GITHUB_REF": "", "GITHUB_EVENT_NAME": "deployment"}, "'deployment' has no ref"),
    "a tag of somebody else's": ({"GITHUB_REF": "refs/tags/v1.0.0"}, "'v1.0.0' is not a GTO tag"),
    "a look-alike": ({"GITHUB_REF": "refs/tags/churn@1.0.0"}, "'churn@1.0.0' is not a GTO tag"),
    "created": ({"GITHUB_REF": "refs/tags/churn@created"}, "'churn@created' is not a GTO tag"),
    **{
        f"hostile {name}": ({"GITHUB_REF": f"refs/tags/{name}"}, "is not a GTO tag")
        for name in ("$(id)", "`id`", "it's-a-release", 'a"b', "a;b", "a..b", "-x=model@v1.0.0;", "--help", "a%0Ab", "a${{b}}")
    },
}  # fmt: skip


@pytest.mark.parametrize("case", NO_EVENT)
def test_no_event_is_an_answer(registry: Repo, action: Action, case: str) -> None:
    environ, notice = NO_EVENT[case]
    run = action("", **environ)
    assert (run.code, run.outputs) == (0, EMPTY), run.log
    assert len(run.told("notice")) == 1
    assert notice in run.told("notice")[0]
    strict = action("", INPUT_STRICT="true", **environ)
    assert (strict.code, strict.outputs) == (1, None), strict.log
    assert notice in strict.told("error")[0]


# a look-alike, and what the notice says to do: the command is doctor's
MEANT = {
    "churn@1.0.0": (
        "If you meant 'churn@v1.0.0', make it with gto, and delete this tag: "
        "git tag -d churn@1.0.0 && git push origin --delete refs/tags/churn@1.0.0"
    ),
    "models:churn#prod": (
        "If you meant 'models=churn#prod', make it with gto, and delete this tag: "
        "git tag -d 'models:churn#prod' && git push origin --delete 'refs/tags/models:churn#prod'"
    ),
    "churn@created": "gto fails on it. Delete it: git tag -d churn@created && git push origin --delete refs/tags/churn@created",
    "churn#prod!!": "A GTO tag is written NAME@vX.Y.Z or NAME#STAGE.",
    "v1.0.0": "All outputs are empty.",
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_the_notice_says_what_doctor_says(action: Action, name: str) -> None:
    (notice,) = action(f"refs/tags/{name}").told("notice")
    assert notice.startswith(f"The tag {name!r} is not a GTO tag. All outputs are empty.")
    assert notice.endswith(MEANT[name])


@pytest.mark.parametrize("event", ["push", "delete"])
def test_a_deleted_tag_is_no_event(registry: Repo, action: Action, tmp_path: Path, event: str) -> None:
    payload = tmp_path / "event.json"
    payload.write_text('{"ref": "churn-1", "ref_type": "tag", "deleted": true}')
    environ = {"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(payload)}
    run = action("refs/heads/main", **environ)
    assert (run.code, run.outputs) == (0, EMPTY)
    assert "'churn-1' was deleted" in run.told("notice")[0]
    assert action("refs/heads/main", INPUT_REF="churn#prod!#5", **environ).document["event"] == "unassignment"


@pytest.mark.parametrize("event", ["push", "create", "release", "workflow_dispatch", ""])
def test_a_tag_is_answered_whatever_triggered(registry: Repo, action: Action, event: str) -> None:
    commit = registry.git("rev-parse", "churn#prod#4^{commit}")
    run = action("refs/tags/churn#prod#4", GITHUB_EVENT_NAME=event, GITHUB_SHA=commit)
    assert run.document["event"] == "assignment"


def test_a_tag_moved_since_the_trigger(registry: Repo, action: Action) -> None:
    before = registry.git("rev-parse", "churn@v3.0.0^{commit}")
    run = action("refs/tags/churn#prod#4", GITHUB_EVENT_NAME="push", GITHUB_SHA=before)
    assert (run.code, run.outputs) == (1, None)
    assert re.search(f"'churn#prod#4' has been moved since .* from commit {before[:7]} to ", run.told("error")[0])
