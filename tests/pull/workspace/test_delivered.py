"""Whatever the workspace holds, `pull` delivers the commit's data, and changes nothing else."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.delivered import COMMITS, FOLDER, IN_GIT, MODEL, RNG, delivered, refused
from tests.support.naive_pull import FILE, LINK, Commit, md5
from tests.support.pulls import Pull, content
from tests.support.repo import Repo
from tests.support.workspaces import STATES


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
    refused(pull(), r"'.dvcignore' hides a file that DVC needs to find the data, .* Details: w.bin.dvc")


GITS: Final = {
    "in a folder": Commit("m", dvc={"m": {".git/config": MODEL}}),
    "deep": Commit("m", dvc={"m/d": {"a/.GIT/hooks/post-checkout": MODEL}}),
}


@pytest.mark.parametrize("name", GITS)
def test_no_repository_is_made(made: Callable[[Commit], Repo], pull: Pull, workspace: Path, name: str) -> None:
    made(GITS[name])
    refused(pull(), "a file name that leads out of its folder, or into '.git'")
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
    refused(pull(), "and refuses to continue. .* Details: Path 'm/k.tmp' is ignored by .dvcignore:1")


def test_a_file_that_git_and_dvc_have(made: Callable[[Commit], Repo], pull: Pull, workspace: Path) -> None:
    made(Commit("m", git={"m/k.bin": (FILE, b"of git")}, dvc={"m/k.bin": MODEL}))
    refused(pull(), "Git and DVC both track a file in it. .* Details: k.bin")
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
