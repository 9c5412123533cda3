"""What `pull` must deliver, written down naively; commits made of it without dvc; and workspaces in every state."""

import hashlib
import json
import os
import posixpath
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.repo import PERSON, Repo

TAG: Final = "m@v1.0.0"
FILE, PROGRAM, LINK, SUBMODULE, EMPTY = "100644", "100755", "120000", "160000", "040000"
Found = tuple[str, bytes]
"""A mode as git has it, and a content; a folder where nothing is in it."""
Data = bytes | Mapping[str, bytes]
"""A file or a folder of DVC's."""


@dataclass(slots=True)
class Commit:
    """What somebody has committed, and pushed to the remote of DVC."""

    path: str
    """Of the artifact."""
    git: dict[str, Found] = field(default_factory=dict)
    dvc: dict[str, Data] = field(default_factory=dict)
    """By the path of the data."""
    legacy: set[str] = field(default_factory=set)
    """Data that DVC before 3.0 has added."""
    programs: set[str] = field(default_factory=set)
    """Files of DVC's that can be run."""
    ignored: list[str] = field(default_factory=list)
    """Lines of `.dvcignore`: a name, `*.EXTENSION`, or `/FOLDER/`."""
    roots: tuple[str, ...] = ("",)
    """Folders with a DVC repository."""
    lfs: dict[str, bytes] = field(default_factory=dict)
    """What pointers stand for."""

    def root_of(self, path: str) -> str:
        inside = (root for root in self.roots if not root or path.startswith(f"{root}/"))
        return max(inside, key=len, default="")

    def is_hidden(self, path: str) -> bool:
        """Whether `.dvcignore` names a file, or a folder that it is in."""
        parts = path.split("/")
        for line in self.ignored:
            if line.startswith("/"):
                if path.startswith(line[1:]):
                    return True
            elif any(part.endswith(line[1:]) if line.startswith("*") else part == line for part in parts):
                return True
        return False

    def files(self) -> dict[str, Found]:
        """Everything that is in the tree."""
        found = {"dvc.yaml": (FILE, f"artifacts: {{m: {{path: {json.dumps(self.path)}}}}}\n".encode()), **self.git}
        for name, content in self.lfs.items():
            found[name] = (FILE, pointer(content))
        if self.ignored:
            found[".dvcignore"] = (FILE, "\n".join([*self.ignored, ""]).encode())
        for path, data in self.dvc.items():
            found[f"{path}.dvc"] = (FILE, self._stage(path, data).encode())
        return found

    def _stage(self, path: str, data: Data) -> str:
        kind = "" if path in self.legacy else ", hash: md5"
        kind += ", isexec: true" if path in self.programs else ""
        return f"outs: [{{md5: {oid_of(data, path in self.legacy)}{kind}, path: {json.dumps(posixpath.basename(path))}}}]\n"

    def objects(self) -> dict[str, bytes]:
        """What is in the remote, by the path in there."""
        found: dict[str, bytes] = {}
        for path, data in self.dvc.items():
            old = path in self.legacy
            contents = [data] if isinstance(data, bytes) else [*data.values()]
            named = {md5(content, old): content for content in contents}
            if not isinstance(data, bytes):
                named[oid_of(data, old)] = listing(data, old)
            found |= {f"{'' if old else 'files/md5/'}{oid[:2]}/{oid[2:]}": content for oid, content in named.items()}
        return found

    def _kept(self, out: str, content: bytes) -> bytes:
        """What the remote has of a content: before DVC 3.0, one of those that differ in the ends of lines alone."""
        oid = md5(content, legacy=True)
        return self.objects()[f"{oid[:2]}/{oid[2:]}"] if out in self.legacy else content

    def expected(  # noqa: C901, PLR0911, PLR0912 - naive: a rule after the other
        self, has: frozenset[str] = frozenset()
    ) -> dict[str, Found] | str:
        """What is at the path, by the way from there (empty for a file); or why it cannot be, as messages say it.

        Args:
            has: the Git LFS files whose content the workspace has.
        """
        tree, path = self.files(), self.path
        parts = path.split("/")
        above = ["/".join(parts[:length]) for length in range(1, len(parts))]
        for each in (*above, path):
            if each in tree and tree[each][0] == LINK:
                return "link"
        if any(each in tree and tree[each][0] != SUBMODULE for each in above):
            return "no such path"
        own = {name: found for name, found in tree.items() if _way(name, path) is not None}
        if any(each in tree for each in above) or any(mode == SUBMODULE for mode, _ in own.values()):
            return "submodule"
        root = self.root_of(path)
        if path in self.roots or any(each.startswith(f"{path}/") for each in self.roots):
            return "another DVC repository"
        if path in own and f"{path}.dvc" in tree:
            return "both"
        wanted: dict[str, Found] = {}
        of_dvc = {} if path in own else self.dvc
        # DVC looks at all of its data before it looks for the path's.
        if not root and any(
            self.is_hidden(out) > self.is_hidden(f"{out}.dvc") for out in of_dvc if not self.root_of(out)
        ):
            return "does nothing"
        for out, data in of_dvc.items():
            if self.root_of(out) != root:
                continue
            stage = f"{out}.dvc"
            concerns = _way(stage, path) is not None or _way(path, out) is not None
            if concerns and not root and self.is_hidden(stage):
                return "hides"
            for name, content in [("", data)] if isinstance(data, bytes) else data.items():
                place = f"{out}/{name}" if name else out
                if (way := _way(place, path)) is not None:
                    wanted[way] = (PROGRAM if out in self.programs else FILE, self._kept(out, content))
            if data == {} and (way := _way(out, path)) is not None:
                wanted[way] = (EMPTY, b"")
        ways = {way: found for name, found in own.items() if (way := _way(name, path)) is not None}
        full = {way for way in wanted if any(_way(each, way) or not way for each in ways)}
        wanted = {way: found for way, found in wanted.items() if found[0] != EMPTY or way not in full}
        for one, other in ((ways, wanted), (wanted, ways)):
            if any(each in other or any(_way(each, every) for every in other) for each in one):
                return "both"
        if any(name in self.lfs and name not in has for name in own):
            return "Git LFS"
        for name in own:
            if name in self.lfs:
                ways[_way(name, path) or ""] = (tree[name][0], self.lfs[name])
        for way, (mode, target) in ways.items():
            if mode == LINK and _leads_out(way, target.decode(), ways | wanted):
                return "leads out"
        return (wanted | ways) or "no such path"

    def make(self, repo: Repo, store: Path) -> str:
        """Commits and tags it, and fills the remote; gives the commit's id."""
        lines = [f"commit refs/heads/main\ncommitter {PERSON} 1000 +0000\ndata 1\n.\ndeleteall\n".encode()]
        tree = self.files()
        for root in self.roots:
            settings = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {store}\n".encode()
            tree[f"{root}/.dvc/config".removeprefix("/")] = (FILE, settings)
        for name, (mode, content) in sorted(tree.items()):
            if mode == SUBMODULE:
                lines.append(f'M {mode} {"1" * 40} "{name}"\n'.encode())
            else:
                lines.append(
                    f'M {mode} inline "{name}"\ndata {len(content)}\n'.encode("utf-8", "surrogateescape")
                    + content
                    + b"\n"
                )
        repo.git("fast-import", "--quiet", "--force", stdin=b"".join(lines))
        repo.tag(TAG)
        for name, content in self.objects().items():
            (store / name).parent.mkdir(parents=True, exist_ok=True)
            (store / name).write_bytes(content)
        return repo.git("rev-parse", "main")


def _way(path: str, folder: str) -> str | None:
    """From a folder to a path that is in it, empty for itself; None if it is elsewhere."""
    if path == folder:
        return ""
    return path.removeprefix(f"{folder}/") if path.startswith(f"{folder}/") else None


def _leads_out(way: str, target: str, tree: Mapping[str, Found]) -> bool:
    """Whether a link leads out of the folder, or to itself: step by step, as the system goes."""
    here = way.split("/")[:-1]
    waiting = target.split("/")
    if target.startswith("/"):
        return True
    steps = 0
    while waiting:
        steps += 1
        part = waiting.pop(0)
        if steps > 200:
            return True
        if part == "..":
            if not here:
                return True
            here.pop()
        elif part not in {"", "."}:
            mode, content = tree.get("/".join([*here, part]), ("", b""))
            if mode == LINK:
                waiting = content.decode().split("/") + waiting
            else:
                here.append(part)
    return False


def md5(content: bytes, legacy: bool = False) -> str:  # noqa: FBT002
    """DVC's; before 3.0 it took the ends of a text's lines for the same."""
    text = legacy and b"\0" not in content
    return hashlib.md5(content.replace(b"\r\n", b"\n") if text else content, usedforsecurity=False).hexdigest()


def listing(data: Mapping[str, bytes], legacy: bool = False) -> bytes:  # noqa: FBT002
    """What DVC keeps of a folder."""
    return json.dumps([{"md5": md5(data[name], legacy), "relpath": name} for name in sorted(data)]).encode()


def oid_of(data: Data, legacy: bool = False) -> str:  # noqa: FBT002
    return md5(data, legacy) if isinstance(data, bytes) else f"{md5(listing(data, legacy))}.dir"


def pointer(content: bytes) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n".encode()


def found_at(place: Path) -> dict[str, Found]:
    """What is at a place, as `expected` says it."""
    if not os.path.lexists(place):
        return {}
    if place.is_symlink() or place.is_file():
        return {"": _found(place)}
    every = (
        each for each in (place, *place.rglob("*")) if each.is_symlink() or not each.is_dir() or not any(each.iterdir())
    )
    return {"" if each == place else each.relative_to(place).as_posix(): _found(each) for each in every}


def _found(place: Path) -> Found:
    if place.is_symlink():
        return LINK, os.fsencode(place.readlink())
    if place.is_dir():
        return EMPTY, b""
    return PROGRAM if place.stat().st_mode & stat.S_IXUSR else FILE, place.read_bytes()
