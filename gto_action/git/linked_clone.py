"""Writes to somebody's clone through a repository of ours.

Ours links to the clone's objects, refs and `shallow` file. Git writes through links, and locks their targets, as it
does in the clone itself. But the clone's own configuration, which can name programs, other servers and credentials,
does not count.
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
# Complaints about the clone that may pass.
_PASSES: Final = re.compile(r"\.lock': File exists|shallow file has changed|reference already exists|but expected ")
_SHARED: Final = re.compile(rb"\w+\n")  # whatever else it is, git would not take it


class HeldError(GitError):
    """Another process is writing to the repository, or has just done so."""


class LinkedClone:
    """Somebody's clone, and a bare repository of ours with the same objects and refs."""

    def __init__(self, directory: Path, scratch: Scratch) -> None:
        """Changes nothing in the clone.

        Args:
            directory: the clone's work tree.
            scratch: where to make our repository.

        :raises GitError: if the clone cannot be read.
        """
        self.scratch = scratch
        scratch.ask_version()
        self._directory = self.folder = directory
        self.folder = (directory / os.fsdecode(self.ask("rev-parse", "--git-common-dir")[:-1])).resolve()
        """The folder with its objects and refs."""
        self.own = self._linked(scratch.new_folder(), self.ask("rev-parse", "--show-object-format").decode())
        # A git before 2.31 has no `--atomic`: it writes tag by tag.
        self.is_atomic = scratch.check_version(_LOCAL) != OLDEST

    def _linked(self, own: Path, kind: str) -> Path:
        """Makes our repository, with links into the clone's folder; the targets may not exist yet."""
        tables = "refstorage = reftable\n" if (self.folder / "reftable").is_dir() else ""
        core = f"[core]\nrepositoryformatversion = 1\nbare = true\n{self._shared}"
        (own / "config").write_text(f"{core}[extensions]\nobjectformat = {kind}{tables}")
        (own / "HEAD").write_bytes((self.folder / "HEAD").read_bytes())
        for name in ("objects", "refs", "reftable", "packed-refs", "shallow"):
            (own / name).symlink_to(self.folder / name)
        return own

    @property
    def _shared(self) -> str:
        """The setting by which others may write what is fetched (git, "core.sharedRepository"); empty if none may."""
        status, value, _ = self.scratch.ask(self._directory, "config", "core.sharedRepository", timeout=_LOCAL)
        return f"sharedrepository = {value.decode()}" if status == 0 and _SHARED.fullmatch(value) else ""

    def ask(self, *arguments: str, directory: Path | None = None) -> bytes:
        """Asks git about the clone.

        :raises GitError: if git cannot read it.
        """
        status, out, said = self.scratch.ask(directory or self._directory, *arguments, timeout=_LOCAL)
        if status != 0:
            raise self.unwritable(said, telling_line(said) or "git gives no reason")
        return out

    def tags(self) -> set[bytes]:
        """Its tags, with the ids of their objects."""
        arguments = ("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
        return set(self.ask(*arguments, directory=self.own).splitlines())

    @property
    def is_short(self) -> bool:
        """Whether it is shallow and no commit has a parent, so that a fetch of depth 1 cannot cut off any more."""
        parents = ("rev-list", "--all", "--reflog", "--min-parents=1", "--max-count=1")
        return (self.folder / "shallow").exists() and not self.ask(*parents)

    @property
    def is_partial(self) -> bool:
        """Whether it is a partial clone."""
        promisors = ("config", "--get-regexp", r"^remote\..*\.promisor$")
        return self.scratch.ask(self._directory, *promisors, timeout=_LOCAL)[0] == 0

    def unwritable(self, said: str, line: str) -> GitError:
        """The error if the clone cannot be written; returned, not raised.

        Args:
            said: git's standard error.
            line: the line in it that names the cause.
        """
        return (HeldError if _PASSES.search(said) else GitError)(
            f"The tags cannot be fetched into the repository at {str(self.folder)!r}: {line!r}.",
            "Make sure that it is writable, that no other step is using it, and that no tag of its own is in the way; "
            "or set the input 'fetch-tags' to 'false'.",
        )
