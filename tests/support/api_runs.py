"""Runs of the action beside a GitHub API of the tests."""

from pathlib import Path

import pytest

from gto_action.step.main import main
from gto_action.system.attempts import Pace
from tests.support.action import Run, run_entrypoint
from tests.support.github_server import GitHubServer
from tests.support.runner_files import parse_outputs

HURRY = Pace(write=0.0, listed=0)
"""No pause between two writes, and none for runs that are not listed yet."""


def run_beside(github: GitHubServer, srv: Path, folder: Path, environ: dict[str, str], *, action: str = "") -> Run:
    """The action on `o/r`, with the token of the API, which it tells nobody; its files are made in `folder`."""
    found = run_entrypoint(folder, _given(github, srv) | environ, action=action)
    assert github.token not in found.log + found.summary
    return found


def run_here(
    github: GitHubServer,
    srv: Path,
    folder: Path,
    environ: dict[str, str],
    capfd: pytest.CaptureFixture[str],
    *,
    action: str = "",
    pace: Pace = HURRY,
) -> Run:
    """The same in this process, in a hurry."""
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "output", folder / "summary"
    for file in files:
        file.write_bytes(b"")
    capfd.readouterr()
    runner = {"GITHUB_OUTPUT": str(files[0]), "GITHUB_STEP_SUMMARY": str(files[1]), "NO_COLOR": "1"}
    code = main(_given(github, srv) | runner | environ, [action] if action else [], pace)
    captured = capfd.readouterr()
    written = files[0].read_bytes()
    found = Run(code, captured.out, parse_outputs(written) if written else None, files[1].read_text())
    assert github.token not in found.log + found.summary + captured.err
    return found


def _given(github: GitHubServer, srv: Path) -> dict[str, str]:
    return {
        "GITHUB_SERVER_URL": f"file://{srv}",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "o/r",
        "NO_PROXY": "127.0.0.1",
        "INPUT_TOKEN": github.token,
    }
