"""A line of a given speed: a proxy on the loopback that hands on only so many bytes a second, over all connections."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_PIECE: Final = 2**18
_AHEAD: Final = 0.02
"""The seconds that the line may be ahead of its speed, as a sleep is never exact."""


class _Line:
    """What all connections share."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._free = time.monotonic()
        self._lock = threading.Lock()

    def wait(self, size: int) -> None:
        """Returns when so many bytes would have passed."""
        with self._lock:
            self._free = max(self._free, time.monotonic() - _AHEAD) + size / self._speed
            pause = self._free - time.monotonic()
        if pause > 0:
            time.sleep(pause)


def _pump(source: socket.socket, target: socket.socket, line: _Line | None) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            if line:
                line.wait(len(piece))
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def throttled(port: int, speed: float) -> Iterator[int]:
    """The port of a line that leads to a port of the loopback.

    Args:
        port: where it leads to.
        speed: the bytes a second that come back.
    """
    line = _Line(speed)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                for arguments in ((near, far, None), (far, near, line)):
                    threading.Thread(target=_pump, args=arguments, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
