"""The numbers on the pages are those that the real gto gives, for generated registries."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.registry import Registry
from gto_action.gto.words import short
from gto_action.page import places
from tests.support.built import build
from tests.support.figures import FIGURE
from tests.support.generated_registries import exceptions_of, generated
from tests.support.gto_process import Gto
from tests.support.html_tables import tables
from tests.support.site_documents import check_documents
from tests.support.sites import make, read

COUNT = int(os.environ.get("GTO_ACTION_PAGE_COUNT", "30"))
NONE = "\N{EN DASH}"
SEED = int(os.environ.get("GTO_ACTION_PAGE_SEED", "20261127"))


@pytest.fixture(scope="module")
def gto() -> Iterator[Gto]:
    gto = Gto()
    yield gto
    gto.close()


def test_the_numbers_are_those_of_gto(gto: Gto, tmp_path: Path, record_property: Any) -> None:  # noqa: ANN401 - pytest's
    choose = random.Random(SEED)
    asked = 0
    for number in range(COUNT):
        repo, out = tmp_path / f"o/{number}", tmp_path / f"site-{number}"
        text = generated(choose)
        build(repo, text)
        make(repo, out, page="", now=2_000_000_000)
        check_documents(out)
        with Repository(Remote(repo.as_uri()), log=print) as repository:
            registry = Registry(repository.fetch().records)
        if exceptions_of(registry):
            continue
        names = [str(name) for name in registry.names()]
        shown, *histories = gto.ask(repo, [("show", ""), *(("history", name) for name in names)])
        whole = tables((out / places.OVERVIEW).read_text())
        rows = {row["Artifact"].split()[0]: row for row in whole[0]} if names else {}
        assert set(rows) == set(names), text
        for name, said in shown.items():
            held = {stage: version for stage, version in said["stage"].items() if version}
            assert rows[name]["Latest"] == (said["version"] or NONE), text
            assert {stage: cell for stage, cell in rows[name].items() if stage in held} == held, text
            document = read(out, places.of_artifact(name))
            assert document["latest_version"] == (said["version"] or ""), text
            assert {stage: each["version"] for stage, each in document["stages"].items()} == held, text
            for stage, version in held.items():
                assert read(out, places.held(name, stage))["version"] == version, text
        for name, history in zip(names, histories, strict=True):
            *_, events = tables((out / places.artifact_page(name)).read_text())
            theirs = [(each["event"], each["stage"] or "", each["version"] or "", each["ref"]) for each in history]
            words = [row["What"].split() for row in events]
            ours = [
                (what[0], (what[1:] or [""])[0], row["Version"], row["Tag"])
                for what, row in zip(words, events, strict=True)
            ]
            assert ours == [(event, stage, short(version), ref) for event, stage, version, ref in theirs], text
            found = [
                (each["event"], each["stage"], each["version"], each["tag"])
                for each in read(out, places.of_artifact(name))["events"]
            ]
            assert found == theirs, text
        asked += 1
    assert asked > COUNT // 4
    record_property(
        FIGURE, f"the page beside the real gto, seed {SEED}: {asked} of {COUNT} registries could be compared"
    )
