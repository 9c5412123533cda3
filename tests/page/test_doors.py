"""The command and the action as they are run, as processes of their own: what ends them, and what they leave."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from gto_action.page.mark import MARK
from tests.support.action import ENTRYPOINT
from tests.support.git_server import GitServer
from tests.support.pages import ROOT
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs
from tests.support.sites import contents, states
from tests.support.small_disk import small_disk

DOORS: Final = ("command", "action")
PAGES: Final = 60
"""The artifacts of a registry whose site takes a while."""


@dataclass(frozen=True, slots=True)
class Door:
    """One of the two ways to make a site, in `workspace/site`."""

    kind: str
    repo: str
    """The address of the repository's server, without the repository, which is `o/r`."""
    workspace: Path

    @property
    def out(self) -> Path:
        return self.workspace / "site"

    @property
    def outputs(self) -> dict[str, str] | None:
        """What the action has written; None for nothing."""
        written = (self.workspace.parent / "output").read_bytes()
        return parse_outputs(written) if written else None

    def start(self, *more: str) -> "subprocess.Popen[str]":
        output = self.workspace.parent / "output"
        output.write_bytes(b"")
        coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.workspace.parent / "home"), **coverage}
        if self.kind == "command":
            command = [sys.executable, "-m", "gto_action", "page", "--repo", f"{self.repo}/o/r", "--out", "site", *more]
            environ |= {"PYTHONPATH": str(ROOT)}
        else:
            command = [sys.executable, str(ENTRYPOINT), "page"]
            environ |= {
                "GITHUB_OUTPUT": str(output),
                "GITHUB_SERVER_URL": self.repo,
                "GITHUB_REPOSITORY": "o/r",
                "INPUT_OUT": "site",
            }
        return subprocess.Popen(
            command, cwd=self.workspace, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, *more: str) -> tuple[int, str]:
        """Runs it to its end; gives its exit code and what it said."""
        process = self.start(*more)
        said = process.communicate(timeout=120)[0]
        assert "Traceback" not in said, said
        return process.returncode, said


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, srv: Path, workspace: Path) -> Door:
    return Door(request.param, srv.as_uri(), workspace)


@pytest.fixture
def many(repo: Repo) -> Repo:
    """A registry whose site takes a while."""
    commit = repo.commit(time=1)
    stream = [
        f"tag m{number}{what}\nfrom {commit}\ntagger A <a@b> {1000 + number} +0000\ndata 1\nm\n"
        for number in range(PAGES)
        for what in ("@v1.0.0", "#dev#1", "#prod#2")
    ]
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())
    return repo


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_site_is_made_and_made_again(door: Door, registry: Repo) -> None:
    code, said = door.run()
    assert code == 0, said
    assert "The site is in 'site': 4 artifacts, 13 events, no problems; " in said
    before = states(door.out)
    code, said = door.run()
    assert (code, "; 0 of " in said) == (0, True), said
    assert states(door.out) == before
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    code, said = door.run()
    assert (code, "14 events" in said) == (0, True), said
    assert json.loads((door.out / "api/artifacts/data/stages/prod.json").read_bytes())["version"] == "v1.0.0"
    assert beside(door.workspace) == ["site"]


def test_the_outputs_of_the_action(registry: Repo, srv: Path, workspace: Path) -> None:
    door = Door("action", srv.as_uri(), workspace)
    assert (door.run()[0], door.outputs) == (0, {"path": "site", "changed": "true", "problems": "0"})
    assert (door.run()[0], door.outputs) == (0, {"path": "site", "changed": "false", "problems": "0"})
    registry.lightweight("data@v2.0.0", "data@v1.0.0^{commit}")
    assert (door.run()[0], door.outputs) == (0, {"path": "site", "changed": "true", "problems": "1"})


def test_a_foreign_folder_is_left_alone(door: Door, registry: Repo) -> None:
    door.out.mkdir()
    (door.out / "thesis.tex").write_text("years")
    code, said = door.run()
    assert code == 1, said
    assert "'site' holds 'thesis.tex', which is not of a site that gto-action has made." in said
    assert "Name a folder that is new or empty, or remove what is in it." in said
    assert (door.outputs, beside(door.out)) == (None, ["thesis.tex"])


def test_without_a_server_the_old_site_stays(door: Door, registry: Repo) -> None:
    assert door.run()[0] == 0
    before = contents(door.out)
    shutil.move(registry.path, registry.path.with_name("moved"))
    code, said = door.run()
    assert (code, "was not found" in said) == (1, True), said
    assert contents(door.out) == before
    assert beside(door.workspace) == ["site"]


@pytest.mark.parametrize(
    ("number", "old"),
    [(signal.SIGTERM, True), (signal.SIGINT, False), (signal.SIGKILL, True)],
    ids=["SIGTERM over a site", "SIGINT in a new folder", "SIGKILL over a site"],
)
def test_ended_in_the_middle(door: Door, many: Repo, number: signal.Signals, old: bool) -> None:
    """Half of the new site is written: the old one is there, whole, and the next run makes the new one."""
    if old:
        assert door.run()[0] == 0
        commit = many.git("rev-parse", "main")
        stream = [f"tag m{each}#dev#9\nfrom {commit}\ntagger A <a@b> 5000 +0000\ndata 1\nm\n" for each in range(PAGES)]
        many.git("fast-import", "--quiet", stdin="".join(stream).encode())
    before = contents(door.out) if old else {}
    for _ in range(20):  # it may have been too quick for us
        process = door.start()
        half: list[Path] = []
        while process.poll() is None and len(half) < 5:
            half = [*door.workspace.glob(".gto-action-site-*/new/artifacts/*")]
        process.send_signal(number)
        said = process.communicate(timeout=60)[0]
        if process.returncode:
            break
        shutil.rmtree(door.out)
    assert process.returncode == (-number if number is signal.SIGKILL else 128 + number), said
    assert "Traceback" not in said
    assert (contents(door.out) if door.out.exists() else {}) == before
    left = beside(door.workspace)
    if number is signal.SIGKILL:
        assert [name for name in left if name != "site"], "nothing is removed when it is killed"
    else:
        assert left == (["site"] if old else [])
    assert door.outputs is None
    code, said = door.run()
    assert code == 0, said
    assert beside(door.workspace) == ["site"]
    assert set(json.loads((door.out / MARK).read_bytes())["files"]) == {*contents(door.out)} - {MARK}
    assert json.loads((door.out / "api/registry.json").read_bytes())["artifacts"].keys() == {
        f"m{each}" for each in range(PAGES)
    }


def test_ended_while_the_server_says_nothing(door: Door, srv: Path, registry: Repo) -> None:
    with GitServer(srv) as server:
        server.stall()
        process = Door(door.kind, server.url, door.workspace).start()
        while not server.requests and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[0]
    assert (process.returncode, beside(door.workspace)) == (128 + signal.SIGTERM, []), said


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, "600k"):
        yield disk


@pytest.mark.parametrize("kind", DOORS)
def test_a_disk_that_fills_up(kind: str, srv: Path, disk: Path, many: Repo) -> None:
    (disk / "workspace").mkdir()
    door = Door(kind, srv.as_uri(), disk / "workspace")
    code, said = door.run()
    assert code == 1, said
    assert "The site cannot be written at 'site': No space left on device. Make room for it" in said
    assert (beside(door.workspace), door.outputs) == ([], None)
    gone = [
        f"delete refs/tags/m{each}{what}\n" for each in range(8, PAGES) for what in ("@v1.0.0", "#dev#1", "#prod#2")
    ]
    many.git("update-ref", "--stdin", stdin="".join(gone).encode())  # now there is room
    assert door.run()[0] == 0
    before = contents(door.out)
    (disk / "ballast").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 8_000))
    many.tag("m0@v2.0.0")
    code, said = door.run()
    assert (code, contents(door.out)) == (1, before), said
    (disk / "ballast").unlink()
    assert door.run()[0] == 0
    assert json.loads((door.out / "api/artifacts/m0/latest.json").read_bytes())["version"] == "v2.0.0"


def test_several_at_once(srv: Path, workspace: Path, many: Repo) -> None:
    """Into one folder: each waits for the others, and the site is that of the last."""
    doors = [Door(kind, srv.as_uri(), workspace) for kind in (*DOORS, *DOORS)]
    processes = [door.start() for door in doors]
    ended = [(process.communicate(timeout=120)[0], process.returncode) for process in processes]
    assert [code for _, code in ended] == [0] * 4, ended
    assert beside(workspace) == ["site"]
    assert set(json.loads((workspace / "site" / MARK).read_bytes())["files"]) == {*contents(workspace / "site")} - {
        MARK
    }
