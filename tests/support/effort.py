"""What a test lets the processor do."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def effort(seconds: float) -> Iterator[None]:
    """At most so many seconds of this thread's own work, whatever else the machine does: ten times what it takes here."""
    start = time.thread_time()
    yield
    took = time.thread_time() - start
    assert took < seconds, f"{took:.1f} seconds of work"
