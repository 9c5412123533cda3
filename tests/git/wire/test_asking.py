"""What the wire brings is what a clone brings, whatever a repository holds and however it is reached."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gto_action.errors import GitError
from gto_action.git.protocol.faults import CannotError
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.wire.reading import list_tags, read_tags, read_target
from gto_action.gto.names import ArtifactName
from tests.support.asked import ask, asking, read_files
from tests.support.certificates import Authority
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.ways import ask_by
from tests.support.wire import DVC_YAML, TAG, TOKEN


def _plain(repo: Repo) -> None:
    for number in range(20):
        repo.commit({"dvc.yaml": f"{number}\n"}, time=number)
        repo.tag(f"churn@v1.0.{number}", time=number, message=f"Version {number}\n\nMore of it\n")


def _odd(repo: Repo) -> None:
    commit = repo.commit({"dvc.yaml": DVC_YAML, "models/x": "y"}, time=7)
    repo.lightweight("light")
    repo.git("update-ref", "refs/tags/folder", repo.git("rev-parse", "main^{tree}"))
    repo.git("update-ref", "refs/tags/file", repo.git("rev-parse", "main:dvc.yaml"))
    repo.tag("of-a-folder", "main^{tree}", kind="tree")
    repo.tag("of-a-file", "main:dvc.yaml", kind="blob")
    repo.tag("t1", commit)
    repo.tag("t2", "t1", kind="tag")
    repo.tag("t3", "t2", kind="tag")
    repo.tag("of-a-folder-in-the-end", "of-a-folder", kind="tag")
    repo.tag("no-tagger", tagger="")
    repo.tag("no-name", tagger="<a@example.com> 5 +0000")
    repo.tag("no-time", tagger="A <a@example.com>")
    repo.tag("latin", tagger=b"\xc9 <a@example.com> 5 +0000", message=b"\xe9\n")
    repo.tag("another-name", inner_name="x@v1.0.0")
    repo.tag("é/ü@v1.0.0#4")
    repo.tag("no-message", message="")
    repo.tag("signed", message="m\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n")
    repo.git("update-ref", "refs/heads/other", commit)
    repo.git("update-ref", "refs/notes/commits", commit)


def _many_at_one_commit(repo: Repo) -> None:
    repo.commit(time=7)
    for number in range(50):
        repo.tag(f"m{number}@v1.0.0")


def _in_one_pack(repo: Repo) -> None:
    _plain(repo)
    repo.git("repack", "-adfq", "--depth=50", "--window=100")
    repo.git("pack-refs", "--all")


def _no_tags(repo: Repo) -> None:
    repo.commit()


KINDS: dict[str, Callable[[Repo], None]] = {
    "plain": _plain,
    "odd": _odd,
    "many at one commit": _many_at_one_commit,
    "in one pack": _in_one_pack,
    "without a commit": lambda _: None,
    "without tags": _no_tags,
}


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("over", ["http", "file"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_records_are_those_of_a_clone(
    srv: Path, kind: str, over: str, object_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_by("clone", monkeypatch)
    repo = Repo(srv / "o/r", object_format=object_format)
    KINDS[kind](repo)
    with GitServer(srv, token=TOKEN) as server:
        url = _url(over, server, repo)
        remote = Remote(url, token=TOKEN)
        with Repository(remote, log=lambda _: None) as repository, asking(url) as asked:
            expected = repository.fetch()
            found = asked.ask(read_tags)
            assert found.records == expected.records
            for record in expected.records[:: 1 if kind == "odd" else 7]:
                if record.annotated:
                    assert found.message(record.oid) == expected.message(record.oid)
        assert found.message("1" * (40 if object_format == "sha1" else 64)) == ("", 0)


def _url(over: str, server: GitServer, repo: Repo) -> str:
    return f"{server.url}/o/r" if over == "http" else repo.path.as_uri()


@pytest.fixture
def served(registry: Repo) -> str:
    return registry.path.as_uri()


def test_one_artifact(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_by("clone", monkeypatch)
    with asking(served) as asked:
        found = asked.ask(lambda connection: read_tags(connection, ("refs/tags/churn@", "refs/tags/churn#")))
        with Repository(Remote(served), log=lambda _: None) as repository:
            assert found.records == repository.start(only=[ArtifactName("churn")]).finish().records
        assert [record.name for record in found.records] == ["churn#prod#4", "churn@v3.1.0"]
        assert asked.ask(lambda connection: read_tags(connection, ("refs/tags/no@",))).records == []


@pytest.mark.parametrize("over", ["http", "file"])
@pytest.mark.parametrize(("most", "listed", "more"), [(0, 0, True), (10, 0, True), (31, 0, True), (32, 32, False), (33, 32, False)])  # fmt: skip
def test_a_list_is_cut_off(srv: Path, registry: Repo, over: str, most: int, listed: int, more: bool) -> None:
    with GitServer(srv, token=TOKEN) as server, asking(_url(over, server, registry)) as asked:
        found = asked.ask(lambda connection: list_tags(connection, most))
        assert (len(found.refs), found.more) == (listed, more)
        tags = asked.ask(
            lambda connection: read_tags(connection, ["refs/tags/churn@"])
        )  # by another helper, if need be
        assert [record.name for record in tags.records] == ["churn@v3.1.0"]


def test_all_of_it_in_few_requests(srv: Path, registry: Repo) -> None:
    with GitServer(srv, token=TOKEN) as server:
        found = ask(server)
        asked = [request.path.partition("/o/r/")[2] for request in server.requests]
        assert asked == ["info/refs?service=git-upload-pack", *["git-upload-pack"] * 5]
        assert {request.tokens for request in server.requests} == {(TOKEN,)}
    assert found.target == registry.git("rev-parse", f"{TAG}^{{commit}}")
    assert {path: file.text for path, file in found.files.items()} == {
        "dvc.yaml": DVC_YAML.encode(),
        ".gto": b"stages: [prod]\n",
    }


def test_over_tls(srv: Path, registry: Repo, tls: Authority) -> None:
    with GitServer(srv, token=TOKEN, tls=tls.server()) as server:
        assert ask(server).target == registry.git("rev-parse", "main")


@pytest.mark.parametrize("mount", ["/git", "/a/b"])
def test_below_a_path(srv: Path, registry: Repo, mount: str) -> None:
    with GitServer(srv, token=TOKEN, mount=mount) as server:
        assert ask(server).target == registry.git("rev-parse", "main")


PLACES: dict[str, Callable[[Path], str]] = {
    "an address": lambda path: path.as_uri(),
    "an address with a host": lambda path: f"file://localhost{path}",
    "a path": str,
    "its .git": lambda path: f"{path}/.git",
    "bytes that are escaped": lambda path: path.as_uri().replace("r", "%72"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["r", "r é 'x' $y", "-r", "a=b#c"])
def test_in_place(tmp_path: Path, registry: Repo, name: str, place: str) -> None:
    path = tmp_path / name
    if place == "its .git":
        registry.git("clone", "-q", str(registry.path), str(path))
    else:
        shutil.copytree(registry.path, path)
    with asking(PLACES[place](path)) as asked:
        assert asked.ask(lambda connection: read_target(connection, TAG)) == registry.git("rev-parse", "main")


def test_nothing_is_written_in_place(tmp_path: Path, registry: Repo, served: str) -> None:
    shutil.copytree(registry.path, tmp_path / "before")
    ask(served)
    before = {path.relative_to(tmp_path / "before"): path.read_bytes() for path in (tmp_path / "before").rglob("*") if path.is_file()}  # fmt: skip
    after = {path.relative_to(registry.path): path.read_bytes() for path in registry.path.rglob("*") if path.is_file()}
    assert after == before


def test_no_program_of_a_repository_runs(tmp_path: Path, registry: Repo, served: str) -> None:
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\ntouch {tmp_path / "has-run"}\nexec "$@"\n')
    program.chmod(0o755)
    registry.git("config", "uploadpack.packObjectsHook", str(program))
    registry.git("config", "core.fsmonitor", str(program))
    assert ask(served).records
    assert not (tmp_path / "has-run").exists()


def test_the_configuration_around_the_scratch_folder_does_not_count(
    srv: Path, registry: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where TMPDIR is in a workspace, whose checkout has put a header of its own in its configuration."""
    around = tmp_path / "workspace"
    registry.git("init", "-q", str(around))
    registry.git("-C", str(around), "config", "http.extraHeader", "AUTHORIZATION: basic x")
    monkeypatch.setattr("tempfile.tempdir", str(around))
    with GitServer(srv, token=TOKEN) as server:
        assert ask(server).records


FILES = {
    "none": {},
    "a link": {"dvc.yaml": "../models/dvc.yaml"},
    "a link with a dot": {"dvc.yaml": "./models/dvc.yaml"},
    "a folder that is a link with a dot": {"dvc": "./models/.", "one": "dvc/./dvc.yaml"},
    "a dot that leads nowhere": {"dvc.yaml": "./nothing", "one": "./dvc.yaml/x"},
    "a circle of dots": {"dvc.yaml": "./one", "one": "././dvc.yaml"},
    "a dot that leads out": {"dvc.yaml": "./../x"},
    "a link to a link": {"dvc.yaml": "one", "one": "two", "two": "models/dvc.yaml"},
    "a folder that is a link": {"dvc": "models"},
    "a link that leads out": {"dvc.yaml": "../../x"},
    "a circle": {"dvc.yaml": "dvc.yaml"},
}
PATHS = ("dvc.yaml", "models/dvc.yaml", "dvc/dvc.yaml", "one", "models", "nothing", "", "a/b", "\udcff")


@pytest.mark.parametrize("what", FILES)
def test_the_files_are_those_of_a_clone(repo: Repo, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_by("clone", monkeypatch)
    lines = ["commit refs/heads/main\ncommitter A <a> 1 +0000\ndata 1\n.\nM 100644 inline models/dvc.yaml\ndata 2\nm\n"]
    lines += [f"\nM 120000 inline {path}\ndata {len(text)}\n{text}" for path, text in FILES[what].items()]
    repo.git("fast-import", "--quiet", stdin="".join(lines).encode())
    repo.tag(TAG)
    url = repo.path.as_uri()
    with Repository(Remote(url), log=lambda _: None) as repository, asking(url) as asked:
        tags = repository.fetch()
        commit = tags.records[0].target
        expected = {path: tags.files.read(commit, path) for path in PATHS}
        found = asked.ask(lambda connection: read_files(connection, commit, PATHS))
    assert {path: file.text for path, file in found.items()} == {path: text for path, text in expected.items() if text}


@pytest.mark.parametrize("name", ["churn#prod#", "churn", "churn#prod#40", "x" * 5_000, "", "a\nb", "a\0b"])
def test_a_tag_that_is_not_there(served: str, name: str) -> None:
    with asking(served) as asked:
        assert asked.ask(lambda connection: read_target(connection, name)) == ""


@pytest.mark.parametrize("what", ["main^{tree}", "main:dvc.yaml"])
def test_what_is_no_commit_has_no_files(registry: Repo, served: str, what: str) -> None:
    oid = registry.git("rev-parse", what)
    with asking(served) as asked:
        assert asked.ask(lambda connection: read_files(connection, oid, ["dvc.yaml"])) == {}


def test_of_a_large_file_the_beginning_comes(repo: Repo) -> None:
    repo.commit({"dvc.yaml": b"x" * (2**23 + 5), "other": os.urandom(2**20)})
    with asking(repo.path.as_uri()) as asked:
        commit = repo.git("rev-parse", "main")
        found = asked.ask(lambda connection: read_files(connection, commit, ["dvc.yaml", "other"]))
    assert (found["dvc.yaml"].size, found["dvc.yaml"].text) == (2**23 + 5, b"x" * (2**20 + 1))
    assert found["other"].size == len(found["other"].text) == 2**20


ELSEWHERE = ["git@127.0.0.1:o/r", "ssh://git@127.0.0.1/o/r", "git://127.0.0.1/o/r", "o/r", "ftp://127.0.0.1/o/r"]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_an_address_that_only_a_clone_can_ask(url: str) -> None:
    with pytest.raises(CannotError, match="neither over HTTP nor in place"), asking(url):
        raise AssertionError


@pytest.mark.parametrize(("configured", "can"), [("", True), ('[url "file:///x"]\n\tinsteadOf = y\n', False), ("[broken", False)])  # fmt: skip
def test_a_user_with_a_configuration(served: str, configured: str, can: bool) -> None:
    Path("~/.gitconfig").expanduser().write_text(configured)
    if can:
        with asking(served, own_config=True) as asked:
            assert asked.ask(read_tags).records
    else:
        with pytest.raises(CannotError, match="another address"), asking(served, own_config=True):
            raise AssertionError


def test_a_folder_that_is_not_there(srv: Path) -> None:
    log: list[str] = []
    with pytest.raises(GitError, match="was not found"):
        ask((srv / "o/none").as_uri(), log)
    assert log == []
