"""The two ways in which a remote is asked: by the wire, or by clones where that cannot be."""

import sys
from typing import Final

import pytest

from gto_action.git import repository
from gto_action.git.protocol.faults import CannotError
from tests.support.action import ENTRYPOINT, ROOT

WAYS: Final = ("wire", "clone")


def ask_by(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks remotes that way alone."""

    def cannot(*_: object) -> None:
        raise CannotError("This test asks by clones.")

    if way == "clone":
        monkeypatch.setattr(repository, "start_helper", cannot)


def command_by(way: str) -> list[str]:
    """The action as a process of its own that asks remotes that way alone."""
    if way == "wire":
        return [sys.executable, str(ENTRYPOINT)]
    alone = (
        "import runpy, sys; sys.path.insert(0, {root!r}); from gto_action.git import repository as r; "
        "from gto_action.git.protocol.faults import CannotError\n"
        "def cannot(*_): raise CannotError('')\n"
        "r.start_helper = cannot; runpy.run_path({door!r}, run_name='__main__')"
    )
    return [sys.executable, "-c", alone.format(root=str(ROOT), door=str(ENTRYPOINT))]
