"""The command line, and a registry that it is asked about."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gto_action.cli import commands
from tests.support.command_line import Run
from tests.support.repo import Repo


@pytest.fixture(autouse=True)
def _no_colours_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "COLUMNS", "GTO_STAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry that most tests ask about, made once."""
    repo = Repo(tmp_path_factory.mktemp("template") / "r")
    first = repo.commit({"dvc.yaml": "artifacts: {churn: {path: a}}"}, time=1000)
    repo.tag("churn@v1.0.0", first, time=1001)
    repo.tag("churn#prod#1", first, time=1002)
    second = repo.commit({"dvc.yaml": "artifacts: {churn: {path: a}}", "README.md": "2"}, time=2000)
    repo.tag("churn@v1.1.0", second, time=2001, message="better")
    repo.tag("churn#dev#2", second, time=2002)
    repo.tag("models/nlp=sentiment@v0.1.0", second, time=2003)
    repo.tag("old@v1.0.0", second, time=2004)
    repo.tag("old@deprecated", second, time=2005)
    third = repo.commit(time=3000)
    repo.tag("bare#dev", third, time=3001)
    repo.tag("nightly-7", third, time=3002)
    return repo.path


@pytest.fixture
def run(registry: Repo) -> Run:
    def invoke(*arguments: str, repo: str = str(registry.path), **variables: str) -> Result:
        return CliRunner().invoke(commands.group, ["--repo", repo, *arguments], obj=variables)

    return invoke
