"""What a commit's tree has at a path, and which files of it DVC reads; from git's own complete list."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

# An entry in the output of `git ls-tree -r -z`.
_line = re.compile(rb"([0-7]{6}) (?:blob|commit|tree) ([0-9a-f]+)\t(.*)", re.DOTALL)
_METADATA: Final = {"dvc.yaml", "dvc.lock", ".dvcignore", "params.yaml"}
_MOST_STEPS: Final = 1_000
# Names that are no file names, or are git's own: no checkout writes them, but a tree made by hand may have them.
_forbidden: Final = re.compile(r"(?:^|/)(?:\.{0,2}|\.git)(?:/|$)", re.IGNORECASE)
_CONFIGURATION: Final = {"config", "config.local", ".gitignore"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, a link or a submodule in a commit."""

    path: str
    """From the root of the repository; bytes that are not UTF-8 are surrogates."""
    mode: str
    oid: str

    @property
    def is_link(self) -> bool:
        """Whether it is a link; its content is the target."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """Whether it is a commit of another repository."""
        return self.mode == "160000"

    @property
    def is_executable(self) -> bool:
        """Whether it is an executable file."""
        return self.mode == "100755"


def parse_entry(line: bytes) -> Entry:
    r"""One entry of `git ls-tree -r -z`.

    >>> parse_entry(b"100644 blob 01a\tmodels/churn.pkl")
    Entry(path='models/churn.pkl', mode='100644', oid='01a')
    """
    found = _line.fullmatch(line)
    if not found:
        raise ValueError(line)
    return Entry(found[3].decode("utf-8", "surrogateescape"), found[1].decode(), found[2].decode())


@dataclass(slots=True)
class Part:
    """The part of a commit's tree that matters for one path."""

    path: str
    """Normalized, and not the root itself."""
    own: list[Entry] = field(default_factory=list)
    """The entries at the path or below it."""
    above: Entry | None = None
    """An entry on the way to the path, where a folder should be."""
    metadata: list[Entry] = field(default_factory=list)
    """The files that DVC reads, anywhere in the repository: configuration, stages, ignore lists."""

    @property
    def file(self) -> Entry | None:
        """The entry at the path itself, if it is not a folder."""
        return self.own[0] if self.own and self.own[0].path == self.path else None

    @property
    def dvc_root(self) -> str | None:
        """The folder of the nearest DVC repository around the path; "" for the git root; None if there is none."""
        roots = {posixpath.dirname(posixpath.dirname(entry.path)) for entry in self.metadata if _is_config(entry.path)}
        folders = (folder for folder in (*_folders(self.path), "") if folder in roots)
        return next(folders, None)

    @property
    def of_dvc(self) -> list[Entry]:
        """The metadata files of the nearest DVC repository."""
        root = self.dvc_root
        files = (entry for entry in self.metadata if not entry.is_link and not entry.is_submodule)
        return [entry for entry in files if not root or entry.path.startswith(f"{root}/")]

    @property
    def inner(self) -> str:
        """Another DVC repository at the path or below it; empty if there is none."""
        inside = f"{self.path}/"
        found = (entry.path for entry in self.metadata if _is_config(entry.path) and entry.path.startswith(inside))
        return next((posixpath.dirname(posixpath.dirname(path)) for path in found), "")


def is_forbidden(path: str) -> bool:
    """Whether git itself would refuse to write a path of a commit, because it leads elsewhere or into `.git`.

    >>> is_forbidden("models/../../x"), is_forbidden("models/.Git/config"), is_forbidden("models/.github/..x")
    (True, True, False)
    """
    return _forbidden.search(path) is not None


def part_of(path: str, entries: Iterable[Entry]) -> Part:
    """The part of a commit's entries that matters for one path."""
    part = Part(path)
    folders = {*_folders(path)}
    for entry in entries:
        if entry.path == path or entry.path.startswith(f"{path}/"):
            part.own.append(entry)
        if entry.path in folders:
            part.above = entry
        if _is_metadata(entry.path):
            part.metadata.append(entry)
    return part


def both(git: Iterable[str], dvc: Iterable[str]) -> str:
    """A name that git and DVC both track, or that is a folder for only one of them; empty if there is none.

    >>> both(["a/b", "c"], ["a/d", "c/e"])
    'c'
    """
    of_git, of_dvc = {*git}, {*dvc}
    clashes = {name for name in of_git if name in of_dvc or of_dvc & {*_folders(name)}}
    clashes |= {folder for name in of_dvc for folder in _folders(name) if folder in of_git}
    return min(clashes, default="")


def leads_out(way: str, links: Mapping[str, str]) -> bool:
    """Whether a link in a folder leads out of it, even temporarily, or in a circle.

    Args:
        way: the link's path in the folder.
        links: the targets of all links in the folder, by path.

    >>> leads_out("a/l", {"a/l": "../b"}), leads_out("a/l", {"a/l": "../../b"})
    (False, True)
    """
    here, left = way.split("/")[:-1], links[way].split("/")
    for _ in range(_MOST_STEPS):
        if not left:
            return False
        part = left.pop(0)
        if part == ".." and not here:
            return True
        if part == "..":
            here.pop()
        elif target := links.get("/".join([*here, part])):
            left = [*target.split("/"), *left]
        elif part not in {"", "."}:
            here.append(part)
    return True


def is_stage_file(path: str) -> bool:
    """Whether a file with this name may tell DVC where data is."""
    return path.endswith(".dvc") or posixpath.basename(path) in {"dvc.yaml", "dvc.lock"}


def _is_metadata(path: str) -> bool:
    name = posixpath.basename(path)
    return name in _METADATA or name.endswith(".dvc") or _is_config(path)


def _is_config(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name in _CONFIGURATION and posixpath.basename(folder) == ".dvc"


def _folders(path: str) -> list[str]:
    """The folders that a path is in, from the innermost out, without the root."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]
