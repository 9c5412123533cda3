"""What is in the way in the workspace, or on its disk."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.checkout import git, registry_of
from tests.support.fetch_tags import SHORT, TAG, TOKEN, everything, files, refs, run, tags, unwritten
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.small_disk import small_disk


def test_nothing_of_the_workspace_runs_or_steers(
    checked_out: Callable[[GitServer], Path], repo: Repo, srv: Path, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\necho run >> {trap}\n")
    script.chmod(0o755)
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        (folder / ".git/hooks").mkdir(exist_ok=True)
        for hook in ("reference-transaction", "post-checkout", "pre-auto-gc"):
            (folder / ".git/hooks" / hook).write_text(script.read_text())
            (folder / ".git/hooks" / hook).chmod(0o755)
        url = f"{server.url}/o/r"
        for key in (
            *("core.fsmonitor", "credential.helper", "core.askPass", "core.sshCommand", "core.gitProxy"),
            *("core.alternateRefsCommand", "remote.origin.uploadpack", "remote.origin.vcs", "hook.trap.command"),
        ):
            git(folder, "config", key, str(script))
        git(folder, "config", "hook.trap.event", "reference-transaction")
        (tmp_path / "alternate").mkdir()
        git(tmp_path / "alternate", "init", "-q", "--bare")
        (folder / ".git/objects/info/alternates").write_text(f"{tmp_path}/alternate/objects\n")
        for key in ("http.proxy", "http.curloptResolve", "fetch.bundleURI", "http.sslCert"):
            git(folder, "config", key, "http://127.0.0.1:9")
        git(folder, "config", "protocol.allow", "never")
        git(folder, "config", "transfer.fsckObjects", "true")
        for key in ("fetch.prune", "fetch.pruneTags", "remote.origin.prune", "fetch.writeCommitGraph"):
            git(folder, "config", key, "true")
        git(folder, "config", f"remote.{url}.fetch", "+refs/heads/*:refs/heads/*")
        git(folder, "config", "url.http://127.0.0.1:9/.insteadOf", server.url)
        git(folder, "config", "remote.origin.tagOpt", "--tags")
        kept = files(folder)
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        assert not trap.exists()
        assert files(folder) == kept
        assert tags(refs(repo.path)) == tags(refs(folder))


def broken_none(folder: Path) -> None:
    subprocess.run(["rm", "-r", folder / ".git"], check=True)


def broken_other(folder: Path) -> None:
    git(folder, "remote", "set-url", "origin", "https://example.com/other/model.git")


def broken_lock(folder: Path) -> None:
    (folder / ".git/shallow.lock").write_bytes(b"")


def broken_conflict(folder: Path) -> None:
    git(folder, "update-ref", "refs/tags/light/mine", "HEAD")


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        pytest.param(broken_none, "There is no git repository with a remote 'origin'", id="no repository"),
        pytest.param(broken_other, "is a clone of 'https://example.com/other/model.git', not of", id="another one"),
        pytest.param(broken_lock, "File exists", id="somebody else writes"),
        pytest.param(broken_conflict, "light/mine", id="a local tag in the way"),
    ],
)
def test_what_cannot_be_done_is_an_error_without_outputs(
    breaks: Callable[[Path], None],
    sentence: str,
    checked_out: Callable[[GitServer], Path],
    repo: Repo,
    srv: Path,
    tmp_path: Path,
) -> None:
    with GitServer(srv, token=TOKEN) as server:
        folder = checked_out(server)
        breaks(folder)
        known = refs(folder) if (folder / ".git").exists() else {}
        kept = files(folder)
        answer = run(tmp_path, server, folder, INPUT_TIMEOUT="6")
    assert (answer.code, answer.outputs) == (1, None), answer.log
    assert len(answer.told("error")) == 1
    assert sentence in answer.told("error")[0]
    assert "fetch-tags" in answer.told("error")[0]
    assert files(folder) == kept
    if known:
        unwritten(folder, known, repo)


# A git before 2.31 gives a hook the filter in two pairs of quotation marks.
GREETING = """#!/bin/sh
echo "Welcome to our server" >&2
for each do
    shift
    case $each in
    "--filter='"*"'") each=${each#*"'"} each=--filter=${each%"'"} ;;
    esac
    set -- "$@" "$each"
done
exec "$@"
"""


def test_a_server_that_greets_is_not_taken_for_the_cause(
    checked_out: Callable[[GitServer], Path], srv: Path, tmp_path: Path
) -> None:
    hook = tmp_path / "hook"
    hook.write_text(GREETING)
    hook.chmod(0o755)
    with GitServer(srv, token=TOKEN, config={"uploadpack.packObjectsHook": str(hook)}) as server:
        folder = checked_out(server)
        broken_conflict(folder)
        answer = run(tmp_path, server, folder, INPUT_TIMEOUT="6")
    assert (answer.code, answer.outputs) == (1, None), answer.log
    (error,) = answer.told("error")
    assert "light/mine" in error
    assert "Welcome" not in error


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    small = tmp_path / "small"
    small.mkdir()
    with small_disk(small, "2m"):
        yield small


@pytest.mark.parametrize("left", [0, 4, 8, 24, 48, 96], ids="{} KB".format)
def test_a_full_disk_leaves_nothing_in_the_way(small: Path, repo: Repo, srv: Path, tmp_path: Path, left: int) -> None:
    commit = registry_of(repo, TAG)
    for number in range(40):
        repo.commit({"data": os.urandom(100).hex()}, time=20 + number)
        repo.tag(f"churn@v3.{number}.0", time=100 + number)
    with GitServer(srv, token=TOKEN) as server:
        folder = SHORT.make(small / "w", f"{server.url}/o/r", TAG, commit, token=TOKEN, temp=tmp_path / "temp")
        known = refs(folder)
        filler = small / "filler"
        with filler.open("wb") as file:
            free = os.statvfs(small)
            file.write(bytes(free.f_bavail * free.f_frsize - left * 1024))
        answer = run(tmp_path, server, folder)
        assert (answer.code, answer.outputs) == (1, None), answer.log
        assert re.search("No space left on device|couldn't write '.*[.]lock'", answer.told("error")[0])
        assert "fetch-tags" in answer.told("error")[0]
        assert list((folder / ".git").rglob("*.lock")) == []
        unwritten(folder, known, repo)
        filler.unlink()
        answer = run(tmp_path, server, folder)
        assert answer.code == 0, answer.log
        everything(folder, repo)
