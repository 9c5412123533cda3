"""How names are spelled in files: each spelling is of one name, and safe wherever it is."""

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.gto.names import DIRECTORY, NAME
from gto_action.page.spelling import name_of, spelled
from tests.support.pages import ROOT, table

names = st.one_of(
    st.from_regex(rf"(?:{DIRECTORY}:)?{NAME}", fullmatch=True), st.from_regex(NAME, fullmatch=True)
).filter(str.isascii)


@given(names)
def test_a_spelling_is_read_as_the_name_that_it_is_of(name: str) -> None:
    assert name_of(spelled(name)) == name


@given(names)
def test_a_spelling_is_a_files_name_and_a_part_of_an_address(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_=~,-]+", spelled(name))


@pytest.mark.parametrize("row", table((ROOT / "docs/page.md").read_text(), "## Names"), ids=lambda row: row["name"])
def test_a_name_is_spelled_as_the_page_says(row: dict[str, str]) -> None:
    assert spelled(row["name"]) == row["spelled"]
    shell = subprocess.run(["tr", ":/.", "=~,"], input=row["name"], capture_output=True, text=True, check=True)
    assert shell.stdout == row["spelled"]
