"""The documents for programs: what they say, and that they are as their schema says."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, Final

import pytest

from gto_action.page.api import SCHEMA_VERSION
from tests.support.repo import Repo
from tests.support.site_documents import SCHEMA, check_documents
from tests.support.sites import make, read


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


ATOM: Final = "{http://www.w3.org/2005/Atom}"


def entries(site: Path) -> list[dict[str, Any]]:
    root = ET.parse(site / "feed.atom").getroot()  # noqa: S314 - of our own making
    assert [root.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated")] == [True] * 3
    return [
        {each.tag.removeprefix(ATOM): each.text or each.get("href") for each in entry}
        for entry in root.findall(f"{ATOM}entry")
    ]


def test_the_feed(site: Path) -> None:
    found = entries(site)
    assert len(found) == 13
    assert len({each["id"] for each in found}) == 13
    said = next(each for each in found if "v1.1.0" in each["title"] and "prod" in each["title"])
    assert said["title"] == "churn v1.1.0 was assigned to prod"
    assert said["link"] == "artifacts/churn.html"
    assert said["updated"] == "2023-11-17T05:51:40+00:00"
    assert said["id"] == "https://github.com/acme/models/releases/tag/churn%23prod%234"
