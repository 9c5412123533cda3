"""The artifact itself: what real dvc has pushed somewhere is in the workspace, right, or nothing is."""

import getpass
import hashlib
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.action import Run
from tests.support.dvc_repo import AWS, SSHD, DvcRepo, s3_server, ssh_server
from tests.support.pulls import check_out, content, run_pull

OLD, NEW = os.urandom(100_000), os.urandom(120_000)
DVC_YAML: Final = """\
artifacts:
  churn: {path: models/churn.pkl, type: model}
  folder: {path: data/d}
  part: {path: data/d/s}
  odd: {path: "models/a b é#.pkl"}
  plain: {path: models/readme.md}
  mixed: {path: models}
  gone: {path: models/gone.pkl}
  outside: {path: ../../etc/passwd}
  away: {path: "s3://bucket/model.pkl"}
  absolute: {path: /srv/model.pkl}
  lfs: {path: lfs.bin}
  hook: {path: .GIT/hooks/post-checkout}
  untracked: {path: nested-not/there}
"""
FILES: Final[dict[str, str | bytes]] = {
    "models/churn.pkl": OLD,
    "models/a b é#.pkl": b"odd",
    "models/readme.md": "plain\n",
    "data/d/1.txt": "one\n",
    "data/d/s/2.txt": "two\n",
    "data/d/s/deep/3.txt": "three\n",
    "lfs.bin": f"version https://git-lfs.github.com/spec/v1\noid sha256:{'1' * 64}\nsize 1\n",
    "sub/models/nlp.pkl": b"nested",
    "sub/dvc.yaml": "artifacts: {nlp: {path: models/nlp.pkl}, up: {path: ../models/churn.pkl}}\n",
    "dvc.yaml": DVC_YAML,
}
NAMES: Final = (
    "churn",
    "folder",
    "part",
    "odd",
    "plain",
    "mixed",
    "gone",
    "outside",
    "away",
    "absolute",
    "lfs",
    "hook",
    "untracked",
)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> DvcRepo:
    """A repository with a DVC repository of its own in `sub`, two versions, and a remote in a folder."""
    base = tmp_path_factory.mktemp("dvc")
    repo = DvcRepo(base / "clone", base / "srv/o/r")
    repo.write(FILES)
    for folder in (".", "sub"):
        repo.dvc("init", *(["--subdir"] if folder == "sub" else []), cwd=folder)
        repo.dvc("remote", "add", "--default", "store", str(base / f"store-{folder.strip('.')}"), cwd=folder)
    repo.dvc("add", "models/churn.pkl", "models/a b é#.pkl", "data/d")
    repo.dvc("add", "models/nlp.pkl", cwd="sub")
    repo.dvc("push")
    repo.dvc("push", cwd="sub")
    repo.commit(*(f"{name}@v1.0.0" for name in NAMES), "sub=nlp@v1.0.0", "sub=up@v1.0.0", "none@v1.0.0")
    repo.write({"models/churn.pkl": NEW})
    repo.dvc("add", "models/churn.pkl")
    repo.dvc("push")
    repo.commit("churn@v2.0.0", "churn#prod#1")
    return repo


Pull = Callable[..., Run]


@pytest.fixture
def pull(made: DvcRepo, workspace: Path, tmp_path: Path) -> Pull:
    """The action with `pull: true`, in the workspace."""

    def run(tag: str, repo: DvcRepo = made, **given: str) -> Run:
        return run_pull(repo, tag, workspace, tmp_path / "run", **given)

    return run


def as_bytes(*names: str) -> dict[str, bytes]:
    return {name: data if isinstance(data := FILES[name], bytes) else data.encode() for name in names}


FOLDER: Final = as_bytes("data/d/1.txt", "data/d/s/2.txt", "data/d/s/deep/3.txt")
# the tag, and what is in the workspace then
PULLED: Final = {
    "churn@v1.0.0": {"models/churn.pkl": OLD},
    "churn@v2.0.0": {"models/churn.pkl": NEW},
    "churn#prod#1": {"models/churn.pkl": NEW},
    "folder@v1.0.0": FOLDER,
    "part@v1.0.0": as_bytes("data/d/s/2.txt", "data/d/s/deep/3.txt"),
    "odd@v1.0.0": as_bytes("models/a b é#.pkl"),
    "plain@v1.0.0": as_bytes("models/readme.md"),
    "sub=nlp@v1.0.0": as_bytes("sub/models/nlp.pkl"),
    "sub=up@v1.0.0": as_bytes("models/churn.pkl"),
}
CHECKOUTS: Final = ("none", "the same commit", "another commit")


@pytest.mark.parametrize("checkout", CHECKOUTS)
@pytest.mark.parametrize("tag", PULLED)
def test_pulled(made: DvcRepo, pull: Pull, workspace: Path, tag: str, checkout: str) -> None:
    if checkout != "none":
        other = "churn@v1.0.0" if tag.startswith("churn") and "v1" not in tag else "churn@v2.0.0"
        check_out(made, workspace, tag if checkout == "the same commit" else other)
    before = content(workspace)
    run = pull(tag)
    assert run.code == 0, run.log
    assert content(workspace) == before | PULLED[tag]
    assert run.outputs
    assert run.outputs["pulled"] == "true"
    found = run.document["pull"]
    assert found["path"] == run.outputs["path"]
    assert found["commit"] == run.outputs["sha"]
    assert found["size"] == sum(map(len, PULLED[tag].values()))
    assert found["count"] == len(found["files"]) == len(PULLED[tag])
    if len(PULLED[tag]) == 1 and not tag.startswith("plain"):
        (data,) = PULLED[tag].values()
        assert found["md5"] == found["files"][0]["md5"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
    if tag == "folder@v1.0.0":
        assert found["md5"].endswith(".dir")
        assert [each["path"] for each in found["files"]] == ["1.txt", "s/2.txt", "s/deep/3.txt"]


@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_a_folder_of_both(made: DvcRepo, pull: Pull, workspace: Path, checkout: str) -> None:
    if checkout != "none":
        check_out(made, workspace, "mixed@v1.0.0")
    run = pull("mixed@v1.0.0")
    assert run.code == 0, run.log
    of_git = {"models/.gitignore", "models/a b é#.pkl.dvc", "models/churn.pkl.dvc"}
    expected = as_bytes("models/churn.pkl", "models/a b é#.pkl", "models/readme.md")
    there = {name: data for name, data in content(workspace).items() if name.startswith("models/")}
    assert there.keys() == expected.keys() | of_git
    assert expected.items() <= there.items()


def test_what_was_there_before_is_replaced_as_a_whole(pull: Pull, workspace: Path) -> None:
    (workspace / "data/d").mkdir(parents=True)
    (workspace / "data/d/stale.txt").write_text("stale")
    (workspace / "data/other.txt").write_text("other")
    assert pull("folder@v1.0.0").code == 0
    assert content(workspace) == FOLDER | {"data/other.txt": b"other"}


def test_a_file_in_the_place_of_a_folder_is_replaced(pull: Pull, workspace: Path) -> None:
    (workspace / "data").mkdir()
    (workspace / "data/d").write_text("a file")
    assert pull("folder@v1.0.0").code == 0
    assert content(workspace) == FOLDER


def test_a_version_that_is_asked_for(pull: Pull, workspace: Path) -> None:
    run = pull("", GITHUB_REF="refs/heads/main", INPUT_ARTIFACT="churn@v1.0.0")
    assert run.code == 0, run.log
    assert content(workspace) == {"models/churn.pkl": OLD}


# the tag, and what is said of what is not pulled
NOT_PULLED: Final = {
    "away@v1.0.0": ("notice", "'s3://bucket/model.pkl' is outside of the repository and is not pulled."),
    "absolute@v1.0.0": ("notice", "'/srv/model.pkl' is outside of the repository and is not pulled."),
    "none@v1.0.0": ("warning", "There is nothing to pull: 'path' is empty."),
}


@pytest.mark.parametrize("tag", NOT_PULLED)
def test_not_pulled(pull: Pull, workspace: Path, tag: str) -> None:
    level, text = NOT_PULLED[tag]
    run = pull(tag)
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["pulled"] == "false"
    assert any(text in told for told in run.told(level)), run.log
    uri = run.outputs["path"]
    assert run.document["pull"] == ({"uri": uri} if uri else None)
    assert content(workspace) == {}


def test_what_does_not_match_is_not_pulled(pull: Pull, workspace: Path) -> None:
    run = pull("churn@v1.0.0", INPUT_EVENTS="assignment")
    assert run.outputs
    assert (run.outputs["matched"], run.outputs["pulled"]) == ("false", "false")
    assert content(workspace) == {}


def test_without_the_input_nothing_is_pulled(pull: Pull, workspace: Path) -> None:
    run = pull("churn@v1.0.0", INPUT_PULL="false")
    assert run.outputs
    assert run.outputs["pulled"] == "false"
    assert run.document["pull"] is None
    assert content(workspace) == {}


# the tag, inputs, and what the error says
REFUSED: Final[dict[str, tuple[dict[str, str], str]]] = {
    "gone@v1.0.0": (
        {},
        "'models/gone.pkl' cannot be pulled from the remote 'store' .* There is no such path, for git or for DVC.",
    ),
    "outside@v1.0.0": ({}, "The path '../../etc/passwd' is outside of the repository."),
    "lfs@v1.0.0": ({}, "'lfs.bin' is kept with Git LFS, and its content is not in the workspace."),
    "hook@v1.0.0": ({}, "The path '.GIT/hooks/post-checkout' is git's own."),
    "untracked@v1.0.0": ({}, "There is no such path, for git or for DVC."),
    "churn@v1.0.0": (
        {"INPUT_REMOTE": "no-such"},
        "DVC has no remote of that name. Correct the input 'remote'. It says: store",
    ),
}


@pytest.mark.parametrize("tag", REFUSED)
def test_refused(pull: Pull, workspace: Path, tag: str) -> None:
    given, says = REFUSED[tag]
    failed(pull(tag, **given), workspace, says)


def failed(run: Run, workspace: Path, says: str) -> None:
    """One error that says so, no output, and nothing at the path or beside it."""
    assert run.code == 1, run.log
    (error,) = run.told("error")
    assert re.search(says, error), error
    assert run.outputs is None
    assert content(workspace) == {}
    assert not [each for each in workspace.rglob("*") if each.name.startswith(".gto-action-")]
    assert "Traceback" not in run.log


def test_a_link_that_leads_out_of_the_workspace(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (workspace / "models").symlink_to(tmp_path / "elsewhere")
    failed(pull("churn@v1.0.0"), workspace, "'models/churn.pkl' is outside of the repository")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_of_the_repository_that_leads_out_of_it(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "own", tmp_path / "own-srv/o/r")
    repo.write({"dvc.yaml": "artifacts: {churn: {path: models/secret}}\n"})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").write_text("secret")
    (repo.path / "models").symlink_to(tmp_path / "elsewhere")
    repo.commit("churn@v1.0.0")
    failed(pull("churn@v1.0.0", repo), workspace, "The path 'models/secret' leads out of the repository")
    assert list(workspace.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_what_is_pulled_belongs_to_the_owner_of_the_workspace(
    made: DvcRepo, pull: Pull, workspace: Path, checkout: str
) -> None:
    if checkout != "none":
        check_out(made, workspace, "folder@v1.0.0")
    for each in (workspace, *workspace.rglob("*")):
        os.chown(each, 1001, 1001, follow_symlinks=False)
    run = pull("folder@v1.0.0")
    assert run.code == 0, run.log
    assert [each for each in workspace.rglob("*") if each.stat().st_uid != 1001] == []


@pytest.fixture
def one(tmp_path: Path) -> Callable[..., DvcRepo]:
    """Makes a repository with one file, whose remote is at an address."""

    def make(url: str, *settings: tuple[str, str], push: bool = True, **variables: str) -> DvcRepo:
        repo = DvcRepo(tmp_path / "own", tmp_path / "own-srv/o/r", variables)
        repo.dvc("init")
        repo.write({"dvc.yaml": DVC_YAML, "models/churn.pkl": OLD})
        if url:
            repo.dvc("remote", "add", "--default", "store", url)
        for name, value in settings:
            repo.dvc("remote", "modify", "store", name, value)
        repo.dvc("add", "models/churn.pkl")
        if push:
            repo.dvc("push")
        repo.commit("churn@v1.0.0")
        return repo

    return make


def test_no_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    failed(pull("churn@v1.0.0", one("", push=False)), workspace, "DVC has no remote. Add one with 'dvc remote add'")


def test_no_dvc(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    repo = one("", push=False)
    shutil.rmtree(repo.path / ".dvc")
    repo.commit("churn@v2.0.0")
    failed(pull("churn@v2.0.0", repo), workspace, "No folder around it is a DVC repository")


def test_nobody_has_pushed(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path) -> None:
    repo = one(str(tmp_path / "store"), push=False)
    failed(pull("churn@v1.0.0", repo), workspace, "The remote does not have the data. Run 'dvc push'")


def test_nobody_has_pushed_from_a_checkout(
    pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path
) -> None:
    repo = one(str(tmp_path / "store"), push=False)
    check_out(repo, workspace, "churn@v1.0.0")
    run = pull("churn@v1.0.0", repo)
    assert run.code == 1
    assert "The remote does not have the data" in run.told("error")[0]
    assert not (workspace / "models/churn.pkl").exists()


def test_data_that_was_changed(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path) -> None:
    repo = one(str(tmp_path / "store"))
    (stored,) = (each for each in (tmp_path / "store").rglob("*") if each.is_file())
    stored.chmod(0o644)
    stored.write_bytes(NEW)
    failed(pull("churn@v1.0.0", repo), workspace, "The data is not what DVC has noted|does not have the data")


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_an_http_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path) -> None:
    repo = one(str(tmp_path / "store"))
    with serving(partial(_Silent, directory=str(tmp_path / "store"))) as url:
        repo.dvc("remote", "modify", "store", "url", url)
        repo.commit("churn@v2.0.0")
        run = pull("churn@v2.0.0", repo)
    assert run.code == 0, run.log
    assert content(workspace) == {"models/churn.pkl": OLD}


class _Answers(BaseHTTPRequestHandler):
    status = 200
    seconds = 0.0

    def do_GET(self) -> None:
        time.sleep(self.seconds)
        self.send_error(self.status)

    do_HEAD = do_GET  # noqa: N815 - its name for the standard library

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "seconds", "says"),
    [
        (401, 0.0, "The remote refuses the credentials"),
        (403, 0.0, "The remote refuses the credentials"),
        (404, 0.0, "The remote does not have the data"),
        (200, 60.0, "The remote did not answer in time"),
    ],
)
def test_an_http_remote_that_fails(
    pull: Pull, one: Callable[..., DvcRepo], workspace: Path, status: int, seconds: float, says: str
) -> None:
    handler = type("_Own", (_Answers,), {"status": status, "seconds": seconds})
    with serving(handler) as url:
        repo = one(f"{url.replace('://', '://user:hidden@')}", push=False)
        run = pull("churn@v1.0.0", repo, **{"INPUT_PULL-TIMEOUT": "15"})
    failed(run, workspace, says)
    assert "hidden" not in run.log


def test_a_closed_port(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    with serving(_Answers) as url:
        pass
    run = pull("churn@v1.0.0", one(url, push=False), **{"INPUT_PULL-TIMEOUT": "60"})
    failed(run, workspace, "The remote cannot be reached")


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    with s3_server("bucket") as url:
        yield url


def test_an_s3_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, s3: str) -> None:
    repo = one("s3://bucket/models", ("endpointurl", s3), **AWS)
    run = pull("churn@v1.0.0", repo, **AWS)
    assert run.code == 0, run.log
    assert content(workspace) == {"models/churn.pkl": OLD}
    assert run.document["pull"]["remote"] == "store"
    assert AWS["AWS_SECRET_ACCESS_KEY"] not in run.log


def test_an_s3_remote_without_credentials(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, s3: str) -> None:
    repo = one("s3://bucket/models", ("endpointurl", s3), **AWS)
    run = pull("churn@v1.0.0", repo, AWS_EC2_METADATA_DISABLED="true", AWS_DEFAULT_REGION="us-east-1")
    failed(
        run,
        workspace,
        r"cannot be pulled from the remote 'store' \(s3://bucket/models\) at commit .* There are no credentials",
    )


def test_a_bucket_that_is_not_there(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, s3: str) -> None:
    repo = one("s3://no-such-bucket/models", ("endpointurl", s3), push=False, **AWS)
    failed(pull("churn@v1.0.0", repo, **AWS), workspace, "The remote does not have the data")


@pytest.mark.parametrize("key", ["the right key", "another key"])
def test_an_ssh_remote(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path, key: str) -> None:
    if not SSHD:
        reason = "there is no sshd (Debian's package `openssh-server`)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(f"pull over SSH: {reason}")
    repo = one(str(tmp_path / "store"))
    with ssh_server(tmp_path / "ssh") as (port, user):
        keyfile = user if key == "the right key" else tmp_path / "ssh/host"
        url = f"ssh://{getpass.getuser()}@127.0.0.1:{port}{tmp_path}/store"
        for name, value in {"url": url, "keyfile": str(keyfile), "allow_agent": "false"}.items():
            repo.dvc("remote", "modify", "store", name, value)
        repo.commit("churn@v2.0.0")
        run = pull("churn@v2.0.0", repo)
    if key == "the right key":
        assert run.code == 0, run.log
        assert content(workspace) == {"models/churn.pkl": OLD}
    else:
        failed(run, workspace, "The remote refuses the credentials")


def test_a_full_disk(pull: Pull, tmp_path: Path, made: DvcRepo) -> None:
    full = tmp_path / "workspace"
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(full)], check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.fail("cannot mount") if os.environ.get("CI") else pytest.skip("a full disk: cannot mount one here")
    try:
        failed(pull("churn@v1.0.0"), full, "The disk is full|cannot be written: No space left on device")
    finally:
        subprocess.run(["umount", "-l", str(full)], check=True)


@pytest.mark.parametrize("option", ["configpath", "credentialpath"])
@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_no_program_of_the_repository_is_run(
    pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path, s3: str, option: str, checkout: str
) -> None:
    repo = one("s3://bucket/models", ("endpointurl", s3), **AWS)
    repo.write({"aws.cfg": f"[default]\ncredential_process = touch {tmp_path}/touched\n"})
    repo.dvc("remote", "modify", "store", option, "aws.cfg")
    repo.commit("churn@v2.0.0")
    if checkout != "none":
        check_out(repo, workspace, "churn@v2.0.0")
    run = pull("churn@v2.0.0", repo)
    assert run.code == 1
    assert "an option by which the repository could run programs" in run.told("error")[0]
    assert not (tmp_path / "touched").exists()


def test_dvc_that_cannot_be_installed(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    dead = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    cache = tmp_path / "cache"
    run = pull("churn@v1.0.0", XDG_CACHE_HOME=str(cache), PIP_RETRIES="0", **dead)
    failed(run, workspace, "DVC cannot be installed. The runner must reach a package index")
    assert list((cache / "gto-action").iterdir()) == []


def test_a_scheme_that_nobody_knows(pull: Pull, one: Callable[..., DvcRepo], workspace: Path) -> None:
    repo = one("hdfs://example.invalid/x", push=False)
    failed(pull("churn@v1.0.0", repo), workspace, "hdfs")


@pytest.mark.parametrize("checkout", CHECKOUTS[:2])
def test_an_import(pull: Pull, one: Callable[..., DvcRepo], workspace: Path, tmp_path: Path, checkout: str) -> None:
    source = DvcRepo(tmp_path / "source", tmp_path / "source-srv/o/source")
    source.dvc("init")
    source.dvc("remote", "add", "--default", "store", str(tmp_path / "source-store"))
    source.write({"data/model.bin": NEW})
    source.dvc("add", "data/model.bin")
    source.dvc("push")
    source.commit()
    repo = one(str(tmp_path / "store"))
    (repo.path / "models/churn.pkl").unlink()
    (repo.path / "models/churn.pkl.dvc").unlink()
    repo.dvc("import", str(source.origin), "data/model.bin", "-o", "models/churn.pkl")
    repo.commit("churn@v2.0.0")
    if checkout != "none":
        check_out(repo, workspace, "churn@v2.0.0")
    run = pull("churn@v2.0.0", repo)
    assert run.code == 0, run.log
    assert content(workspace)["models/churn.pkl"] == NEW


def test_large_folders_are_listed_in_part(pull: Pull, workspace: Path, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "own", tmp_path / "own-srv/o/r")
    repo.dvc("init")
    repo.write({"dvc.yaml": DVC_YAML, **{f"data/d/{number:04}": str(number) for number in range(1_000)}})
    repo.dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    repo.dvc("add", "data/d")
    repo.dvc("push")
    repo.commit("folder@v1.0.0")
    found: dict[str, Any] = pull("folder@v1.0.0", repo).document["pull"]
    assert (found["count"], len(found["files"])) == (1_000, 500)
    assert len(content(workspace)) == 1_000
    shutil.rmtree(workspace / "data")
