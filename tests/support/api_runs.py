"""Runs of the action beside a GitHub API of the tests."""

from pathlib import Path

from support.action import Run, run_entrypoint
from support.github_server import GitHubServer


def run_beside(github: GitHubServer, srv: Path, folder: Path, environ: dict[str, str]) -> Run:
    """The action on `o/r`, with the token of the API, which it tells nobody; its files are made in `folder`."""
    given = {
        "GITHUB_SERVER_URL": f"file://{srv}",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "o/r",
        "NO_PROXY": "127.0.0.1",
        "INPUT_TOKEN": github.token,
    }
    found = run_entrypoint(folder, given | environ)
    assert github.token not in found.log + found.summary
    return found
