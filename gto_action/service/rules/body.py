"""What a sink gets: a CloudEvent (1.0, structured JSON) whose data is the `json` document."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from gto_action.service.rules.ref_changes import Action, Change

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
_TYPE: Final = "io.github.gto-action.{}.v1"
# CloudEvents 1.0.2, "Type System": a text has no control characters.
_odd: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a change."""

    id: str
    change: Change
    sequence: int
    """Which event of its artifact this is, from 1 without gaps."""
    source: str
    """The repository's address."""
    time: str
    """When it happened, as RFC 3339; empty if nobody knows."""
    document: Mapping[str, Any]


def body_of(told: Told) -> str:
    """The body, which is kept, so that every attempt sends the same bytes."""
    change = told.change
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": told.id,
        "source": quote(told.source, safe=":/?#[]@!$&'()*+,;=%~"),
        "type": _TYPE.format(change.word),
        "subject": _odd.sub("", str(change.tag.artifact)),
        **({"time": told.time} if told.time else {}),
        "datacontenttype": "application/json",
        "sequence": f"{told.sequence:010d}",  # the extension "Sequence": a text that sorts
        "tag": str(change.tag),
        **({"movedfrom": change.before} if change.action is Action.MOVED else {}),
        "data": told.document,
    }
    # ASCII: what YAML can spell and UTF-8 cannot stays an escape
    return json.dumps(event, ensure_ascii=True, separators=(",", ":"))
