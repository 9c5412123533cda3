"""Every tag of the remote for the workspace's repository, whose later steps may want them; nothing else there changes.

Git fetches in a folder of our own that shares the workspace's objects: of the workspace's configuration nothing counts
(its credentials, remotes and filters), and nothing can be written to it. Objects come first, refs last and all at once.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gto_action.attempts import Attempts
from gto_action.errors import GitError
from gto_action.git_process import as_variables, run_git
from gto_action.remote import Remote

_LOCAL: Final = 60.0
# What is wrong here, not at the remote.
_LOCALLY: Final = re.compile(
    r"[Pp]ermission denied|Read-only file system|No space left|cannot lock ref|unable to create"
)
_SETTINGS: Final = {
    "safe.directory": "*",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_FETCH: Final = ("fetch", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--recurse-submodules=no")
_ENVIRONMENT: Final = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_REPLACE_OBJECTS": "1"}
_HINT: Final = "Let actions/checkout run before, or set the input 'fetch-tags' to 'false'."


def fetch_all_tags(directory: Path, remote: Remote, *, timeout: float, log: Callable[[str], None]) -> int:
    """Brings every tag of the remote into the repository of a workspace; gives how many tags are new there or moved.

    Tags that the remote does not have stay, as do branches, HEAD, index, files and configuration.

    Args:
        directory: the workspace. Its repository may be in a folder of it (`path` of actions/checkout).
        remote: what to fetch from.
        timeout: the seconds that the remote may take.
        log: takes a line for people.

    :raises GitError: if there is no clone of the remote, or it cannot be written; its refs are as they were then.
    :raises RemoteError: if the remote cannot be reached, or refuses.
    """
    directory = _clone_of(remote, directory)
    folder = _folder(directory)
    with _owner_kept(folder), tempfile.TemporaryDirectory(prefix="gto-action-") as scratch:
        own = _beside(directory, folder, Path(scratch))
        before = _refs(own, "refs/tags")
        settings = _partial(directory, remote)
        depth: tuple[str, ...] = ()
        if (own / "shallow").exists() and not _git(directory, "rev-list", *_WITH_PARENTS):
            depth = ("--depth=1",)  # it cannot cut a history off where none has two commits
        attempts = Attempts(timeout, log)
        environment = _ENVIRONMENT | {"GIT_CONFIG_GLOBAL": str(own.with_name("gitconfig"))}
        environment |= as_variables({**_SETTINGS, "credential.helper": "", **remote.config, **settings})

        def fetch() -> None:
            arguments = (*_FETCH, *depth, "--", remote.url, "+refs/tags/*:refs/tags/*")
            status, _, said = run_git(own, arguments, environment, b"", attempts.left)
            if status is None:
                raise attempts.too_slow(remote.shown)
            if status:
                raise _unwritable(folder, said) if _LOCALLY.search(said) else remote.error(said)

        attempts.make(fetch)
        changed = {name: oid for name, oid in _refs(own, "refs/tags").items() if before.get(name) != oid}
        _write_shallow(own, folder)
        zero = "0" * max(map(len, changed.values()), default=0)
        lines = (f"update {name}\0{oid}\0{before.get(name, zero)}\0" for name, oid in changed.items())
        _git(directory, "update-ref", "--no-deref", "-z", "--stdin", stdin="".join(lines).encode(*_BYTES))
    return len(changed)


_BYTES: Final = ("utf-8", "surrogateescape")
_WITH_PARENTS: Final = ("--all", "--reflog", "--min-parents=1", "--max-count=1")


def _clone_of(remote: Remote, directory: Path) -> Path:
    """The folder of the workspace's clone of the remote: the workspace, or else the only one a step or two below."""
    below = () if (directory / ".git").exists() else (*directory.glob("*/.git"), *directory.glob("*/*/.git"))
    places = sorted(place.parent for place in below) or [directory]
    origins = {place: _origin(place) for place in places}
    clones = [place for place, url in origins.items() if url is not None and _same(url, remote.url)]
    if len(clones) == 1:
        return clones[0]
    if clones:
        names = ", ".join(repr(str(clone.relative_to(directory))) for clone in clones)
        raise GitError(f"The workspace {str(directory)!r} has several clones of {remote.shown!r}: {names}.", _HINT)
    other = next((url for url in origins.values() if url), "")
    if not other:
        raise GitError(f"There is no git repository with a remote 'origin' in the workspace {str(directory)!r}.", _HINT)
    raise GitError(
        f"The repository in the workspace is a clone of {Remote(other).shown!r}, not of {remote.shown!r}.", _HINT
    )


def _origin(place: Path) -> str | None:
    """The address in a repository's configuration; None if it is no repository's root, or has no origin."""
    if not (place / ".git").exists():  # git would look in the folders above
        return None
    arguments = ("config", "--get", "remote.origin.url")
    status, out, _ = run_git(place, arguments, _ENVIRONMENT | as_variables(_SETTINGS), b"", _LOCAL)
    return None if status else out.decode(*_BYTES).removesuffix("\n")


def _same(one: str, other: str) -> bool:
    """Whether two addresses name the same OWNER/NAME; that of a clone may be ssh's, or end in `.git`."""
    first, second = (
        url.rstrip("/").removesuffix(".git").replace(":", "/").casefold().split("/")[-2:] for url in (one, other)
    )
    return first == second


def _folder(directory: Path) -> Path:
    """The repository's own folder, `.git` mostly."""
    found = _git(directory, "rev-parse", "--path-format=absolute", "--git-common-dir")
    return Path(os.fsdecode(found.removesuffix(b"\n")))


def _beside(directory: Path, folder: Path, scratch: Path) -> Path:
    """A bare repository of our own with the objects, the refs and the boundary of the workspace's."""
    (scratch / "gitconfig").write_text("[safe]\n\tdirectory = *\n")  # a file://'s upload-pack heeds only a file
    own = scratch / "own"
    own.mkdir()
    kind = _git(directory, "rev-parse", "--show-object-format").decode().strip()
    _git(own, "init", "--quiet", "--bare", "--template=", f"--object-format={kind}", ".")
    for path in sorted((own / "objects").rglob("*"), reverse=True):
        path.rmdir()
    (own / "objects").rmdir()
    (own / "objects").symlink_to(folder / "objects")
    refs = _git(directory, "for-each-ref", "--format=%(objectname) %(refname)")
    status, head, _ = run_git(
        directory, ("rev-parse", "--verify", "HEAD"), _ENVIRONMENT | as_variables(_SETTINGS), b"", _LOCAL
    )
    (own / "packed-refs").write_bytes(refs + (b"" if status else head.strip() + b" refs/gto-action/head\n"))
    with suppress(FileNotFoundError):
        (own / "shallow").write_bytes((folder / "shallow").read_bytes())
    return own


def _refs(directory: Path, below: str) -> dict[str, str]:
    listing = _git(directory, "for-each-ref", "--format=%(objectname) %(refname)", below).decode(*_BYTES)
    return {name: oid for oid, _, name in (line.partition(" ") for line in listing.splitlines())}


def _partial(directory: Path, remote: Remote) -> dict[str, str]:
    """What keeps a partial clone one: settings for this fetch only, as if the address were its promisor.

    Folders come even if it has none (`tree:0`): gto fails without those of the tags' commits.
    """
    arguments = ("config", "--get-regexp", r"^remote\..*\.promisor$")
    status, _, _ = run_git(directory, arguments, _ENVIRONMENT | as_variables(_SETTINGS), b"", _LOCAL)
    name = f"remote.{remote.url}"
    return {} if status else {f"{name}.promisor": "true", f"{name}.partialclonefilter": "blob:none"}


def _write_shallow(own: Path, folder: Path) -> None:
    """The new boundary, as git writes it: beside a lock, all at once."""
    target, lock = folder / "shallow", folder / "shallow.lock"
    new = (own / "shallow").read_bytes() if (own / "shallow").exists() else b""
    if new == (target.read_bytes() if target.exists() else b""):
        return
    try:
        with lock.open("xb") as file:
            file.write(new)
        lock.replace(target)
    except OSError as error:
        raise _unwritable(folder, f"{error.strerror}: {error.filename!r}") from error


def _git(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    status, out, said = run_git(directory, arguments, _ENVIRONMENT | as_variables(_SETTINGS), stdin, _LOCAL)
    if status != 0:
        raise _unwritable(directory, said)
    return out


def _unwritable(folder: Path, said: str) -> GitError:
    last = (said.strip().splitlines() or ["nothing"])[0]
    return GitError(
        f"The tags cannot be brought into the repository at {str(folder)!r}: {last!r}.",
        "See that it can be written, that no other step uses it now, and that no tag of its own is in the way; "
        "or set the input 'fetch-tags' to 'false'.",
    )


@contextmanager
def _owner_kept(folder: Path) -> Iterator[None]:
    """What root makes in somebody else's repository becomes theirs: their own later steps must be able to write."""
    owner = folder.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    before = {path for path in folder.rglob("*") if path.lstat().st_uid == 0}
    try:
        yield
    finally:
        for path in folder.rglob("*"):
            if path not in before and path.lstat().st_uid == 0:
                os.lchown(path, owner.st_uid, owner.st_gid)
