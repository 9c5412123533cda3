"""Names that lead elsewhere, and names that no disk has."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.dvc_repo import DvcRepo
from tests.support.hostile_pulls import TAG, artifact, md5, refused
from tests.support.pulls import Pull, content


def tree(repo: DvcRepo, content: dict[str, Any]) -> str:
    """A tree with these names, whatever they are; git makes none of its own that has such ones."""
    data = b""
    for name, each in sorted(content.items()):
        kind, mode = ("tree", b"40000") if isinstance(each, dict) else ("blob", b"100644")
        repo.write({"object": each if kind == "blob" else b""})
        oid = tree(repo, each) if kind == "tree" else repo.run("git", "hash-object", "-w", "object")
        data += mode + b" " + name.encode() + b"\0" + bytes.fromhex(oid)
    repo.write({"object": data})
    return repo.run("git", "hash-object", "-w", "--literally", "-t", "tree", "object")


UP: Final = {"..": {"..": {"..": {"..": {"..": {"..": {"up.dvc": "outs: []\n"}}}}}}}


@pytest.mark.parametrize(
    ("made_by_hand", "name"),
    [
        ({"data": {"..": {"..": {"up.txt": "up"}}}}, "data/../../up.txt"),
        ({"data": {"../../up.txt": "up"}}, "data/../../up.txt"),
        ({"data": {"/up.txt": "up"}}, "data//up.txt"),
        ({"data": {".git": {"config": "[core]\n\tfsmonitor = touch up.txt\n"}}}, "data/.git/config"),
        ({"data": {".GIT": {"config": "[core]\n\tfsmonitor = touch up.txt\n"}}}, "data/.GIT/config"),
        ({**UP, "data": {"one.txt": "one"}}, "../../../../../../up.dvc"),
    ],
    ids=["dots", "slashes", "no name", "git's folder", "git's folder, in capitals", "what DVC reads"],
)
def test_a_tree_that_no_checkout_writes(
    repo: DvcRepo, pull: Pull, workspace: Path, made_by_hand: dict[str, Any], name: str
) -> None:
    artifact(repo, "data")
    files = {"dvc.yaml": (repo.path / "dvc.yaml").read_bytes(), ".dvc": {"config": ""}}
    commit = repo.run("git", "commit-tree", "-m", "evil", tree(repo, {**files, **made_by_hand}))
    repo.run("git", "tag", "-a", TAG, commit, "-m", "evil")
    repo.run("git", "push", "-q", str(repo.origin), "--tags")
    refused(pull(), workspace, f"^The commit {commit[:7]} has {re.escape(repr(name))}, which no checkout may write")
    assert not [*workspace.parent.glob("up.*"), *workspace.glob("**/.[Gg]*/config"), *Path("/").glob("up.*")]


@pytest.mark.parametrize("name", ["../../up.txt", "/up.txt", ".git/config", "a/.Git/hooks/post-checkout"])
def test_a_name_in_a_stage_that_lists_its_files(repo: DvcRepo, pull: Pull, workspace: Path, name: str) -> None:
    artifact(repo, "data")
    repo.write({"one.txt": "one"})
    repo.dvc("add", "one.txt")
    repo.dvc("push")
    listed = json.dumps([{"relpath": name, "md5": md5(b"one").hexdigest(), "size": 3}])
    repo.write({"data.dvc": f"outs: [{{path: data, hash: md5, files: {listed}}}]\n"})
    repo.commit(TAG)
    refused(pull(), workspace, "The data has a file name that leads out of its folder, or into '.git'")
    assert not [*workspace.parent.glob("up.*"), *workspace.rglob("hooks")]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.txt", "a/../../up.txt", "", ".git/config"])
def test_a_name_in_a_folder_that_leads_out_of_it(
    repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path, name: str
) -> None:
    artifact(repo, "data")
    repo.write({"data/one.txt": "one"})
    repo.dvc("add", "data")
    repo.dvc("push")
    listing = json.dumps([{"md5": md5(b"one").hexdigest(), "relpath": name}]).encode()
    oid = md5(listing).hexdigest()
    place = tmp_path / "store/files/md5" / oid[:2] / f"{oid[2:]}.dir"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(listing)
    stage = repo.path / "data.dvc"
    stage.write_text(re.sub(r"[0-9a-f]{32}\.dir", f"{oid}.dir", stage.read_text()))
    repo.commit(TAG)
    assert pull().code == 1
    assert content(workspace) == {}
    assert not (workspace.parent / "up.txt").exists()


def test_a_folder_whose_files_take_long_to_name(repo: DvcRepo, pull: Pull, workspace: Path, tmp_path: Path) -> None:
    artifact(repo, "data")
    repo.write({"one.txt": "one"})
    repo.dvc("add", "one.txt")
    repo.dvc("push")
    folders = "/".join(["\x02" * 240] * 14)  # six characters each in JSON: 140 MB in all, as of a million files
    listed = ["\x01"] * 500  # which are in the output, too
    files = [
        {"md5": md5(b"one").hexdigest(), "relpath": f"{folder}/{number}"}
        for number, folder in enumerate([*listed, *[folders] * 6700])
    ]
    listing = json.dumps(files).encode()
    oid = md5(listing).hexdigest()
    place = tmp_path / "store/files/md5" / oid[:2] / f"{oid[2:]}.dir"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(listing)
    repo.write({"data.dvc": f"outs: [{{path: data, hash: md5, md5: {oid}.dir}}]\n"})
    repo.commit(TAG)
    run = pull()
    assert run.code == 0, run.told("error")
    assert len(content(workspace)) == len(files)


def test_what_is_no_path(repo: DvcRepo, pull: Pull, workspace: Path) -> None:
    artifact(repo, "x\0y")
    repo.commit(TAG)
    run = pull()
    assert run.outputs
    assert (run.outputs["path"], run.outputs["pulled"]) == ("", "false")
    assert content(workspace) == {}


@pytest.mark.parametrize("path", ["a" * 300, f"{'a' * 300}/x", f"{'ä' * 130}/x", "b/" * 2500 + "x"])
def test_a_path_that_no_disk_has(repo: DvcRepo, pull: Pull, workspace: Path, path: str) -> None:
    artifact(repo, path)
    repo.commit(TAG)
    refused(pull(), workspace, r"^The path that begins with '.{100}' is too long\. Shorten it in dvc\.yaml\.$")
