"""The log: a line of JSON for each thing that happens, without secrets."""

import json
import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TextIO

_QUIET: Final = {
    "asyncio": logging.ERROR,
    "dbos": logging.WARNING,
    "uvicorn": logging.ERROR,  # it warns of each odd request, and anybody can send those
    "uvicorn.error": logging.ERROR,
    "uvicorn.access": logging.ERROR,
    "urllib3": logging.ERROR,  # it warns of each connection that is not kept
    "sqlalchemy": logging.WARNING,
}
"""The libraries that have something to say, and from which level on it matters."""


class Log:
    """Takes what happens, from any thread."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Writes to a stream, standard error by default."""
        self._stream = stream or sys.stderr
        self._hide: Callable[[str], str] = lambda text: text
        self._lock = threading.Lock()

    def tell(self, message: str, **fields: Any) -> None:  # noqa: ANN401 - whatever JSON has
        """Something happened, as it should."""
        self._write("info", message, fields)

    def caution(self, message: str, **fields: Any) -> None:  # noqa: ANN401
        """Something is not as it should be."""
        self._write("warning", message, fields)

    def fail(self, message: str, **fields: Any) -> None:  # noqa: ANN401
        """Something has failed."""
        self._write("error", message, fields)

    def _write(self, level: str, message: str, fields: dict[str, Any]) -> None:
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        said = {key: self._hide(value) if isinstance(value, str) else value for key, value in fields.items()}
        line = json.dumps({"time": time, "level": level, "message": self._hide(message), **said})  # ASCII, so one line
        with self._lock:
            try:
                self._stream.write(f"{line}\n")
                self._stream.flush()
            except (OSError, ValueError):  # a log that nobody takes stops nothing
                return

    def hide(self, hide: Callable[[str], str]) -> None:
        """Takes what takes the secrets out of a line."""
        self._hide = hide

    def take_over(self) -> None:
        """Takes what libraries have to say."""
        for name, level in _QUIET.items():
            logger = logging.getLogger(name)
            logger.handlers = [_Handler(self)]
            logger.propagate = False
            logger.setLevel(level)


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Writes what a library says, with the traceback if it has one."""
        fields = {"logger": record.name}
        if record.exc_info:
            fields["traceback"] = logging.Formatter().formatException(record.exc_info)
        tell = self._log.fail if record.levelno >= logging.ERROR else self._log.caution
        tell(record.getMessage(), **fields)
