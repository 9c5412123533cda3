"""Somebody's clone, written to through a repository of ours.

Ours has the clone's objects, refs and boundary as links. Git writes through links, and locks what they lead to, as it
does in the clone itself; but nothing of the clone's configuration counts, which can name programs, other servers and
credentials.
"""

import os
import re
from pathlib import Path
from typing import Final

from gto_action.errors import GitError
from gto_action.git.failures import telling_line
from gto_action.git.program import OLDEST
from gto_action.git.scratch import Scratch

_LOCAL: Final = 60.0
# What passes of what git complains of here.
_PASSES: Final = re.compile(r"\.lock': File exists|shallow file has changed|reference already exists|but expected ")


class HeldError(GitError):
    """Somebody else writes to the repository, or has just done so."""


class LinkedClone:
    """Somebody's clone, and a bare repository of ours that has its objects and refs."""

    def __init__(self, directory: Path, scratch: Scratch) -> None:
        """Changes nothing in the clone.

        Args:
            directory: where somebody has it checked out.
            scratch: where ours is made.

        :raises GitError: if it cannot be read.
        """
        self.scratch = scratch
        scratch.ask_version()
        self._directory = self.folder = directory
        self.folder = (directory / os.fsdecode(self.ask("rev-parse", "--git-common-dir")[:-1])).resolve()
        """Where it has its objects and refs."""
        self.own = self._linked(scratch.new_folder(), self.ask("rev-parse", "--show-object-format").decode())
        # A git before 2.31 knows no `--atomic`: there each tag is written for itself.
        self.is_atomic = scratch.check_version(_LOCAL) != OLDEST

    def _linked(self, own: Path, kind: str) -> Path:
        """Links what is in its folder; what is not there yet may come."""
        tables = "refstorage = reftable\n" if (self.folder / "reftable").is_dir() else ""
        core = "[core]\nrepositoryformatversion = 1\nbare = true\n"
        (own / "config").write_text(f"{core}[extensions]\nobjectformat = {kind}{tables}")
        (own / "HEAD").write_bytes((self.folder / "HEAD").read_bytes())
        for name in ("objects", "refs", "reftable", "packed-refs", "shallow"):
            (own / name).symlink_to(self.folder / name)
        return own

    def ask(self, *arguments: str, directory: Path | None = None) -> bytes:
        """What git says of it.

        :raises GitError: if git cannot read it.
        """
        status, out, said = self.scratch.ask(directory or self._directory, *arguments, timeout=_LOCAL)
        if status != 0:
            raise self.unwritable(said, telling_line(said))
        return out

    def tags(self) -> set[bytes]:
        """Its tags, each with its object."""
        arguments = ("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
        return set(self.ask(*arguments, directory=self.own).splitlines())

    @property
    def is_short(self) -> bool:
        """Whether its history is cut off, and a fetch of depth 1 could cut off no more: no commit has a parent."""
        parents = ("rev-list", "--all", "--reflog", "--min-parents=1", "--max-count=1")
        return (self.folder / "shallow").exists() and not self.ask(*parents)

    @property
    def is_partial(self) -> bool:
        """Whether it leaves objects out."""
        promisors = ("config", "--get-regexp", r"^remote\..*\.promisor$")
        return self.scratch.ask(self._directory, *promisors, timeout=_LOCAL)[0] == 0

    def unwritable(self, said: str, line: str) -> GitError:
        """The error of what cannot be done in it: not raised, but given.

        Args:
            said: all that git complained of.
            line: what of it is the cause.
        """
        return (HeldError if _PASSES.search(said) else GitError)(
            f"The tags cannot be brought into the repository at {str(self.folder)!r}: {line!r}.",
            "See that it can be written, that no other step uses it now, and that no tag of its own is in the way; "
            "or set the input 'fetch-tags' to 'false'.",
        )
