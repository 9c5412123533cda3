"""Commits that `pull` is asked for, and what it must deliver of them."""

import random
import re
from pathlib import Path
from typing import Any, Final

from tests.support.action import Run
from tests.support.naive_pull import FILE, LINK, PROGRAM, Commit, found_at

MODEL: Final = b"the model\n"
FOLDER: Final = {"readme": b"read me\n", "vocab.tmp": b"words\n"}
IN_GIT: Final = {f"m/{name}": (FILE, data) for name, data in FOLDER.items()}
RNG: Final = random.Random(1)


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
