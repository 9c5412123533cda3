"""A registry on a server that demands a token, and the programs that jobs start."""

import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.machine import ROOT
from tests.support.repo import Repo

TOKEN: Final = "s3cret"
_FILES: Final = {
    "dvc.yaml": "artifacts: {churn: {path: models/churn.pkl, type: model, desc: Who will leave?}, old: {path: old.pkl}}"
}


@pytest.fixture
def registry(srv: Path) -> Repo:
    """The repository acme/models: v1.1.0 is in prod, `old` has been unassigned."""
    repo = Repo(srv / "acme/models")
    first = repo.commit(_FILES, time=1000)
    for second, tag in enumerate(("churn@v1.0.0", "churn#prod#1", "old@v1.0.0", "old#prod#1", "Up:it@v2.0.0+cpu")):
        repo.tag(tag.replace(":", "="), first, time=1001 + second)
    second_commit = repo.commit({**_FILES, "a": "2"}, time=2000)
    for second, tag in enumerate(
        ("churn@v1.1.0", "churn#prod#2", "churn#dev", "old#prod!#2", "v1.1.0", "not_gto_#prod")
    ):
        repo.tag(tag, first if tag.startswith("old") else second_commit, time=2001 + second)
    return repo


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the command gto-action of this checkout."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "gto-action"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m gto_action "$@"\n')
    program.chmod(0o755)
    return folder
