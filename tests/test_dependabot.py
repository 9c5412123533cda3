"""What others made is pinned, and whoever keeps pins young is told of every place that has one."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.pages import ROOT

DOCUMENT: Final[dict[str, Any]] = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
TOLD: Final = {each["package-ecosystem"]: {*each["directories"]} for each in DOCUMENT["updates"]}
FILES: Final = [
    Path(name)
    for name in subprocess.run(
        ("git", "-C", ROOT, "ls-files", "-z"), check=True, capture_output=True, text=True
    ).stdout.split("\0")
    if name and (ROOT / name).is_file()
]
USES: Final = re.compile(r"^\s*(?:- )?uses: (?P<action>[^\s@]+)@(?P<ref>\S+)(?P<said> # v\d[\d.]*)?$", re.MULTILINE)


def folders(files: list[Path]) -> set[str]:
    """The folders of files, as Dependabot names them."""
    return {f"/{each.parent.as_posix()}".removesuffix(".") for each in files}


def of_others(file: Path) -> list[re.Match[str]]:
    """The steps of a workflow or an action that use an action of somebody else."""
    return [each for each in USES.finditer((ROOT / file).read_text()) if not each["action"].startswith("gto-action/")]


def test_actions() -> None:
    """A commit is what it is; the runtime that it needs is gone some year, so a newer one has to be offered."""
    workflows = [file for file in FILES if file.suffix == ".yml" and file.parts[0] != "tests" and of_others(file)]
    assert {each.replace("/.github/workflows", "/") for each in folders(workflows)} == TOLD["github-actions"]
    for file in workflows:
        for step in of_others(file):
            assert re.fullmatch("[0-9a-f]{40}", step["ref"]), (file, step[0])
            assert step["said"], (file, step[0])


def test_images() -> None:
    assert folders([file for file in FILES if "dockerfile" in file.name.lower()]) == TOLD["docker"]


def test_packages() -> None:
    locks = [file for file in FILES if file.suffix == ".txt" and "--hash=sha256:" in (ROOT / file).read_text()]
    assert folders(locks) == TOLD["pip"]


def test_one_base_has_one_version() -> None:
    """The variants are built on what the image is built on: two places that have to move together."""
    bases = {
        re.findall(r"^ARG BASE=(\S+)$", (ROOT / name).read_text(), re.MULTILINE)[0]
        for name in ("Dockerfile", "tools/container/variants.Dockerfile")
    }
    assert len(bases) == 1
