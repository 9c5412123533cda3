"""What runs in DVC's own environment, as a program of its own; the only user of dvc.

It reads one JSON object: `top` (a folder with what DVC reads of a commit, and nothing else), `root` (of the DVC
repository, from there), `path` (of the data, from the DVC repository), `remote` (a name, or empty), `out` (where the
data goes, where nothing is), `workspace` (a checkout, perhaps, whose cache may have data), `local` (whether its
`.dvc/config.local` counts), `notes` (an empty folder) and `parent` (the process that asks). It prints one: `found`,
with the files that DVC has at the path, or `error`, with its `kind` and its `text`.
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
    # This is run by itself, where the package is not; nor may its folder be on the path, where names are common ones.
    sys.modules["gto_action"] = _package = ModuleType("gto_action")
    _package.__path__ = [str(Path(__file__).parents[1])]

from gto_action.pull.download import Download
from gto_action.pull.worker_failures import WorkerError, explain

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
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
_STAGES = re.compile(r".*\.dvc|dvc\.lock")


def main() -> None:
    """Answers the question on standard input."""
    question = json.loads(sys.stdin.read())
    _end_with(question["parent"])
    answer = sys.stdout
    sys.stdout = sys.stderr  # DVC prints, too
    try:
        reply = {"found": _pull(question)}
    except Exception as error:  # noqa: BLE001 - whatever DVC and the libraries of all remotes raise
        kind, text = ("option", _refused[0]) if _refused else explain(error)
        reply = {"error": {"kind": kind, "text": text.replace(f"{question['top']}/", "")}}
    answer.write(json.dumps(reply))
    answer.flush()


def _end_with(parent: int) -> None:
    """Nobody needs the answer when the process that asks was killed."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # before that
        os._exit(1)


def _pull(question: dict[str, Any]) -> dict[str, Any]:
    top, workspace = Path(question["top"]), Path(question["workspace"])
    root, notes, path = top / question["root"], Path(question["notes"]), question["path"]
    _guard((question["top"], question["workspace"], *_SYSTEM))
    from dvc.config import Config
    from dvc.repo import Repo
    from dvc.repo.index import Index, collect_files

    def moved(place: str) -> str:
        """In the workspace, what the configuration names by a path from itself."""
        return str(Path(os.path.normpath(workspace / os.path.relpath(place, top))))

    local = str(workspace / question["root"] / ".dvc") if question["local"] else None
    settings = Config(str(root / ".dvc"), local_dvc_dir=local, remote=question["remote"] or None)
    cache = settings["cache"].get("dir") or str(root / ".dvc/cache")
    cache = Path(os.path.realpath(moved(cache) if Path(cache).is_relative_to(top) else cache))
    for remote in settings["remote"].values():
        if type(remote.get("url")).__name__ == "RelPath" and not Path(remote["url"]).exists():
            remote["url"] = moved(remote["url"])
    # The repository may name any folder for what DVC notes for itself.
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


def _check_hidden(place: Path, root: Path, stages: Iterable[str]) -> None:
    """Refuses a path where `.dvcignore` hides from DVC where data is: it would be left out."""
    above = (folder for folder in (place, *place.parents) if folder != root and folder.is_relative_to(root))
    own = [folder.with_name(f"{folder.name}.dvc") for folder in above]
    own += [Path(folder, name) for folder, _, names in os.walk(place) for name in filter(_STAGES.fullmatch, names)]
    for each in own:
        read = each.with_name("dvc.yaml") if each.name == "dvc.lock" else each
        if each.is_file() and str(read) not in stages:
            raise WorkerError("hidden", each.name)


if __name__ == "__main__":
    main()
