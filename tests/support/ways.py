"""The two ways in which a remote is asked: by the wire, or by clones where that cannot be."""

import sys
from pathlib import Path
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


def command_by(way: str, traces: Path | None = None) -> list[str]:
    """The action as a process of its own that asks remotes that way alone.

    Args:
        way: one of WAYS.
        traces: where each git leaves a file (GIT_TRACE2_EVENT), which it is kept from otherwise.
    """
    if way == "wire" and traces is None:
        return [sys.executable, str(ENTRYPOINT)]
    program = [f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r})"]
    if way == "clone":
        program.append("from gto_action.git import repository")
        program.append("from gto_action.git.protocol.faults import CannotError")
        program.append("def cannot(*_): raise CannotError('')")
        program.append("repository.start_helper = cannot")
    if traces:
        program.append("from gto_action.git import program; inherited = program.inherited")
        program.append(f"program.inherited = lambda: {{**inherited(), 'GIT_TRACE2_EVENT': {str(traces)!r}}}")
    program.append(f"runpy.run_path({str(ENTRYPOINT)!r}, run_name='__main__')")
    return [sys.executable, "-c", "\n".join(program)]
