"""What people wrote in tags and commits, read from the objects as `git for-each-ref` reads it."""

from gto_action.git.objects import signature_of, unsigned
from gto_action.gto.record import Commit


def message_of(text: bytes) -> str:
    """The message of a tag or a commit, stripped and without a signature (R11)."""
    return unsigned(_contents(text))


def commit_of(text: bytes) -> Commit:
    r"""Who made a commit, and what they wrote.

    >>> commit_of(b"tree 1\nauthor A <a@b> 1 +0000\ncommitter B <c@d> 2 +0100\n\nText\n").committer
    Signature(name='B', email='c@d', time=2, zone='+0100')
    """
    head = text.partition(b"\n\n")[0].decode("utf-8", "replace")
    lines = dict(line.split(" ", 1) for line in reversed(head.split("\n")) if " " in line)
    author, committer = signature_of(lines.get("author", "")), signature_of(lines.get("committer", ""))
    return Commit(author.name, author.email, committer, _contents(text))


def _contents(text: bytes) -> str:
    """What follows the head, without the empty lines before it; git reads it up to a NUL."""
    _, _, after = text.partition(b"\n\n")
    return after.lstrip(b"\n").partition(b"\0")[0].decode("utf-8", "replace")
