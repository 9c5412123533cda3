"""What a run imports: what it uses, and nothing else, as importing takes longer than most of what runs do."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.action import ENTRYPOINT, ROOT
from tests.support.churn import DVC_YAML
from tests.support.repo import Repo
from tests.test_architecture import ONLY_USER, ROOMS

_OF_THE_ACTION: Final = f"import runpy; runpy.run_path({str(ENTRYPOINT)!r}, run_name='__main__')"
_OF_THE_COMMAND_LINE: Final = "from gto_action.__main__ import main; sys.exit(main())"
# Runs the rest, and then says what has been imported.
_WATCHED: Final = """import atexit, gc, sys
atexit.register(lambda: print("frozen", gc.get_freeze_count(), "imported", *sys.modules, file=sys.__stderr__))
"""

# What no run here uses, of Python's own: each takes 2 ms or more to import, with what it imports itself.
LARGE: Final = {
    *("asyncio", "concurrent.futures", "email", "http.client", "logging", "multiprocessing", "queue", "socket"),
    *("sqlite3", "ssl", "tomllib", "unittest", "urllib.request", "xml.etree", "zipfile"),
}
_GIT: Final = {
    *("address", "location", "program", "remote", "repository", "scratch", "surroundings", "tags"),
    *("wanted", "workshop", "protocol.allowance", "protocol.faults", "wire.helper"),
}
_READ: Final = _GIT | {"objects", "paths"}
_WIRE: Final = {
    *("protocol.capabilities", "protocol.deltas", "protocol.fetches", "protocol.object_names", "protocol.pack"),
    *("protocol.pack_entries", "protocol.packed_bytes", "protocol.packets", "protocol.ref_lists"),
    *("protocol.tag_notes", "protocol.tag_records", "protocol.trees"),
    *("wire.asking", "wire.brought_tags", "wire.connection", "wire.fetching", "wire.files", "wire.folders"),
    "wire.reading",
}
_IN_PLACE: Final = {
    *("batch", "clone", "cloned_files", "cloned_tags", "cloning", "gaps", "http_trace", "object_scan", "records"),
}
_ACTION: Final = {"answer", "dvc_yaml", "git", "gto", "hosts", "job", "render", "step", "system", "yaml12"}
_CLI: Final = {"cli", "git", "gto", "render", "system", "yaml12"}

# by what runs: the other libraries, the rooms, and the modules of `git/`
RUNS: Final = {
    "the action, an assignment": ({"actions_toolkit", "semver", "yaml"}, _ACTION, _READ | _WIRE),
    "the action, a lightweight tag": ({"actions_toolkit", "semver", "yaml"}, _ACTION, _READ | _WIRE),
    "the action, a branch": ({"actions_toolkit", "semver", "yaml"}, _ACTION, _GIT),
    "show": ({"click", "rich", "semver", "yaml"}, _CLI, _READ | _IN_PLACE),
    "check-ref": ({"click", "rich", "semver", "yaml"}, _CLI, _READ | _IN_PLACE),
}
REFS: Final = {
    "the action, an assignment": "refs/tags/churn#prod#1",
    "the action, a lightweight tag": "refs/tags/churn#dev#2",
    "the action, a branch": "refs/heads/main",
}
ARGUMENTS: Final = {"show": ("show", "--json"), "check-ref": ("check-ref", "churn#prod#1")}


def imported(repo: Repo, folder: Path, run: str) -> tuple[set[str], int]:
    """What a run has imported by its end, in a process that no measurement of coverage is in.

    And how many objects Python does not look through for cycles when it ends, which would take as long as many imports.
    """
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    program = _WATCHED + (_OF_THE_ACTION if run in REFS else _OF_THE_COMMAND_LINE)
    if run in REFS:
        for name in ("output", "summary"):
            (folder / name).touch()
        environ |= {"GITHUB_SERVER_URL": repo.path.parents[1].as_uri(), "GITHUB_REPOSITORY": "o/r"}
        environ |= {"GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
        environ |= {"GITHUB_REF": REFS[run], "INPUT_LIGHTWEIGHT": "accept"}
    command = [sys.executable, "-c", program, *ARGUMENTS.get(run, ())]
    done = subprocess.run(command, cwd=repo.path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    frozen, _, names = done.stderr.rpartition("frozen ")[2].partition(" imported ")
    return {*names.split()}, int(frozen)


@pytest.mark.parametrize("run", RUNS)
def test_a_run_imports_what_it_uses(repo: Repo, tmp_path: Path, run: str) -> None:
    repo.commit({"dvc.yaml": DVC_YAML})
    repo.tag("churn@v1.0.0", time=5)
    repo.tag("churn#prod#1", time=6)
    repo.lightweight("churn#dev#2")
    found, frozen = imported(repo, tmp_path, run)
    assert frozen
    libraries, rooms, git = RUNS[run]
    assert {*ONLY_USER, "requests", "cryptography", "nacl", "pydantic"} & found == libraries
    assert not LARGE & found
    ours = {name.removeprefix("gto_action.") for name in found if name.startswith("gto_action.")}
    assert {name.partition(".")[0] for name in ours} & {*ROOMS} == rooms
    assert {name.removeprefix("git.") for name in ours if name.startswith("git.")} - {"protocol", "wire"} == git
