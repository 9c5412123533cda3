"""The documents for programs: what they say, and that they are as their schema says."""

import re
from pathlib import Path
from typing import Any

import feedparser
import pytest

from gto_action.page.api import SCHEMA_VERSION
from tests.support.repo import Repo
from tests.support.site_documents import SCHEMA, check_documents
from tests.support.sites import HOSTILE, PAGE, make, read, say


@pytest.fixture
def site(registry: Repo, out: Path) -> Path:
    make(registry.path, out)
    return out


def test_every_document_is_as_its_schema_says(site: Path) -> None:
    assert check_documents(site) == {"registry", "events", "stages", "artifact", "latest", "held", "badge"}


def test_the_schema_is_that_of_the_code() -> None:
    assert SCHEMA["$defs"]["version_of_schema"] == {"const": SCHEMA_VERSION}
    for name, kind in SCHEMA["$defs"].items():
        if kind.get("type") == "object" and "properties" in kind:
            assert kind["additionalProperties"] is False, name
            assert kind["required"] == list(kind["properties"]), name


def test_what_a_stage_holds(site: Path) -> None:
    found = read(site, "api/artifacts/churn/stages/prod.json")
    assert {key: found[key] for key in ("version", "tag", "assignment", "since", "author", "path")} == {
        "version": "v1.1.0",
        "tag": "churn@v1.1.0",
        "assignment": "churn#prod#4",
        "since": "2023-11-17T05:51:40+00:00",
        "author": "Ada Lovelace",
        "path": "models/churn.pkl",
    }
    assert read(site, "api/artifacts/models~nlp=sentiment/stages/staging~eu.json")["version"] == "v0.1.0"
    assert list(read(site, "api/stages/prod.json")["artifacts"]) == ["churn"]


def test_a_stage_that_holds_nothing_says_so(site: Path) -> None:
    found = read(site, "api/artifacts/old/stages/prod.json")
    assert (found["name"], found["stage"]) == ("old", "prod")
    assert not any(value for key, value in found.items() if key not in {"schema_version", "name", "stage"})
    assert read(site, "api/artifacts/old/stages/prod.badge.json")["message"] == "none"
    assert read(site, "api/artifacts/old/latest.json")["version"] is None


def test_the_latest_version_has_its_annotation(site: Path) -> None:
    found = read(site, "api/artifacts/churn/latest.json")
    assert {key: found[key] for key in ("version", "type", "labels", "meta")} == {
        "version": "v1.1.0",
        "type": "model",
        "labels": ["tabular", "sales"],
        "meta": {"owner": "growth"},
    }


def test_an_event_says_what_was_there_before(site: Path) -> None:
    first, *_ = [event for event in read(site, "api/artifacts/churn.json")["events"] if event["stage"] == "prod"]
    assert (first["tag"], first["version"], first["previous_version"], first["is_current"]) == (
        "churn#prod#4",
        "v1.1.0",
        "v1.0.0",
        True,
    )


def test_badges(site: Path) -> None:
    assert read(site, "api/artifacts/churn/stages/prod.badge.json") == {
        "schemaVersion": 1,
        "label": "prod",
        "message": "v1.1.0",
        "color": "blue",
    }
    assert read(site, "api/artifacts/churn/latest.badge.json")["label"] == "churn"


def test_the_events_are_the_newest_of_all(site: Path) -> None:
    found = read(site, "api/events.json")
    assert found["total"] == len(found["events"]) == 13
    times = [event["created_at"] for event in found["events"]]
    assert times == sorted(times, reverse=True)


def test_only_the_newest_events_are_together(repo: Repo, out: Path) -> None:
    commit = repo.commit(time=1)
    stream = [f"tag m{n % 3}#prod#{n}\nfrom {commit}\ntagger A <a@b> {1000 + n} +0000\ndata 1\nm\n" for n in range(700)]
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())
    make(repo.path, out)
    found = read(out, "api/events.json")
    assert (found["total"], len(found["events"])) == (700, 500)
    assert [event["tag"] for event in found["events"]] == [f"m{n % 3}#prod#{n}" for n in range(699, 199, -1)]


def feed(site: Path) -> Any:  # noqa: ANN401 - feedparser's own
    """The feed, as a reader of feeds sees it; it would also read what is no XML, but say so."""
    found = feedparser.parse((site / "feed.atom").read_bytes(), sanitize_html=False)
    assert (found.bozo, found.version) == (False, "atom10"), found.get("bozo_exception")
    return found


def test_the_feed(site: Path) -> None:
    found = feed(site)
    assert found.feed.title == "acme/models: model registry"
    assert found.feed.id == "https://github.com/acme/models"
    assert len(found.entries) == len({each.id for each in found.entries}) == 13
    times = [each.updated_parsed for each in found.entries]
    assert times == sorted(times, reverse=True)
    assert found.feed.updated_parsed == times[0]
    said = next(each for each in found.entries if "v1.1.0" in each.title and "prod" in each.title)
    assert said.title == "churn v1.1.0 was assigned to prod"
    assert said.link == "artifacts/churn.html"
    assert said.updated == "2023-11-17T05:51:40+00:00"
    assert said.id == "https://github.com/acme/models/releases/tag/churn%23prod%234"
    assert said.author == "Ada Lovelace"


def test_an_entry_stays_what_it_is(site: Path, registry: Repo) -> None:
    """Whoever reads the feed again sees what is new and nothing twice."""
    before = {each.id: each for each in feed(site).entries}
    registry.tag("data#prod#1", "data@v1.0.0^{commit}", time=1_700_400_000)
    make(registry.path, site)
    first, *others = feed(site).entries
    assert (first.title, first.id in before) == ("data v1.0.0 was assigned to prod", False)
    assert {each.id: each for each in others} == before


@pytest.mark.parametrize("page", [PAGE, ""])
def test_a_feed_of_strangers_is_xml(repo: Repo, out: Path, page: str) -> None:
    texts = (*HOSTILE, "a\x01\x08\x0b\x0c\x1b[31m\x7f\x85b", "\ufffe\uffff\U0001fffe", "]]>", "&#0;&nbsp;")
    for number, text in enumerate(texts):
        say(repo, text, f"m{number}")
    repo.tag("bytes@v1.0.0", tagger=b"\xff\xfe\xed\xa0\x80 <a@b> 1000 +0000")
    repo.tag("undated@v1.0.0", tagger="")
    repo.tag("late@v1.0.0", tagger="A <a@b> 999999999999 +0000")
    make(repo.path, out, page=page)
    found = feed(out).entries
    assert len(found) == min(50, 2 * len(texts) + 3)
    authors = {each.author for each in found}
    assert {"]]", "&#0;&nbsp;", "{{ 7 * 7 }}{% raw %}", "=cmd|' /C calc'!A0"} <= authors
    assert any(r"\x1b[31m\x7f" in author for author in authors)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", each.updated) for each in found)
    assert all(each.id.startswith(f"{PAGE}/releases/tag/" if page else "urn:gto-action:tag:") for each in found)
