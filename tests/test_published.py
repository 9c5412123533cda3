"""Where things are published: every file and page names the same places."""

import re
import subprocess
import tomllib
from typing import Final

import pytest

from gto_action.published import IMAGE, PACKAGE, REPOSITORY, VARIANTS
from tests.support.pages import ROOT

PEER: Final = "iterative/gto-action"
_USES: Final = re.compile(r"\buses: +([\w.-]+/gto-action)\b")
_IMAGE: Final = re.compile(r"\bghcr\.io/[\w./-]+(?::v?\d[\w.-]*)?")
_ADDRESS: Final = re.compile(r"github\.com/([\w.-]+/gto-action)\b")
_INSTALL: Final = re.compile(r"(?:uvx|pipx run|pip install)(?: +-\S+)* +'?(gto[-_]action\b[^'`\s]*)")
_VERSION: Final = rf"v\d+\.\d+\.\d+(?:-rc\.\d+)?(?:-{'|-'.join(VARIANTS)})?"


def texts() -> dict[str, str]:
    """The text of each file that somebody follows: pages, workflows, actions, settings of packages."""
    patterns = ("*.md", "*.yml", "*.yaml", "*.toml", "*Dockerfile*", "*Jenkinsfile*", "*.json")
    listed = subprocess.run(
        ("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns),
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return {name: (ROOT / name).read_text() for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


TEXTS: Final = texts()


def found(pattern: re.Pattern[str]) -> set[str]:
    return {each for text in TEXTS.values() for each in pattern.findall(text)}


def test_workflows_use_the_repository() -> None:
    assert found(_USES) - {PEER} == {REPOSITORY}


def test_links_lead_to_the_repository() -> None:
    assert found(_ADDRESS) - {PEER} == {REPOSITORY}


@pytest.mark.parametrize("version", ["v3.0.0", "v3.0.0-rc.1", "v3.0.0-cli", "v3.0.0-rc.1-dvc"])
def test_a_candidate_is_a_release(version: str) -> None:
    """Whose commit is on main, and has to pass these tests like any other."""
    assert re.fullmatch(_VERSION, version)


def test_images_are_the_released_ones() -> None:
    for each in found(_IMAGE):
        assert re.fullmatch(rf"{IMAGE}(?::{_VERSION})?", each), each


def test_the_package_is_the_installed_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == PACKAGE
    assert project["urls"]["Source"] == f"https://github.com/{REPOSITORY}"
    for each in found(_INSTALL):
        assert re.fullmatch(rf"{PACKAGE}(?:\[(?:cli|page|serve)(?:,(?:cli|page|serve))*\])?(?:==\S+)?", each), each


@pytest.mark.parametrize(
    ("pattern", "text", "name"),
    [
        (_USES, "- uses: gto/gto-action@v3", "gto/gto-action"),
        (_ADDRESS, "https://github.com/acme/gto-action/blob/main", "acme/gto-action"),
        (_IMAGE, "image: ghcr.io/acme/gto-action:v3.0.0-cli", "ghcr.io/acme/gto-action:v3.0.0-cli"),
        (_IMAGE, "image: ghcr.io/gto-action/gto-action:v3", "ghcr.io/gto-action/gto-action:v3"),
        (_INSTALL, "pip install 'gto_action[cli]'", "gto_action[cli]"),
        (_INSTALL, "uvx gto-action==3.0.0 show", "gto-action==3.0.0"),
    ],
)
def test_another_name_is_found(pattern: re.Pattern[str], text: str, name: str) -> None:
    assert pattern.findall(text) == [name]
