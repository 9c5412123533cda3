"""The repository as git sees it.

The remote is read through a scratch bare repository of our own. Nothing is written to the workspace's repository,
and it is asked for nothing but the address of its `origin`.
"""

import os
import random
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from gto_action.errors import GitError, RemoteError, TransientRemoteError
from gto_action.git_process import as_variables, run_git
from gto_action.record import Commit, Notes, Signature, TagRecord
from gto_action.remote import Remote

_Answer = TypeVar("_Answer")

DEADLINE: Final = 120.0
"""Seconds that everything asked of the remote may take together."""
_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 1.0
_FAR: Final = 2**63

_FIELDS: Final = (
    *("%(refname:lstrip=2)", "%(objectname)", "%(objecttype)", "%(*objectname)", "%(*objecttype)", "%(tag)"),
    *("%(taggername)", "%(taggeremail:trim)", "%(taggerdate:raw)"),
    *("%(authorname)", "%(authoremail:trim)", "%(committerdate:raw)", "%(*committerdate:raw)"),
)
_COMMIT_FIELDS: Final = (
    "authorname",
    "authoremail:trim",
    "committername",
    "committeremail:trim",
    "committerdate:raw",
    "contents",
)
# Where a signature begins, by its format: gpg, ssh, x509.
_signed = re.compile(r"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$", re.MULTILINE)


class Repository:
    """A scratch bare repository with every tag of a remote: a context that leaves nothing behind."""

    def __init__(self, remote: Remote, *, log: Callable[[str], None], own_config: bool = False) -> None:
        """Asks and writes nothing yet.

        Args:
            remote: what to fetch from.
            log: takes a line for people.
            own_config: whether the user's git configuration counts; it does not in a workflow.
        """
        self.remote = remote
        self._log = log
        self._own_config = own_config
        self._deadline = time.monotonic() + DEADLINE
        self._scratch = Path()
        self._git_dir = Path()

    def __enter__(self) -> Self:
        try:
            self._scratch = Path(tempfile.mkdtemp(prefix="gto-action-"))
        except OSError as error:
            message = f"No temporary folder can be made in {error.filename or tempfile.tempdir!r}: {error.strerror}."
            raise GitError(message, "Set TMPDIR to a folder that can be written.") from error
        own = "[include]\n\tpath = ~/.config/git/config\n\tpath = ~/.gitconfig\n" if self._own_config else ""
        # A file://'s upload-pack, which refuses a repository of somebody else's too, heeds only a file.
        (self._scratch / "gitconfig").write_text(f"{own}[safe]\n\tdirectory = *\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    def fetch_tags(self) -> None:
        """Brings every tag, with the commits that tags point to but no file of theirs.

        A clone writes all refs at once, many times faster than a fetch (git-costs.md). A server that refuses the
        filter sends more, and the answer is the same.

        :raises RemoteError: if the remote cannot be reached, or refuses.
        """

        def clone() -> None:
            git_dir = Path(tempfile.mkdtemp(dir=self._scratch))
            options = ("--quiet", "--bare", "--template=", "--depth=1", "--no-single-branch", "--filter=tree:0")
            self._git(self._scratch, "clone", *options, "--", self.remote.url, str(git_dir))
            self._git_dir = git_dir

        self._with_retries(clone)

    def records(self) -> Iterator[TagRecord]:
        """Every tag there is."""
        listing = self._git(self._git_dir, "for-each-ref", f"--format={'%00'.join(_FIELDS)}", "refs/tags")
        lines = listing.split(b"\n")[:-1]  # not splitlines: the name of a person may hold "\r"
        rows = [[part.decode("utf-8", "replace") for part in line.split(b"\0")] for line in lines]
        peeled = self._peel([oid for _, oid, _, _, target_type, *_ in rows if target_type == "tag"])
        for name, oid, kind, target, target_type, *who in rows:
            yield self._record(name, oid, kind, *peeled.get(oid, (target, target_type)), *who)

    def _peel(self, oids: list[str]) -> dict[str, tuple[str, str]]:
        """What tags of tags point to in the end, and its type: git before 2.45 looks through one tag only (R10)."""
        if not oids:
            return {}
        question = "".join(f"{oid}^{{}}\n" for oid in oids).encode()
        answer = self._git(self._git_dir, "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=question)
        pairs = (line.split(" ") for line in answer.decode().splitlines())
        return {oid: (target, kind) for oid, (target, kind) in zip(oids, pairs, strict=True)}

    @staticmethod
    def _record(name: str, oid: str, kind: str, target: str, target_type: str, *who: str) -> TagRecord:
        inner_name, tagger, tagger_email, tagged, author, author_email, committed, target_committed = who
        if kind != "tag":
            signature = _signature(author, author_email, committed)
            return TagRecord(name, oid, oid, kind, annotated=False, signature=signature, committed=_seconds(committed))
        signature = _signature(tagger, tagger_email, tagged)
        committed_at = _seconds(target_committed)
        return TagRecord(
            name, oid, target, target_type, inner_name=inner_name, signature=signature, committed=committed_at
        )

    def notes(self) -> Notes:
        """What is written in every tag, and of the commits they point to: in one process, for those who want it all."""
        fields = ("%(refname:lstrip=2)", "%(contents)", "%(*objectname)", *(f"%(*{field})" for field in _COMMIT_FIELDS))
        # each field ends with NUL, which no name or message holds, and each record with a line's end
        listing = self._git(self._git_dir, "for-each-ref", f"--format={'%00'.join(fields)}%00", "refs/tags")
        parts = [part.decode("utf-8", "replace") for part in listing.split(b"\0")]
        notes = Notes({}, {})
        for start in range(0, len(parts) - len(fields), len(fields)):
            name, message, oid, *commit, said = parts[start : start + len(fields)]
            author, author_email, committer, committer_email, date = commit
            notes.messages[name.lstrip("\n")] = _unsigned(message)
            if oid:
                signature = _signature(committer, committer_email, date)
                notes.commits[oid] = Commit(author, author_email, signature, said)
        return notes

    def message(self, record: TagRecord) -> str:
        """The message of a tag, or of a lightweight one's commit; stripped and without a signature (R11)."""
        raw = self._git(self._git_dir, "cat-file", "tag" if record.annotated else "commit", record.oid)
        _, _, message = raw.partition(b"\n\n")
        return _unsigned(message.decode("utf-8", "replace"))

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file at a commit, through symbolic links within the commit; None if there is none.

        :raises RemoteError: if the remote does not deliver it.
        """
        if "\n" in path or "\0" in path:  # would end the question below; no file is named so in a `dvc.yaml`
            return None

        def read() -> bytes | None:
            question = f"{commit}:{path}\n".encode("utf-8", "surrogateescape")
            answer = self._git(self._git_dir, "cat-file", "--batch", "--follow-symlinks", stdin=question)
            head, _, content = answer.partition(b"\n")
            match head.split(b" "):
                case [_, b"blob", size]:
                    return content[: int(size)]
            return None  # "missing", "dangling", "loop", "notdir", or a folder

        return self._with_retries(read)

    def _with_retries(self, ask: Callable[[], _Answer]) -> _Answer:
        """Asks again, after pauses that grow, while the connection fails and there is time."""
        pause = _FIRST_PAUSE
        for left in reversed(range(_ATTEMPTS)):
            try:
                return ask()
            except TransientRemoteError as error:
                pause *= random.uniform(1, 2)  # noqa: S311 - spreads the load, hides nothing
                if not left or time.monotonic() + pause > self._deadline:
                    raise
                self._log(f"{error} Trying again in {pause:.1f} seconds; {left} more tries.")
                time.sleep(pause)
        raise AssertionError  # pragma: no cover - the last try returns or raises

    def _git(self, directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
        settings = {"gc.auto": "0", "maintenance.auto": "false", "advice.detachedHead": "false", **self.remote.config}
        if not self._own_config:
            settings["credential.helper"] = ""
        environment = {"GIT_CONFIG_GLOBAL": str(self._scratch / "gitconfig"), **as_variables(settings)}
        if not self._own_config:
            environment["GIT_CONFIG_NOSYSTEM"] = "1"
        status, out, err = run_git(directory, arguments, environment, stdin, self._deadline - time.monotonic())
        if status is None:
            raise RemoteError(
                f"The remote {self.remote.shown!r} did not answer within {DEADLINE:.0f} seconds.",
                "Run the job again later.",
            )
        if status:
            raise self.remote.error(err)
        return out


def origin(directory: Path) -> str:
    """The address of the `origin` of the repository that a directory is in.

    :raises GitError: if there is none.
    """
    settings = {"safe.directory": "*", "core.fsmonitor": "false", "core.hooksPath": os.devnull}
    status, out, _ = run_git(directory, ("remote", "get-url", "origin"), as_variables(settings), b"", DEADLINE)
    if status:
        raise GitError(
            f"There is no repository with a remote 'origin' at {str(directory)!r}.",
            "Set GITHUB_REPOSITORY to 'OWNER/NAME', or run in a clone.",
        )
    url = out.decode("utf-8", "surrogateescape").strip()
    if "://" in url or re.match(r"[^/]+:", url):  # an address, or ssh's host:path
        return url
    root = run_git(directory, ("rev-parse", "--show-toplevel"), as_variables(settings), b"", DEADLINE)[1]
    return (Path(os.fsdecode(root.strip())) / url).resolve().as_uri()


def _unsigned(message: str) -> str:
    return _signed.split(message, maxsplit=1)[0].strip()


def _signature(name: str, email: str, date: str) -> Signature:
    """The person and the time; git's raw date is `SECONDS ZONE`, or empty."""
    _, _, zone = date.partition(" ")
    seconds = _seconds(date)
    return Signature(name, email) if seconds < 0 else Signature(name, email, seconds, zone)


def _seconds(date: str) -> int:
    """The time; -1 without one, or with one before 1970, which git prints as a number close to 2**64."""
    seconds, _, _ = date.partition(" ")
    return int(seconds) if seconds.isdigit() and int(seconds) < _FAR else -1
