"""Copies a few files of a Debian, and what they need, into a folder that becomes an image: runs while that is built.

    pick.py [--younger-than FILE] FOLDER PATH...

A link is copied with what it points to, a folder with all that is in it, a program or library with the shared libraries
that it needs. What Debian says of the packages that the files are of goes to `var/lib/dpkg/status.d`, where scanners
look for it, and their licences where Debian has them.
"""

import argparse
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

_LINKS: Final = ("bin", "sbin", "lib", "lib64")
_LIBRARY: Final = re.compile(r"(/\S+) \(0x")
_ELF: Final = b"\x7fELF"


class Picked:
    """What has been copied."""

    def __init__(self, folder: Path, since: int) -> None:
        """Copies to a folder what is younger than a time, in nanoseconds."""
        self._folder = folder
        self._since = since
        self.paths: set[Path] = set()

    def add(self, path: Path) -> None:
        """Copies a file, a folder or a link, under its real path, as parents may be links: /lib is one."""
        path = path.parent.resolve() / path.name
        if path in self.paths:
            return
        status = path.lstat()
        self.paths.add(path)
        if path.is_symlink():
            self.add(path.parent / path.readlink())
        elif path.is_dir():
            (self._folder / path.relative_to("/")).mkdir(parents=True, exist_ok=True)
            for each in path.iterdir():
                self.add(each)
            return
        if status.st_ctime_ns > self._since:
            target = self._folder / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target, follow_symlinks=False)

    def add_libraries(self) -> None:
        """Copies the libraries that what is here needs; the loader names those of libraries, too."""
        programs = [str(path) for path in self.paths if _is_elf(path)]
        for library in _LIBRARY.findall(_said("ldd", *programs)):
            self.add(Path(library))

    def add_packages(self) -> None:
        """Writes down of which packages all this is."""
        owned = _said("dpkg-query", "--search", *map(str, sorted(self.paths)))
        names = {name for line in owned.splitlines() for name in line.rpartition(": ")[0].split(", ")}
        place = self._folder / "var/lib/dpkg/status.d"
        place.mkdir(parents=True, exist_ok=True)
        for name in sorted(names):
            if status := _said("dpkg-query", "--status", name):
                plain = name.partition(":")[0]
                (place / plain).write_text(status)
                if (licence := Path("/usr/share/doc", plain, "copyright")).exists():
                    self.add(licence)


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_ELF)) == _ELF


def _said(*command: str) -> str:
    """What a program prints; that it knows some of its arguments and not others is no failure."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout


def pick(folder: Path, paths: Iterable[Path], since: int = -1) -> None:
    """Copies these, and what they need, to a folder; with `since` only what is younger, which is to go over a base.

    :raises OSError: if one of them is not there, or the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for link in (Path("/", name) for name in _LINKS if since < 0):
        if link.is_symlink():
            (folder / link.name).symlink_to(link.readlink())
    picked = Picked(folder, since)
    for path in paths:
        picked.add(path)
    picked.add_libraries()
    picked.add_packages()


def main(arguments: Sequence[str] | None = None) -> None:
    """Does what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--younger-than", metavar="FILE", type=Path, help="leave out what was there before this file")
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    parser.add_argument("paths", metavar="PATH", type=Path, nargs="+")
    given = parser.parse_args(arguments)
    since = given.younger_than.stat().st_ctime_ns if given.younger_than else -1
    os.umask(0o022)
    pick(given.folder, given.paths, since)


if __name__ == "__main__":
    main()
