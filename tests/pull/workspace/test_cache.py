"""The DVC cache in the workspace, and a remote, that may lie."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support import workspaces
from tests.support.delivered import COMMITS, FOLDER, RNG, delivered, refused
from tests.support.naive_pull import Commit, listing
from tests.support.pulls import Pull, content
from tests.support.repo import Repo
from tests.support.workspaces import OTHER


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
    refused(pull(), "The data does not match the checksum that DVC recorded")
    assert content(workspace) == {}
