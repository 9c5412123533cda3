"""Ports of the loopback for programs that have to be told theirs."""

import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_given: Final[set[int]] = set()


def free_port() -> int:
    """One below those that the kernel gives to connections, so that none of them takes it before it is listened at."""
    for port in random.sample(range(20_000, 32_000), 1000):
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port
    raise AssertionError("no port is free")


def wait_until_open(port: int, ended: Callable[[], bool], seconds: float = 120.0) -> None:
    """Waits until somebody listens at a port, unless the program that should has ended."""
    deadline = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert not ended(), f"what should listen at {port} has ended"
        assert time.monotonic() < deadline, f"nothing listens at {port} after {seconds} seconds"
        time.sleep(0.05)
