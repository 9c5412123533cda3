"""What a sink is given."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way: the same at each attempt."""

    id: str
    word: str
    """What happened: the kind of the event, `moved` or `deleted`."""
    sequence: int
    body: str
    """The CloudEvent."""

    @property
    def document(self) -> dict[str, Any]:
        """The `json` document in it."""
        document: dict[str, Any] = json.loads(self.body)["data"]
        return document
