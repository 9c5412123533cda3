"""What is not pulled, and what is refused: nothing is in the workspace then."""

from pathlib import Path
from typing import Final

import pytest

from tests.support.dvc_artifacts import failed
from tests.support.dvc_repo import DvcRepo
from tests.support.pulls import Pull, content

# the tag, and what is said of what is not pulled
NOT_PULLED: Final = {
    "away@v1.0.0": ("notice", "'s3://bucket/model.pkl' is outside the repository and is not pulled."),
    "absolute@v1.0.0": ("notice", "'/srv/model.pkl' is outside the repository and is not pulled."),
    "none@v1.0.0": ("warning", "There is nothing to pull: 'path' is empty."),
}


@pytest.mark.parametrize("tag", NOT_PULLED)
def test_not_pulled(pull: Pull, workspace: Path, tag: str) -> None:
    level, text = NOT_PULLED[tag]
    run = pull(tag)
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["pulled"] == "false"
    assert any(text in told for told in run.told(level)), run.log
    uri = run.outputs["path"]
    assert run.document["pull"] == ({"uri": uri} if uri else None)
    assert content(workspace) == {}


def test_what_does_not_match_is_not_pulled(pull: Pull, workspace: Path) -> None:
    run = pull("churn@v1.0.0", INPUT_EVENTS="assignment")
    assert run.outputs
    assert (run.outputs["matched"], run.outputs["pulled"]) == ("false", "false")
    assert content(workspace) == {}


def test_without_the_input_nothing_is_pulled(pull: Pull, workspace: Path) -> None:
    run = pull("churn@v1.0.0", INPUT_PULL="false")
    assert run.outputs
    assert run.outputs["pulled"] == "false"
    assert run.document["pull"] is None
    assert content(workspace) == {}


# the tag, inputs, and what the error says
REFUSED: Final[dict[str, tuple[dict[str, str], str]]] = {
    "gone@v1.0.0": (
        {},
        "'models/gone.pkl' cannot be pulled from the remote 'store' .* Neither git nor DVC has this path.",
    ),
    "outside@v1.0.0": ({}, "The path '../../etc/passwd' is outside the repository."),
    "lfs@v1.0.0": ({}, "'lfs.bin' is stored with Git LFS, and its content is not in the workspace."),
    "hook@v1.0.0": ({}, "The path '.GIT/hooks/post-checkout' belongs to git itself."),
    "untracked@v1.0.0": ({}, "Neither git nor DVC has this path."),
    "churn@v1.0.0": (
        {"INPUT_DVC-REMOTE": "no-such"},
        "DVC has no remote with that name. Correct the input 'dvc-remote'. Details: store",
    ),
}


@pytest.mark.parametrize("tag", REFUSED)
def test_refused(pull: Pull, workspace: Path, tag: str) -> None:
    given, says = REFUSED[tag]
    failed(pull(tag, **given), workspace, says)


def test_a_link_that_leads_out_of_the_workspace(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (workspace / "models").symlink_to(tmp_path / "elsewhere")
    failed(pull("churn@v1.0.0"), workspace, "'models/churn.pkl' is outside the repository")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_of_the_repository_that_leads_out_of_it(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "own", tmp_path / "own-srv/o/r")
    repo.write({"dvc.yaml": "artifacts: {churn: {path: models/secret}}\n"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").write_text("secret")
    (repo.path / "models").symlink_to(tmp_path / "elsewhere")
    repo.commit("churn@v1.0.0")
    failed(pull("churn@v1.0.0", repo), workspace, "The path 'models/secret' leads out of the repository")
    assert list(workspace.iterdir()) == []
