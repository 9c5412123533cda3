"""Whatever the workspace holds, `pull` delivers the commit's data, and changes nothing else."""

import base64
import functools
import http.server
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import workspaces
from tests.support.action import ROOT, Run
from tests.support.naive_pull import FILE, LINK, PROGRAM, TAG, Commit, found_at, listing, md5, pointer
from tests.support.pulls import content, pull_environ, run_pull_at
from tests.support.repo import Repo
from tests.support.workspaces import OTHER, STATES, git

MODEL: Final = b"the model\n"
FOLDER: Final = {"readme": b"read me\n", "vocab.tmp": b"words\n"}
IN_GIT: Final = {f"m/{name}": (FILE, data) for name, data in FOLDER.items()}
RNG: Final = random.Random(1)

Pull = Callable[..., Run]


@pytest.fixture
def pull(tmp_path: Path, workspace: Path) -> Pull:
    def run(**given: str) -> Run:
        found = run_pull_at(tmp_path / "srv/o/r", TAG, workspace, tmp_path / "run", **given)
        assert "Traceback" not in found.log
        assert not list(workspace.rglob(".gto-action-*"))
        return found

    return run


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Commit], Repo]:
    """Makes a commit in `o/r`, whose remote is `store`."""

    def make(commit: Commit) -> Repo:
        repo = Repo(tmp_path / "srv/o/r")
        commit.make(repo, tmp_path / "store")
        return repo

    return make


def delivered(run: Run, workspace: Path, commit: Commit) -> dict[str, Any]:
    """It was, and is what the commit has; gives what the document says of it."""
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["pulled"] == "true"
    expected = commit.expected()
    assert found_at(workspace / commit.path) == expected
    found: dict[str, Any] = run.document["pull"]
    assert found["count"] == len(expected)
    return found


def refused(run: Run, says: str) -> None:
    assert run.code == 1, run.log
    (error,) = run.told("error")
    assert re.search(says, error), error
    assert run.outputs is None


MIXED: Final = Commit(
    "m",
    git=IN_GIT | {"m/run.sh": (PROGRAM, b"#!/bin/sh\n"), "m/link": (LINK, b"readme"), "other.txt": (FILE, b"other")},
    dvc={"m/w.bin": MODEL, "m/a/k.bin": b"k", "m/d": {"one": b"1", "s/two": b"2"}},
)
COMMITS: Final = {
    "a file of DVC's": Commit("m.bin", dvc={"m.bin": MODEL}),
    "a folder of DVC's": Commit("m", dvc={"m": FOLDER}),
    "a folder of git's, without DVC": Commit("m", git=IN_GIT, roots=()),
    "a folder of git's, with DVC": Commit("m", git=IN_GIT, dvc={"data": MODEL}),
    "a folder of both": MIXED,
    "what .dvcignore names": Commit("m", git=IN_GIT, dvc={"m/k.bin": MODEL}, ignored=["*.tmp", "readme"]),
    "what .dvcignore names, without DVC": Commit("m", git=IN_GIT, ignored=["*.tmp"], roots=()),
    "of DVC before 3.0": Commit("m", dvc={"m": {"a": b"one\r\ntwo\r\n", "b": b"\0\r\n"}}, legacy={"m"}),
    "a file of DVC's that can be run": Commit("m.sh", dvc={"m.sh": b"#!/bin/sh\n"}, programs={"m.sh"}),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", COMMITS)
def test_every_commit_in_every_workspace(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, name: str, state: str
) -> None:
    commit = COMMITS[name]
    STATES[state](workspace, commit, made(commit).path, random.Random(name))
    delivered(pull(), workspace, commit)
    assert not (workspace.parent / "ran").exists()


@pytest.mark.parametrize("path", ["m/d", "m"])
def test_an_empty_folder(made: Callable[[Commit], Repo], pull: Pull, workspace: Path, path: str) -> None:
    made(Commit(path, dvc={"m/d": {}}))
    assert pull().code == 0
    assert list((workspace / "m/d").iterdir()) == []


@pytest.mark.parametrize("state", ["none", "clean"])
def test_data_that_dvcignore_hides_from_dvc(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, state: str
) -> None:
    commit = Commit("m", git=IN_GIT, dvc={"m/w.bin": MODEL}, ignored=["w.bin.dvc"])
    STATES[state](workspace, commit, made(commit).path, RNG)
    refused(pull(), r"A file in '.dvcignore' hides from DVC where data of it is, .* It says: w.bin.dvc")


GITS: Final = {
    "in a folder": Commit("m", dvc={"m": {".git/config": MODEL}}),
    "deep": Commit("m", dvc={"m/d": {"a/.GIT/hooks/post-checkout": MODEL}}),
}


@pytest.mark.parametrize("name", GITS)
def test_no_repository_is_made(made: Callable[[Commit], Repo], pull: Pull, workspace: Path, name: str) -> None:
    made(GITS[name])
    refused(pull(), "a name that leads out of its folder, or is git's own")
    assert list(workspace.iterdir()) == []


def test_names_that_are_not_utf_8(made: Callable[[Commit], Repo], pull: Pull, workspace: Path) -> None:
    commit = Commit("m", git={"m/\udcff\udcfe.txt": (FILE, b"x"), "m/a b\t'.txt": (FILE, b"y")}, dvc={"m/d": FOLDER})
    made(commit)
    found = delivered(pull(), workspace, commit)
    assert "\ufffd\ufffd.txt" in {each["path"] for each in found["files"]}


def test_what_would_fill_the_memory(made: Callable[[Commit], Repo], pull: Pull, workspace: Path) -> None:
    made(Commit("m", git={"m/readme": (FILE, b""), "code/x.dvc": (FILE, b"#" * 9_000_000)}, dvc={"data": MODEL}))
    refused(pull(), "'code/x.dvc' has more than 8,000,000 bytes")
    made(Commit("m", git={"m/readme": (FILE, b""), "m/l": (LINK, b"a/../" * 2_000_000)}))
    refused(pull(), "The link 'm/l' leads out of 'm'")


def test_data_where_dvc_must_not_look(made: Callable[[Commit], Repo], pull: Pull, workspace: Path) -> None:
    made(Commit("m", git=IN_GIT, dvc={"m/k.tmp": MODEL}, ignored=["*.tmp"]))
    refused(pull(), "and does nothing then. .* It says: Path 'm/k.tmp' is ignored by .dvcignore:1")


def test_a_file_that_git_and_dvc_have(made: Callable[[Commit], Repo], pull: Pull, workspace: Path) -> None:
    made(Commit("m", git={"m/k.bin": (FILE, b"of git")}, dvc={"m/k.bin": MODEL}))
    refused(pull(), "Git and DVC both have a file of it. .* It says: k.bin")
    assert content(workspace) == {}


def test_values_of_a_dvc_yaml_that_are_in_other_files(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path
) -> None:
    stages = b"vars: [conf/names.json]\nstages: {t: {cmd: x, outs: ['${out}']}}\nartifacts: {m: {path: m.bin}}\n"
    lock = f"schema: '2.0'\nstages: {{t: {{cmd: x, outs: [{{path: m.bin, hash: md5, md5: {md5(MODEL)}}}]}}}}\n"
    own = {
        "dvc.yaml": stages,
        "dvc.lock": lock.encode(),
        "conf/names.json": b'{"out": "m.bin"}',
        "params.yaml": b"a: 1",
    }
    commit = Commit("m.bin", git={name: (FILE, text) for name, text in own.items()}, dvc={"unused": MODEL})
    made(commit)
    assert pull().code == 0
    assert (workspace / "m.bin").read_bytes() == MODEL


# Git LFS


def checked_out_with_lfs(workspace: Path, origin: Path, contents: Path) -> None:
    """What `lfs: true` leaves: a filter whose program there is no more, and files in the second of the index."""
    git(workspace, "init", "-q")
    smudge = workspace.parent / "git-lfs"
    smudge.write_text(f"#!/bin/sh\nread _; read _ oid; cat {contents}/${{oid#sha256:}}\n")
    smudge.chmod(0o755)
    for name in ("clean", "smudge"):
        git(workspace, "config", f"filter.lfs.{name}", f"{smudge} {name}")
    git(workspace, "config", "filter.lfs.required", "true")
    git(workspace, "fetch", "-q", origin.as_uri(), f"refs/tags/{TAG}")
    git(workspace, "checkout", "-q", "FETCH_HEAD")
    smudge.unlink()


@pytest.mark.parametrize("path", ["m.onnx", "m"])
def test_the_advice_for_git_lfs_helps(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, path: str
) -> None:
    name = "m.onnx" if path == "m.onnx" else "m/a.onnx"
    attributes = {".gitattributes": (FILE, b"*.onnx filter=lfs diff=lfs merge=lfs -text\n")}
    commit = Commit(path, git=attributes | {"other": (FILE, b"")}, lfs={name: MODEL}, roots=())
    repo = made(commit)
    refused(pull(), f"'{name}' is kept with Git LFS.* in a step before, with actions/checkout and 'lfs: true'")
    assert list(workspace.iterdir()) == []
    workspaces.clean(workspace, commit, repo.path, RNG)
    refused(pull(), f"'{name}' is kept with Git LFS")
    assert (workspace / name).read_bytes() == pointer(MODEL)
    shutil.rmtree(workspace)
    workspace.mkdir()
    (tmp_path / "contents").mkdir()
    (tmp_path / "contents" / re.findall(rb"sha256:(\w+)", pointer(MODEL))[0].decode()).write_bytes(MODEL)
    checked_out_with_lfs(workspace, repo.path, tmp_path / "contents")
    assert (workspace / name).read_bytes() == MODEL
    assert pull().code == 0
    assert (workspace / name).read_bytes() == MODEL
    (workspace / name).write_bytes(MODEL[::-1])
    refused(pull(), f"'{name}' is kept with Git LFS")
    assert (workspace / name).read_bytes() == MODEL[::-1]


# The DVC cache in the workspace


@pytest.mark.parametrize("name", ["a file of DVC's", "a folder of DVC's", "a folder of both", "of DVC before 3.0"])
@pytest.mark.parametrize("cache", [".dvc/cache", "own/cache"])
def test_what_is_in_the_cache_is_not_downloaded(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, name: str, cache: str
) -> None:
    commit = COMMITS[name]
    workspaces.clean(workspace, commit, made(commit).path, RNG)
    if cache != ".dvc/cache":
        (workspace / ".dvc/config.local").write_text(f"[cache]\n    dir = ../{cache}\n")
    shutil.copytree(tmp_path / "store", workspace / cache)
    shutil.rmtree(tmp_path / "store")
    assert delivered(pull(), workspace, commit)["remote"] == "store"


LIES: Final[dict[str, Callable[[Path, bytes], object]]] = {
    "of another": lambda place, _: place.write_bytes(OTHER),
    "cut off": lambda place, data: place.write_bytes(data[:-1]),
    "a link": lambda place, _: place.symlink_to("/proc/self/environ"),
    "a pipe": lambda place, _: os.mkfifo(place),
    "a folder": lambda place, _: place.mkdir(),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", ["a file of DVC's", "a folder of DVC's"])
def test_a_cache_that_lies(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, name: str, lie: str
) -> None:
    commit = COMMITS[name]
    workspaces.clean(workspace, commit, made(commit).path, RNG)
    for oid, data in commit.objects().items():
        place = workspace / ".dvc/cache" / oid
        place.parent.mkdir(parents=True, exist_ok=True)
        LIES[lie](place, data)
    delivered(pull(), workspace, commit)
    shutil.rmtree(tmp_path / "store")
    before = content(workspace)
    refused(pull(), "The remote does not have the data")
    assert content(workspace) == before


def test_a_list_in_the_remote_that_lies(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path
) -> None:
    commit = COMMITS["a folder of DVC's"]
    made(commit)
    (listed,) = (tmp_path / "store").rglob("*.dir")
    listed.write_bytes(listing({"readme": FOLDER["readme"]}))
    refused(pull(), "The data is not what DVC has noted")
    assert content(workspace) == {}


# The user's own configuration of DVC


class _WithPassword(http.server.SimpleHTTPRequestHandler):
    wanted = "Basic " + base64.b64encode(b"ada:of-the-tests").decode()

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == self.wanted:
            super().do_GET()
        else:
            self.send_error(HTTPStatus.UNAUTHORIZED)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def http_store(folder: Path) -> Iterator[str]:
    handler = functools.partial(_WithPassword, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("state", ["none", "clean", "other_commit", "sparse"])
def test_the_users_own_configuration(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, state: str
) -> None:
    commit = COMMITS["a folder of DVC's"]
    STATES[state](workspace, commit, made(commit).path, RNG)
    (workspace / ".dvc").mkdir(exist_ok=True)
    with http_store(tmp_path / "store") as url:
        own = f"['remote \"store\"']\n    url = {url}\n"
        (workspace / ".dvc/config.local").write_text(own)
        refused(pull(), "The remote refuses the credentials")
        (workspace / ".dvc/config.local").write_text(
            f"{own}    auth = basic\n    user = ada\n    password = of-the-tests\n"
        )
        delivered(pull(), workspace, commit)
        moved = (workspace / ".dvc/config.local").rename(workspace / "elsewhere")
        (workspace / ".dvc/config.local").symlink_to(moved)
        (tmp_path / "store").rename(tmp_path / "moved")
        refused(pull(), "The remote does not have the data")  # as the commit's configuration says


@pytest.mark.parametrize("option", ["configpath = aws.cfg", "credentialpath = {0}/aws.cfg", "bearer_token_command = x"])
def test_no_program_is_run_for_the_users_configuration(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, option: str
) -> None:
    commit = COMMITS["a file of DVC's"]
    workspaces.clean(workspace, commit, made(commit).path, RNG)
    scheme = "webdav://127.0.0.1:9/x" if "bearer" in option else "s3://bucket/x"
    (workspace / ".dvc/config.local").write_text(
        f"['remote \"store\"']\n    url = {scheme}\n    {option.format(workspace)}\n"
    )
    refused(pull(), "an option by which the repository could run programs")


def test_dvc_sees_what_it_needs(made: Callable[[Commit], Repo], pull: Pull, tmp_path: Path) -> None:
    made(COMMITS["a file of DVC's"])
    cache = tmp_path / "cache"
    (tried,) = re.findall(r"(\S*/dvc-\w+)", pull(XDG_CACHE_HOME=str(cache), **{"INPUT_PULL-TIMEOUT": "1"}).log)[:1]
    python = Path(tried) / "bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\n")
    python.chmod(0o755)
    secrets = {
        "INPUT_TOKEN": "x",
        "ACTIONS_RUNTIME_TOKEN": "x",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x",
        "SLACK_TOKEN": "x",
        "LANGCHAIN_API_KEY": "x",
        "HOMEBREW_GITHUB_API_TOKEN": "x",
    }
    needed = {
        "AWS_ACCESS_KEY_ID": "y",
        "GOOGLE_APPLICATION_CREDENTIALS": "y",
        "AZURE_CLIENT_ID": "y",
        "SSH_AUTH_SOCK": "y",
    }
    refused(pull(XDG_CACHE_HOME=str(cache), GITHUB_TOKEN="x", **secrets, **needed), "DVC failed")
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    assert needed.items() <= seen.items()
    assert "x" not in seen.values()


# Signals


def started(workspace: Path, tmp_path: Path, **given: str) -> "subprocess.Popen[bytes]":
    """The action, while it waits for a remote that does not answer."""
    environ = pull_environ(tmp_path / "srv/o/r", TAG) | given
    environ |= {"GITHUB_OUTPUT": str(tmp_path / "output"), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [str(ROOT / ".venv/bin/python"), str(ROOT / "entrypoint.py")]
    return subprocess.Popen(command, cwd=workspace, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def workers() -> dict[int, int]:
    """The DVC workers that run, each with the process that has started it."""
    found = subprocess.run(["ps", "-wweo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = (line.split(maxsplit=2) for line in found.splitlines() if "gto_action/pull/worker.py" in line)
    return {int(pid): int(parent) for pid, parent, _ in lines}


class _Silent(http.server.BaseHTTPRequestHandler):
    asked = threading.Event()

    def do_GET(self) -> None:
        self.asked.set()
        time.sleep(60)

    do_HEAD = do_GET  # noqa: N815 - its name for the standard library


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nothing(
    made: Callable[[Commit], Repo], pull: Pull, workspace: Path, tmp_path: Path, number: int
) -> None:
    commit = COMMITS["a folder of DVC's"]
    workspaces.clean(workspace, commit, made(commit).path, RNG)
    (workspace / "m").mkdir()
    (workspace / "m/old").write_bytes(OTHER)
    before = content(workspace)
    _Silent.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own = workspace / ".dvc/config.local"
        own.write_text(f"['remote \"store\"']\n    url = http://127.0.0.1:{server.server_address[1]}\n")
        (listed,) = (tmp_path / "store").rglob("*.dir")
        (workspace / ".dvc/cache/files/md5" / listed.parent.name).mkdir(parents=True)
        shutil.copy(listed, workspace / ".dvc/cache/files/md5" / listed.parent.name)
        run = started(workspace, tmp_path)
        assert _Silent.asked.wait(120)
        (worker,) = (pid for pid, parent in workers().items() if parent == run.pid)
        run.send_signal(number)
        run.wait(30)
        for _ in range(100):
            if worker not in workers():
                break
            time.sleep(0.1)
        assert worker not in workers()
        server.shutdown()
    left = list(workspace.glob(".gto-action-*"))
    assert len(left) == (1 if number == signal.SIGKILL else 0)
    assert {name: data for name, data in content(workspace).items() if not name.startswith(".gto-action-")} == before
    own.unlink()
    delivered(pull(), workspace, commit)  # and `pull` looks for what is left
