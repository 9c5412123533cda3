"""The page about other CI systems: it has every system, file and word of what is there."""

import re
from typing import Final

import pytest
import yaml

from gto_action.hosts.ci_systems import SYSTEMS, System
from tests.support.ci_players import EXAMPLES
from tests.support.pages import README, ROOT, table
from tools import ci_files
from tools.ci_files import REMOTE, TEMPLATE, files, integrity_of

PAGE: Final = (ROOT / "docs/ci.md").read_text()
BLOCKS: Final = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
WITHOUT_FILE: Final = {"teamcity", "github", "gitea", "forgejo"}
TRIED: Final = {name: row for row in table(PAGE, "What each of them does not do") for name in row["system"].split(", ")}
ROWS: Final = {row["system"]: row for row in table(PAGE, "## All systems")}


def test_the_pipeline_of_the_page_is_an_example() -> None:
    assert (EXAMPLES / "gitlab-deploy.yml").read_text() in BLOCKS


def test_every_example_is_on_the_page() -> None:
    assert {*re.findall(r"\]\(\.\./examples/ci/([^)]+)\)", PAGE)} == {file.name for file in EXAMPLES.iterdir()}


@pytest.mark.parametrize(
    "system", [each for each in SYSTEMS if each.key not in WITHOUT_FILE], ids=lambda each: each.key
)
def test_every_system_has_a_row_in_both_tables(system: System) -> None:
    row = ROWS[system.name]
    assert system.token in row["reads the tags with"] or system.key == "jenkins"
    assert TRIED[system.name]["tried here"]


def test_there_is_no_other_row() -> None:
    assert {*ROWS} == {*TRIED} == {each.name for each in SYSTEMS if each.key not in WITHOUT_FILE}


def test_what_is_linted_is_what_the_page_says() -> None:
    linted = re.findall(r"check-jsonschema .*? examples/ci/(\S+)", (ROOT / "Makefile").read_text().replace("\\\n", ""))
    said = {name for name, row in TRIED.items() if "schema" in row["tried here"]}
    names = {name for name, row in ROWS.items() if name != "GitLab" and row["file"].split("]")[0][1:] in linted}
    assert said - {"GitLab"} == names
    assert "gitlab-*.yml" in linted


def test_what_a_release_changes_is_written() -> None:
    """`python tools/ci_files.py` does it."""
    assert not [path.name for path, text in files().items() if text != path.read_text()]


@pytest.mark.parametrize("version", ["3.0.1", "3.1.0-rc.1", "3.1.0-rc.12"])
def test_the_version_is_written_once(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate's has more than digits and dots: what is written again stays what it is, and another one replaces it."""
    text = "pip install 'gto-action[cli]==3.0.0'; pip install gto-action[cli]==3.0.0. Or not."
    wanted = text.replace("3.0.0", version)
    monkeypatch.setattr(ci_files, "__version__", version)
    assert ci_files.with_version(text) == wanted
    assert ci_files.with_version(wanted) == wanted
    monkeypatch.setattr(ci_files, "__version__", "3.0.0")
    assert ci_files.with_version(wanted) == text


def test_who_includes_the_component_has_its_hash() -> None:
    found = 0
    for text in [PAGE, README, *(file.read_text() for file in EXAMPLES.glob("gitlab-*"))]:
        for address, integrity in re.findall(r"- remote: (\S+)\n +integrity: (\S+)", text):
            assert (address, integrity) == (REMOTE, integrity_of(TEMPLATE.read_bytes()))
            found += 1
    assert found >= 6


def test_the_blocks_of_the_page_are_yaml() -> None:
    assert all(yaml.safe_load(block) for block in BLOCKS)
