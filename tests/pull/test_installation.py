"""What installs DVC runs nothing of the workspace, where the run's secrets are in reach."""

from pathlib import Path

import pytest

from gto_action.errors import PullError
from gto_action.pull.installation import dvc_python
from tests.support.machine import ENVIRON

NAMES = ("venv", "pip", "uv", "logging", "runpy", "sitecustomize")
"""Modules that Python would take from the folder in which it runs one with `-m`."""


def test_no_module_of_the_workspace_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    ran = tmp_path / "ran"
    for name in NAMES:
        (workspace / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write({name!r})\nraise SystemExit(0)\n")
    monkeypatch.chdir(workspace)
    variables = {"PATH": ENVIRON["PATH"], "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    with pytest.raises(PullError, match="DVC cannot be installed"):
        dvc_python(frozenset(), str(tmp_path / "cache"), variables, print, 60)
    assert not ran.exists(), ran.read_text()
    assert [*(tmp_path / "cache/gto-action").iterdir()] == []
