"""The id of an event: the same whoever finds it, by a hook, a poll, on any replica, or once more."""

import base64
import hashlib
from typing import Final

from gto_action.service.rules.ref_changes import Change

_LENGTH: Final = 26


def event_id(repository: str, change: Change) -> str:
    """The id of what happened to a tag.

    >>> from gto_action.gto.tag import parse_tag
    >>> from gto_action.service.rules.ref_changes import Action
    >>> event_id("models", Change(parse_tag("churn#prod#1"), Action.CREATED, "8a1eb65", 1))
    'gto_lcvlopscqbnwek34lfh2t2hdwy'

    Args:
        repository: its name in the configuration, which is why that must never change.
        change: what happened.
    """
    said = "\0".join((repository, str(change.tag), str(change.generation), change.oid, change.action.value))
    digest = hashlib.sha256(said.encode("utf-8", "surrogateescape")).digest()
    return f"gto_{base64.b32encode(digest).decode().lower()[:_LENGTH]}"
