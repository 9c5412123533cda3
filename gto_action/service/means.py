"""What the service works with, whatever it does."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from gto_action.service.config.secrets import Vault
from gto_action.service.config.settings import Settings
from gto_action.service.log import Log
from gto_action.service.metrics import Metrics
from gto_action.service.state.database import Database, DatabaseError

_Value = TypeVar("_Value")
_TRIES: Final = 60
"""How often a database that fails is asked again, once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What it works with."""

    settings: Settings
    database: Database
    vault: Vault
    variables: Mapping[str, str]
    log: Log
    metrics: Metrics
    stopping: threading.Event = field(default_factory=threading.Event)

    def patiently(self, ask: Callable[[], _Value]) -> _Value:
        """What a database says that may be away for a minute: it may be started again.

        :raises DatabaseError: if it is away for longer, or the service is to end.
        """
        for _ in range(_TRIES):
            try:
                return ask()
            except DatabaseError as error:
                self.log.fail(str(error))
                if self.stopping.wait(1.0):
                    raise
        return ask()
