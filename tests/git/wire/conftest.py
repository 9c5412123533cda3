"""The action in this process, and the registry that is served to it."""

import os
from pathlib import Path

import pytest

from gto_action.step.main import main
from gto_action.system.attempts import Pace
from tests.support.action import Action, Run
from tests.support.certificates import Authority
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs
from tests.support.ways import WAYS, ask_by
from tests.support.wire import DVC_YAML, TAG, TOKEN, ended

QUICK = Pace(pause=0.01)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry, made once, to be copied."""
    repo = Repo(tmp_path_factory.mktemp("template") / "r")
    repo.commit({"dvc.yaml": DVC_YAML, ".gto": "stages: [prod]\n", "big": os.urandom(20_000)}, time=10)
    for number in range(30):
        repo.tag(f"other@v1.0.{number}", time=11 + number)
    repo.tag("churn@v3.1.0", time=50)
    repo.tag(TAG, time=60)
    return repo.path


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test is made of both ways to ask a remote."""
    chosen = str(request.param)
    ask_by(chosen, monkeypatch)
    return chosen


@pytest.fixture
def action(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, registry: Repo, way: str
) -> Action:
    """The action in this process, with real git and real servers, and pauses too short to wait for."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    def run(server: GitServer | str, ref: str = f"refs/tags/{TAG}", *, pace: Pace = QUICK, **given: str) -> Run:
        output = tmp_path / "output"
        output.write_bytes(b"")
        url = server if isinstance(server, str) else server.url
        environ = {"GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": ref, "INPUT_TIMEOUT": "20"}
        code = main({**environ, "INPUT_TOKEN": TOKEN, "GITHUB_OUTPUT": str(output), **given}, pace=pace)
        captured = capfd.readouterr()
        assert list(temporary.iterdir()) == [], "left in the temporary folder"
        assert ended(url), "a git is left"
        log = captured.out + captured.err
        assert TOKEN not in log
        assert "Traceback" not in log
        written = output.read_bytes()
        return Run(code, log, parse_outputs(written) if written else None, "")

    return run


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that is trusted."""
    authority = Authority(tmp_path / "trusted")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(authority.file))
    return authority
