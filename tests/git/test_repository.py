"""Real git: what is fetched, and what is read from it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gto_action.errors import GitError, RemoteError
from gto_action.git.location import origin
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.tags import Tags
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import Signature
from gto_action.system.attempts import Pace
from tests.support.git_server import GitServer
from tests.support.repo import Repo


@pytest.fixture
def fetched(repo: Repo) -> Iterator[Callable[[], Tags]]:
    """A scratch repository with the tags of `o/r` as they are when it is called."""
    opened: list[Repository] = []

    def fetch() -> Tags:
        scratch = Repository(Remote(repo.path.as_uri()), log=print).__enter__()
        opened.append(scratch)
        return scratch.fetch()

    yield fetch
    for scratch in opened:
        scratch.__exit__(None, None, None)


def test_records(repo: Repo, fetched: Callable[[], Tags]) -> None:
    commit = repo.commit(time=5)
    repo.tag("churn@v1.0.0", time=10)
    repo.tag("churn#prod#1", tagger="Bob <bob@example.com> 20 +0530", inner_name="other")
    repo.tag("of/a/tag", "churn@v1.0.0", kind="tag", tagger="")
    repo.tag("of-a-tree", "main^{tree}", kind="tree", time=7)
    repo.lightweight("light")
    tree = repo.git("rev-parse", "main^{tree}")
    found = {record.name: record for record in fetched().records}
    assert {name: (r.target, r.target_type, r.annotated, r.inner_name) for name, r in found.items()} == {
        "churn@v1.0.0": (commit, "commit", True, "churn@v1.0.0"),
        "churn#prod#1": (commit, "commit", True, "other"),
        "of/a/tag": (commit, "commit", True, "of/a/tag"),
        "of-a-tree": (tree, "tree", True, "of-a-tree"),
        "light": (commit, "commit", False, ""),
    }
    assert found["churn#prod#1"].signature == Signature("Bob", "bob@example.com", 20, "+0530")
    assert found["of/a/tag"].signature == Signature()
    assert found["light"].signature == Signature("Ada Lovelace", "ada@example.com", 5, "+0000")


def test_no_tags_at_all(repo: Repo, fetched: Callable[[], Tags]) -> None:
    assert list(fetched().records) == []
    repo.commit()
    assert list(fetched().records) == []


def test_tags_without_branches(repo: Repo, fetched: Callable[[], Tags]) -> None:
    commit = repo.commit()
    repo.tag("churn@v1.0.0", commit)
    repo.git("update-ref", "-d", "refs/heads/main")
    assert [record.name for record in fetched().records] == ["churn@v1.0.0"]


def test_sha256(srv: Path) -> None:
    repo = Repo(srv / "o/r", object_format="sha256")
    commit = repo.commit({"a": "text"})
    repo.tag("churn@v1.0.0")
    with Repository(Remote(repo.path.as_uri()), log=print) as scratch:
        tags = scratch.fetch()
        (record,) = tags.records
        assert (record.target, len(commit)) == (commit, 64)
        assert tags.files.read(commit, "a") == b"text"


def test_read_file(repo: Repo, fetched: Callable[[], Tags]) -> None:
    data = bytes(range(256)) * 50
    commit = repo.commit({"a/b c/d": "text\n", "data": data, "empty": "", "\u00e9": "accent"})
    tree = repo.git("ls-tree", commit) + "\n"
    for name, target in {
        "link": "a/b c/d",
        "loop": "loop",
        "gone": "nowhere",
        "out": "../x",
        "abs": "/etc/passwd",
    }.items():
        oid = repo.git("hash-object", "-w", "--stdin", stdin=target.encode())
        tree += f"120000 blob {oid}\t{name}\n"
    tree += f"160000 commit {commit}\tsubmodule\n"
    made = repo.git("mktree", stdin=tree.encode())
    commit = repo.git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit-tree", "-m", "x", made)
    repo.tag("t", commit)
    tags = fetched()
    paths = ["a/b c/d", "data", "empty", "\u00e9", "link"]
    assert [tags.files.read(commit, path) for path in paths] == [b"text\n", data, b"", b"accent", b"text\n"]
    missing = [
        "none",
        "a",
        "a/none",
        "data/x",
        "loop",
        "gone",
        "out",
        "abs",
        "submodule",
        "submodule/x",
        "",
        "x\ny",
        "\0",
    ]
    assert [tags.files.read(commit, path) for path in missing] == [None] * len(missing)


def test_message(repo: Repo, fetched: Callable[[], Tags]) -> None:
    repo.commit(time=5)
    for number, kind in enumerate(("PGP SIGNATURE", "SSH SIGNATURE", "SIGNED MESSAGE", "PGP MESSAGE")):
        repo.tag(f"t{number}", message=f"\n one\n\ntwo \n-----BEGIN {kind}-----\nx\n-----END {kind}-----")
    repo.tag("t4", message="no -----BEGIN PGP SIGNATURE----- of its own")
    repo.tag("t5", message="")
    repo.lightweight("t6")
    tags = fetched()
    messages = [tags.message(record.oid)[0] for record in tags.records]
    assert messages == ["one\n\ntwo"] * 4 + ["no -----BEGIN PGP SIGNATURE----- of its own", "", "."]


def test_a_server_that_refuses_filters(repo: Repo, srv: Path) -> None:
    commit = repo.commit({"a": "text"})
    repo.tag("t")
    repo.git("config", "uploadpack.allowFilter", "false")
    with GitServer(srv) as server, Repository(Remote(f"{server.url}/o/r"), log=print) as scratch:
        tags = scratch.fetch()
        assert tags.files.read(commit, "a") == b"text"


def test_no_place_for_temporary_files(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/proc/none")
    with pytest.raises(GitError, match=r"No temporary folder can be made in '/proc/none/.*Set TMPDIR"):
        Repository(Remote(repo.path.as_uri()), log=print).__enter__()


def test_nothing_is_left_behind(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Repository(Remote(repo.path.as_uri()), log=print) as scratch:
        assert len(list(tmp_path.glob("gto-action-*"))) == 1
        scratch.fetch()
    assert list(tmp_path.glob("gto-action-*")) == []


def test_the_token_is_in_no_argument_and_no_file(
    repo: Repo, srv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git of our own on the PATH writes down how it was called, then calls the real one."""
    calls = tmp_path / "calls"
    real = subprocess.check_output(["which", "git"], text=True).strip()
    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    commit = repo.commit({"a": "text"})
    repo.tag("t")
    with (
        GitServer(srv, token="s3cret") as server,
        Repository(Remote(f"{server.url}/o/r", "s3cret"), log=print) as scratch,
    ):
        tags = scratch.fetch()
        assert tags.files.read(commit, "a") == b"text"
        folder = scratch.new_folder().parent
        written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert "remote-http" in calls.read_text()
    for text in ("s3cret", "czNjcmV0", "eC1hY2Nlc3MtdG9rZW46"):
        assert text not in calls.read_text()
        assert text.encode() not in written


def test_a_remote_that_never_answers(repo: Repo, srv: Path) -> None:
    with GitServer(srv) as server:
        server.stall()
        with (
            Repository(Remote(f"{server.url}/o/r"), log=print, timeout=2) as scratch,
            pytest.raises(RemoteError, match="did not answer within"),
        ):
            scratch.fetch()


def test_a_long_silence_is_broken(repo: Repo, srv: Path) -> None:
    repo.commit()
    log: list[str] = []
    with GitServer(srv) as server:
        server.stall()
        remote, pace = Remote(f"{server.url}/o/r"), Pace(sign=0.1)
        with Repository(remote, log=log.append, timeout=2, pace=pace) as scratch, pytest.raises(RemoteError):
            scratch.fetch()
    assert len(log) >= 2
    assert all(line.startswith("Still fetching after ") for line in log)


@pytest.mark.parametrize("only", ["churn", "models:churn", "a.b/c:churn", "nothing"])
def test_the_tags_of_one_artifact(repo: Repo, srv: Path, only: str) -> None:
    commit = repo.commit({"dvc.yaml": "text"})
    directory, _, name = only.rpartition(":")
    artifact = ArtifactName(name, directory)
    others = ["churn2@v1.0.0", "churn", "x=churn@v1.0.0", "churn-x#prod", "v1.0.0", "Churn@v1.0.0"]
    own = [
        f"{artifact.in_tag}{rest}" for rest in ("@v1.0.0", "@v1.0.0!", "#prod#1", "#a/b", "@deprecated#3", "@created")
    ]
    for tag in (*others, *(own if name == "churn" else [])):
        repo.tag(tag)
    with GitServer(srv) as server, Repository(Remote(f"{server.url}/o/r"), log=print) as scratch:
        tags = scratch.start(own[0], [artifact]).finish()
        assert {record.name for record in tags.records} == set(own if name == "churn" else [])
        assert tags.files.read(commit, "dvc.yaml") == b"text"


def test_files_that_are_expected_come_in_one_fetch(repo: Repo, srv: Path) -> None:
    """Beside the tags: the list of the one tag, the folders of its commit, and the files."""
    files = {"dvc.yaml": "a", ".gto": "b", "params.yaml": "c"}
    commit = repo.commit(files)
    repo.tag("churn@v1.0.0")
    with GitServer(srv) as server, Repository(Remote(f"{server.url}/o/r"), log=print) as scratch:
        tags = scratch.start("churn@v1.0.0").finish()
        tags.files.expect(commit, [*files, "models/dvc.yaml"])
        assert {name: tags.files.read(commit, name) for name in files} == {k: v.encode() for k, v in files.items()}
        assert tags.files.read(commit, "models/dvc.yaml") is None
        assert len(server.requests) == 3 + 4


@pytest.mark.parametrize("guess", ["right", "another", "of the tag object", "none", "no name", "of another length"])
def test_a_commit_that_the_tag_probably_points_to_saves_a_question(repo: Repo, srv: Path, guess: str) -> None:
    other = repo.commit({"dvc.yaml": "before"})
    commit = repo.commit({"dvc.yaml": "a"})
    tag = repo.tag("churn@v1.0.0")
    guesses = {"right": commit, "another": other, "of the tag object": tag, "none": "f" * 40, "no name": "x\n0000"}
    with GitServer(srv) as server, Repository(Remote(f"{server.url}/o/r"), log=print) as scratch:
        tags = scratch.start("churn@v1.0.0", paths=["dvc.yaml"], commit=guesses.get(guess, "f" * 64)).finish()
        tags.files.expect(commit, ["dvc.yaml"])
        assert tags.files.read(commit, "dvc.yaml") == b"a"
        if guess == "right":
            assert len(server.requests) == 3 + 3


def test_a_branch_of_the_same_name_is_not_the_tag(repo: Repo, srv: Path) -> None:
    commit = repo.commit({"dvc.yaml": "of the tag"})
    repo.tag("churn@v1.0.0")
    repo.commit({"dvc.yaml": "of the branch"}, ref="refs/heads/churn@v1.0.0")
    with GitServer(srv) as server, Repository(Remote(f"{server.url}/o/r"), log=print) as scratch:
        tags = scratch.start("churn@v1.0.0").finish()
        tags.files.expect(commit, ["dvc.yaml"])
        assert tags.files.read(commit, "dvc.yaml") == b"of the tag"


def test_a_file_of_another_commit(repo: Repo, srv: Path) -> None:
    first = repo.commit({"dvc.yaml": "first"})
    second = repo.commit({"dvc.yaml": "second"})
    repo.tag("churn@v1.0.0", first)
    repo.tag("churn@v2.0.0", second)
    with GitServer(srv) as server, Repository(Remote(f"{server.url}/o/r"), log=print) as scratch:
        tags = scratch.start("churn@v1.0.0").finish()
        tags.files.expect(first, ["dvc.yaml"])
        assert tags.files.read(second, "dvc.yaml") == b"second"
        assert tags.files.read(first, "dvc.yaml") == b"first"


@pytest.mark.parametrize("cut", [0, 10, 100, 200, 300, 400, 600])
def test_an_answer_that_breaks_off_is_asked_for_again(repo: Repo, srv: Path, cut: int) -> None:
    commit = repo.commit({"a": "text"})
    for number in range(5):
        repo.tag(f"m@v1.0.{number}")
    logged: list[str] = []
    pace = Pace(pause=0.001)
    with GitServer(srv) as server, Repository(Remote(f"{server.url}/o/r"), log=logged.append, pace=pace) as scratch:
        server.cut(cut, times=3)
        tags = scratch.fetch()
        assert len(list(tags.records)) == 5
        server.cut(cut, times=3)
        assert tags.files.read(commit, "a") == b"text"
    assert any("Trying again in 0.0 seconds; 3 more tries" in line for line in logged)


def test_origin(repo: Repo, tmp_path: Path) -> None:
    clone = tmp_path / "a clone%"
    repo.git("clone", "-q", str(repo.path), str(clone))
    set_url = ("-C", str(clone), "remote", "set-url", "origin")
    for url in ("https://git.example.com/o/r", "git@git.example.com:o/r", "ssh://git@git.example.com/o/r"):
        repo.git(*set_url, url)
        assert origin(clone) == url
    for url in ("../srv/o/r", str(repo.path)):
        repo.git(*set_url, url)
        assert origin(clone) == repo.path.as_uri()
    with pytest.raises(GitError, match="no repository with a remote 'origin'"):
        origin(tmp_path)
    assert list(_records(Remote(origin(clone)))) == []


def _records(remote: Remote) -> list[object]:
    with Repository(remote, log=print, own_config=True) as scratch:
        tags = scratch.fetch()
        return list(tags.records)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_the_files_of_a_tag(srv: Path, object_format: str) -> None:
    repo = Repo(srv / "o/r", object_format=object_format)
    repo.commit({"dvc.yaml": "old", "a/b.txt": "b"}, time=5)
    repo.tag("churn@v1.0.0")
    repo.commit({"dvc.yaml": "new"}, ref="refs/heads/churn@v1.0.0")
    with GitServer(srv, token="t") as server, Repository(Remote(f"{server.url}/o/r", "t"), log=print) as scratch:
        tags = scratch.fetch()
        (record,) = tags.records
        folder = scratch.new_folder()
        files = tags.files_of(record)
        listed = list(files.listed())
        assert [entry.path for entry in listed] == ["a/b.txt", "dvc.yaml"]
        files.write([(entry, folder / entry.path) for entry in listed])
        assert (folder / "dvc.yaml").read_text() == "old"
        assert (folder / "a/b.txt").read_text() == "b"
    assert not folder.exists()
