"""A clone of a remote in the scratch folder, and the questions that it answers."""

import os
import re
import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Final, Self

from gto_action.errors import GitError
from gto_action.git.batch import ARGUMENTS, Answer, answers, asking
from gto_action.git.http_trace import Reply
from gto_action.git.objects import oids_of, unsigned
from gto_action.git.paths import is_in_git
from gto_action.git.program import LITTLE
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch, read_trace
from gto_action.git.surroundings import ORIGIN
from gto_action.gto.names import ArtifactName
from gto_action.system.attempts import Attempts
from gto_action.system.process import Ended, Process, as_file

_BARE: Final = ("--quiet", "--bare", "--template=", "--depth=1")
_SHA1: Final = 40
_CONFIG: Final = "[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\nobjectformat = {}\n"
_complaint: Final = re.compile(r"^fatal: ", re.MULTILINE)
# What no ref name contains (git check-ref-format): such a tag cannot exist.
_NO_REF: Final = re.compile(r"\.\.|//|^/|(?:^|/)\.|\.lock(?:/|$)|@\{|[\x00-\x20\x7f~^:?*[\\]")
_MOST_MESSAGE: Final = 2**20


def refspecs_of(*artifacts: ArtifactName) -> tuple[str, ...]:
    """The refspecs for the tags of artifacts, without those of which there can be no tag."""
    names = (artifact.in_tag for artifact in artifacts if not _NO_REF.search(artifact.in_tag))
    return tuple(f"+{prefix}:{prefix}" for name in names for prefix in (f"refs/tags/{name}{mark}*" for mark in "@#"))


class _EnoughError(Exception):
    """The rest of git's output is not needed."""


class Clone:
    """A clone of depth 1; bare unless its files are needed as files."""

    def __init__(self, scratch: Scratch, remote: Remote, attempts: Attempts, *, memory: int = LITTLE) -> None:
        """Asks nothing yet.

        Args:
            scratch: where to create it.
            remote: what to clone.
            attempts: the time limit.
            memory: how many bytes each git process may use; 0 for any number.
        """
        self.memory = memory
        self._scratch = scratch
        self._remote = remote
        self._attempts = attempts
        self._folder = scratch.new_folder()
        self.is_shared = False
        """Whether it reads a repository on this machine in place, so that all there is to read is here."""

    @property
    def folder(self) -> Path:
        """Where the clone is, once it exists."""
        return self._folder

    def make(self, *options: str) -> Process:
        """Starts cloning, with these options of `git clone`."""
        return self.start("clone", *_BARE, *options, "--", self._remote.url, ".")

    def fetch(self, refs: Iterable[str], commit: str, *options: str, bare: bool = False) -> None:
        """Fetches some refs into a new repository, and waits.

        Args:
            refs: what to fetch.
            commit: any commit of the remote; its length tells the object format.
            options: options of `git fetch`.
            bare: whether nothing will be checked out.

        :raises RemoteError: if git fails, or takes too long.
        """
        object_format = "sha256" if len(commit) > _SHA1 else "sha1"
        kind = ("--bare",) if bare else ()
        self.ask("init", "--quiet", "--template=", f"--object-format={object_format}", *kind)
        self.ask("remote", "add", ORIGIN, self._remote.url)
        self.ask("fetch", "--quiet", "--depth=1", "--no-tags", *options, ORIGIN, *refs)

    def share(self, git_dir: Path, common_dir: Path) -> Self:
        """Makes this a clone that reads the objects of a repository on this machine in place; returns it.

        This works for a partial clone too: nothing is packed, so only what is read has to be there.

        Args:
            git_dir: the folder with that repository's HEAD.
            common_dir: the folder with its objects and refs.

        :raises RemoteError: if git fails.
        """
        start = partial(self._scratch.start, git_dir, config={})
        listing = start("for-each-ref", "--format=%(objectname) %(refname)")
        naming = start("rev-parse", "--verify", "--quiet", "HEAD")
        refs = self._finish(listing.wait(timeout=self._attempts.left))
        status, head, _ = naming.wait(timeout=self._attempts.left)  # empty if its branch has no commit yet
        if status is None:
            raise self._attempts.too_slow(self._remote.shown)
        object_format = "sha256" if len(refs.partition(b" ")[0]) > _SHA1 else "sha1"
        # By hand: `git init` would take as long as all the rest.
        (self._folder / "config").write_text(_CONFIG.format(object_format))
        (self._folder / "refs").mkdir()
        (self._folder / "objects/info").mkdir(parents=True)
        place = os.fsencode(common_dir / "objects")
        if b"\n" in place:  # git reads a path that is quoted as in C
            place = b'"' + place.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
        (self._folder / "objects/info/alternates").write_bytes(place + b"\n")
        (self._folder / "packed-refs").write_bytes(refs)
        if (common_dir / "shallow").exists():
            shutil.copy(common_dir / "shallow", self._folder / "shallow")
        (self._folder / "HEAD").write_bytes(head or b"ref: refs/heads/main\n")
        self.is_shared = True
        return self

    def lacks(self, oid: str) -> GitError:
        """The error for an object that is missing; returned, not raised."""
        message = f"The repository {self._remote.shown!r} lacks the object {oid} of a tag."
        return GitError(message, "Run 'git fsck' there, or ask another clone.")

    def ids_of(self, commit: str, paths: Iterable[str], seconds: float) -> list[str]:
        """The ids of those files of a commit that exist, if they can be found in so many seconds."""
        names = [path for path in paths if is_in_git(path)]
        status, out, _ = self.start("ls-tree", "-z", "--full-tree", commit, "--", *names).wait(timeout=seconds)
        return oids_of(out, names) if status == 0 else []

    def lacking(self, commits: Iterable[str], paths: Iterable[str], seconds: float) -> list[str]:
        """The ids of the files at those paths of commits that are not here, if they can be found in so many seconds."""
        names = [path for path in paths if is_in_git(path)]
        question = asking(*commits, "--", *names)
        options = ("--objects", "--no-walk=unsorted", "--missing=print", "--stdin")
        with as_file(question) as asked:
            process = self.start("--literal-pathspecs", "rev-list", *options, stdin=asked)
            status, out, _ = process.wait(timeout=seconds)
        found = out.decode("ascii", "replace").splitlines() if status == 0 and names else []
        return [line[1:] for line in found if line.startswith("?")]

    def fetch_files(self, oids: Iterable[str]) -> Process | None:
        """Starts fetching files; returns None if there are none to fetch, or all that exist are here."""
        if self.is_shared:
            return None
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none", "--recurse-submodules=no")
        wanted = asking(*oids)
        with as_file(wanted) as question:  # there may be too many for a command line
            return self.start("fetch", *options, "--stdin", ORIGIN, stdin=question) if wanted else None

    def bring(self, oids: Iterable[str]) -> None:
        """Fetches files, and waits.

        :raises RemoteError: if git fails, or takes too long.
        """
        if process := self.fetch_files(oids):
            self._finish(self._attempts.wait(process))

    def start(self, *arguments: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> Process:
        """Starts git in the clone."""
        config, trace = self._remote.config, self._trace
        trace.unlink(missing_ok=True)  # earlier answers say nothing about this process
        return self._scratch.start(
            self._folder, *arguments, config=config, trace=trace, stdin=stdin, stdout=stdout, memory=self.memory
        )

    def ask(self, *arguments: str, stdin: bytes = b"", stdout: IO[bytes] | None = None) -> bytes:
        """Runs git in the clone; returns its output.

        :raises RemoteError: if git fails, or takes too long.
        """
        with as_file(stdin) as question:
            process = self.start(*arguments, stdin=question, stdout=stdout)
        return self._finish(process.wait(timeout=self._attempts.left))

    def _finish(self, ended: Ended) -> bytes:
        status, out, said = ended
        if status is None:
            raise self._attempts.too_slow(self._remote.shown)
        # To a git before 2.39 an object that could not be fetched is just missing; only the fetch in between complains.
        if status or _complaint.search(said):
            raise self._remote.error(said, self.replies(), status)
        return out

    @contextmanager
    def reading(self, *arguments: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
        """Runs git in the clone; yields its output, to be read while it runs.

        :raises RemoteError: if git fails, or takes too long.
        """
        process = self.start(*arguments, stdin=stdin)
        try:
            with process.reading(self._attempts.left) as out:
                yield out
            if _complaint.search(process.said):
                raise self._remote.error(process.said, self.replies(), process.status)
        except TimeoutError as error:
            raise self._attempts.too_slow(self._remote.shown) from error
        except ChildProcessError as error:
            raise self._remote.error(str(error), self.replies(), process.status) from error

    def read(self, name: str, most: int) -> Answer:
        """An object's type, size and first `most` bytes; if there is none, the type is empty, or `dangling`.

        Args:
            name: an id, or `COMMIT:PATH`, where symbolic links within the commit are followed.
            most: how many bytes to read.

        :raises RemoteError: if git fails, or takes too long.
        """
        found: Answer = "", 0, b""
        with suppress(_EnoughError), as_file(asking(name)) as asked, self.reading(*ARGUMENTS, stdin=asked) as out:
            for found in answers(out, most):
                if found[1] > most:
                    raise _EnoughError
        return found

    def read_all(self, names: Iterable[str], most: int) -> Generator[Answer]:
        """Objects in the order of their names, each as `read` gives it, while git prints them.

        :raises RemoteError: if git fails, or takes too long.
        """
        with as_file(asking(*names)) as asked, self.reading(*ARGUMENTS, "--buffer", stdin=asked) as out:
            yield from answers(out, most)

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit, stripped and without a signature (R11), and 0.

        Of a message with more than a million bytes only the beginning, and its length in bytes instead of 0.
        """
        _, size, raw = self.read(oid, _MOST_MESSAGE)
        head, blank, message = raw.partition(b"\n\n")
        length = size - len(head + blank) if size > _MOST_MESSAGE else 0
        return unsigned(message.decode("utf-8", "replace")), length

    def replies(self) -> tuple[Reply, ...]:
        """The server's replies to the last git process, if it used HTTP."""
        return read_trace(self._trace)

    @property
    def _trace(self) -> Path:
        """Beside the clone, because git clones only into empty folders."""
        return self._folder.with_name(f"{self._folder.name}.http")
