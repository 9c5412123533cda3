"""The artifact itself: its file or folder at the commit, brought to its path in the workspace."""

import json
import os
import posixpath
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gto_action.dvc_config import EXTRAS, DvcRemote, extra_of, find_remote
from gto_action.dvc_environment import dvc_python
from gto_action.errors import PullError
from gto_action.location import head_of, is_unchanged, modes_of
from gto_action.placement import give, in_git, is_inside, size_of, whole, within
from gto_action.process import start

_WORKER: Final = Path(__file__).parent / "dvc_worker.py"
# How git lists them.
_LINK: Final = "120000"
_SUBMODULE: Final = "160000"
_POINTER: Final = b"version https://git-lfs.github.com/spec/"
# What DVC needs no part in: what the runner and git gave this process.
_NOT_DVCS: Final = re.compile(r"INPUT_|GIT_|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)$|PYTHON")
_SECRET: Final = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|PASSPHRASE|CONNECTION_STRING|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET: Final = 8

# What is said of each kind of failure of dvc_worker.py.
_FAILURES: Final = {
    "path": (
        "There is no such path, for git or for DVC.",
        "Correct the path in dvc.yaml, or add the data with 'dvc add'.",
    ),
    "root": ("No folder around it is a DVC repository.", "Run 'dvc init' there, and commit the folder '.dvc'."),
    "remote missing": ("DVC has no remote.", "Add one with 'dvc remote add', and commit '.dvc/config'."),
    "remote unknown": ("DVC has no remote of that name.", "Correct the input 'remote'."),
    "no credentials": ("There are no credentials.", "Give them in the step's 'env' (docs/pull.md)."),
    "refused": ("The remote refuses the credentials.", "Check the ones in the step's 'env', and what they may read."),
    "object missing": (
        "The remote does not have the data.",
        "Run 'dvc push' where the data is, then run this job again.",
    ),
    "changed": ("The data is not what DVC has noted.", "Run 'dvc push' where the data is, then run this job again."),
    "time": ("The remote did not answer in time.", "Run the job again later."),
    "connection": ("The remote cannot be reached.", "Check its address in '.dvc/config', or run the job again later."),
    "config": ("DVC's configuration is wrong.", "Correct '.dvc/config'."),
    "option": (
        "The remote has an option by which the repository could run programs.",
        "Take it out, and give the credentials in the step's 'env' (docs/pull.md).",
    ),
    "no checksum": (
        "DVC has noted no checksum of the data, so it could be anything.",
        "Run 'dvc update' or 'dvc add', then 'dvc push'.",
    ),
    "names": ("The folder's list has a name that leads out of it.", "Run 'dvc add' and 'dvc push' again."),
    "lfs": ("A file is kept with Git LFS, which is not pulled.", "Use actions/checkout with 'lfs: true'."),
    "disk": ("The disk is full.", "Free space on the runner, or take a larger one."),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to bring."""

    path: str
    """From the root of the repository."""
    commit: str
    remote: str
    """The name of a DVC remote; empty for the default."""
    workspace: Path
    timeout: float
    """In seconds, for everything."""
    cache: str
    """A folder that may last from run to run; empty if there is none."""
    variables: Mapping[str, str]
    """The step's environment, with the credentials that DVC takes."""


def pull(wanted: Wanted, checkout: Callable[[], Path], log: Callable[[str], None]) -> dict[str, Any]:
    """Brings the data of an artifact; gives what is known of it, as the key `pull` of the document has it.

    In a checkout of the commit it lands as `dvc pull` would put it there. Elsewhere it is put to the same path, whole
    or not at all.

    Args:
        wanted: what, and where to.
        checkout: makes a checkout of the commit, somewhere else, for where the workspace has none.
        log: takes a line for people.

    :raises PullError: if it cannot be brought.
    """
    path = posixpath.normpath(wanted.path)
    place = wanted.workspace / path
    if "\0" in path:
        raise PullError(f"The path {wanted.path!r} is none.", "Correct it in dvc.yaml.")
    if path == ".":
        raise PullError(f"The path {wanted.path!r} is the whole repository.", "Use actions/checkout.")
    if path == ".." or path.startswith("../") or not within(place, wanted.workspace):
        raise PullError(f"The path {wanted.path!r} is outside of the repository.", "Correct it in dvc.yaml.")
    if ".git" in path.lower().split("/") or in_git(place, wanted.workspace):
        raise PullError(f"The path {wanted.path!r} is git's own.", "Correct it in dvc.yaml.")
    puller = _Puller(wanted, path, log)
    if head_of(wanted.workspace) == wanted.commit and is_unchanged(wanted.workspace, path):
        log(f"Pulling {path!r} in the workspace, which has commit {wanted.commit[:7]}")
        if found := puller.bring(wanted.workspace, ""):
            folders = (folder / ".dvc" for folder in place.parents if folder.is_relative_to(wanted.workspace))
            give(wanted.workspace, place, *(each for each in folders if each.is_dir() and not each.is_symlink()))
            return found
    log(f"Pulling {path!r} of commit {wanted.commit[:7]}")
    with whole(place) as new:
        found = puller.bring(checkout(), str(new))
    give(wanted.workspace, place)
    return found or {}


class _Puller:
    """Brings one path from a checkout, with DVC where git does not have it."""

    def __init__(self, wanted: Wanted, path: str, log: Callable[[str], None]) -> None:
        self._wanted = wanted
        self._path = path
        self._log = log
        self._deadline = time.monotonic() + wanted.timeout
        self._environ = {name: value for name, value in wanted.variables.items() if not _NOT_DVCS.match(name)}
        self._environ |= {"DVC_NO_ANALYTICS": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "http:https:ssh"}

    def bring(self, root: Path, out: str) -> dict[str, Any] | None:
        """Brings it from a checkout to a place, or to where it belongs in that checkout for no place.

        None if that checkout is not the place for it.
        """
        own = root / self._path
        if not is_inside(own, root):
            raise PullError(f"The path {self._path!r} leads out of the repository.", "Correct the link that it is in.")
        modes = modes_of(root, self._path)
        if own.is_file() and not own.is_symlink() and (out or modes):
            return self._of_git(own, out)
        self._check_folder(own, root, modes)
        remote = find_remote(list(_configs(own, root)), self._wanted.remote)
        extras = {remote.extra} - {""} if remote else set()
        while True:
            python = dvc_python(frozenset(extras), self._wanted.cache, self._environ, self._log, self._left)
            reply = self._ask(python, root, out)
            if "found" in reply:
                found: dict[str, Any] = reply["found"]
                of_dvc = found.pop("of_dvc")
                name = remote.name if remote and of_dvc else ""
                return {"path": self._path, "commit": self._wanted.commit, "remote": name} | found
            kind, text = reply["error"]["kind"], reply["error"]["text"]
            if kind == "not here":
                return None
            extra = extra_of(text) if kind == "package" else ""
            if not extra or extra in extras:
                raise self._failure(kind, text, remote)
            extras.add(extra)

    def _check_folder(self, own: Path, root: Path, modes: set[str]) -> None:
        """Refuses a folder of which something would be left out, or that holds what is not the repository's."""
        if _SUBMODULE in modes:
            raise PullError(f"The path {self._path!r} holds a submodule, which is not pulled.", "Use actions/checkout.")
        for folder, names, files in os.walk(own):
            if ".dvc" in names and Path(folder, ".dvc/config").is_file() and Path(folder) != root:
                inner = Path(folder).relative_to(root).as_posix()
                raise PullError(
                    f"The path {self._path!r} holds another DVC repository, {inner!r}.",
                    "Make an artifact of its own of what is in there.",
                )
            for name in (*names, *files) if _LINK in modes else ():
                if not is_inside(link := Path(folder, name), root):
                    shown = link.relative_to(root).as_posix()
                    raise PullError(f"The link {shown!r} leads out of the repository.", "Put the file itself there.")

    @property
    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), 0)

    def _of_git(self, own: Path, out: str) -> dict[str, Any]:
        with own.open("rb") as content:
            if content.read(len(_POINTER)) == _POINTER:
                raise PullError(
                    f"{self._path!r} is kept with Git LFS, which is not pulled.",
                    "Use actions/checkout with 'lfs: true'.",
                )
        if out:
            try:
                shutil.copy2(own, out)
            except OSError as error:
                raise PullError(f"{self._path!r} cannot be written: {error.strerror}.", "Make room for it.") from error
        size = own.stat().st_size
        listed = [{"path": own.name, "md5": "", "size": size}]
        known = {"directory": False, "md5": "", "size": size, "count": 1, "files": listed}
        return {"path": self._path, "commit": self._wanted.commit, "remote": ""} | known

    def _ask(self, python: Path, root: Path, out: str) -> dict[str, Any]:
        strangers = [str(root), str(self._wanted.workspace)]
        question = {"root": str(root), "path": self._path, "remote": self._wanted.remote, "out": out}
        text = json.dumps({**question, "strangers": strangers}).encode()
        process = start((str(python), "-I", str(_WORKER)), self._environ, text, cwd=root)
        status, answer, said = process.wait(timeout=self._left, alive=lambda passed: self._tell(passed, out))
        if status is None:
            raise self._failure("time", f"after {self._wanted.timeout:.0f} seconds, the input 'pull-timeout'", None)
        try:
            reply: dict[str, Any] = json.loads(answer)
        except ValueError:
            lines = said.strip().splitlines()
            raise self._failure("unknown", lines[-1] if lines else f"status {status}", None) from None
        return reply

    def _tell(self, passed: float, out: str) -> None:
        so_far = f": {size_of(Path(out)) / 1e6:,.1f} MB so far" if out else ""
        self._log(f"Still pulling after {passed:.0f} seconds{so_far}")

    def _failure(self, kind: str, text: str, remote: DvcRemote | None) -> PullError:
        """One sentence with the remote, the path and the commit, and what to do."""
        if kind == "package":
            what, hint = (
                f"The scheme {text!r} is none of {', '.join(sorted(EXTRAS))}, http and local.",
                "Use another remote.",
            )
        else:
            what, hint = _FAILURES.get(kind, ("DVC failed.", "Try 'dvc pull' by hand."))
        where = f" from the remote {remote.shown}" if remote else ""
        said = f" It says: {self._without_secrets(text)}" if text and kind != "package" else ""
        return PullError(
            f"{self._path!r} cannot be pulled{where} at commit {self._wanted.commit[:7]}. {what}", f"{hint}{said}"
        )

    def _without_secrets(self, text: str) -> str:
        for name, value in self._environ.items():
            if _SECRET.search(name) and len(value) >= _SHORTEST_SECRET:
                text = text.replace(value, "***")
        return re.sub(r"(://)[^/@\s]*@|\?[^\s'\"]*", r"\1", text)


def _configs(own: Path, root: Path) -> Iterator[str]:
    """The texts of the configuration of the nearest DVC repository around a path."""
    for folder in (own, *own.parents):
        if (folder / ".dvc").is_dir():
            for name in ("config", "config.local"):
                with suppress(OSError):
                    yield (folder / ".dvc" / name).read_text("utf-8", "replace")
            return
        if folder == root:
            return
