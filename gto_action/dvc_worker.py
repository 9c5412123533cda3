"""What runs in DVC's own environment, as a program of its own; the only user of dvc.

It reads one JSON object: `root` (a checkout), `path` (from there), `remote` (a name, or empty), `out` (where the data
goes; empty for `path` itself, as `dvc pull` does), and `strangers` (folders of whoever may push). It prints one:
`found`, with what DVC knows of the data, or `error`, with its `kind` and its `text`.
"""

import hashlib
import json
import os
import re
import runpy
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

# This is run by itself, where the package is not; nor may its folder be on the path, where names are common ones.
_failures = runpy.run_path(str(Path(__file__).with_name("dvc_failures.py")))
WorkerError, explain = _failures["WorkerError"], _failures["explain"]

_MOST = 500
"""The files of a folder that are listed one by one."""
_CHUNK = 2**20
_POINTER = b"version https://git-lfs.github.com/spec/"
# Options of a remote that name nothing to run, and no file in which something to run may be named.
HARMLESS = re.compile(
    """
    url|jobs|checksum_jobs|worktree|version_aware|no_traverse|verify|type|protected|shared|slow_link_warning
    |user|password|passphrase|ask_pass(?:word|phrase)|token|auth|custom_auth_header|method|port|timeout|read_timeout
    |connect(?:ion)?_timeout|use_ssl|ssl_verify|cert_path|key_path|keyfile|gss_auth|allow_agent|max_sessions
    |region|profile|endpointurl|access_key_id|secret_access_key|session_token|listobjects|cache_regions|acl
    |grant_(?:full_control|read|read_acp|write_acp)|sse|sse_(?:kms_key_id|customer_algorithm|customer_key)
    |allow_anonymous_login|projectname|account_(?:name|key)|connection_string|sas_token|tenant_id
    |client_(?:id|secret)|exclude_(?:environment|managed_identity|shared_token_cache|visual_studio_code)_credential
    """,
    re.VERBOSE,
)
# AWS's files may name a program (`credential_process`), Google's an address to which a file is sent.
_CREDENTIALS = frozenset({"configpath", "credentialpath"})
_refused: list[str] = []
_SYSTEM = ("/proc", "/sys", "/dev")
# The repository's configuration may name any folder for what DVC notes for itself.
_CONFIG = {"core": {"site_cache_dir": str(Path(tempfile.gettempdir(), "gto-action-dvc-notes"))}}


def main() -> None:
    """Answers the question on standard input."""
    question = json.loads(sys.stdin.read())
    answer = sys.stdout
    sys.stdout = sys.stderr  # DVC prints, too
    try:
        reply = {"found": _pull(**question)}
    except Exception as error:  # noqa: BLE001 - whatever DVC and the libraries of all remotes raise
        kind, text = ("option", _refused[0]) if _refused else explain(error)
        reply = {"error": {"kind": kind, "text": text}}
    answer.write(json.dumps(reply))
    answer.flush()


def _pull(root: str, path: str, remote: str, out: str, strangers: list[str]) -> dict[str, Any]:
    _trust()
    _guard((*strangers, *_SYSTEM))
    from dvc.fs import download
    from dvc.repo import Repo

    own = Path(root) / path
    if remote:
        _check_remote(own, Path(root), remote)
    with Repo(root, uninitialized=True, subrepos=True, remote=remote or None, config=_CONFIG) as repo:
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
                download(fs, place, out)
            elif info.get("dvc_info") or info["type"] == "directory":  # or else git has it
                _pull_here(own, Path(root), remote, info)
        except Exception as error:
            if explain(error)[0] == "object missing" and info.get("md5"):
                _ask_for(own, Path(root), remote, info["md5"])
            raise
        return _found(files, info, Path(out or own))


def _trust() -> None:
    """The checkout belongs to the runner's user, and this is another one."""
    with suppress(ImportError, AttributeError):
        import pygit2
        from pygit2.enums import Option

        pygit2.option(Option.SET_OWNER_VALIDATION, 0)


def _guard(strangers: tuple[str, ...]) -> None:
    """Refuses remotes that the repository could make run a program, wherever they are configured.

    DVC takes options from `.dvc/config`, from `.dvc` files and from other repositories, but makes every file system by
    this one function.
    """
    import dvc.cachemgr
    import dvc.data_cloud
    import dvc.fs
    import dvc.output
    import dvc.repo

    make = dvc.fs.get_cloud_fs

    def guarded(repo_config: Any, **given: Any) -> Any:
        options = dvc.fs.get_fs_config(repo_config or {}, **given)
        for name in (each for each in map(str, options) if not HARMLESS.fullmatch(each)):
            if name not in _CREDENTIALS or _is_stranger(str(options[name]), strangers):
                _refused.append(name)  # DVC may take what is raised here for data that is missing
                raise WorkerError("option", name)
        return make(repo_config, **given)

    for module in list(sys.modules.values()):
        if getattr(module, "get_cloud_fs", None) is make:
            module.get_cloud_fs = guarded  # type: ignore[attr-defined]


def _is_stranger(path: str, strangers: tuple[str, ...]) -> bool:
    """Whether whoever may push may have written a file; one without a folder is the repository's."""
    path = os.path.expanduser(path)  # noqa: PTH111 - which raises for an unknown user
    real = Path(os.path.realpath(path))
    return not path.startswith("/") or any(real.is_relative_to(os.path.realpath(each)) for each in strangers)


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

    with Repo(_root_of(own, root), config=_CONFIG) as repo:
        known = repo.config["remote"]
        if remote and remote not in known:
            raise WorkerError("remote unknown", ", ".join(sorted(known)))
        if not known:
            raise WorkerError("remote missing")


def _ask_for(own: Path, root: Path, remote: str, md5: str) -> None:
    """Asks the remote for one object: DVC takes whatever goes wrong there for an object that is missing."""
    from dvc.repo import Repo

    with Repo(_root_of(own, root), config=_CONFIG) as repo:
        store = repo.cloud.get_remote_odb(remote or None)
        store.fs.info(store.oid_to_path(md5))


def _pull_here(own: Path, root: Path, remote: str, info: dict[str, Any]) -> None:
    """Puts the data where it belongs in a checkout, as `dvc pull` does."""
    from dvc.repo import Repo

    with Repo(_root_of(own, root), config=_CONFIG) as repo:
        _check_cache(repo, root)
        tracked = info["type"] == "file" or _is_dvcs(info)
        repo.pull(targets=[str(own)], remote=remote or None, recursive=not tracked, force=True)


def _check_cache(repo: Any, root: Path) -> None:
    """Outside of the checkout, or linked to by its path in this container, a cache is of no use to later steps."""
    inside = Path(os.path.realpath(repo.cache.local.path)).is_relative_to(os.path.realpath(root))
    if not inside or "symlink" in (repo.config["cache"].get("type") or ()):
        raise WorkerError("not here")


def _files(fs: Any, place: str, info: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The names of the files, and what DVC says of their contents: empty for those that git has."""
    if info["type"] != "directory":
        yield place.rpartition("/")[2], _checksum(place, info)
        return
    for name, known in sorted(fs.fs.find(place, detail=True).items()):
        own = name.removeprefix(place).removeprefix("/")
        if not own or own.startswith("/") or ".." in own.split("/"):
            raise WorkerError("names", own or name)
        yield own, _checksum(own, known)


def _is_dvcs(known: dict[str, Any]) -> bool:
    return bool((known.get("dvc_info") or {}).get("isdvc"))


def _checksum(name: str, known: dict[str, Any]) -> str:
    """DVC's; without one the data would come from wherever a `.dvc` file says, and could be anything."""
    md5 = known.get("md5") or (known.get("dvc_info") or {}).get("md5") or ""
    if _is_dvcs(known) and not md5:
        raise WorkerError("no checksum", name)
    return str(md5)


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
        if not md5 and _is_pointer(own):
            raise WorkerError("lfs", name)
        size += length
        if len(listed) < _MOST:
            listed.append({"path": name, "md5": md5, "size": length})
    entry = (info.get("dvc_info") or {}).get("entry")
    md5 = (entry.hash_info.value if entry is not None and entry.hash_info else None) or info.get("md5") or ""
    if not files and not _is_dvcs(info):  # git has no empty folders, but leaves one for a submodule
        raise WorkerError("path")
    known = {"directory": folder, "md5": md5, "size": size, "count": len(files), "files": listed}
    return known | {"of_dvc": bool(md5) or any(md5 for _, md5 in files)}


def _is_pointer(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(len(_POINTER)) == _POINTER


def _md5(file: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    main()
