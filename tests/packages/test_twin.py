"""The action without Docker, with what a package index gives to pips of four ages: the same answer."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.registry import SampleRegistry, make_registry
from tests.packages.conftest import MakeDecoys
from tests.packages.test_locks import pins
from tests.support.action import Run, run_entrypoint
from tests.support.git_server import GitServer
from tests.support.github_server import GitHubServer
from tests.support.machine import ENVIRON, ROOT

RUN: Final = ROOT / "native/run.sh"
TOKEN: Final = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
PIPS: Final = ("21.3.1", "23.0.1", "newest", "none")
"""The first cannot install for another Python; Debian 12 has the second."""
REACHES: Final = {name: value for name, value in ENVIRON.items() if name.lower().endswith("_proxy") or "PIP_" in name}
TAG: Final = "models=churn#prod#2"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> SampleRegistry:
    return make_registry(tmp_path_factory.mktemp("git"))


@pytest.fixture
def server(registry: SampleRegistry) -> Iterator[GitServer]:
    with GitServer(registry.root, token=TOKEN) as server:
        yield server


@pytest.fixture
def environ(server: GitServer, registry: SampleRegistry) -> Mapping[str, str]:
    return {
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_REF": f"refs/tags/{TAG}",
        "GITHUB_SHA": registry.commits[TAG],
        "INPUT_REF": f"refs/tags/{TAG}",
        "INPUT_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1,localhost",
    }


@pytest.fixture
def machine(tmp_path: Path, downloads: Callable[[str], Path]) -> Callable[[str], Path]:
    """Makes the folder of programs of a machine whose Python has a certain pip."""

    def make(pip: str) -> Path:
        place = tmp_path / "python"
        subprocess.run((sys.executable, "-m", "venv", "--without-pip", place), check=True, env=ENVIRON)
        if pip != "none":
            (site,) = place.glob("lib/python*/site-packages")
            unpacked = downloads("pip" if pip == "newest" else f"pip=={pip}")
            shutil.copytree(unpacked, site, dirs_exist_ok=True)
        return place / "bin"

    return make


@pytest.mark.parametrize("pip", PIPS)
def test_it_gives_the_same_answer(
    pip: str,
    machine: Callable[[str], Path],
    environ: Mapping[str, str],
    make_decoys: MakeDecoys,
    tmp_path: Path,
    server: GitServer,
) -> None:
    expected = run_entrypoint(tmp_path / "expected", environ)
    assert expected.code == 0, expected.log
    temporary = tmp_path / "temp"
    temporary.mkdir()
    # Newer releases, which a lock does not let in; and settings of pip's that would lead elsewhere.
    settings = tmp_path / "pip.conf"
    settings.write_text(
        f"[global]\nrequire-virtualenv = true\n[install]\ntarget = {tmp_path}/target\nprefix = {tmp_path}/prefix\n"
        f"user = true\nrequirement = /no/such/requirements.txt\neditable = {tmp_path}\n"
    )
    misleading = {
        "PIP_CONFIG_FILE": str(settings),
        "PIP_FIND_LINKS": str(make_decoys(sorted(pins(ROOT / "requirements/answer.txt")))),
        "PIP_PYTHON": "/no/such/python",
        "PIP_REQUIREMENT": "/no/such/requirements.txt",
        "PIP_USER": "1",
    }
    there = tmp_path / "there"  # on PYTHONPATH; pip would think that it need not be installed
    (there / "semver-3.1.1.dist-info").mkdir(parents=True)
    (there / "semver-3.1.1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: semver\nVersion: 3.1.1\n")
    given = {
        **{name: value for name, value in REACHES.items() if name.lower() != "no_proxy"},
        **misleading,
        **environ,
        "PATH": f"{machine(pip)}:{ENVIRON['PATH']}",
        "RUNNER_TEMP": str(temporary),
        "PYTHONPATH": str(there),
        "PYTHONHOME": "/no/such/python",
    }

    def native(name: str) -> Run:
        return run_entrypoint(tmp_path / name, given, program=("bash", RUN))

    first, again = native("first"), native("again")
    for run in (first, again):
        assert run.code == 0, run.log
        assert run.outputs == expected.outputs
        assert run.summary.splitlines()[0] == expected.summary.splitlines()[0]
    assert "Making an environment for gto-action with Python" in first.log
    assert "Making an environment" not in again.log
    assert len(list(temporary.iterdir())) == 1
    assert all(request.tokens in {(), (TOKEN,)} for request in server.requests)


def test_another_action(
    machine: Callable[[str], Path], environ: Mapping[str, str], registry: SampleRegistry, tmp_path: Path
) -> None:
    with GitHubServer(TOKEN, repository="acme/models") as github:
        github.commits = registry.commits
        given = {
            **{name: value for name, value in REACHES.items() if name.lower() != "no_proxy"},
            **environ,
            "PATH": f"{machine('newest')}:{ENVIRON['PATH']}",
            "GITHUB_API_URL": github.url,
            "GITHUB_RUN_ID": "1",
            "INPUT_ENVIRONMENT": "{name}-{stage}",
        }
        run = run_entrypoint(
            tmp_path / "run", {**given, "RUNNER_TEMP": str(tmp_path)}, program=("bash", RUN), action="deployment"
        )
        assert run.code == 0, run.log
        assert run.outputs is not None
        assert run.outputs["deployment-id"]
        assert [state[1:] for state in github.states()] == [(TAG, "in_progress")]
        workspace = tmp_path / "workspace"
        workspace.mkdir()
        given = {name: value for name, value in given.items() if not name.startswith("INPUT_")}
        given |= {"RUNNER_TEMP": str(tmp_path), "GITHUB_WORKSPACE": str(workspace), "INPUT_TOKEN": TOKEN}
        page = run_entrypoint(tmp_path / "page", given, cwd=workspace, program=("bash", RUN), action="page")
        assert (page.code, page.outputs) == (0, {"path": "site", "changed": "true", "problems": "0"}), page.log
        assert "Making an environment" not in page.log
        assert (workspace / "site/artifacts/models=churn.html").is_file()


def test_two_steps_at_once(machine: Callable[[str], Path], environ: Mapping[str, str], tmp_path: Path) -> None:
    """Such as two jobs on a machine whose runners share a folder: each answers, and one environment is left, which is mended."""
    temporary = tmp_path / "temp"
    temporary.mkdir()
    given = {
        **{name: value for name, value in REACHES.items() if name.lower() != "no_proxy"},
        **environ,
        "PATH": f"{machine('newest')}:{ENVIRON['PATH']}",
        "RUNNER_TEMP": str(temporary),
    }
    with ThreadPoolExecutor() as pool:
        runs = list(
            pool.map(lambda name: run_entrypoint(tmp_path / name, given, program=("bash", RUN)), ("one", "two"))
        )
    for run in runs:
        assert run.code == 0, run.log
        assert run.outputs is not None
        assert run.outputs["version"] == "v0.2.0"
    (place,) = temporary.iterdir()
    # A cleaner of old files has been there since.
    (place / "__main__.py").unlink()
    run = run_entrypoint(tmp_path / "three", given, program=("bash", RUN))
    assert (run.code, run.outputs and run.outputs["version"]) == (0, "v0.2.0"), run.log
    assert [*temporary.iterdir()] == [place]
