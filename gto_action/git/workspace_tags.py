"""Every tag of the remote for the workspace's repository, whose later steps may want them; nothing else there changes.

It is one `git fetch`, in a folder of our own that has the repository's objects, refs and boundary as links. Git writes
through links, and locks what they lead to, as it does in the repository itself; but nothing of the repository's
configuration counts, which can name programs, other servers and credentials.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from gto_action.errors import GitError
from gto_action.git.program import FOR_FILES, as_variables, run_git
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch, read_trace
from gto_action.system.attempts import Attempts
from gto_action.system.cancellation import Leftover

_LOCAL: Final = 60.0
_PATIENCE: Final = 30.0
"""The seconds that are waited for a lock; one that is older was left behind."""
_PAUSE: Final = 0.5
_CLOCK: Final = 0.1
"""The seconds by which the times of files may be behind."""
_GRACE: Final = 3.0
_MOVES: Final = 3
# What is wrong here, not at the remote, whose own complaints begin with "remote:"; and of that what passes.
_LOCALLY: Final = re.compile(
    r"^(?!remote:).*(?:Permission denied$|Read-only file system|No space left|Disk quota|cannot (?:lock|update) ref"
    r"|[Uu]nable to create|shallow file has changed)",
    re.MULTILINE,
)
_PASSES: Final = re.compile(r"\.lock': File exists|shallow file has changed|reference already exists|but expected ")
_HERE: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "HOME": os.devnull,  # GIT_CONFIG_GLOBAL is younger than the oldest git, as is --path-format of rev-parse
    "XDG_CONFIG_HOME": os.devnull,
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    **as_variables({"safe.directory": "*", "core.fsmonitor": "false", "core.hooksPath": os.devnull}),
}
_REFS: Final = "+refs/tags/*:refs/tags/*"
_FETCH: Final = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-show-forced-updates")
_SETTINGS: Final = {
    "fetch.negotiationAlgorithm": "default",  # what is here is not sent again
    "core.fsync": "pack",  # these files stay: git's default
    "core.filesRefLockTimeout": "10000",
    "core.packedRefsTimeout": "10000",
    "core.useReplaceRefs": "false",
    "advice.fetchShowForcedUpdates": "false",
}
# Folders come even if it has none (`tree:0`): gto fails without those of the tags' commits.
_PARTIAL: Final = {"remote.origin.promisor": "true", "remote.origin.partialclonefilter": "blob:none"}


class _HeldError(GitError):
    """Somebody else writes to the repository, or has just done so."""


def fetch_all_tags(directory: Path, remote: Remote, *, timeout: float, log: Callable[[str], None]) -> int:
    """Brings every tag of a remote into a clone of it; gives how many tags are new there or moved.

    Tags that the remote does not have stay, as do branches, HEAD, index, files and configuration.

    Args:
        directory: the clone, as somebody has it checked out.
        remote: what to fetch from.
        timeout: the seconds that the remote may take.
        log: takes a line for people.

    :raises GitError: if the clone cannot be written; its refs are as they were then.
    :raises RemoteError: if the remote cannot be reached, or refuses.
    """
    folder = (directory / os.fsdecode(_git(directory, "rev-parse", "--git-common-dir")[:-1])).resolve()
    attempts = Attempts(timeout, log)
    with _owner_kept(folder), Scratch() as scratch:
        own = _linked(folder, scratch.new_folder(), _git(directory, "rev-parse", "--show-object-format").decode())
        before = _tags(own)

        def fetch(moves: int = _MOVES) -> None:
            nonlocal remote
            options, settings = _as_it_is(directory, folder)
            config = {**remote.config, **_SETTINGS, **settings, "remote.origin.url": remote.url}
            trace = scratch.new_folder() / "http"
            arguments = (*_FETCH, *options, "origin", _REFS)
            with no_lock_left(folder):
                process = scratch.start(own, *arguments, config=config, trace=trace, memory=FOR_FILES, grace=_GRACE)
                status, _, said = attempts.wait(process)
                if status is None:
                    raise attempts.too_slow(remote.shown)
            if status and _LOCALLY.search(said):
                raise _unwritable(folder, said.replace(f"{own}/./", f"{folder}/"))
            replies = read_trace(trace)
            if status and (moved := remote.moved(said, replies)) and moves:
                log(f"The repository has moved to {moved.shown}")
                remote = moved
                fetch(moves - 1)
            elif status:
                raise remote.error(said, replies, status)

        _while_held(lambda: attempts.make(fetch), min(_PATIENCE, timeout / 2), log)
        return len(_tags(own) - before)


def _while_held(fetch: Callable[[], None], seconds: float, log: Callable[[str], None]) -> None:
    patience = time.monotonic() + seconds
    while True:
        try:
            return fetch()
        except _HeldError as error:
            if time.monotonic() > patience:
                raise
            log(f"{error.message} Trying again.")
            time.sleep(_PAUSE)


def _as_it_is(directory: Path, folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Options and settings that keep a short clone short, and a partial one partial."""
    parents = ("rev-list", "--all", "--reflog", "--min-parents=1", "--max-count=1")
    # It cannot cut a history off where none has two commits.
    short = (folder / "shallow").exists() and not _git(directory, *parents)
    arguments = ("config", "--get-regexp", r"^remote\..*\.promisor$")
    whole = run_git(directory, arguments, _HERE, b"", _LOCAL)[0]
    # A git before 2.31 knows no `--atomic`: there each tag is written for itself.
    atomic = () if _git(directory, "version").startswith(b"git version 2.30.") else ("--atomic",)
    return (*atomic, *(("--depth=1",) if short else ())), {} if whole else dict(_PARTIAL)


def _linked(folder: Path, own: Path, kind: str) -> Path:
    """Makes a bare repository that has its objects and refs in another's folder; what is not there yet may come."""
    tables = "refstorage = reftable\n" if (folder / "reftable").is_dir() else ""
    core = "[core]\nrepositoryformatversion = 1\nbare = true\n"
    (own / "config").write_text(f"{core}[extensions]\nobjectformat = {kind}{tables}")
    (own / "HEAD").write_bytes((folder / "HEAD").read_bytes())
    for name in ("objects", "refs", "reftable", "packed-refs", "shallow"):
        (own / name).symlink_to(folder / name)
    return own


def _tags(own: Path) -> set[bytes]:
    return set(_git(own, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags").splitlines())


def _git(directory: Path, *arguments: str) -> bytes:
    status, out, said = run_git(directory, arguments, _HERE, b"", _LOCAL)
    if status != 0:
        raise _unwritable(directory, said)
    return out


def _unwritable(folder: Path, said: str) -> GitError:
    lines = [line for line in said.splitlines() if not line.startswith("warning:")] or ["nothing"]
    return (_HeldError if _PASSES.search(said) else GitError)(
        f"The tags cannot be brought into the repository at {str(folder)!r}: {lines[0]!r}.",
        "See that it can be written, that no other step uses it now, and that no tag of its own is in the way; "
        "or set the input 'fetch-tags' to 'false'.",
    )


@contextmanager
def no_lock_left(folder: Path) -> Iterator[None]:
    """Git that is ended while it opens a lock leaves it behind, empty: it notes the lock only once it has it."""
    with Leftover(partial(_remove_locks, folder, time.time() - _CLOCK)) as locks:
        yield
        locks.forget()


def _remove_locks(folder: Path, began: float) -> None:
    before = _empty_locks(folder, began)
    time.sleep(_PAUSE if before else 0)  # somebody else's is written to, or gone, by then
    for path, _ in before & _empty_locks(folder, began):
        path.unlink(missing_ok=True)


def _empty_locks(folder: Path, began: float) -> set[tuple[Path, int]]:
    """The locks that are empty and were made after a time, with their inodes."""
    found = set()
    for path in (folder / "shallow.lock", folder / "packed-refs.lock", *(folder / "refs/tags").rglob("*.lock")):
        with suppress(FileNotFoundError):
            about = path.stat()
            if not about.st_size and about.st_ctime >= began:
                found.add((path, about.st_ino))
    return found


@contextmanager
def _owner_kept(folder: Path) -> Iterator[None]:
    """What root makes in somebody else's repository becomes theirs: their own later steps must be able to write."""
    owner = folder.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    with Leftover(partial(_give, folder, _of_root(folder), owner)):
        yield


def _give(folder: Path, but: set[str], owner: os.stat_result) -> None:
    for path in _of_root(folder) - but:
        with suppress(FileNotFoundError):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _of_root(folder: Path) -> set[str]:
    """What is root's in a folder, in which other programs may remove files meanwhile."""
    found = set()
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = f"{place}/{name}"
            with suppress(FileNotFoundError):
                if os.stat(path, follow_symlinks=False).st_uid == 0:  # noqa: PTH116 - there may be many
                    found.add(path)
    return found
