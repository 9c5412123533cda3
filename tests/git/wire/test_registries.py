"""What servers hold, and what they support: tags of any kind, without filters, in any store, while others push."""

import re
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from gto_action.git.protocol.allowance import Allowance
from gto_action.git.protocol.faults import TooMuchError
from gto_action.git.wire import folders
from tests.support.action import Action
from tests.support.git_server import GitServer
from tests.support.git_version import git_version
from tests.support.repo import Repo
from tests.support.wire import DVC_YAML, EXPECTED, TAG, failed, right
from tests.support.wire_faults import FILTERS


@pytest.mark.parametrize("kind", ["lightweight", "annotated", "both"])
@pytest.mark.parametrize("what", ["main^{tree}", "main:dvc.yaml"])
def test_a_tag_of_what_is_no_commit(srv: Path, action: Action, registry: Repo, kind: str, what: str) -> None:
    if kind != "annotated":
        registry.git("update-ref", "refs/tags/anything", registry.git("rev-parse", what))
    if kind != "lightweight":
        registry.tag("another", what, kind="tree" if what == "main^{tree}" else "blob")
    with GitServer(srv) as server:
        run = action(server)
    right(run)


@pytest.mark.parametrize("server", FILTERS)
def test_a_server_without_filters(srv: Path, action: Action, server: str) -> None:
    with GitServer(srv, config=FILTERS[server]) as refusing:
        right(action(refusing))


def test_a_server_without_the_newer_protocol(srv: Path, action: Action, monkeypatch: pytest.MonkeyPatch) -> None:
    with GitServer(srv) as server:
        monkeypatch.setattr(server, "speaks_v2", False)
        right(action(server))


def test_a_tag_that_was_moved(srv: Path, action: Action, registry: Repo) -> None:
    sha = registry.git("rev-parse", f"{TAG}^{{commit}}")
    registry.commit(time=70)
    registry.tag(TAG, time=71)
    with GitServer(srv) as server:
        failed(action(server, GITHUB_SHA=sha, GITHUB_EVENT_NAME="push"), "has been moved")


def test_a_tag_that_was_deleted(srv: Path, action: Action, registry: Repo) -> None:
    registry.git("update-ref", "-d", f"refs/tags/{TAG}")
    with GitServer(srv) as server:
        failed(action(server), "has no tag 'churn#prod#4': it was deleted, or never pushed")


def test_pushes_that_race_the_fetch(srv: Path, action: Action, registry: Repo) -> None:
    """Each answer is right for some moment: no version but those that were there, none twice, none half."""
    done = threading.Event()

    def push() -> None:
        number = 100
        while not done.is_set():
            registry.tag(f"churn@v3.1.{number}", registry.commit(time=number), time=number)
            registry.tag(f"churn#prod#{number}", time=number)
            number += 1

    thread = threading.Thread(target=push)
    thread.start()
    try:
        with GitServer(srv) as server:
            for _ in range(6):
                run = action(server)
                assert run.code == 0, run.log
                assert run.outputs
                kept = {name: text for name, text in EXPECTED.items() if name != "is-current"}
                assert run.outputs | kept == run.outputs
                assert re.fullmatch(r"v3\.1\.[0-9]+", run.outputs["latest-version"])
    finally:
        done.set()
        thread.join()


def test_a_sha256_repository(srv: Path, action: Action) -> None:
    repo = Repo(srv / "o/sha256", object_format="sha256")
    repo.commit({"dvc.yaml": DVC_YAML})
    repo.tag("churn@v3.1.0", time=50)
    repo.tag(TAG, time=60)
    with GitServer(srv) as server:
        run = action(server, GITHUB_REPOSITORY="o/sha256")
    right(run)
    assert len(run.document["sha"]) == 64


def test_a_repository_without_tags(srv: Path, action: Action) -> None:
    repo = Repo(srv / "o/none")
    with GitServer(srv) as server:
        failed(action(server, GITHUB_REPOSITORY="o/none"), "has no tag")
        repo.commit()
        failed(action(server, GITHUB_REPOSITORY="o/none"), "has no tag")


def test_refs_that_clash_in_case(srv: Path, action: Action, registry: Repo) -> None:
    registry.tag("Churn@v3.1.0", time=51)
    registry.tag("CHURN#PROD#4", time=61)
    registry.tag("churn#Prod#4", time=62)
    with GitServer(srv) as server:
        right(action(server))
        assert action(server, "refs/tags/churn#Prod#4").document["stage"] == "Prod"


# The server's git may be another one (`tools/other-git.sh`).
_HTTP_BACKEND = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip(), "git-http-backend").resolve()
_GIT = min(git_version(), git_version(_HTTP_BACKEND.with_name("git")))
_STORES = ("loose", "packed", "some of each", *(["reftable"] if _GIT >= (2, 46) else []))


@pytest.mark.parametrize("how", _STORES)
def test_refs_as_the_server_keeps_them(srv: Path, action: Action, registry: Repo, how: str) -> None:
    if how == "packed":
        registry.git("pack-refs", "--all")
    elif how == "some of each":
        registry.git("pack-refs", "--all")
        registry.tag("churn@v3.0.0", time=49)
        registry.git("update-ref", "-d", "refs/tags/other@v1.0.0")
    elif how == "reftable":
        registry.git("refs", "migrate", "--ref-format=reftable")
    with GitServer(srv) as server:
        right(action(server))


@pytest.mark.parametrize("letters", [36, 40], ids=["whole entries", "half an entry"])
def test_a_folder_of_more_than_can_be_held(
    srv: Path, action: Action, registry: Repo, monkeypatch: pytest.MonkeyPatch, letters: int
) -> None:
    """What is held is a number of whole entries if each has 64 bytes: the rest must not seem absent."""
    monkeypatch.setattr(folders, "_FOLDERS", replace(folders._FOLDERS, whole=2**12))  # noqa: SLF001 - not of 8 MiB
    files = {f"a{number:0{letters - 1}d}": "" for number in range(100)}
    registry.commit({**files, "dvc.yaml": DVC_YAML}, time=70)
    registry.tag("churn@v4.0.0", time=71)
    registry.tag("churn#prod#5", time=72)
    with GitServer(srv) as server:
        run = action(server, "refs/tags/churn#prod#5")
    assert run.outputs
    assert (run.outputs["version"], run.outputs["path"]) == ("v4.0.0", "models/churn.pkl")


def test_more_folders_and_files_than_are_kept(
    srv: Path, action: Action, registry: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_MOST_KEPT", 1_000)
    assert registry.git("tag")
    with GitServer(srv) as server:
        right(action(server))


def test_more_than_a_run_takes(srv: Path, action: Action, registry: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all that is asked for together: what is asked for by one question is far less."""
    taken = 0

    def take(_: Allowance, size: int) -> None:
        nonlocal taken
        taken += size
        if taken > 1_000:
            raise TooMuchError("The server sends more than 1,000 bytes to one run.")

    monkeypatch.setattr(Allowance, "take", take)
    assert registry.git("tag")
    with GitServer(srv) as server:
        right(action(server))


@pytest.mark.parametrize("whose", ["a tag of another artifact", "a commit of no artifact"])
def test_a_date_of_thousands_of_digits_is_none(srv: Path, action: Action, registry: Repo, whose: str) -> None:
    date = b"A <a@b> " + b"9" * 5_000 + b" +0000"
    if whose == "a tag of another artifact":
        registry.tag("other@v9.0.0", tagger=date)
    else:
        tree = registry.git("rev-parse", "main^{tree}").encode()
        text = b"tree %s\nauthor %s\ncommitter %s\n\n." % (tree, date, date)
        commit = registry.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text)
        registry.git("update-ref", "refs/tags/nightly", commit)
    with GitServer(srv) as server:
        right(action(server))
