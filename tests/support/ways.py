"""The two ways in which a remote is asked: by the wire, or by clones where that cannot be."""

from typing import Final

import pytest

from gto_action.git import repository
from gto_action.git.protocol.faults import CannotError

WAYS: Final = ("wire", "clone")


def ask_by(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks remotes that way alone."""

    def cannot(*_: object) -> None:
        raise CannotError("This test asks by clones.")

    if way == "clone":
        monkeypatch.setattr(repository, "WireFetching", cannot)
