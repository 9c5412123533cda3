"""What git and DVC have of the artifacts that are pulled, and what a run that fails leaves."""

import os
import re
from pathlib import Path
from typing import Final

from tests.support.action import Run
from tests.support.pulls import content

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


def as_bytes(*names: str) -> dict[str, bytes]:
    return {name: data if isinstance(data := FILES[name], bytes) else data.encode() for name in names}


FOLDER: Final = as_bytes("data/d/1.txt", "data/d/s/2.txt", "data/d/s/deep/3.txt")

CHECKOUTS: Final = ("none", "the same commit", "another commit")


def failed(run: Run, workspace: Path, says: str) -> None:
    """One error that says so, no output, and nothing at the path or beside it."""
    assert run.code == 1, run.log
    (error,) = run.told("error")
    assert re.search(says, error), error
    assert run.outputs is None
    assert content(workspace) == {}
    assert not [each for each in workspace.rglob("*") if each.name.startswith(".gto-action-")]
    assert "Traceback" not in run.log
