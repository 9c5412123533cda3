"""Real repositories of the common shape, on which `gto` and the action can both be asked."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from shapes import common

_PERSON = "Ada Lovelace <ada@example.com>"


def build(path: Path, size: int) -> None:
    """Makes a repository with as many annotated tags as `size` says, by `git fast-import`."""
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True, env=environ)
    stream = "".join(_stream(size)).encode()
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], check=True, env=environ, input=stream)


def _stream(size: int) -> Iterator[str]:
    marks: dict[str, int] = {}
    for record in common(size, artifacts=min(50, size // 10)):
        when = f"{_PERSON} {record.signature.time} +0000"
        if record.target not in marks:
            marks[record.target] = len(marks) + 1
            text = record.target
            yield f"commit refs/heads/main\nmark :{marks[text]}\ncommitter {when}\ndata {len(text)}\n{text}\n"
        mark, message = marks[record.target], f"about {record.name}"
        yield f"tag {record.name}\nfrom :{mark}\ntagger {when}\ndata {len(message)}\n{message}\n"
