"""The folder that a site is in: written whole or not at all, and nobody else's.

A new folder is made beside the old one, in which a file that did not change is the same file, by a link. In the end
the two change places. Whatever fails until then, be it for a full disk, leaves the old one as it was.
"""

import errno
import fcntl
import glob
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from gto_action.errors import SiteError
from gto_action.page.mark import MARK, files_in, ignores_case, mark, marked
from gto_action.system import ownership
from gto_action.system.cancellation import Leftover, unbroken
from gto_action.system.folders import passing_folder

_WORK: Final = ".gto-action-"
_PATIENCE: Final = 600.0
_TICK: Final = 0.1


class Site:
    """The site that is being made: a context, which leaves nothing behind unless `finish` is called."""

    def __init__(self, out: Path) -> None:
        """Takes the folder that the site is to be in; nothing is looked at yet."""
        self.changed = 0
        """How many files were written anew, or are no more."""
        self._shown = str(out)
        self._out = Path(os.path.abspath(out))  # noqa: PTH100 - `resolve` would follow the last link
        self._new = self._old = self._out
        self._written: list[str] = []
        self._kept: list[str] = []
        self._copied: list[str] = []
        self._folders: set[str] = set()
        self._folded: dict[str, str] = {}
        """The paths, by what a disk that ignores case takes them for; stays empty on others."""
        self._ignores_case = False
        self._before: set[str] = set()
        self._lock = -1
        self._left: Leftover | None = None
        self._made: list[Path] = []
        """The folders above that there were not, from the innermost out."""

    def __enter__(self) -> Self:
        """Looks at the old site, and begins the new one.

        :raises SiteError: if the folder is not ours, or cannot be written.
        """
        try:
            with self._failing():
                parent = self._out.parent
                self._made = [folder for folder in (parent, *parent.parents) if not folder.exists()]
                parent.mkdir(parents=True, exist_ok=True)
                self._lock = self._locked(parent)
                self._tidy(parent)
                self._before = self._ours()
                self._begin(parent)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._left:
            self._left.remove()
        for folder in self._made:  # only the empty ones go, from the innermost out
            with suppress(OSError):
                folder.rmdir()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def write(self, path: str, data: bytes) -> None:
        """Puts a file into the site.

        :raises SiteError: if that is not possible.
        """
        if path in self._before and self._is_same(path, data):
            self.keep(path)
            return
        with self._failing(), open(self._place_of(path), "wb") as file:  # noqa: PTH123 - there may be many
            file.write(data)
        self._written.append(path)
        self.changed += 1

    def keep(self, path: str) -> None:
        """Says that a file of the old site is one of the new one too, as it is."""
        self._kept.append(path)

    def state_of(self, path: str) -> tuple[int, int]:
        """The size of a file in its place and when it was written, by which it is known again; 0 if it is gone."""
        try:
            found = os.stat(f"{self._out}/{path}", follow_symlinks=False)  # noqa: PTH116 - there may be many
        except OSError:
            return 0, 0
        return found.st_size, found.st_mtime_ns

    @property
    def files(self) -> int:
        """How many files the site has."""
        return len(self._written) + len(self._kept)

    def finish(self) -> None:
        """Puts the new site in the place of the old one, unless nothing has changed.

        :raises SiteError: if that is not possible; the old one is as it was then.
        """
        gone = self._before - {*self._written, *self._kept}
        self.changed += len(gone)
        if not self.changed and self._before:
            return
        with self._failing():
            for path in self._kept:
                self._take_over(path)
            mark(self._new, (*self._written, *self._kept))
            above = self._made[-1].parent if self._made else self._out.parent
            there = self._out if self._out.exists() else above
            new = (f"{self._new}/{path}" for path in (*self._folders, *self._written, MARK))
            ownership.give((*self._made, self._new, *new, *self._copied), there)
            ownership.look_like(self._new, self._out)
            with unbroken():
                self._swap()
        self._made = []

    def _swap(self) -> None:
        there = self._out.exists()
        if there:
            self._out.rename(self._old)
        try:
            self._new.rename(self._out)
        except OSError:
            if there:
                self._old.rename(self._out)
            raise

    def _tidy(self, parent: Path) -> None:
        """Removes what a run left that was killed; if the two were changing places then, the old one is back."""
        for stale in parent.glob(f"{_WORK}{glob.escape(self._out.name)}-*"):  # nobody else has the lock
            # others are not ours in spite of their names, as that for `site-b`
            if marked(stale, beside=self._out.name) and not stale.is_symlink():
                if marked(stale / "old") and not os.path.lexists(self._out):
                    (stale / "old").rename(self._out)
                shutil.rmtree(stale, ignore_errors=True)

    def _begin(self, parent: Path) -> None:
        work, self._left = passing_folder(f"{_WORK}{self._out.name}-", parent)
        mark(work, (), beside=self._out.name)
        self._ignores_case = ignores_case(work)
        self._new, self._old = work / "new", work / "old"
        self._new.mkdir()
        ownership.look_like(self._new, self._out, 0o700)

    def _ours(self) -> set[str]:
        """The files of the old site.

        :raises SiteError: if there is something in the folder that is not of it.
        """
        if self._out.is_symlink() or (self._out.exists() and not self._out.is_dir()):
            what = "a link" if self._out.is_symlink() else "a file"
            raise SiteError(f"{self._shown!r} is {what}, not a folder.", "Name a folder that is new, empty or a site.")
        if not self._out.exists():
            return set()
        found = sorted(files_in(self._out))
        ours = marked(self._out)
        for path in found:
            if path not in ours and not (path.endswith("/") and any(each.startswith(path) for each in ours)):
                raise SiteError(
                    f"{self._shown!r} holds {path!r}, which is not of a site that gto-action has made.",
                    "Name a folder that is new or empty, or remove what is in it.",
                )
        return {path for path in found if not path.endswith("/")} - {MARK}

    def _is_same(self, path: str, data: bytes) -> bool:
        try:
            place = self._out / path
            found = place.lstat()  # a link may lead to the same text today
            return stat.S_ISREG(found.st_mode) and found.st_size == len(data) and place.read_bytes() == data
        except OSError:
            return False

    def _take_over(self, path: str) -> None:
        """Makes a file of the old site one of the new one, the same one where links can be made."""
        place = self._place_of(path)
        try:
            os.link(f"{self._out}/{path}", place, follow_symlinks=False)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}:
                raise
            shutil.copy2(f"{self._out}/{path}", place)  # a disk without links
            self._copied.append(place)

    def _place_of(self, path: str) -> str:
        """Where a file of the new site is to be; its folder is made.

        :raises SiteError: if the disk takes it for another one.
        """
        if self._ignores_case and (other := self._folded.setdefault(path.casefold(), path)) != path:
            raise SiteError(
                f"{other!r} and {path!r} are one file at {self._shown!r}, where capitals make no difference.",
                "Name a folder on a disk that tells them apart, as those of Linux do.",
            )
        folder = path.rpartition("/")[0]
        while folder and folder not in self._folders:
            (self._new / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
            folder = folder.rpartition("/")[0]
        return f"{self._new}/{path}"

    def _locked(self, folder: Path) -> int:
        """Keeps other runs out of a folder until this one ends."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    os.close(handle)
                    raise SiteError(
                        f"Another run has been writing beside {self._shown!r} for more than ten minutes.",
                        "Wait for it, or name another folder.",
                    ) from None
                time.sleep(_TICK)
            else:
                return handle

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = {
                errno.EBUSY: "It is where a disk is mounted: name a folder in it.",
                errno.ENOSPC: "Make room for it; what was there is as it was.",
                errno.EDQUOT: "Make room for it; what was there is as it was.",
            }.get(error.errno or 0, "Name a folder that can be written, in one that can be written.")
            raise SiteError(f"The site cannot be written at {self._shown!r}: {error.strerror}.", hint) from error
