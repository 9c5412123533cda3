"""The README's two commands on machines where nothing of this project was ever run."""

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.machines.conftest import ALL, KINDS, OLDEST_AND_NEWEST, PART
from tests.support.bare_machine import SOURCE, BareMachine, Ran, unpack
from tests.support.figures import FIGURE
from tests.support.machine import ENVIRON

MakeMachine = Callable[[str], BareMachine]
WITHOUT: Final = "-m 'not container and not browser' --ignore tests/machines --ignore tests/packages"
_SKIPPED: Final = re.compile(r"^SKIPPED .*", re.MULTILINE)
# What asks for a program that a bare machine lacks (CONTRIBUTING.md has the list), for root, or for an older Python.
_MAY_BE: Final = re.compile(
    r"(?:browser|container) tests: |sshd|the commands for curl: |GitLab's p|Jenkinsfiles: |the checker of HTML: |"
    r"the parser of Azure Pipelines: |there is no PostgreSQL|there is no Python 3|only root |tests of a full disk: "
)


def clone(machine: BareMachine, user: str) -> None:
    machine.run("chown", "-R", f"{user}:", SOURCE)  # git refuses what is somebody else's
    ran = machine.run("git", "clone", "--quiet", SOURCE, "gto-action", user=user)
    assert ran == Ran(0, "")


def make(machine: BareMachine, user: str, *arguments: str, timeout: float = 600, network: bool = True) -> Ran:
    return machine.run("make", "-C", "gto-action", *arguments, user=user, timeout=timeout, network=network)


@pytest.mark.parametrize("name", KINDS if ALL else OLDEST_AND_NEWEST)
def test_what_the_readme_says(
    name: str, make_machine: MakeMachine, record_property: Callable[[str, object], None]
) -> None:
    kind = KINDS[name]
    machine = make_machine(kind.suite)
    options = [f"PYTHON={give_python(machine, kind.python)}"] if kind.python else []
    path = [f"PATH={give_git(machine, kind.git)}:/usr/bin:/bin"] if kind.git else []
    row = [name]
    try:
        clone(machine, "ada")
        start = time.monotonic()
        demo = machine.run("env", *path, "make", "-C", "gto-action", "demo", *options, user="ada", timeout=600)
        row += [versions(machine, path), f"make demo {time.monotonic() - start:.0f} s"]
        assert demo.status == 0, demo.said
        assert "Traceback" not in demo.said
        start = time.monotonic()
        tests = kind.tests if ALL else PART
        arguments = f"ARGS={WITHOUT} {tests} -p no:cacheprovider --color no"
        command = ("env", *path, "make", "-C", "gto-action", "test", *options, arguments)
        ran = machine.run(*command, user="ada", timeout=7200)
        said = re.findall(r"\d+ (?:passed|failed|errors?|skipped)", summary(ran.said))
        row += [f"make test {time.monotonic() - start:.0f} s: {', '.join(said)}", tests]
        assert ran.status == 0, ran.said
        assert said
        assert [line for line in _SKIPPED.findall(ran.said) if not _MAY_BE.search(line)] == []
    finally:
        record_property(FIGURE, " | ".join(row))


def summary(said: str) -> str:
    """Pytest's last line, in front of which make may say something."""
    return next((line for line in reversed(said.splitlines()) if re.search(r" in \d+(\.\d+)?s", line)), "")


def versions(machine: BareMachine, path: list[str]) -> str:
    """What the machine has: the environment is there already."""
    python = machine.run("gto-action/.cache/demo/bin/python", "--version", user="ada").said.strip()
    git = machine.run("env", *path, "git", "--version", user="ada").said.strip().replace("version ", "")
    return f"{python}, {git}"


def give_python(machine: BareMachine, name: str) -> str:
    """Gives a machine a Python that its Debian does not have, of those that are here; gives its command."""
    if (machine.root / "usr/bin" / name).exists():
        return name
    places = [*ENVIRON["PATH"].split(":"), *map(str, Path(ENVIRON["HOME"]).glob(".pyenv/versions/*/bin"))]
    pythons = (Path(place, name) for place in places if not place.endswith("/shims"))
    found = next((python.resolve() for python in pythons if python.exists()), None)
    if not found:
        pytest.skip(f"tests of bare machines: there is no {name} to give to one")
    shutil.copytree(found.parents[1], machine.root / "opt/python", symlinks=True)
    # It may have a library of its own, which it looks for where it was built.
    (machine.root / "etc/ld.so.conf.d/python.conf").write_text("/opt/python/lib\n")
    assert machine.run("ldconfig").status == 0
    return f"/opt/python/bin/{found.name}"


def give_git(machine: BareMachine, suite: str) -> str:
    """Gives a machine the git of another Debian, with that one's libraries; gives the folder of its command."""
    unpack(suite, machine.root / "opt/other")
    clone(machine, "root")
    ran = machine.run("gto-action/tools/other-git.sh", "/opt/other", "/opt/git")
    assert ran.status == 0, ran.said
    return "/opt/git/bin"


def without(machine: BareMachine, *packages: str) -> None:
    ran = machine.run("dpkg", "--purge", "--force-depends", *packages)
    assert ran.status == 0, ran.said


@pytest.mark.parametrize(
    ("packages", "sentence"),
    [
        pytest.param(("git",), "there is no git: install it (as root: apt-get install git)", id="git"),
        pytest.param(
            ("python3.11-venv",),
            "python3 cannot make environments: install python3.11-venv (as root: apt-get install python3.11-venv)",
            id="python3-venv",
        ),
        pytest.param(
            ("python3", "python3-minimal", "python3.11", "python3.11-minimal"),
            "no Python 3.11 or later in the PATH: install one (as root: apt-get install python3-venv), "
            "or name it: make PYTHON=/path/to/python",
            id="python3",
        ),
    ],
)
def test_what_is_missing_is_named(packages: tuple[str, ...], sentence: str, make_machine: MakeMachine) -> None:
    machine = make_machine("bookworm")
    clone(machine, "ada")
    without(machine, *packages)
    for target in ("demo", "test"):
        ran = make(machine, "ada", target)
        assert ran.status == 2  # make's
        assert ran.said.splitlines()[1] == f"make: {sentence}", ran.said
        assert "Traceback" not in ran.said


def test_a_machine_without_a_network(make_machine: MakeMachine) -> None:
    machine = make_machine("bookworm")
    clone(machine, "ada")
    ran = make(machine, "ada", "demo", network=False)
    assert ran.status == 2
    assert (
        "make: .cache/demo could not be made from requirements/runtime.txt: is a package index reached? Why not is above."
        in ran.said
    )
    assert "Traceback" not in ran.said
    assert make(machine, "ada", "demo").status == 0, "half an environment is made again"


def test_root_is_given_what_python_lacks(make_machine: MakeMachine) -> None:
    machine = make_machine("bookworm")
    clone(machine, "root")
    without(machine, "python3.11-venv")
    ran = make(machine, "root", "demo")
    assert ran.status == 0, ran.said
