"""The program that runs in DVC's own environment; the only user of dvc.

It reads one JSON object: `top` (a folder with only the files of a commit that DVC reads), `root` (the DVC repository,
relative to `top`), `path` (of the data, relative to the DVC repository), `remote` (a name, or empty), `out` (where the
data goes; nothing exists there yet), `workspace` (perhaps a checkout, whose cache may have data), `local` (whether its
`.dvc/config.local` counts), `notes` (an empty folder) and `parent` (the process that asks). It prints one JSON object:
`found`, with the files that DVC tracks at the path, or `error`, with its `kind` and its `text`.
"""

import ctypes
import json
import os
import re
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

if "gto_action" not in sys.modules:
    # This runs where the package is not installed, and its folder must not be on the path: its names are common ones.
    sys.modules["gto_action"] = _package = ModuleType("gto_action")
    _package.__path__ = [str(Path(__file__).parents[1])]

from gto_action.pull.download import Download
from gto_action.pull.worker_failures import WorkerError, explain

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
# Options of a remote that name neither a program to run nor a file that may name one.
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
# AWS's files may name a program (`credential_process`), Google's an address that a file is sent to.
_CREDENTIALS = frozenset({"configpath", "credentialpath"})
_refused: list[str] = []
_SYSTEM = ("/proc", "/sys", "/dev")
_STAGES = re.compile(r".*\.dvc|dvc\.lock")


def main() -> None:
    """Answers the question on standard input."""
    question = json.loads(sys.stdin.read())
    _end_with(question["parent"])
    answer = sys.stdout
    sys.stdout = sys.stderr  # because DVC prints too
    try:
        reply = {"found": _pull(question)}
    except Exception as error:  # noqa: BLE001 - DVC and the libraries of its remotes may raise anything
        kind, text = ("option", _refused[0]) if _refused else explain(error)
        reply = {"error": {"kind": kind, "text": text.replace(f"{question['top']}/", "")}}
    answer.write(json.dumps(reply))
    answer.flush()


def _end_with(parent: int) -> None:
    """Ends this process when the one that asks is killed, because then nobody needs the answer."""
    if sys.platform == "linux":  # elsewhere it ends when it has answered nobody
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before that call
        os._exit(1)


def _pull(question: dict[str, Any]) -> dict[str, Any]:
    top, workspace = Path(question["top"]), Path(question["workspace"])
    root, notes, path = top / question["root"], Path(question["notes"]), question["path"]
    _guard((question["top"], question["workspace"], *_SYSTEM))
    from dvc.config import Config
    from dvc.repo import Repo
    from dvc.repo.index import Index, collect_files

    def moved(place: str) -> str:
        """The place in the workspace for a path that the configuration gives relative to itself."""
        return str(Path(os.path.normpath(workspace / os.path.relpath(place, top))))

    local = str(workspace / question["root"] / ".dvc") if question["local"] else None
    settings = Config(str(root / ".dvc"), local_dvc_dir=local, remote=question["remote"] or None)
    cache = settings["cache"].get("dir") or str(root / ".dvc/cache")
    cache = Path(os.path.realpath(moved(cache) if Path(cache).is_relative_to(top) else cache))
    for remote in settings["remote"].values():
        if type(remote.get("url")).__name__ == "RelPath" and not Path(remote["url"]).exists():
            remote["url"] = moved(remote["url"])
    # Otherwise the repository could choose the folders where DVC keeps its own files.
    settings["cache"] = {"dir": str(notes / "cache")}
    settings["core"] |= {"site_cache_dir": str(notes / "site"), "no_scm": True, "analytics": False}

    class Own(Repo):  # type: ignore[misc]
        config = settings

    with Own(str(root)) as repo:
        if question["remote"] and question["remote"] not in settings["remote"]:
            raise WorkerError("remote unknown", ", ".join(sorted(settings["remote"])))
        stages = dict(collect_files(repo))
        _check_hidden(root / path, root, stages)
        index = Index.from_indexes(repo, stages.values())
        inside = cache.is_relative_to(os.path.realpath(workspace))
        return Download(repo, index, cache if inside else None).bring(path, Path(question["out"]))


def _guard(strangers: tuple[str, ...]) -> None:
    """Refuses every remote through which the repository could run a program, no matter where it is configured.

    DVC takes options from `.dvc/config`, from `.dvc` files and from other repositories, but creates every file system
    with this one function.
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
                _refused.append(name)  # DVC may report the error raised here as missing data
                raise WorkerError("option", name)
        return make(repo_config, **given)

    for module in list(sys.modules.values()):
        if getattr(module, "get_cloud_fs", None) is make:
            module.get_cloud_fs = guarded  # type: ignore[attr-defined]


def _is_stranger(path: str, strangers: tuple[str, ...]) -> bool:
    """Whether somebody who may push can have written a file; a relative path is in the repository."""
    path = os.path.expanduser(path)  # noqa: PTH111 - `Path.expanduser` raises for an unknown user
    real = Path(os.path.realpath(path))
    return not path.startswith("/") or any(real.is_relative_to(os.path.realpath(each)) for each in strangers)


def _check_hidden(place: Path, root: Path, stages: Iterable[str]) -> None:
    """Refuses a path if `.dvcignore` hides a file that says where its data is: the data would be missing."""
    above = (folder for folder in (place, *place.parents) if folder != root and folder.is_relative_to(root))
    own = [folder.with_name(f"{folder.name}.dvc") for folder in above]
    own += [Path(folder, name) for folder, _, names in os.walk(place) for name in filter(_STAGES.fullmatch, names)]
    for each in own:
        read = each.with_name("dvc.yaml") if each.name == "dvc.lock" else each
        if each.is_file() and str(read) not in stages:
            raise WorkerError("hidden", each.name)


if __name__ == "__main__":
    main()
