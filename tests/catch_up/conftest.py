"""The whole program, a real repository, and a server that is held to GitHub's own description."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gto_action.system.attempts import Pace
from tests.support.action import Run
from tests.support.api_runs import HURRY, run_here
from tests.support.catch_up import DAY, GIVEN, HOUR, NAMES, NOW, TAGS, TOKEN, CatchUp
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


@pytest.fixture
def registry(repo: Repo) -> Repo:
    commits = {}
    for number, letter in enumerate(("one", "two")):
        text = f"artifacts: {{churn: {{path: {letter}.pkl, meta: {{n: {number}}}}}}}"
        commits[letter] = repo.commit({"dvc.yaml": text}, time=number)
    for name, commit, hours in TAGS:
        repo.tag(name, commits[commit], time=NOW - hours * HOUR)
    repo.tag("churn@v0.1.0", commits["one"], time=NOW - 8 * DAY)
    repo.tag("not-of-gto", time=NOW)
    return repo


@pytest.fixture
def github(registry: Repo) -> Iterator[GitHubServer]:
    with GitHubServer(TOKEN) as server:
        server.commits = {name: registry.git("rev-parse", f"refs/tags/{name}^{{}}") for name in NAMES}
        yield server


@pytest.fixture
def catch_up(
    srv: Path,
    github: GitHubServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> CatchUp:
    """Runs the action with `catch-up`, scheduled on the default branch, in a hurry."""

    def run(pace: Pace = HURRY, **environ: str) -> Run:
        return run_here(github, srv, tmp_path / "run", GIVEN | environ, capfd, action="catch-up", pace=pace)

    return run
