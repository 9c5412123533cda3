"""Every tag of the remote for the workspace's repository, whose later steps may want them; nothing else there changes.

It is one `git fetch`, in a folder of our own that has the repository's objects, refs and boundary as links. Git writes
through links, and locks what they lead to, as it does in the repository itself; but nothing of the repository's
configuration counts, which can name programs, other servers and credentials.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gto_action.errors import GitError
from gto_action.git.failures import telling_line
from gto_action.git.locks import no_lock_left
from gto_action.git.program import FOR_FILES, OLDEST
from gto_action.git.remote import Remote
from gto_action.git.scratch import Scratch, read_trace
from gto_action.system.attempts import Attempts
from gto_action.system.ownership import owner_kept

_LOCAL: Final = 60.0
_PATIENCE: Final = 30.0
"""The seconds that are waited for a lock; one that is older was left behind."""
_PAUSE: Final = 0.5
_GRACE: Final = 3.0
_MOVES: Final = 3
# What is wrong here, not at the remote, whose own complaints begin with "remote:"; and of that what passes.
_LOCALLY: Final = re.compile(
    r"^(?!remote:).*(?:Permission denied$|Read-only file system|No space left|Disk quota|cannot (?:lock|update) ref"
    r"|[Uu]nable to create|shallow file has changed).*$",
    re.MULTILINE,
)
_PASSES: Final = re.compile(r"\.lock': File exists|shallow file has changed|reference already exists|but expected ")
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
    attempts = Attempts(timeout, log)
    with Scratch() as scratch:
        scratch.ask_version()
        folder = (directory / os.fsdecode(_ask(scratch, directory, "rev-parse", "--git-common-dir")[:-1])).resolve()
        with owner_kept(folder):
            own = _linked(folder, scratch.new_folder(), _ask(scratch, directory, "rev-parse", "--show-object-format"))
            # A git before 2.31 knows no `--atomic`: there each tag is written for itself.
            arguments = (*_FETCH, *(() if scratch.check_version(_LOCAL) == OLDEST else ("--atomic",)))
            before = _tags(scratch, own)

            def fetch(moves: int = _MOVES) -> None:
                nonlocal remote
                depth, filters = _as_it_is(scratch, directory, folder)
                config = {**remote.config, **_SETTINGS, **filters, "remote.origin.url": remote.url}
                trace = scratch.new_folder() / "http"
                asked = (*arguments, *depth, "origin", _REFS)
                with no_lock_left(folder):
                    process = scratch.start(own, *asked, config=config, trace=trace, memory=FOR_FILES, grace=_GRACE)
                    status, _, said = attempts.wait(process)
                    if status is None:
                        raise attempts.too_slow(remote.shown)
                if status and (found := _LOCALLY.search(said)):
                    raise _unwritable(folder, said, found[0].replace(f"{own}/./", f"{folder}/"))
                replies = read_trace(trace)
                if status and (moved := remote.moved(said, replies)) and moves:
                    log(f"The repository has moved to {moved.shown}")
                    remote = moved
                    fetch(moves - 1)
                elif status:
                    raise remote.error(said, replies, status)

            _while_held(lambda: attempts.make(fetch), min(_PATIENCE, timeout / 2), log)
            return len(_tags(scratch, own) - before)


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


def _as_it_is(scratch: Scratch, directory: Path, folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Options and settings that keep a short clone short, and a partial one partial."""
    parents = ("rev-list", "--all", "--reflog", "--min-parents=1", "--max-count=1")
    # It cannot cut a history off where none has two commits.
    short = (folder / "shallow").exists() and not _ask(scratch, directory, *parents)
    promisors = ("config", "--get-regexp", r"^remote\..*\.promisor$")
    whole = scratch.ask(directory, *promisors, timeout=_LOCAL)[0]
    return ("--depth=1",) if short else (), {} if whole else _PARTIAL


def _linked(folder: Path, own: Path, kind: bytes) -> Path:
    """Makes a bare repository that has its objects and refs in another's folder; what is not there yet may come."""
    tables = "refstorage = reftable\n" if (folder / "reftable").is_dir() else ""
    core = "[core]\nrepositoryformatversion = 1\nbare = true\n"
    (own / "config").write_text(f"{core}[extensions]\nobjectformat = {kind.decode()}{tables}")
    (own / "HEAD").write_bytes((folder / "HEAD").read_bytes())
    for name in ("objects", "refs", "reftable", "packed-refs", "shallow"):
        (own / name).symlink_to(folder / name)
    return own


def _tags(scratch: Scratch, own: Path) -> set[bytes]:
    return set(_ask(scratch, own, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags").splitlines())


def _ask(scratch: Scratch, directory: Path, *arguments: str) -> bytes:
    status, out, said = scratch.ask(directory, *arguments, timeout=_LOCAL)
    if status != 0:
        raise _unwritable(directory, said, telling_line(said))
    return out


def _unwritable(folder: Path, said: str, line: str) -> GitError:
    return (_HeldError if _PASSES.search(said) else GitError)(
        f"The tags cannot be brought into the repository at {str(folder)!r}: {line!r}.",
        "See that it can be written, that no other step uses it now, and that no tag of its own is in the way; "
        "or set the input 'fetch-tags' to 'false'.",
    )
