"""Pulls the artifact itself: puts its file or folder at the commit at its path in the workspace.

It is always built from the commit, in a scratch folder. From the workspace it takes only data that matches a checksum
in the commit, and the user's own DVC configuration.
"""

import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from gto_action.errors import PullError
from gto_action.git.commit_files import CommitFiles
from gto_action.git.commit_tree import Entry, Part, both, is_stage_file, leads_out, part_of
from gto_action.gto.words import short
from gto_action.pull import lfs
from gto_action.pull.dvc_config import DvcRemote, find_remote
from gto_action.pull.placement import give, in_git, is_inside, whole, within, written
from gto_action.pull.question import Asked, Dvc

_MOST: Final = 500
"""How many files of a folder are listed at most."""
_MOST_TEXT: Final = 100_000
"""Limit for the names of all files that are listed, in letters: GitHub takes 1 MB of outputs from a job."""
_LARGEST_METADATA: Final = 8_000_000
"""Limit for each file that DVC reads, in bytes: DVC needs a hundred times that in memory."""
_LONGEST_PATH: Final = 4096
"""In bytes, with the terminating NUL, as on Linux; a link's target has the same limit."""
_LONGEST_NAME: Final = 255
"""For a file or a folder, in bytes."""
_SHOWN: Final = 100
# Text in a configuration or a dvc.yaml that may be a file name.
_names = re.compile(r"[^\s'\"\[\]{},:=]+")


@dataclass(frozen=True, slots=True)
class Scratch:
    """The commit's files, and folders to work in."""

    files: CommitFiles
    new_folder: Callable[[], Path]
    """Makes an empty folder, which is removed when the run ends."""


def pull(asked: Asked, workspace: Path, scratch: Scratch, log: Callable[[str], None]) -> dict[str, Any]:
    """Puts an artifact's data at its path in the workspace; returns what the document says under `pull`.

    The data replaces what is at that path, all or nothing.

    :raises PullError: if the data cannot be pulled.
    :raises RemoteError: if the remote does not deliver git's files.
    """
    path = posixpath.normpath(asked.path)
    place = workspace / path
    if "\0" in path:
        raise PullError(f"The path {asked.path!r} is not a valid path.", "Correct it in dvc.yaml.")
    if path == ".":
        raise PullError(f"The path {asked.path!r} is the whole repository.", "Use actions/checkout.")
    if path == ".." or path.startswith("../") or not within(place, workspace):
        raise PullError(f"The path {asked.path!r} is outside the repository.", "Correct it in dvc.yaml.")
    if ".git" in path.lower().split("/") or in_git(place, workspace):
        raise PullError(f"The path {asked.path!r} belongs to git itself.", "Correct it in dvc.yaml.")
    names = [os.fsencode(part) for part in place.parts]
    if len(os.fsencode(place)) >= _LONGEST_PATH or max(map(len, names)) > _LONGEST_NAME:
        raise PullError(f"The path that begins with {path[:_SHOWN]!r} is too long.", "Shorten it in dvc.yaml.")
    log(f"Pulling {path!r} of commit {short(asked.commit)}")
    puller = _Puller(asked, path, workspace, scratch, log)
    with whole(place, workspace) as new, written(place):
        found = puller.bring(new)
    give(workspace, place)
    return {"path": path, "commit": asked.commit} | found


class _Puller:
    """Builds one path of a commit."""

    def __init__(self, asked: Asked, path: str, workspace: Path, scratch: Scratch, log: Callable[[str], None]) -> None:
        self._path = path
        self._workspace = workspace
        self._scratch = scratch
        self._files = scratch.files
        self._dvc = Dvc(replace(asked, path=path), log)
        self._named = asked.remote
        self._remote: DvcRemote | None = None

    def bring(self, new: Path) -> dict[str, Any]:
        """Builds the file or folder at a place where nothing exists yet; returns what is known about it."""
        part = part_of(self._path, self._files.listed())
        self._check(part)
        dvc = self._of_dvc(part, new)
        if not part.own and not dvc["files"] and not dvc["directory"]:
            raise self._dvc.failure("root" if part.dvc_root is None else "path", remote=self._remote)
        names = {entry.path[len(self._path) + 1 :]: entry for entry in part.own}
        clash = both(names, (each["path"] for each in dvc["files"]))
        if clash or (part.own and dvc["files"] and not dvc["directory"]):
            raise self._dvc.failure("both", clash)
        self._of_git({new / name: entry for name, entry in names.items()}, new)
        of_git = [{"path": name or new.name, "md5": "", "size": (new / name).lstat().st_size} for name in names]
        files = sorted([*dvc["files"], *of_git], key=lambda each: str(each["path"]))
        return {
            "remote": self._remote.name if self._remote and (dvc["files"] or dvc["md5"]) else "",
            "directory": new.is_dir() and not new.is_symlink(),
            "md5": "" if of_git else dvc["md5"],
            "size": sum(each["size"] for each in files),
            "count": len(files),
            "files": list(_listed(files)),
        }

    def _check(self, part: Part) -> None:
        """Refuses a path that would be incomplete or lead elsewhere, before anything is pulled."""
        if (link := part.above or part.file) and link.is_link:
            raise self._link(link)
        if part.above and not part.above.is_submodule:
            raise self._dvc.failure("path")
        if part.above or any(entry.is_submodule for entry in part.own):
            raise PullError(f"The path {self._path!r} holds a submodule, which is not pulled.", "Use actions/checkout.")
        if part.inner:
            raise PullError(
                f"The path {self._path!r} holds another DVC repository, {part.inner!r}.",
                "Declare its content as a separate artifact.",
            )
        if part.dvc_root is not None:
            for entry in part.own:
                if entry.is_link and is_stage_file(entry.path):
                    raise PullError(f"{entry.path!r} is a link, but DVC needs a file.", "Put the file itself there.")

    def _link(self, link: Entry) -> PullError:
        text = self._scratch.new_folder() / "link"
        self._files.write([(link, text)])
        target = posixpath.join(posixpath.dirname(link.path), _target(text))
        if posixpath.normpath(target).startswith(("/", "../")):
            return PullError(f"The path {self._path!r} leads out of the repository.", "Correct the link in this path.")
        return PullError(
            f"The path {self._path!r} leads through the link {link.path!r}, to {posixpath.normpath(target)!r}.",
            "Write the link's target in dvc.yaml instead.",
        )

    def _of_dvc(self, part: Part, new: Path) -> dict[str, Any]:
        """Has DVC write the data that it tracks at the path."""
        nothing = {"directory": False, "md5": "", "files": []}
        root = part.dvc_root
        if root is None or part.file:
            if part.file and any(entry.path == f"{self._path}.dvc" for entry in part.metadata):
                raise self._dvc.failure("both", f"{self._path}.dvc")
            return nothing
        top = self._metadata(part)
        own = [top / entry.path for entry in part.of_dvc if is_stage_file(entry.path)]
        if part.own and all(place.name == "dvc.yaml" and b"stages" not in place.read_bytes() for place in own):
            return nothing
        local = self._workspace / root / ".dvc/config.local"
        is_local = is_inside(local, self._workspace) and not local.is_symlink() and local.is_file()
        configs = [top / root / ".dvc/config", local if is_local else top / root / ".dvc/config.local"]
        texts = [each.read_text("utf-8", "replace") for each in configs if each.is_file()]
        self._remote = find_remote(texts, self._named)
        question = {
            "top": str(top),
            "root": root,
            "path": posixpath.relpath(self._path, root or "."),
            "out": str(new),
            "workspace": str(self._workspace),
            "local": is_local,
            "notes": str(self._scratch.new_folder()),
        }
        return self._dvc.bring(question, self._remote)

    def _metadata(self, part: Part) -> Path:
        """Makes a folder with the files of the commit that DVC reads, and the files that those name."""
        top = self._scratch.new_folder()
        (top / (part.dvc_root or "") / ".dvc").mkdir(parents=True)
        self._files.write([(entry, top / entry.path) for entry in part.of_dvc])
        named: set[str] = set()
        for entry in part.of_dvc:
            if (top / entry.path).stat().st_size > _LARGEST_METADATA:
                raise PullError(
                    f"{entry.path!r} has more than {_LARGEST_METADATA:,} bytes, too many for DVC to read.",
                    "Split it, or move the artifact to a DVC repository of its own.",
                )
            if posixpath.basename(entry.path) in {"config", "dvc.yaml"}:
                text = (top / entry.path).read_text("utf-8", "replace")
                if entry.path.endswith("config") or "vars" in text:
                    named |= {posixpath.basename(name) for name in _names.findall(text)}
        wanted = (entry for entry in self._files.listed() if named and posixpath.basename(entry.path) in named)
        more = [(entry, top / entry.path) for entry in wanted if not entry.is_link and not entry.is_submodule]
        self._files.write([pair for pair in more if not pair[1].exists()])
        return top

    def _of_git(self, wanted: Mapping[Path, Entry], new: Path) -> None:
        """Writes the files that git tracks, with their modes; links last, so that nothing is written through one."""
        files = {place: entry for place, entry in wanted.items() if not entry.is_link}
        self._files.write([(entry, place) for place, entry in files.items()])
        for place, entry in files.items():
            known = place.stat()
            if known.st_size < lfs.LARGEST and lfs.is_pointer(place.read_bytes()):
                lfs.take(entry.path, place, self._workspace)
            if entry.is_executable:
                place.chmod(known.st_mode | (known.st_mode & 0o444) >> 2)
        self._links({place: entry for place, entry in wanted.items() if entry.is_link}, new)

    def _links(self, wanted: Mapping[Path, Entry], new: Path) -> None:
        texts = self._scratch.new_folder()
        numbered = {texts / str(number): place for number, place in enumerate(wanted)}
        self._files.write([(wanted[place], text) for text, place in numbered.items()])
        targets = {place: _target(text) for text, place in numbered.items()}
        ways = {place.relative_to(new).as_posix(): target for place, target in targets.items()}
        for place, target in targets.items():
            if target.startswith("/") or leads_out(place.relative_to(new).as_posix(), ways):
                raise PullError(
                    f"The link {wanted[place].path!r} leads out of {self._path!r}.", "Put the file itself there."
                )
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)


def _target(text: Path) -> str:
    """The target of a link, read from a file; a path outside the repository if it is too long for a target."""
    return os.fsdecode(text.read_bytes()) if text.stat().st_size < _LONGEST_PATH else "/"


def _listed(files: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first files, as many as an output can hold."""
    text = 0
    for each in files[:_MOST]:
        path = _shown(each["path"])
        text += len(path)
        if text > _MOST_TEXT:
            return
        yield each | {"path": path}


def _shown(path: str) -> str:
    """A path for people and JSON: bytes that are not UTF-8 are replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
