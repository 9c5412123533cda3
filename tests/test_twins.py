"""The actions without Docker: the contract of the others, and what they say where they cannot run."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.support.action import Run, run_entrypoint
from tests.support.actions import ACTIONS, Declared
from tests.support.machine import ENVIRON
from tests.support.pages import ROOT
from tools import twins

RUN: Final = ROOT / "native/run.sh"
NEEDED: Final = ("bash", "dirname")
"""The programs of a machine that the script takes for granted."""

each_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.folder or "root")


def twin_of(action: Declared) -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "native" / action.folder / "action.yml").read_text())
    assert isinstance(document, dict)
    return document


@each_action
def test_the_contract_is_the_same(action: Declared) -> None:
    twin, contract = twin_of(action), action.contract
    assert twin["inputs"] == contract["inputs"]
    assert {name: each["description"] for name, each in twin["outputs"].items()} == {
        name: each["description"] for name, each in contract["outputs"].items()
    }
    for name, each in twin["outputs"].items():
        assert each["value"] == f"${{{{ steps.gto.outputs.{name} }}}}"
    (step,) = twin["runs"]["steps"]
    assert step["id"] == "gto"
    assert step["env"] == {f"INPUT_{name.upper()}": f"${{{{ inputs.{name} }}}}" for name in contract["inputs"]}
    assert "${{" not in step["run"]


@each_action
def test_it_runs_the_same_program(action: Declared) -> None:
    (step,) = twin_of(action)["runs"]["steps"]
    path, *arguments = re.fullmatch(r'exec bash "\$GITHUB_ACTION_PATH/(\S+)"(.*)', step["run"]).groups()  # type: ignore[union-attr]
    assert (ROOT / "native" / action.folder / path).resolve() == RUN
    assert [each.strip() for each in arguments if each] == ([action.folder] if action.folder else [])


def test_names_are_different() -> None:
    names = [each["name"] for action in ACTIONS for each in (action.contract, twin_of(action))]
    assert len(set(names)) == len(names)


def test_they_are_made_from_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("action.yml", "catch-up/action.yml", "deployment/action.yml", "page/action.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "native", tmp_path / "native")
    monkeypatch.setattr(twins, "ROOT", tmp_path)
    twins.main(["--check"])
    file = tmp_path / "catch-up/action.yml"
    file.write_text(file.read_text().replace("default: 7d", "default: 8d"))
    with pytest.raises(twins.StaleError, match=r"native/catch-up/action\.yml is not what catch-up/action\.yml gives"):
        twins.main(["--check"])
    twins.main([])
    twins.main(["--check"])
    assert "default: 8d" in (tmp_path / "native/catch-up/action.yml").read_text()


Native = Callable[..., Run]


@pytest.fixture
def native(tmp_path: Path) -> Native:
    """Runs the script on a machine that has the programs that it takes for granted, and those that are given."""

    def run(*programs: tuple[str, Path], **variables: str) -> Run:
        path = tmp_path / "bin"
        path.mkdir()
        for name in NEEDED:
            (path / name).symlink_to(shutil.which(name) or "")
        for name, program in programs:
            (path / name).symlink_to(program)
        (tmp_path / "temp").mkdir(exist_ok=True)
        environ = {"PATH": str(path), "RUNNER_TEMP": str(tmp_path / "temp"), "RUNNER_OS": "Linux", **variables}
        return run_entrypoint(tmp_path / "run", environ, program=(path / "bash", RUN))

    return run


def failed(run: Run, sentence: str, temporary: Path) -> None:
    """One sentence, no outputs, and nothing left."""
    assert run.code == 1, run.log
    assert [each for each in run.told("error") if sentence in each], run.log
    assert len(run.told("error")) == 1
    assert "Traceback" not in run.log
    assert run.outputs is None
    assert list(temporary.iterdir()) == []


def test_windows_is_named(native: Native, tmp_path: Path) -> None:
    failed(native(RUNNER_OS="Windows"), "gto-action does not run on Windows. Ask in a job on ubuntu", tmp_path / "temp")


def test_a_machine_without_python_is_named(native: Native, tmp_path: Path) -> None:
    sentence = "gto-action needs Python 3.11 or later, and the PATH has none. Run actions/setup-python before it."
    failed(native(), sentence, tmp_path / "temp")


@pytest.mark.parametrize("version", ["3.6", "3.10"])
def test_a_python_that_is_too_old_is_named(native: Native, tmp_path: Path, version: str) -> None:
    python = next(Path(ENVIRON.get("HOME", "/")).glob(f".pyenv/versions/{version}.*/bin/python3"), None)
    if not python:  # all that it is asked for is its version
        python = tmp_path / "python3"
        python.write_text(f'#!/bin/bash\n[ "${{*:1:2}}" = "-I -c" ] && echo {version}\n')
        python.chmod(0o755)
    sentence = f"gto-action needs Python 3.11 or later, and the PATH has python3 {version}. Run"
    failed(native(("python3", python)), sentence, tmp_path / "temp")


def test_an_index_that_is_not_reached_is_named(native: Native, tmp_path: Path) -> None:
    python = Path(os.path.realpath(f"/proc/{os.getpid()}/exe"))
    run = native(("python3", python), PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0")
    failed(run, "The packages of gto-action cannot be installed: is a package index reached?", tmp_path / "temp")


def test_a_pip_that_installs_nothing_is_named(native: Native, tmp_path: Path) -> None:
    """Half of what is needed would fail the rest of the job, too."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "python"], check=True, env=ENVIRON)
    (site,) = tmp_path.glob("python/lib/python*/site-packages")
    (site / "pip.py").write_text("")
    program = tmp_path / "python3"  # a link would not be that environment's
    program.write_text(f'#!/bin/sh\nexec "{tmp_path}/python/bin/python" "$@"\n')
    program.chmod(0o755)
    run = native(("python3", program))
    failed(
        run,
        "pip says that it has installed the packages of gto-action, and there is no actions_toolkit.",
        tmp_path / "temp",
    )


def test_a_temporary_folder_that_is_not_there_is_named(native: Native, tmp_path: Path) -> None:
    python = Path(os.path.realpath(f"/proc/{os.getpid()}/exe"))
    run = native(("python3", python), RUNNER_TEMP="/no/such/folder")
    failed(run, "No folder can be made in RUNNER_TEMP, which is '/no/such/folder'.", tmp_path / "temp")


def test_no_module_of_pythonpath_is_run(native: Native, tmp_path: Path) -> None:
    """`pip --python` starts another Python, which is not told to be isolated."""
    ran, folder = tmp_path / "ran", tmp_path / "path"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(f"open({str(ran)!r}, 'a').close()\n")
    python = Path(os.path.realpath(f"/proc/{os.getpid()}/exe"))
    variables = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PYTHONPATH": str(folder)}
    run = native(("python3", python), **variables)
    failed(run, "The packages of gto-action cannot be installed: is a package index reached?", tmp_path / "temp")
    assert not ran.exists()


@pytest.mark.parametrize(
    "name", ["gto_action/page/style.css", "gto_action/gto/tag.py", "entrypoint.py", "requirements/lock.txt"]
)
def test_another_action_in_the_same_job_has_an_environment_of_its_own(tmp_path: Path, name: str) -> None:
    """Whichever of its files differs."""
    for file in ("gto_action/page/style.css", "gto_action/gto/tag.py", "entrypoint.py", "requirements/lock.txt"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("one\n")
    (tmp_path / "native").mkdir()
    shutil.copy2(ROOT / "native/run.py", tmp_path / "native")

    def key() -> object:
        return runpy.run_path(str(tmp_path / "native/run.py"))["key_of"](tmp_path / "requirements/lock.txt")

    before = key()
    (tmp_path / "gto_action/__pycache__").mkdir()
    (tmp_path / "gto_action/__pycache__/tag.pyc").write_text("")
    assert key() == before
    (tmp_path / name).write_text("two\n")
    assert key() != before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to somebody else")
def test_the_environment_of_another_user_is_not_run(native: Native, tmp_path: Path) -> None:
    """Where RUNNER_TEMP is a folder for all, such as act's, anybody could have made it."""
    python = Path(os.path.realpath(f"/proc/{os.getpid()}/exe"))
    key = runpy.run_path(str(ROOT / "native/run.py"))["key_of"](ROOT / "requirements/answer.txt")
    place = tmp_path / "temp" / f"gto-action-{key}"
    place.mkdir(parents=True)
    (place / "__main__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    os.chown(place, 65534, 65534)
    run = native(("python3", python))
    assert run.code == 1
    assert f"'{place}' is not a folder of the user who runs gto-action." in run.log
    assert not (tmp_path / "ran").exists()
    os.chown(place, os.geteuid(), -1)
    native_again = run_entrypoint(
        tmp_path / "again",
        {"PATH": str(tmp_path / "bin"), "RUNNER_TEMP": str(tmp_path / "temp")},
        program=("bash", RUN),
    )
    assert native_again.code == 0
    assert (tmp_path / "ran").exists()  # so it is the place that is looked at
