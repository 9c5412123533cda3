"""What `git cat-file --batch --follow-symlinks` answers: one object after the other, in little memory."""

from collections.abc import Iterator
from typing import IO, Final

ARGUMENTS: Final = ("cat-file", "--batch=%(objecttype) %(objectsize)", "--follow-symlinks")
_KINDS: Final = {b"blob", b"tag", b"commit", b"tree"}
_NOWHERE: Final = {b"dangling", b"loop", b"notdir", b"symlink"}
"""What it says, instead of a type, of a link that leads to no object; then the path comes, as an object would."""
_CHUNK: Final = 2**20

Answer = tuple[str, int, bytes]
"""An object's type, its size, and as much of it as is wanted; if there is none, the type is empty.

It is `dangling` if a link leads to what git cannot find.
"""


def asking(*lines: str) -> bytes:
    """What git reads from its input: a question on each line."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def answers(out: IO[bytes], most: int) -> Iterator[Answer]:
    """Yields what was asked for, in that order; the rest of a large object is skipped only after it is yielded.

    Args:
        out: what git prints.
        most: how many bytes of each object to keep.
    """
    while line := out.readline():
        match line.split():
            case [kind, size] if kind in _KINDS:
                left = int(size)
                content = out.read(min(left, most))
                yield kind.decode(), left, content
                left -= len(content)
            case [kind, size] if kind in _NOWHERE:
                left = int(size)
                yield "dangling" if kind == b"dangling" else "", 0, b""
            case _:  # the name and "missing"
                yield "", 0, b""
                continue
        left += 1  # the line's end
        while left and (skipped := len(out.read(min(left, _CHUNK)))):
            left -= skipped
