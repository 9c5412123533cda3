"""A repository whose artifact `m` may be anything."""

import hashlib
import json
import re
from functools import partial
from pathlib import Path
from typing import Final

from tests.support.action import Run
from tests.support.dvc_repo import DvcRepo
from tests.support.pulls import content

MODEL: Final = b"the model\n"
md5 = partial(hashlib.md5, usedforsecurity=False)
TAG: Final = "m@v1.0.0"


def artifact(repo: DvcRepo, path: str) -> None:
    """The artifact `m` is at this path."""
    repo.write({"dvc.yaml": f"artifacts: {{m: {{path: {json.dumps(path)}}}}}\n"})


def refused(run: Run, workspace: Path, says: str) -> None:
    assert run.code == 1, run.log
    (error,) = run.told("error")
    assert re.search(says, error), error
    assert content(workspace) == {}


def config(repo: DvcRepo, text: str) -> None:
    path = repo.path / ".dvc/config"
    path.write_text(path.read_text() + text)
