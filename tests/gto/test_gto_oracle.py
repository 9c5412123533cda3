"""The real gto judges: real repositories, and the JSON that it prints beside ours.

`make test` asks about some 200 generated registries. `make oracle-deep` about thousands, and prints count and seed.
"""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gto_action.cli import gto_json
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.listing import Listing
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.gto.selector import parse_selector
from gto_action.gto.tag import parse_tag
from tests.support.built import build
from tests.support.figures import FIGURE
from tests.support.generated_registries import exceptions_of, generated
from tests.support.gto_process import Gto, Question

if TYPE_CHECKING:
    from gto_action.gto.record import Notes

COUNT = int(os.environ.get("GTO_ACTION_ORACLE_COUNT", "200"))
SEED = int(os.environ.get("GTO_ACTION_ORACLE_SEED", "20261123"))
BATCH = 20
"""How many generated registries are one test."""


@pytest.fixture(scope="module")
def gto() -> Iterator[Gto]:
    gto = Gto()
    yield gto
    gto.close()


class Ours:
    """The same questions, answered here."""

    def __init__(self, repo: Path) -> None:
        with Repository(Remote(repo.as_uri()), log=print) as repository:
            tags = repository.fetch()
            self.registry = Registry(tags.records)
            self.notes: Notes = tags.notes()

    def ask(self, questions: list[Question]) -> list[Any]:
        return [getattr(self, f"_{command.replace('-', '_')}")(argument) for command, argument in questions]

    def _check_ref(self, ref: str) -> Any:  # noqa: ANN401 - a document
        tag = parse_tag(ref)
        record = self.registry.record(tag) if tag else None
        if tag is None or record is None or not record.annotated:
            return None
        return gto_json.event_document(self.registry.event(tag), self.notes.messages[ref])

    def _show(self, name: str) -> Any:  # noqa: ANN401 - a document
        if not name:
            return gto_json.registry_document(self.registry, None)
        selector = parse_selector(name) if "@" in name or "#" in name else None
        artifact = self.registry.artifact(selector.artifact if selector else _artifact(name))
        if not artifact.events:
            return {"error": "ArtifactNotFound"}
        return gto_json.versions_document(artifact, selector, self.notes)

    def _history(self, name: str) -> Any:  # noqa: ANN401 - a document
        artifacts = [self.registry.artifact(_artifact(name))] if name else self.registry.artifacts()
        return gto_json.history_document(artifacts, self.notes)

    def _stages(self, _: str) -> Any:  # noqa: ANN401 - a document
        return gto_json.stages_document(self.registry, None)

    def _stages_used(self, _: str) -> Any:  # noqa: ANN401 - a document
        return gto_json.stages_document(self.registry, None)

    def _history_asc(self, name: str) -> Any:  # noqa: ANN401 - a document
        return self._history(name)[::-1]

    def _listed(self, text: str) -> Any:  # noqa: ANN401 - a document
        options = json.loads(text)
        name = options["name"]
        listing = Listing(
            deprecated=options["deprecated"],
            registered_only=options["registered_only"],
            per_version=options["assignments_per_version"],
            per_stage=options["versions_per_stage"],
            by_semver=options["sort"] == "semver",
        )
        if not name:
            return gto_json.registry_document(self.registry, None, listing)
        selector = parse_selector(name) if "@" in name or "#" in name else None
        artifact = self.registry.artifact(selector.artifact if selector else _artifact(name))
        if not artifact.events:
            return {"error": "ArtifactNotFound"}
        return gto_json.versions_document(artifact, selector, self.notes, listing)


def _artifact(name: str) -> ArtifactName:
    directory, _, plain = name.rpartition(":")
    return ArtifactName(plain, directory)


# Each option of `gto show` by itself, and together.
LISTINGS: list[dict[str, Any]] = [
    {
        "registered_only": registered_only,
        "deprecated": deprecated,
        "assignments_per_version": per_version,
        "versions_per_stage": per_stage,
        "sort": sort,
    }
    for registered_only, deprecated, per_version, per_stage, sort in [
        (False, True, -1, 1, "timestamp"),
        (True, False, -1, 1, "timestamp"),
        (False, False, 1, 1, "timestamp"),
        (False, False, 0, 1, "timestamp"),
        (False, False, -1, -1, "timestamp"),
        (False, False, -1, 2, "timestamp"),
        (False, False, -1, 0, "timestamp"),
        (False, False, -1, 1, "semver"),
        (False, False, 1, 2, "semver"),
        (True, True, 2, -1, "semver"),
    ]
]


def questions(names: list[str]) -> list[Question]:
    """Everything there is to ask about a registry with these tags."""
    asked: list[Question] = [("show", ""), ("history", ""), ("stages", "")]
    asked += [("check-ref", name) for name in (*names, "nope@v1.0.0")]
    asked += [("history-asc", ""), ("stages-used", "")]
    tags = [tag for tag in map(parse_tag, names) if tag]
    for artifact in sorted({str(tag.artifact) for tag in tags} | {"nobody"}):
        mine = [tag for tag in tags if str(tag.artifact) == artifact]
        what = {f"@{tag.version}" for tag in mine if tag.version} | {f"#{tag.stage}" for tag in mine if tag.stage}
        asked += [("show", f"{artifact}{each}") for each in ("", "@latest", "@greatest", *sorted(what))]
        asked.append(("history", artifact))
    # each costs gto a reading of the whole registry
    wanted = [None, *(f"{tag.artifact}{each}" for tag in tags[:1] for each in ("", "@latest", "#prod"))]
    asked += [("listed", json.dumps({"name": wanted[n % len(wanted)], **each})) for n, each in enumerate(LISTINGS)]
    return asked


def differences(gto: Gto, repo: Path, asked: list[Question]) -> list[tuple[Question, Any, Any]]:
    """Each question that is answered in another way, with gto's answer and ours."""
    pairs = zip(asked, gto.ask(repo, asked), json.loads(json.dumps(Ours(repo).ask(asked))), strict=True)
    answers = ((question, _known(theirs), _known(ours)) for question, theirs, ours in pairs)
    return [(question, theirs, ours) for question, theirs, ours in answers if theirs != ours]


def _known(answer: Any) -> Any:  # noqa: ANN401 - a document
    """Of a version that was deregistered and never registered gto dates the listing by its commit: that is left out."""
    if isinstance(answer, list):
        for each in answer:
            if isinstance(each, dict) and each.get("deregistrations") and not each["registrations"]:
                for key in ("created_at", "activated_at", "author", "author_email", "message", "ref"):
                    del each[key]
    return answer


# The worked examples, and a row for each rule that can be seen from outside, by their numbers in docs/rules.md.
EXAMPLES = {
    "W1": "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0#2 B 40\nm#prod#3 B 50\nm#prod!#4 B 60\nm@v1.1.0!#5 B 70",
    "W2": "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0 B 40\nm#prod#2 B 50",
    "W2 unassigned": "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0 B 40\nm#prod#2 B 50\nm#prod!#3 B 60",
    "W3": "m#prod#1 A 10\nm@v1.0.0 A 20",
    "W5 without the assignment": "m@v1.0.0 A 10\nm@v1.1.0 A 20\nother@v1.0.0 A 25",
    "W6": "m@v1.0.0 A 10\nm@v1.0.0! B 30",
    "W7": "m@v1.0.0 A 5\nm@v1.0.0!#2 A 6\nm@v1.0.0#3 A 7",
    "W9": "m@v1.0.0 A 10\nm@deprecated A 2000\nm@v1.1.0 B 2001",
    "W9 before its revival": "m@v1.0.0 A 10\nm@deprecated A 2000",
    "W10": "m@v1.0.0 A 2000\nm@deprecated A 2000",
    "W11": "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#p#1 A 30\nm#p#2 B 30",
    "W12": "m@v1.0.0! A 5\nm#p#1 A 6",
    "W13": "m@v1.0.0 A 1\nm@v1.1.0 B 2\nm#p#1 A 100000 +0900\nm#p#2 B 100001 -0900",
    "R1 a monorepo": "d/e=m@v1.0.0 A 1\nd/e=m#prod A 2 body\nm@v1.0.0 A 3",
    "R3": "a@v1.0.0 A 1\na#1 A 1\na#1#2 A 2\na#dev/eu#3 A 3\na#prod!#007 A 4",
    "R4": "a@1.0.0 A 1\na@v1.0 A 2\na@v01.0.0 A 3\na@v1.0.0-01 A 4\na#prod# A 5\na.b@v1.0.0 A 6\nx_@v1.0.0 A 7\né@v1.0.0 A 8",
    "R6": "dir/=a@v1.0.0 A 1\ndir=a@v2.0.0 A 2\nDir=a@v3.0.0 A 3",
    "R7": "m@v1.0.0 A 1\nm@v2.0.0 B 2\nm#p#9 A 100\nm#p#1 B 200",
    "R8": "m@v1.0.0 A 1\nm@v9.0.0 B 2 lightweight\nm#p A 3",
    "R14 on two commits": "m@v1.0.0 A 10\nm@v1.0.0#2 B 20\nm#p#1 A 30\nm#q#2 B 40",
    "R16 a tie": "m@v1.0.0 A 10\nm@v1.0.0! A 10\nm@v1.1.0! B 5\nm@v1.1.0 B 5",
    "R17 a tie": "m@v1.0.0 A 1\nm#p A 10\nm#p! A 10\nm#q! A 10\nm#q#2 A 10",
    "R18 several stages": "m@v1.0.0 A 1\nm@v2.0.0 B 2\nm#a A 10\nm#b A 11\nm#b#2 B 12\nm#c B 13\nm#a#3 A 14",
    "R18 stages of one second": "m@v1.0.0 A 1\nm@v2.0.0 B 2\nm#c A 10\nm#a A 10\nm#b B 10\nm#d B 10",
    "R19": "m@v1.0.0 A 1\nm@v1.1.0-alpha B 2\nm@v1.1.0-alpha.1 C 3\nm@v0.9.0+b D 4\nm@v1.1.0-alpha.1+x E 5",
    "R19 build metadata": "m@v1.0.0+b A 1\nm@v1.0.0+a B 2\nm@v1.0.0 C 3",
    "R20 revived by an unassignment": "m@v1.0.0 A 10\nm@deprecated A 2000\nm#p! A 2001",
    "R20 revived by a commit": "m@v1.0.0 A 10 committed=3000\nm@deprecated A 2000",
    "R20 stages of a deprecated one": "m@v1.0.0 A 10\nm#p A 11\nm@deprecated A 2000\nn@v1.0.0 A 12",
    "R24 of one second and kind": (
        "m@v1.0.0 A 5\nm@v2.0.0 B 5\nm@v2.0.0#2 B 5\nd=m@v1.0.0 A 5\nm#q#1 B 10\nm#p#2 B 10\nm#p#3 B 10\nm#p#4 A 10\n"
        "m#q#5 A 10\nd=m#p A 10\nn@deprecated#1 A 5\nn@deprecated#2 A 5\nn@v1.0.0 B 5\na@deprecated A 5"
    ),
    "R24 of one second": "m@v1.0.0 A 10\nm#p A 10\nm#q! A 10\nm@v2.0.0! B 10\nn@deprecated A 10",
    "example-gto": "churn@v3.0.0 A 1\nchurn@v3.1.0 B 2\nchurn#dev#1 B 3\nchurn#staging#2 B 4\nchurn#prod#3 A 5\nchurn#dev#4 B 6\nsegment@v0.4.1 A 7\nsegment#dev#1 A 8\ncv-class@v0.1.13 A 9",
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(gto: Gto, tmp_path: Path, example: str) -> None:
    names = build(tmp_path / "o/r", EXAMPLES[example])
    assert differences(gto, tmp_path / "o/r", questions(names)) == []


# The differences, X1 to X3 among them, each by the rule that it is about: the tags, a question, gto's answer in a few words, ours.
EXCEPTIONS: dict[str, tuple[str, Question, str, Any]] = {
    "R5 created": ("x@created A 1\nm@v1.0.0 A 2", ("check-ref", "m@v1.0.0"), "KeyError", "v1.0.0"),
    "R15c several versions": (
        "x@v1.0.0 A 1\nx@v1.1.0 A 2\nx#p A 3\nm@v1.0.0 A 2",
        ("check-ref", "m@v1.0.0"),
        "ManyVersions",
        "v1.0.0",
    ),
    "R15c the version that is chosen": ("x@v1.0.0 A 1\nx@v1.1.0 A 2\nx#p A 3", ("check-ref", "x#p"), "ManyVersions", "v1.1.0"),
    "R15b unassigning cancels": ("m#p A 1\nm#p! A 2", ("show", ""), "p is still the commit", {}),
    "R15b one version a commit": ("m#p A 1\nm#q A 2", ("show", "m"), "a version for each event", 1),
    "R18 stages of one version twice": (
        "m@v1.0.0 A 1\nm@v1.0.0#2 B 2\nm#p#1 A 3\nm#p#2 B 4", ("show", ""), "v1.0.0", {"p": "v1.0.0"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_exception(gto: Gto, tmp_path: Path, name: str) -> None:
    text, question, theirs, expected = EXCEPTIONS[name]
    build(tmp_path / "o/r", text)
    (answer,) = Ours(tmp_path / "o/r").ask([question])
    (verdict,) = gto.ask(tmp_path / "o/r", [question])
    match expected:
        case str():
            assert (verdict, answer["version"]) == ({"error": theirs}, expected)
        case int():
            assert (len(answer), len(verdict) > len(answer)) == (expected, True)
        case dict():
            assert answer["m"]["stage"] == expected
            assert (verdict["m"]["stage"] == expected) == (theirs == "v1.0.0")


@pytest.mark.parametrize("batch", range((COUNT + BATCH - 1) // BATCH))
def test_generated(gto: Gto, tmp_path: Path, batch: int, record_property: Any) -> None:  # noqa: ANN401 - pytest's
    choose = random.Random(f"{SEED} {batch}")
    seen: dict[str, int] = {"the same": 0}
    for number in range(BATCH):
        repo = tmp_path / f"o/{number}"
        text = generated(choose)
        asked = questions(build(repo, text))
        # each costs gto a reading of the whole registry; the history has the event of every tag
        asked = asked[:3] + choose.sample(asked[3:], min(7, len(asked) - 3))
        found = differences(gto, repo, asked)
        exceptions = exceptions_of(Ours(repo).registry)
        if "R15c several versions" in exceptions:
            # gto dies of it whatever is asked, but for names that are no tags
            assert all(theirs in ({"error": "ManyVersions"}, None) for _, theirs, _ in found), text
            assert len(found) > 0
        elif "R15b no version" in exceptions:
            states = {"show", "stages", "stages-used", "listed"}  # what happened is the same
            assert {question[0] for question, _, _ in found} <= states, text
        else:
            assert found == [], text
            exceptions = {"the same"}
        for exception in exceptions:
            seen[exception] = seen.get(exception, 0) + 1
    record_property(FIGURE, f"gto oracle, seed {SEED}, batch {batch}: {BATCH} registries, {seen}")
