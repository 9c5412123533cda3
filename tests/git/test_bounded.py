"""Whatever the other side sends: no process of a run takes more than 300 MB, and what is too large is told.

`make test-deep` sends objects of 1,000 MB and a million tags; `make test` what is just beyond the limits.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from gto_action.git import cloned_files, program
from gto_action.git.wire import folders
from gto_action.yaml12 import parser as yaml12
from tests.support.action import ENTRYPOINT, Action, Run
from tests.support.git_server import GitServer
from tests.support.huge import add_huge, commit_huge, tag_huge
from tests.support.peak import Peak, watched
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs
from tests.support.ways import WAYS, command_by
from tests.support.wire_faults import ENDLESS, SQUEEZED

MOST: Final = 300
"""Megabytes."""
DEEP: Final = bool(os.environ.get("GTO_ACTION_BOUNDED_DEEP"))
HUGE: Final = 1000 if DEEP else 97  # git is told to ask for 96 MB at most
LARGE: Final = 1000 if DEEP else 2  # a file of more than 1 MB is not read
TAG: Final = "churn#prod#1"
FILES: Final[dict[str, str | bytes]] = {"dvc.yaml": "artifacts: {churn: {path: 'models/churn'}}\n"}


@pytest.fixture(params=WAYS)
def action(tmp_path: Path, request: pytest.FixtureRequest) -> Action:
    """The action as a process of its own, which takes as long as it takes, and at most so much memory."""

    def run(server: GitServer, **given: str) -> Run:
        output = tmp_path / "output"
        output.write_bytes(b"")
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{TAG}"}
        environ |= {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), "INPUT_TIMEOUT": "600", **given}
        with watched() as peak:
            done = subprocess.run(
                command_by(request.param), env=environ, cwd=tmp_path, capture_output=True, text=True, check=False
            )
        assert peak.of
        assert peak.megabytes < MOST, peak.of
        log = done.stdout + done.stderr
        assert "Traceback" not in log, log
        written = output.read_bytes()
        return Run(done.returncode, log, parse_outputs(written) if written else None, "")

    return run


@pytest.fixture
def registry(repo: Repo) -> Repo:
    repo.commit(FILES, time=1)
    repo.tag("churn@v1.0.0", time=2)
    return repo


def test_the_memory_of_a_process_is_seen() -> None:
    with watched() as peak:
        subprocess.run([sys.executable, "-c", "import time; x = b'x' * 100_000_000; time.sleep(0.5)"], check=True)
    assert 100 < peak.megabytes < 150
    assert Peak().megabytes == 0


@pytest.mark.parametrize("header", [False, True], ids=["message", "header"])
def test_a_huge_tag_of_another_artifact_is_left_out(registry: Repo, srv: Path, action: Action, header: bool) -> None:
    tag_huge(registry, "other@v1.0.0", HUGE, header=header)
    registry.tag(TAG, time=3)
    with GitServer(srv) as server:
        run = action(server)
    assert run.code == 0, run.log
    assert run.outputs
    assert (run.outputs["version"], run.outputs["path"]) == ("v1.0.0", "models/churn")
    (warning,) = run.told("warning")
    assert f"sends {HUGE * 2**20 // 10**6:,}"[:8] in warning
    assert "Only the artifact's own tags were read" in warning
    assert "refs/tags" in warning


@pytest.mark.parametrize("header", [False, True], ids=["message", "header"])
def test_a_huge_tag_of_the_artifact_is_an_error(registry: Repo, srv: Path, action: Action, header: bool) -> None:
    tag_huge(registry, TAG, HUGE, header=header)
    with GitServer(srv) as server:
        run = action(server)
    assert (run.code, run.outputs) == (1, None), run.log
    assert f"sends {HUGE * 2**20 // 10**6:,}"[:8] in run.told("error")[0]


def test_strict(registry: Repo, srv: Path, action: Action) -> None:
    tag_huge(registry, "other@v1.0.0", HUGE)
    registry.tag(TAG, time=3)
    with GitServer(srv) as server:
        run = action(server, INPUT_STRICT="true")
    assert (run.code, run.outputs) == (1, None), run.log


def test_a_large_message_is_cut(registry: Repo, srv: Path, action: Action) -> None:
    tag_huge(registry, TAG, 20)
    with GitServer(srv) as server:
        run = action(server)
    assert run.code == 0, run.log
    assert run.outputs
    assert len(json.loads(run.outputs["json"])["message"]) == 65536
    assert f"The message of the tag {TAG!r} is 20,971,520 bytes long" in run.told("warning")[0]


def test_a_large_header_of_a_tag_says_what_its_beginning_says(registry: Repo, srv: Path, action: Action) -> None:
    tag_huge(registry, "churn@v2.0.0", 20, time=7, header=True)
    registry.tag(TAG, time=8)
    with GitServer(srv) as server:
        run = action(server)
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["latest-version"] == "v2.0.0"


@pytest.mark.parametrize("path", ["dvc.yaml", "params.yaml", ".gto"])
def test_a_huge_file_is_not_read(registry: Repo, srv: Path, action: Action, path: str) -> None:
    if path == "params.yaml":
        registry.commit({"dvc.yaml": "artifacts: {churn: {path: '${path}'}}\n"}, time=3)
    commit_huge(registry, path, LARGE, time=4)
    registry.tag("churn@v2.0.0", time=5)
    registry.tag(TAG, time=6)
    with GitServer(srv) as server:
        run = action(server)
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["version"] == "v2.0.0"
    assert run.outputs["path"] == ("models/churn" if path == ".gto" else "")
    assert f"The file {path!r} has {LARGE * 2**20 + 8:,} bytes" in run.log
    assert any(f"{path!r} " in each and "is larger than 1,048,576 bytes" in each for each in run.told("warning"))


def test_a_tag_of_a_huge_file_is_only_named(registry: Repo, srv: Path, action: Action) -> None:
    registry.git("update-ref", "refs/tags/churn@v3.0.0", add_huge(registry, "blob", b"", HUGE))
    registry.tag(TAG, time=3)
    with GitServer(srv) as server:
        run = action(server)
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["latest-version"] == "v1.0.0"


@pytest.mark.parametrize(
    ("name", "squeezed"), [*((name, False) for name in ENDLESS), *((name, True) for name in SQUEEZED)]
)
def test_an_answer_without_end(registry: Repo, srv: Path, action: Action, name: str, squeezed: bool) -> None:
    registry.tag(TAG, time=3)
    fault = ENDLESS[name]
    fault.squeezed = squeezed
    with GitServer(srv) as server:
        server.fault(fault)
        run = action(server, INPUT_TIMEOUT="15" if DEEP else "4", INPUT_SHOW="false", INPUT_HISTORY="false")
    assert (run.code, run.outputs) == (1, None), run.log
    assert len(run.told("error")) == 1
    assert len(run.told("error")[0]) < 2000


@pytest.mark.parametrize("name", ["capabilities", "refs of the old protocol", "answers before the answer"])
def test_an_answer_without_end_to_fetch_tags(registry: Repo, srv: Path, tmp_path: Path, name: str) -> None:
    registry.tag(TAG, time=3)
    fault = ENDLESS[name]
    fault.squeezed = not fault.bare
    folder, output = tmp_path / "workspace", tmp_path / "output"
    output.touch()
    with GitServer(srv) as server:
        subprocess.run(["git", "clone", "-q", "--no-tags", f"{server.url}/o/r", str(folder)], check=True)
        server.fault(fault)
        environ = {"GITHUB_SERVER_URL": server.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": "refs/heads/main"}
        environ |= {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), "INPUT_TIMEOUT": "20"}
        environ["INPUT_FETCH-TAGS"] = "true"
        command = [sys.executable, str(ENTRYPOINT)]
        with watched() as peak:
            done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("::error ")) == (1, 1), done.stdout
    assert "Traceback" not in done.stdout
    assert peak.of
    assert peak.megabytes < 2**31 / 10**6, peak.of


def test_a_million_tags(srv: Path, action: Action, registry: Repo) -> None:
    registry.tag(TAG, time=3)
    registry.git("pack-refs", "--all")
    packed = registry.path / "packed-refs"
    head, *lines = packed.read_text().splitlines()
    commit = registry.git("rev-parse", "main")
    count = 1_000_000 if DEEP else 50_000
    more = [f"{commit} refs/tags/model-{number:07}@v1.0.0" for number in range(count)]
    tags = iter([line for line in lines if not line.startswith("^")] + more)
    peeled = {line[41:]: after for line, after in pairwise(lines) if after.startswith("^")}
    rows = sorted(tags, key=lambda line: line[41:])
    packed.write_text("".join(f"{each}\n" for row in [head, *rows] for each in (row, peeled.get(row[41:])) if each))
    with GitServer(srv) as server:
        run = action(server, INPUT_SHOW="false", INPUT_HISTORY="false")
        assert run.code == 0, run.log
        assert run.outputs
        assert run.outputs["version"] == "v1.0.0"
        server.speaks_v2 = False  # a server that sends all of them, whatever is asked for
        run = action(server, INPUT_SHOW="false", INPUT_HISTORY="false")
    assert run.code == int(DEEP), run.log


def test_what_is_read_is_what_is_parsed() -> None:
    assert cloned_files._MOST == folders._MOST == yaml12.MAX_BYTES + 1  # noqa: SLF001
    assert program.LITTLE < MOST * 10**6
