"""What runs in DVC's own environment, as a program of its own; the only user of dvc.

It reads one JSON object from its standard input: `root` (a checkout), `path` (from there), `remote` (a name, or empty),
and `out` (where the data goes; empty for `path` itself, as `dvc pull` does). It prints one JSON object: `found`,
with what DVC knows of the data, or `error`, with its `kind` and its `text`.
"""

import errno
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_MOST = 500
"""The files of a folder that are listed one by one."""
_CHUNK = 2**20


class WorkerError(Exception):
    """What a person can do something about."""

    def __init__(self, kind: str, text: str = "") -> None:
        super().__init__(text)
        self.kind = kind


def main() -> None:
    """Answers the question on standard input."""
    question = json.loads(sys.stdin.read())
    answer = sys.stdout
    sys.stdout = sys.stderr  # DVC prints, too
    try:
        reply = {"found": _pull(**question)}
    except WorkerError as error:
        reply = {"error": {"kind": error.kind, "text": str(error)}}
    except Exception as error:  # noqa: BLE001 - whatever DVC and the libraries of all remotes raise
        kind, text = _explain(error)
        reply = {"error": {"kind": kind, "text": text}}
    answer.write(json.dumps(reply))
    answer.flush()


def _pull(root: str, path: str, remote: str, out: str) -> dict[str, Any]:
    _trust()
    from dvc.repo import Repo

    own = Path(root) / path
    if remote:
        _check_remote(own, Path(root), remote)
    with Repo(root, uninitialized=True, subrepos=True, remote=remote or None) as repo:
        fs = repo.dvcfs
        place = fs.from_os_path(str(own))
        try:
            info = fs.info(place)
        except FileNotFoundError:
            raise WorkerError("path") from None
        if info.get("dvc_info"):
            _check_remote(own, Path(root), remote)
        try:
            files = list(_files(fs, place, info))
            if out:
                _download(fs, place, out)
            elif info.get("dvc_info") or info["type"] == "directory":  # or else git has it
                _pull_here(own, Path(root), remote, info)
        except Exception as error:
            if _explain(error)[0] == "object missing" and info.get("md5"):
                _ask_for(own, Path(root), remote, info["md5"])
            raise
        return _found(files, info, Path(out or own))


def _trust() -> None:
    """The checkout belongs to the runner's user, and this is another one."""
    try:
        import pygit2
        from pygit2.enums import Option

        pygit2.option(Option.SET_OWNER_VALIDATION, 0)
    except (ImportError, AttributeError):
        pass


def _root_of(own: Path, root: Path) -> str:
    """The DVC repository that a path is in, whether or not it is there yet."""
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    folder = next(each for each in (own, *own.parents) if each.is_dir())
    try:
        found = Repo.find_root(str(folder))
    except NotDvcRepoError:
        raise WorkerError("root") from None
    if not Path(found).is_relative_to(root):
        raise WorkerError("root")
    return str(found)


def _check_remote(own: Path, root: Path, remote: str) -> None:
    from dvc.repo import Repo

    with Repo(_root_of(own, root)) as repo:
        known = repo.config["remote"]
        if remote and remote not in known:
            raise WorkerError("remote unknown", ", ".join(sorted(known)))
        if not known:
            raise WorkerError("remote missing")


def _download(fs: Any, place: str, out: str) -> None:
    from dvc.fs import download

    download(fs, place, out)


def _ask_for(own: Path, root: Path, remote: str, md5: str) -> None:
    """Asks the remote for one object: DVC takes whatever goes wrong there for an object that is missing."""
    from dvc.repo import Repo

    with Repo(_root_of(own, root)) as repo:
        store = repo.cloud.get_remote_odb(remote or None)
        store.fs.info(store.oid_to_path(md5))


def _pull_here(own: Path, root: Path, remote: str, info: dict[str, Any]) -> None:
    """Puts the data where it belongs in a checkout, as `dvc pull` does."""
    from dvc.repo import Repo

    with Repo(_root_of(own, root)) as repo:
        tracked = info["type"] == "file" or bool(info.get("isdvc"))
        repo.pull(targets=[str(own)], remote=remote or None, recursive=not tracked)


def _files(fs: Any, place: str, info: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The names of the files, and what DVC says of their contents."""
    if info["type"] != "directory":
        yield place.rpartition("/")[2], info.get("md5") or ""
        return
    for name, known in sorted(fs.fs.find(place, detail=True).items()):
        yield name.removeprefix(place).lstrip("/"), known.get("md5") or ""


def _found(files: list[tuple[str, str]], info: dict[str, Any], where: Path) -> dict[str, Any]:
    """What DVC knows, held against what has come."""
    folder = info["type"] == "directory"
    size = 0
    listed: list[dict[str, Any]] = []
    for name, md5 in files:
        own = where / name if folder else where
        length = own.stat().st_size
        if md5 and _md5(own) != md5:
            raise WorkerError("changed", name)
        size += length
        if len(listed) < _MOST:
            listed.append({"path": name, "md5": md5, "size": length})
    entry = (info.get("dvc_info") or {}).get("entry")
    md5 = (entry.hash_info.value if entry is not None and entry.hash_info else None) or info.get("md5") or ""
    return {"directory": folder, "md5": md5, "size": size, "count": len(files), "files": listed}


def _md5(file: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


# The kind of a failure, by the names of what was raised or what it was raised from.
_KINDS = {
    "remote missing": ("NoRemoteError", "RemoteNotFoundError", "NoRemoteInExternalRepoError"),
    "no credentials": (
        *("NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "CredentialUnavailableError"),
        *("TokenRetrievalError", "UnauthorizedSSOTokenError", "ProfileNotFound", "AuthError"),
    ),
    "refused": (
        *("PermissionError", "PermissionDenied", "ClientAuthenticationError", "InvalidAccessKeyId", "Forbidden"),
        *("HostKeyNotVerifiable", "RefreshError"),
    ),
    "time": ("TimeoutError", "ServerTimeoutError", "ConnectTimeoutError", "ReadTimeoutError"),
    "connection": (
        "EndpointConnectionError",
        "ClientConnectorError",
        "ConnectionError",
        "gaierror",
        "ServiceRequestError",
    ),
    "config": ("ConfigError", "RemoteConfigError"),
    "object missing": (
        *("FileMissingError", "FileNotFoundError", "CollectCacheError", "CheckoutError", "DataIndexDirError"),
        *("NoSuchBucket", "NoSuchKey", "ResourceNotFoundError", "NotFound"),
    ),
}
_REFUSED = {401, 403}


def _explain(error: BaseException) -> tuple[str, str]:
    """The kind of a failure, and the words of what was its cause."""
    chain = list(_chain(error))
    for each in chain:
        if found := re.search(r"(\w+) is supported, but requires", str(each)):
            return "package", found[1]
        if isinstance(each, OSError) and each.errno in {errno.ENOSPC, errno.EDQUOT}:
            return "disk", each.strerror or ""
        if getattr(each, "status", None) in _REFUSED or getattr(each, "code", None) in _REFUSED:
            return "refused", _words(each)
    for kind, names in _KINDS.items():
        for each in chain:
            if {base.__name__ for base in type(each).__mro__} & {*names}:
                return kind, _words(each)
    return "unknown", f"{type(error).__name__}: {_words(error)}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _words(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


if __name__ == "__main__":
    main()
