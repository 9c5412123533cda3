"""Git's configuration is the user's own: it counts, and does not hinder."""

from pathlib import Path

import pytest

from tests.support.command_line import run_module
from tests.support.git_server import GitServer
from tests.support.repo import Repo

CONFIGURATIONS = {
    "~/.gitconfig": (".gitconfig", {}),
    "XDG": (".config/git/config", {}),
    "XDG_CONFIG_HOME": ("elsewhere/git/config", {"XDG_CONFIG_HOME": "{home}/elsewhere"}),
    "GIT_CONFIG_GLOBAL": ("my config", {"GIT_CONFIG_GLOBAL": "{home}/my config"}),
}


@pytest.mark.parametrize("where", CONFIGURATIONS)
def test_the_users_own_configuration_counts(
    registry: Repo, srv: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, variables = CONFIGURATIONS[where]
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value.format(home=Path.home()))
    (Path.home() / name).parent.mkdir(parents=True, exist_ok=True)
    helper = "!f() { echo username=x-access-token; echo password=s3cret; }; f"
    (Path.home() / name).write_text(f'[credential]\n\thelper = "{helper}"\n')
    with GitServer(srv, token="s3cret") as server:
        shown = run_module("show", "churn", "--version", "-r", f"{server.url}/o/r", cwd=registry.path)
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "v1.1.0\nv1.0.0\n", "")


def test_only_one_configuration_counts_if_a_variable_says_so(
    registry: Repo, srv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (Path.home() / ".gitconfig").write_text(f'[url "{srv.as_uri()}/"]\n\tinsteadOf = "models:"\n')
    assert run_module("stages", "-r", "models:o/r", cwd=registry.path).stdout == "dev\nprod\n"
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(Path.home() / "nothing"))
    assert run_module("stages", "-r", "models:o/r", cwd=registry.path).returncode == 1


# what a user may have set, and what must not hinder
OWN_SETTINGS = {
    "fsck": "[transfer]\n\tfsckObjects = true\n",
    "fsck of what is fetched": "[fetch]\n\tfsckObjects = true\n",
    "refspecs": '[remote "origin"]\n\tfetch = +refs/pull/*/head:refs/remotes/origin/pr/*\n\tfetch = refs/heads/nope\n',
    "another address": '[remote "origin"]\n\turl = https://nowhere.invalid/x\n\ttagOpt = --no-tags\n\tmirror = true\n',
    "bare repositories": "[safe]\n\tbareRepository = explicit\n",
    "hooks": "[core]\n\thooksPath = ~/hooks\n",
    "another name": "[clone]\n\tdefaultRemoteName = upstream\n\trejectShallow = true\n",
    "pruning": "[fetch]\n\tprune = true\n\tpruneTags = true\n\twriteCommitGraph = true\n\tparallel = 0\n",
}


@pytest.mark.parametrize("setting", OWN_SETTINGS)
def test_the_users_own_settings_do_not_hinder(registry: Repo, tmp_path: Path, setting: str) -> None:
    registry.tag("churn@v3.0.0", tagger="", message="what git's fsck complains of")
    hook = Path.home() / "hooks/reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    (Path.home() / ".gitconfig").write_text(OWN_SETTINGS[setting])
    for place in (".", registry.path.as_uri()):
        shown = run_module("show", "churn", "--version", "-r", place, cwd=registry.path)
        assert (shown.returncode, shown.stdout, shown.stderr) == (0, "v3.0.0\nv1.1.0\nv1.0.0\n", "")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("place", [".", "{repo}"])
def test_a_configuration_that_git_cannot_read(registry: Repo, place: str) -> None:
    file = Path.home() / ".gitconfig"
    file.write_text("[core\n")
    failed = run_module("show", "-r", place.format(repo=registry.path.as_uri()), cwd=registry.path)
    assert (failed.returncode, failed.stdout) == (1, "")
    said = f"fatal: bad config line 1 in file {file}"
    assert failed.stderr == f"error: Git cannot read its configuration: {said!r}. Correct the file.\n"
