"""The questions of the action, and nothing made of the answers: what git and its server need, whoever asks them.

`python benchmarks/questions.py URL ARTIFACT COMMIT BLOB…`; ARTIFACT is spelled as in a tag, and the BLOBs are the names
of the files at the COMMIT that an answer reads. It reads nothing but the names of tags.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO

_MANY = 10_000
_CONFIG = ("-c", "protocol.version=2", "-c", "http.postBuffer=16m")
_WHOLE = (b"no-progress", b"ofs-delta", b"deepen 1")


class _Helper:
    """Git's program that speaks with the server."""

    def __init__(self, url: str) -> None:
        command = ["git", "--git-dir=/nonexistent", *_CONFIG, "remote-http", "origin", url]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=2**18, start_new_session=True
        )
        self._say(b"stateless-connect git-upload-pack\n")
        self._is_new = True

    def ask(self, command: bytes, arguments: Iterable[bytes]) -> Iterator[bytes]:
        """The packets of the answer."""
        if self._is_new:
            self._is_new = False
            self._stdout.readline()
            for _ in self._packets(b"0000"):
                pass
        head = _packets((b"command=" + command, b"object-format=sha1"))
        self._say(head + b"0001" + _packets(arguments) + b"0000")
        return self._packets(b"0002")

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)  # it has a child
        self._process.wait()

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout  # noqa: S101 - it is a pipe
        return self._process.stdout

    def _say(self, text: bytes) -> None:
        assert self._process.stdin  # noqa: S101 - as above
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def _packets(self, last: bytes) -> Iterator[bytes]:
        while (head := self._stdout.read(4)) != last:
            if (size := int(head, 16)) >= len(head):
                yield self._stdout.read(size - len(head))


def _packets(lines: Iterable[bytes]) -> bytes:
    return b"".join(b"%04x%b\n" % (len(line) + 5, line) for line in lines)


def _ask_for_tags(url: str, artifact: bytes) -> None:
    helper = _Helper(url)
    found = list(islice(helper.ask(b"ls-refs", (b"ref-prefix refs/tags/",)), _MANY + 1))
    if len(found) > _MANY:
        helper.end()
        helper = _Helper(url)
        found = list(helper.ask(b"ls-refs", (b"ref-prefix refs/tags/%b%b" % (artifact, mark) for mark in (b"@", b"#"))))
    wanted = (b"want " + line.partition(b" ")[0] for line in found)
    for _ in helper.ask(b"fetch", (*_WHOLE, b"filter tree:0", *wanted, b"done")):
        pass
    helper.end()


def _ask_for_files(url: str, commit: str, blobs: list[str]) -> None:
    helper = _Helper(url)
    for names in ([commit], blobs):
        wanted = (b"want " + name.encode() for name in names)
        for _ in helper.ask(b"fetch", (*_WHOLE, b"filter blob:none", *wanted, b"done")):
            pass
    helper.end()


def main(url: str, artifact: str, commit: str, *blobs: str) -> None:
    """Asks for tags and for files, side by side."""
    files = threading.Thread(target=_ask_for_files, args=(url, commit, [*blobs]))
    files.start()
    _ask_for_tags(url, artifact.encode())
    files.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
