"""A lock is a lock: whatever has been released since, and whichever pip reads it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gto_action.pull.installation import dvc_python
from tests.packages.conftest import MakeDecoys
from tests.support.machine import ENVIRON, ROOT

TOOLS: Final = ROOT / "gto_action/pull/locks/tools.txt"
GROUPS: Final = {
    **{lock.name: [lock] for lock in sorted(ROOT.glob("requirements/*.txt"))},
    "tools.txt": [TOOLS],
    "dvc": sorted(
        {*ROOT.glob("gto_action/pull/locks/*.txt")} - {TOOLS}
    ),  # of the same versions, so together: it takes long
}
BUNDLED: Final = "the pip of this Python"
PIPS: Final = ("23.0.1", BUNDLED, "newest")  # Debian 12 has the first
_FOR_APPS: Final = 'PyJWT: cryptography>=3.4.0; extra == "crypto"'
GAPS: Final = {
    "action.txt": {_FOR_APPS},
    "cli.txt": {_FOR_APPS},
    "answer.txt": {"actions-toolkit: PyGithub", "actions-toolkit: requests"},
}
"""What locks of the images and of the actions without Docker leave out: keys of GitHub Apps, a seventh of an image; and
for who does not ask GitHub's API what asks it."""
SOURCE: Final = "antlr4-python3-runtime"  # has no wheel
MAKE: Final = ROOT / "tools/make-venv.sh"
INSTALL: Final = ROOT / "native/install.py"

Report = dict[str, Any]


def pins(lock: Path) -> dict[str, str]:
    """The versions that a lock has for this machine, by name."""
    found = [Requirement(line) for line in re.findall(r"^([a-z0-9].*?) *\\?$", lock.read_text(), re.MULTILINE)]
    here = [each for each in found if not each.marker or each.marker.evaluate()]
    return {each.name: str(each.specifier).removeprefix("==") for each in here}


@pytest.fixture(scope="session", params=PIPS)
def pip(request: pytest.FixtureRequest, downloads: Callable[[str], Path]) -> list[Path]:
    """A folder with a pip, for PYTHONPATH; none for the one that a new environment has."""
    return (
        [] if request.param == BUNDLED else [downloads("pip" if request.param == "newest" else f"pip=={request.param}")]
    )


@pytest.fixture(scope="session")
def builder(downloads: Callable[[str], Path]) -> Path:
    """A folder with the setuptools of the locks, which cannot build anything where nothing is installed."""
    return downloads(f"setuptools=={pins(TOOLS)['setuptools']}")


def resolve(folder: Path, lock: Path, variables: Mapping[str, str], *, careful: str = "--no-deps ") -> Report:
    """What pip would install in a new environment; nothing is installed."""
    report = folder / "report.json"
    script, installer = folder / "tools/make-venv.sh", folder / "native/install.py"
    for each in (script, installer):
        each.parent.mkdir(exist_ok=True)
    # With the pip and the setuptools of PYTHONPATH, which `-I` keeps out.
    text = MAKE.read_text().replace('/bin/python" -I "$(dirname', '/bin/python" "$(dirname')
    script.write_text(text.replace("--no-deps ", careful))
    script.chmod(0o755)
    text = INSTALL.read_text()
    installer.write_text(text.replace('pip("install", ', f'pip("install", "--dry-run", "--report", {str(report)!r}, '))
    run = {"PYTHON": sys.executable, **variables}
    subprocess.run(("sh", script, folder / "environment", lock), check=True, env={**ENVIRON, **run})
    document: Report = json.loads(report.read_text())
    return document


@pytest.mark.parametrize("locks", GROUPS.values(), ids=GROUPS)
def test_what_the_lock_says_is_installed_and_nothing_is_missing(
    tmp_path: Path, make_decoys: MakeDecoys, locks: list[Path], pip: list[Path], builder: Path
) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("".join(each.read_text() for each in locks))
    wanted = pins(lock)
    decoys = make_decoys(sorted(wanted))
    given = {"setuptools": wanted.pop("setuptools")} if {SOURCE, "setuptools"} <= {*wanted} else {}
    path = os.pathsep.join(map(str, [*pip, *([builder] if given else [])]))
    report = resolve(tmp_path, lock, {"PIP_FIND_LINKS": str(decoys), "PYTHONPATH": path})
    found: dict[str, Any] = {
        canonicalize_name(each["metadata"]["name"]): each["metadata"] for each in report["install"]
    }
    assert {name: each["version"] for name, each in found.items()} == wanted
    found |= {name: {"name": name, "version": version} for name, version in given.items()}
    assert [unmet([found[name] for name in pins(each)]) for each in locks] == [
        GAPS.get(each.name, set()) for each in locks
    ]


def test_without_its_options_an_old_pip_takes_what_is_newer(
    tmp_path: Path, make_decoys: MakeDecoys, downloads: Callable[[str], Path]
) -> None:
    """That the decoys of the test above are ones."""
    lock = ROOT / "requirements/runtime.txt"
    variables = {
        "PIP_FIND_LINKS": str(make_decoys(sorted(pins(lock)))),
        "PYTHONPATH": str(downloads("pip==23.0.1")),
    }
    with pytest.raises(subprocess.CalledProcessError):
        resolve(tmp_path, lock, variables, careful="")
    shutil.rmtree(tmp_path / "decoys")
    resolve(tmp_path, lock, variables, careful="")


def test_the_environment_of_pull_is_what_its_locks_say(tmp_path: Path, make_decoys: MakeDecoys) -> None:
    locks = [ROOT / f"gto_action/pull/locks/{extra}.txt" for extra in ("s3", "ssh")]
    wanted = {name: version for lock in locks for name, version in pins(lock).items()}
    decoys = str(make_decoys(sorted(wanted)))
    variables = {**ENVIRON, "PIP_FIND_LINKS": decoys, "UV_FIND_LINKS": decoys}
    python = dvc_python(frozenset({"s3", "ssh"}), str(tmp_path / "cache"), variables, print, 300)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    subprocess.run((*pip, "check"), check=True, env=ENVIRON)
    listed = subprocess.run((*pip, "list", "--format=json"), check=True, env=ENVIRON, stdout=subprocess.PIPE).stdout
    assert {canonicalize_name(each["name"]): each["version"] for each in json.loads(listed)} == wanted


def unmet(packages: list[dict[str, Any]]) -> set[str]:
    """The requirements of some packages that none of them meets, as `pip check` would say if they were installed."""
    versions: dict[str, str] = {canonicalize_name(each["name"]): each["version"] for each in packages}
    extras: dict[str, set[str]] = {name: {""} for name in versions}
    missing: set[str] = set()
    while True:
        before = {name: len(found) for name, found in extras.items()}
        for package in packages:
            for requirement in map(Requirement, package.get("requires_dist", ())):
                wanted = extras[canonicalize_name(package["name"])]
                if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in wanted):
                    continue
                name = canonicalize_name(requirement.name)
                if name not in versions or not requirement.specifier.contains(versions[name], prereleases=True):
                    missing.add(f"{package['name']}: {requirement}")
                else:
                    extras[name] |= requirement.extras
        if {name: len(found) for name, found in extras.items()} == before:
            return missing


def test_a_gap_is_found() -> None:
    jwt = {"name": "PyJWT", "version": "2.10.1", "requires_dist": ['cryptography>=3.4.0; extra == "crypto"']}
    github = {"name": "PyGithub", "version": "2.10", "requires_dist": ["pyjwt[crypto]>=2.4.0"]}
    assert unmet([jwt]) == set()
    assert unmet([github, jwt]) == {'PyJWT: cryptography>=3.4.0; extra == "crypto"'}
    assert unmet([github]) == {"PyGithub: pyjwt[crypto]>=2.4.0"}
