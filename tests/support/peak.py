"""How much memory the processes of a run take, by the kernel's own count."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_OFTEN: Final = 0.01


class Peak:
    """The largest resident set that each program below this process had, in megabytes."""

    def __init__(self) -> None:
        self.of: dict[str, float] = {}
        self._ended = threading.Event()
        self._own = _command(os.getpid())
        self._known: dict[int, int] = {}
        """The parent of each process."""

    @property
    def megabytes(self) -> float:
        """Of all the largest."""
        return max(self.of.values(), default=0.0)

    def look(self) -> None:
        """Watches all that this process starts but git servers, until it is told to end."""
        while not self._ended.wait(_OFTEN):
            for each in Path("/proc").glob("[0-9]*"):
                with suppress(OSError, ValueError, IndexError):
                    self._look_at(int(each.name))

    def _look_at(self, pid: int) -> None:
        command = _command(pid)  # before the memory: after exec both are the new program's
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        self._known[pid] = int(fields["PPid"])
        if "VmHWM" not in fields or not self._is_below(pid):
            return
        if command == self._own:
            return  # a child between fork and exec, whose memory is still this process's
        if any(each in command for each in ("http-backend", "upload-pack", "pack-objects")):
            return  # the server's
        name = command[:200]
        self.of[name] = max(self.of.get(name, 0.0), int(fields["VmHWM"].split()[0]) / 1024)

    def _is_below(self, pid: int) -> bool:
        while pid in self._known and pid > 1:
            pid = self._known[pid]
            if pid == os.getpid():
                return True
        return False

    def end(self) -> None:
        """Ends the watch."""
        self._ended.set()


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


@contextmanager
def watched() -> Iterator[Peak]:
    """What the processes take that are started within the block."""
    peak = Peak()
    thread = threading.Thread(target=peak.look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak.end()
        thread.join()
