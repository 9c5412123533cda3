"""Paths of files within a commit, as others write them."""

import re
from typing import Final

_here: Final = re.compile(r"(^|/)\.(?=/|$)")


def is_in_git(path: str) -> bool:
    """Whether there can be such a file in a commit, and git can be asked for it; no `dvc.yaml` names another one."""
    return "\0" not in path and "\n" not in path and not path.startswith(("/", "../"))


def within(path: str) -> str | None:
    """A path in a commit, without its `.`, for which git would look as a name; None if there can be no such file.

    Empty parts and `..` are for those who follow links (`trees.find_file`, `git cat-file --follow-symlinks`).

    >>> within("./models/./dvc.yaml"), within("a/../b"), within("../b")
    ('/models//dvc.yaml', 'a/../b', None)
    """
    return _here.sub(r"\1", path) if is_in_git(path) else None
