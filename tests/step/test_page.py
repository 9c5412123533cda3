"""The action `page`: where its site may be."""

import re
from pathlib import Path

import pytest

from tests.support.action import run_entrypoint

OUTSIDE = ["..", ".", "./", "empty/..", "empty/../..", "empty/../../site", "/tmp", ".git/site", "up/site"]  # noqa: S108


@pytest.mark.parametrize("out", OUTSIDE)
def test_a_folder_that_is_none_of_the_workspace_is_refused(out: str, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "empty").mkdir(parents=True)
    (workspace / "up").symlink_to("..")
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SERVER_URL": "http://127.0.0.1:9",
        "GITHUB_WORKSPACE": str(workspace),
        "INPUT_OUT": out,
    }
    run = run_entrypoint(tmp_path / "run", environ, cwd=workspace, action="page")
    assert run.code == 1
    assert run.outputs is None
    assert re.search(rf"The input 'out' (?:is|cannot be) '{re.escape(out)}'", run.log), run.log
    assert sorted(path.name for path in workspace.iterdir()) == ["empty", "up"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "workspace"]
