"""Which repository is asked: the one that one is in, a folder, an address."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from gto_action.cli import commands
from tests.support.command_line import Run, run_module
from tests.support.git_server import GitServer
from tests.support.repo import Repo


@pytest.mark.parametrize("command", [["show"], ["history"], ["stages"], ["tags"], ["tags", "--other"]])
def test_an_empty_repository(run: Run, make_repo: Callable[[str], Repo], command: list[str]) -> None:
    result = run(*command, repo=str(make_repo("o/empty").path))
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere", "There is no folder 'nowhere'."),
        ("/", "There is no git repository at '/'."),
        ("file:///nowhere", "The remote 'file:///nowhere' was not found."),
        ("ext::sh -c date", "Git failed while talking to the remote 'ext::sh -c date'."),
    ],
)
def test_a_repository_that_is_not_there(run: Run, place: str, message: str) -> None:
    result = run("tags", repo=place)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {message}")


def test_an_address(run: Run, registry: Repo) -> None:
    assert run("stages", repo=registry.path.as_uri()).stdout == "dev\nprod\n"


@pytest.mark.parametrize("detached", [True, False])
@pytest.mark.parametrize("within", [".", "sub folder", ".git"])
def test_the_repository_one_is_in(registry: Repo, tmp_path: Path, within: str, *, detached: bool) -> None:
    work = tmp_path / "ä work tree"
    registry.commit({".gto": "stages: [prod]"}, time=4000)
    registry.git("clone", "-q", str(registry.path), str(work))
    if detached:
        registry.git("-C", str(work), "-c", "advice.detachedHead=false", "checkout", "-q", "--detach")
    registry.git("-C", str(work), "-c", "user.name=a", "-c", "user.email=a@b", "tag", "-a", "own@v1.0.0", "-m", "local")
    (work / "sub folder").mkdir()
    before = registry.git("-C", str(work), "for-each-ref")
    result = run_module("show", "own", "--version", cwd=work / within)
    assert (result.returncode, result.stdout, result.stderr) == (0, "v1.0.0\n", "")
    assert run_module("stages", cwd=work / within).stdout == "prod\n"
    assert registry.git("-C", str(work), "for-each-ref") == before
    assert registry.git("-C", str(work), "status", "--porcelain") == ""


def test_a_linked_work_tree(registry: Repo, tmp_path: Path) -> None:
    registry.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "churn@v1.0.0")
    registry.commit({".gto": "stages: [prod]"}, time=4000)
    assert run_module("stages", cwd=tmp_path / "linked").stdout == "dev\nprod\n"  # of the commit that it is at


def test_an_address_with_the_users_own_credentials(run: Run, registry: Repo, srv: Path) -> None:
    registry.commit({".gto": "stages: [prod]"}, time=4000)
    with GitServer(srv, token="s3cret") as server:
        refused = run("stages", repo=f"{server.url}/o/r")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr.startswith(f"error: The remote '{server.url}/o/r' asks for a token.")
        helper = "!f() { echo username=x-access-token; echo password=s3cret; }; f"
        (Path.home() / ".gitconfig").write_text(f'[credential]\n\thelper = "{helper}"\n')
        assert run("stages", repo=f"{server.url}/o/r").stdout == "prod\n"


@pytest.mark.parametrize("option", ["--repo", "-r"])
def test_the_repository_may_be_named_behind_the_command(registry: Repo, option: str) -> None:
    for command in (
        ["show", "churn", "--version"],
        ["history"],
        ["stages"],
        ["tags"],
        ["doctor"],
        ["check-ref", "churn#prod#1"],
    ):
        before, behind = ([option, str(registry.path), *command], [*command, option, str(registry.path)])
        one, other = (CliRunner().invoke(commands.group, arguments, obj={}) for arguments in (before, behind))
        assert (one.exit_code, one.stdout) == (0, other.stdout)
        assert other.exit_code == 0
