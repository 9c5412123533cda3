"""Whether a GTO tag counts, and if not, why."""

import enum

from gto_action.gto.record import TagRecord


class Ignored(enum.Enum):
    """Why a GTO tag does not count."""

    NOT_ON_COMMIT = enum.auto()
    """It points to a tree or a blob."""
    LIGHTWEIGHT = enum.auto()
    """GTO only knows annotated tags (R8), and lightweight ones are not accepted."""


def why_ignored(record: TagRecord, *, accept_lightweight: bool = False) -> Ignored | None:
    """Why a tag with a GTO name does not count; None if it does."""
    if record.target_type != "commit":
        return Ignored.NOT_ON_COMMIT
    return None if record.annotated or accept_lightweight else Ignored.LIGHTWEIGHT
