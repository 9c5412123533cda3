"""The place itself: what was there, or what is new, and never nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gto_action.errors import PullError
from gto_action.pull.placement import whole
from tests.support.action import ROOT
from tests.support.pulls import content

_SIGNALLED = """
import os, signal, sys
from pathlib import Path
from gto_action.pull.placement import whole
from gto_action.system.cancellation import cancellable

place = Path(sys.argv[1])
rename = Path.rename

def renamed(self, target):
    found = rename(self, target)
    os.kill(os.getpid(), signal.SIGTERM)
    return found

Path.rename = renamed
with cancellable(), whole(place, place.parent) as new:
    new.write_text("new")
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_signal_between_two_renames_loses_nothing(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "data"
    if kind == "folder":
        place.mkdir()
        (place / "old.txt").write_text("old")
    else:
        place.write_text("old")
    process = subprocess.run([sys.executable, "-c", _SIGNALLED, place], cwd=ROOT, check=False)
    assert process.returncode == 128 + signal.SIGTERM
    assert place.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_a_folder_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / ".gto-action-cache").mkdir()
    (tmp_path / ".gto-action-cache/wheel").write_text("theirs")
    killed = tmp_path / ".gto-action-1a2b3c4d"
    (killed / "old").mkdir(parents=True)
    with whole(tmp_path / "x", tmp_path) as new:
        new.write_text("x")
    assert content(tmp_path) == {".gto-action-cache/wheel": b"theirs", "x": b"x"}
    assert not killed.exists()


def test_what_was_there_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "data"
    place.write_text("old")
    rename = Path.rename

    def renamed(self: Path, target: Path) -> Path:
        if target == place and self.parent.name != "old":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(PullError, match="No space left"), whole(place, tmp_path) as new:
        new.write_text("new")
    assert place.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["data"]
