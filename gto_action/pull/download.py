"""Fetches the data that DVC tracks at a path, from the workspace's cache or a remote; the only user of dvc_data.

`worker.py` imports this in DVC's own environment, so it imports only what is installed there.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gto_action.pull.checked_copy import CHUNK, Digest, copy_checked
from gto_action.pull.worker_failures import WorkerError

# One of DVC's checksums, which becomes part of a path.
_checksum = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_NOT_NAMES = {"", ".", "..", ".git"}
_LEGACY = "md5-dos2unix"

Key = tuple[str, ...]
"""The parts of a path, from the root of the repository."""


class Download:
    """Downloads from one DVC repository."""

    def __init__(self, repo: Any, index: Any, cache: Path | None) -> None:
        """Reads nothing yet.

        Args:
            repo: DVC's `Repo`.
            index: its `Index`, with all stages.
            cache: the cache in the workspace, which is not trusted.
        """
        self._repo = repo
        self._outs = [out for out in index.outs if out.use_cache and out.is_in_repo]
        self._data = index.data["repo"]
        self._cache = cache

    def bring(self, path: str, place: Path) -> dict[str, Any]:
        """Writes the data that DVC tracks at a path to a place where nothing exists yet.

        Returns `directory`, `md5` (DVC's, if it tracks exactly this path) and `files`: for each its `path` within
        `path`, its `md5` and its `size` in bytes. If DVC tracks nothing there, `files` is empty and `directory` false.

        :raises WorkerError: if the data is missing or does not match DVC's checksum.
        """
        key: Key = tuple(path.split("/"))
        entries: dict[Key, Any] = {}
        folders: list[Path] = []
        found: dict[str, Any] = {"md5": ""}
        for out in self._outs:
            own: Key = out.index_key[1]
            if own[: len(key)] == key or key[: len(own)] == own:
                entries |= {name: each for name, each in self._entries(own) if name[: len(key)] == key}
                if own[: len(key)] == key and own not in entries:
                    folders.append(place.joinpath(*own[len(key) :]))
            if own == key:
                found["md5"] = str(out.hash_info.value or "")
        names = sorted(entries)
        for name in (*names, *(out.index_key[1] for out in self._outs)):
            if _NOT_NAMES & {part.lower() for part in name}:
                raise WorkerError("names", "/".join(name))
        for folder in folders:  # they may be empty
            folder.mkdir(parents=True, exist_ok=True)
        found["directory"] = bool(folders) or any(name != key for name in entries)
        with ThreadPoolExecutor() as pool:
            jobs = [pool.submit(self._bring, entries[name], place.joinpath(*name[len(key) :])) for name in names]
            try:
                sizes = [job.result() for job in jobs]
            finally:
                pool.shutdown(wait=False, cancel_futures=True)  # after one failure nobody needs the rest
        files = [
            {"path": "/".join(name[len(key) :] or key[-1:]), "md5": entries[name].hash_info.value, "size": size}
            for name, size in zip(names, sizes, strict=True)
        ]
        return found | {"files": files}

    def _entries(self, key: Key) -> Iterator[tuple[Key, Any]]:
        """The files of one output of a stage: the file itself, or what the folder contains."""
        root = self._data[key]
        if not root.isdir and not (root.hash_info and root.hash_info.isdir):
            yield key, root
            return
        if root.loaded:  # the `.dvc` file itself lists the files
            yield from (
                (name, each) for name, each in self._data.iteritems(prefix=key) if name != key and not each.isdir
            )
            return
        listing = self._listing(root)
        if listing is None:  # an import, whose source may have recorded no list
            yield from self._imported(key, root)
            return
        for each in listing:
            parts = tuple(str(each["relpath"]).split("/"))
            yield (*key, *parts), self._entry((*key, *parts), root.hash_info.name, each)

    @staticmethod
    def _entry(key: Key, name: str, known: dict[str, Any]) -> Any:
        from dvc_data.hashfile.hash_info import HashInfo
        from dvc_data.hashfile.meta import Meta
        from dvc_data.index import DataIndexEntry

        md5 = str(known.get("md5") or "")
        return DataIndexEntry(key=key, meta=Meta(isexec=bool(known.get("isexec"))), hash_info=HashInfo(name, md5))

    def _listing(self, root: Any) -> list[dict[str, Any]] | None:
        """The list of a folder's files, checked against the folder's checksum; None if there is no such list."""
        oid = _oid(root)
        text = b""
        if self._cache and (file := self._cached(root.hash_info)) and file.is_file() and not file.is_symlink():
            text = file.read_bytes()
        if _md5(text) != oid.removesuffix(".dir"):
            fs, path = self._source(root)
            if not path.endswith(oid[2:]):  # not an object store
                return None
            text = fs.cat_file(path)
        if _md5(text) != oid.removesuffix(".dir"):
            raise WorkerError("changed", "/".join(root.key))
        return list(json.loads(text))

    def _imported(self, key: Key, root: Any) -> Iterator[tuple[Key, Any]]:
        from dvc_data.hashfile.tree import Tree

        tree = Tree()
        found = [(name, each) for name, each in self._data.iteritems(prefix=key) if name != key and not each.isdir]
        for name, each in found:
            tree.add(name[len(key) :], None, each.hash_info)
        if not all(each.hash_info for _, each in found):
            raise WorkerError("no checksum", "/".join(key))
        tree.digest()
        if tree.hash_info.value != _oid(root):
            raise WorkerError("changed", "/".join(key))
        yield from found

    def _source(self, entry: Any) -> tuple[Any, str]:
        """Where to find an object that is not in the cache: a file system, and a path in it."""
        if not self._repo.config["remote"] and not self._data.storage_map[entry.key].remote:
            raise WorkerError("remote missing")
        storage = self._data.storage_map[entry.key].remote
        if not storage:
            raise WorkerError("no default")
        fs, path = storage.get(entry)
        return fs, str(path)

    def _cached(self, known: Any) -> Path | None:
        """Where the workspace's cache would have an object."""
        if not self._cache:
            return None
        base = self._cache if known.name == _LEGACY else self._cache / "files/md5"
        oid = str(known.value)
        return base / oid[:2] / oid[2:]

    def _bring(self, entry: Any, place: Path) -> int:
        """Writes one file; returns its size in bytes."""
        md5, name = _oid(entry), entry.hash_info.name
        place.parent.mkdir(parents=True, exist_ok=True)
        cached = self._cached(entry.hash_info)
        if not cached or not copy_checked(cached, place, _digest(name), md5):
            fs, path = self._source(entry)
            fs.get_file(path, str(place))
            digest = _digest(name)
            with place.open("rb") as content:
                while chunk := content.read(CHUNK):
                    digest.update(chunk)
            if digest.hexdigest() != md5:
                raise WorkerError("changed", "/".join(entry.key))
        known = place.stat()
        if entry.meta and entry.meta.isexec:
            place.chmod(known.st_mode | (known.st_mode & 0o444) >> 2)
        return known.st_size


def _oid(entry: Any) -> str:
    """DVC's checksum; without one the data would come from anywhere a `.dvc` file says, and could be anything."""
    oid = str((entry.hash_info and entry.hash_info.value) or "")
    if not _checksum.fullmatch(oid) or entry.hash_info.name not in {"md5", _LEGACY}:
        raise WorkerError("no checksum", "/".join(entry.key))
    return oid


def _md5(text: bytes) -> str:
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _digest(name: str) -> Digest:
    return _Dos2Unix() if name == _LEGACY else hashlib.md5(usedforsecurity=False)


class _Dos2Unix:
    """The checksum of DVC before 3.0, which treats all line endings in a text alike; it works chunk by chunk."""

    def __init__(self) -> None:
        self._digest = hashlib.md5(usedforsecurity=False)

    def update(self, data: bytes, /) -> None:
        """Adds the next chunk, of `CHUNK` bytes."""
        from dvc_data.hashfile.istextfile import DEFAULT_CHUNK_SIZE, istextblock

        self._digest.update(data.replace(b"\r\n", b"\n") if istextblock(data[:DEFAULT_CHUNK_SIZE]) else data)

    def hexdigest(self) -> str:
        """The checksum in hexadecimal digits."""
        return self._digest.hexdigest()
