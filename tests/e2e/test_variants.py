"""The image for other CI systems: a shell, the command line, and git over https and ssh."""

import getpass
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gto_action import __version__
from tests.e2e.conftest import TOKEN
from tests.e2e.engine import ENVIRON, docker, size
from tests.e2e.registry import SampleRegistry
from tests.support.dvc_repo import SSHD, ssh_server
from tests.support.git_server import GitServer
from tests.support.skipping import skip

pytestmark = pytest.mark.container

_LIMIT = 210_000_000


@pytest.fixture(scope="module")
def cli(variant: Callable[[str], str]) -> str:
    return variant("cli")


@pytest.fixture
def run(cli: str) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a script in it, as a job of such a system does."""

    def run(script: str, *options: str) -> "subprocess.CompletedProcess[str]":
        command = ["docker", "run", "--rm", "--network=host", *options, cli, "bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(command, env=ENVIRON, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_it_says_which_it_is(cli: str, figure: Callable[[str], None]) -> None:
    assert docker("run", "--rm", cli, "gto-action", "--version") == f"gto-action, version {__version__}"
    assert size(cli) < _LIMIT
    figure(f"the image with a shell: {size(cli) / 1e6:.0f} MB")


@pytest.fixture
def gitlab(registry: SampleRegistry) -> Iterator[GitServer]:
    with GitServer(registry.root, token=TOKEN, user="gitlab-ci-token") as server:
        yield server


@pytest.mark.parametrize("user", ["0", "1000:1000"])
def test_a_script_asks(
    run: Callable[..., "subprocess.CompletedProcess[str]"], gitlab: GitServer, registry: SampleRegistry, user: str
) -> None:
    """As GitLab sets it up, with a token in a variable."""
    given = {
        "GITLAB_CI": "true",
        "CI_COMMIT_TAG": "churn#prod#2",
        "CI_COMMIT_SHA": registry.commits["churn#prod#2"],
        "CI_REPOSITORY_URL": f"{gitlab.url}/acme/models.git",
        "CI_PROJECT_URL": f"{gitlab.url}/acme/models",
        "CI_PROJECT_PATH": "acme/models",
        "CI_SERVER_URL": gitlab.url,
        "CI_JOB_TOKEN": TOKEN,
    }
    found = run(
        'cd /tmp; gto-action event --format sh --output gto.env >&2; . ./gto.env; echo "$GTO_EVENT $GTO_VERSION"',
        f"--user={user}",
        *(f"--env={name}={value}" for name, value in given.items()),
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout == "assignment v1.1.0\n"


def test_git_and_the_command_line_speak_ssh(
    run: Callable[..., "subprocess.CompletedProcess[str]"], registry: SampleRegistry, tmp_path: Path
) -> None:
    if not SSHD:
        skip("container tests over SSH", "there is no sshd (as root: apt-get install openssh-server)")
    with ssh_server(tmp_path / "ssh") as (port, key):
        found = run(
            f"git ls-remote --tags {(url := f'ssh://{getpass.getuser()}@127.0.0.1:{port}{registry.path}')} 'churn#prod#2'"
            f" && gto-action --repo {url} show churn --json",
            f"--volume={key}:/key:ro",
            "--env=GIT_SSH_COMMAND=ssh -i /key -o StrictHostKeyChecking=no",
        )
    assert found.returncode == 0, found.stderr
    assert "refs/tags/churn#prod#2\n" in found.stdout
    assert "v1.1.0" in found.stdout.partition("refs/tags/churn#prod#2\n")[2]


def test_the_rest_of_a_job_finds_its_tools(run: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    found = run(
        "for each in bash sh apt-get tar grep sed git ssh ssh-add ssh-agent ssh-keyscan gto-action; do command -v $each; done"
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_release_tries_it(cli: str, try_release: Callable[[str, str], str]) -> None:
    assert try_release("cli", cli) == "The variant cli says what it has to say.\n"
