"""How names are spelled in files: each spelling is of one name, and safe wherever it is."""

import re
import subprocess
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.gto.names import DIRECTORY, NAME
from gto_action.page import places
from gto_action.page.facts import has_files
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


stages = st.from_regex(NAME, fullmatch=True).filter(str.isascii)


def paths(name: str, stage: str) -> list[str]:
    """Every file that an artifact, a stage and the two together can have."""
    return [
        *(places.artifact_page(name), places.history_page(name, 1), places.of_artifact(name)),
        *(places.latest(name), places.latest_badge(name), places.held(name, stage), places.held_badge(name, stage)),
        *(places.stage_page(stage), places.of_stage(stage)),
    ]


SHARED = {places.OVERVIEW, places.overview(2), places.REGISTRY, places.EVENTS, places.FEED}
ODD = ("index", "latest", "api", "assets", "stages", "history", "a", "a/b", "a/stages", "a/latest", "latest-badge", "1")


@given(
    st.sets(st.one_of(names, st.sampled_from(ODD)).filter(has_files), min_size=2, max_size=6),
    st.sets(st.one_of(stages, st.sampled_from(ODD)).filter(has_files), min_size=2, max_size=4),
)
def test_no_two_have_a_file_in_common(artifacts: set[str], others: set[str]) -> None:
    """Whatever they are called; and no file of one is a folder of another."""
    found: dict[str, str] = dict.fromkeys(SHARED, "all")
    for name in artifacts:
        for stage in others:
            for path, owner in zip(
                paths(name, stage), [name] * 5 + [f"{name} {stage}"] * 2 + [f" {stage}"] * 2, strict=True
            ):
                assert found.setdefault(path, owner) == owner
    assert all(map(places.is_of_a_site, found))
    folders = {parent.as_posix() for path in found for parent in PurePosixPath(path).parents}
    assert not folders & found.keys()
    assert all(len(part.encode()) <= 255 for path in found for part in path.split("/"))


@pytest.mark.parametrize("name", ["n" * 200, "d" * 150 + ":" + "n" * 49, "n" * 201, "n/" * 150 + "n"], ids=len)
def test_a_long_name_has_files_that_a_disk_takes_or_none(name: str) -> None:
    found = [path for path in (places.artifact_page(name), places.of_artifact(name)) if path]
    assert bool(found) is (len(name) <= 200)
    assert all(len(part.encode()) <= 255 for path in found for part in path.split("/"))
