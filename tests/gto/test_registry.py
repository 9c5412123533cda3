"""R8 to R20 and W1 to W14, on records made by hand; test_gto_oracle.py asks the real gto about real repositories."""

from typing import Any

import pytest

from gto_action.errors import RegistryError
from gto_action.gto.event import Assignment, Unassignment
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import Signature, TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.tag import parse_tag
from tests.support.records import records


def answer(registry: Registry, name: str) -> tuple[str, str]:
    tag = parse_tag(name)
    assert tag is not None
    event = registry.event(tag)
    return event.kind.value, event.version_text


# the rules' worked examples: the tags, and what one of them says
WORKED = {
    "W1": (
        "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0#2 B 40\nm#prod#3 B 50\nm#prod!#4 B 60\nm@v1.1.0!#5 B 70",
        {"m#prod#1": "v1.0.0", "m#prod#3": "v1.1.0", "m#prod!#4": "v1.1.0", "m@v1.1.0!#5": "v1.1.0"},
    ),
    "W2": ("m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0 B 40\nm#prod!#3 B 60", {"m#prod!#3": "v1.1.0"}),
    "W3": ("m#prod#1 A 10\nm@v1.0.0 A 20", {"m#prod#1": "v1.0.0"}),
    "W4": ("m#prod#1 A 10\nm#prod!#2 A 20", {"m#prod#1": "A", "m#prod!#2": "A"}),
    "W6": ("m@v1.0.0 A 10\nm@v1.0.0! B 30\nm#prod B 40", {"m#prod": "v1.0.0"}),
    "W7": ("m@v1.0.0 A 5\nm@v1.0.0!#2 A 6\nm@v1.0.0#3 A 7\nm#prod A 8", {"m#prod": "v1.0.0"}),
    "W9": ("m@v1.0.0 A 10\nm@deprecated A 20\nm@v1.1.0 B 40", {"m@deprecated": "", "m@v1.1.0": "v1.1.0"}),
    "W12": ("m@v1.0.0! A 5\nm#p#1 A 6", {"m#p#1": "v1.0.0"}),
    "another artifact's version at the commit": ("m@v1.0.0 A 1\nd=m@v2.0.0 A 2\nd=m#p A 3", {"d=m#p": "v2.0.0"}),
    "another spelling of the directory": ("d=m@v2.0.0 A 2\nd/=m#p A 3", {"d/=m#p": "A"}),
    "no date": ("m@v1.0.0 A -\nm#p A -", {"m#p": "v1.0.0"}),
}


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
@pytest.mark.parametrize("example", WORKED)
def test_version(example: str, order: int) -> None:
    text, expected = WORKED[example]
    registry = Registry(records(text)[::order])
    assert {name: answer(registry, name)[1] for name in expected} == expected


# R15c, X1: of several versions at the commit, the active one registered latest at or before the
# (un)assignment; or the latest registered active one; or the latest registered
AMBIGUOUS = {
    "W5 the later of two": ("m@v1.0.0 A 10\nm@v1.1.0 A 20\nm#p A 30", "v1.1.0", "v1.0.0 v1.1.0"),
    "the order of time, not of versions": ("m@v1.1.0 A 10\nm@v1.0.0 A 20\nm#p A 30", "v1.0.0", "v1.1.0 v1.0.0"),
    "one came after the assignment": ("m@v1.0.0 A 10\nm@v1.1.0 A 40\nm#p A 30", "v1.0.0", "v1.0.0 v1.1.0"),
    "in the same second counts": ("m@v1.0.0 A 10\nm@v1.1.0 A 30\nm#p A 30", "v1.1.0", "v1.0.0 v1.1.0"),
    "both came after": ("m#p A 5\nm@v1.0.0 A 10\nm@v1.1.0 A 40", "v1.1.0", "v1.0.0 v1.1.0"),
    "the later one is inactive": ("m@v1.0.0 A 10\nm@v1.1.0 A 20\nm@v1.1.0! A 25\nm#p A 30", "v1.0.0", "v1.0.0 v1.1.0"),
    "the earlier one is inactive now": ("m@v1.0.0 A 10\nm@v1.1.0 A 20\nm#p A 15\nm@v1.0.0! A 40", "v1.1.0", "v1.0.0 v1.1.0"),
    "none is active": ("m@v1.0.0 A 1\nm@v1.1.0 A 2\nm@v1.0.0! A 3\nm@v1.1.0! A 4\nm#p A 5", "v1.1.0", "v1.0.0 v1.1.0"),
    "one was never registered": ("m@v1.0.0! A 10\nm@v1.1.0! A 20\nm@v1.1.0 A 5\nm#p A 30", "v1.1.0", "v1.1.0 v1.0.0"),
    "a tie is broken by name": ("m@v1.1.0 A 10\nm@v1.0.0 A 10\nm#p A 30", "v1.1.0", "v1.0.0 v1.1.0"),
    "registered again": ("m@v1.0.0 A 1\nm@v1.1.0 A 2\nm@v1.0.0! A 3\nm@v1.0.0#2 A 4\nm#p A 5", "v1.0.0", "v1.0.0 v1.1.0"),
    "R16 a deregistration in the same second wins": ("m@v1.0.0 A 1\nm@v1.1.0 A 2\nm@v1.1.0! A 2\nm@v1.1.0#9 A 2\nm#p A 5", "v1.0.0", "v1.0.0 v1.1.0"),
    "an unassignment likewise": ("m@v1.0.0 A 10\nm@v1.1.0 A 20\nm#p! A 30", "v1.1.0", "v1.0.0 v1.1.0"),
}  # fmt: skip


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
@pytest.mark.parametrize("example", AMBIGUOUS)
def test_several_versions_at_the_commit(example: str, order: int) -> None:
    text, version, candidates = AMBIGUOUS[example]
    name = next(line.split()[0] for line in text.splitlines() if "#p" in line)
    tag = parse_tag(name)
    assert tag is not None
    event = Registry(records(text)[::order]).event(tag)
    assert isinstance(event, Assignment | Unassignment)
    assert (event.version_text, bool(event.candidates)) == (version, True)
    assert " ".join(str(each) for each in event.candidates) == candidates


LIGHT = TagRecord("m@v1.0.0", "A", "A", "commit", annotated=False, signature=Signature("Ada", "", 10))


def test_w8_a_lightweight_tag_does_not_count() -> None:
    """W8."""
    registry = Registry([LIGHT, *records("m#prod#1 A 20")])
    assert answer(registry, "m#prod#1") == ("assignment", "A")


def test_a_lightweight_tag_counts_if_accepted() -> None:
    registry = Registry([LIGHT, *records("m#prod#1 A 20")], accept_lightweight=True)
    assert answer(registry, "m#prod#1") == ("assignment", "v1.0.0")
    assert registry.problems(ArtifactName("m")) == ()


def test_a_lightweight_tag_has_no_event() -> None:
    tag = parse_tag("m@v1.0.0")
    assert tag is not None
    with pytest.raises(RegistryError, match="is lightweight"):
        Registry([LIGHT]).event(tag)


def test_one_artifacts_trouble_is_its_own() -> None:
    bad: list[Any] = [
        TagRecord("bad@v1.0.0", "T", "T", "tree", inner_name="bad@v1.0.0", signature=Signature(time=1)),
        TagRecord("bad@v2.0.0", "X", "A", "commit", inner_name="other@v1.0.0", signature=Signature(time=1)),
        TagRecord("bad@v3.0.0", "Y", "A", "commit", inner_name="bad@v3.0.0"),
        TagRecord("bad@created", "Z", "A", "commit", inner_name="bad@created", signature=Signature(time=1)),
        *(TagRecord(f"bad@v4.0.{n}", "A", "A", "commit", annotated=False) for n in range(7)),
    ]
    registry = Registry([*bad, *records("m@v1.0.0 A 10\nm#prod A 20")])
    assert answer(registry, "m#prod") == ("assignment", "v1.0.0")
    assert registry.problems(ArtifactName("m")) == ()
    told = [problem.message for problem in registry.problems(ArtifactName("bad"))]
    assert told == [
        "Lightweight tags do not count for GTO: 'bad@v4.0.0', 'bad@v4.0.1', 'bad@v4.0.2', 'bad@v4.0.3', 'bad@v4.0.4' and 2 more.",
        "Tags that do not point to a commit do not count: 'bad@v1.0.0 (tree)'.",
        "Tags whose inner name differs from the ref's count under the ref's name: 'bad@v2.0.0 (inside: other@v1.0.0)'.",
        "Tags without a date count as older than all others: 'bad@v3.0.0'.",
    ]


def test_problems_come_with_the_commands_that_change_no_stage() -> None:
    undated = TagRecord("m#prod#1", "X", "A", "commit", inner_name="m#prod#1")
    light = [TagRecord(f"m#prod#{n}", "A", "A", "commit", annotated=False) for n in range(2, 9)]
    ahead = TagRecord("m#dev", "X", "A", "commit", inner_name="m#dev", signature=Signature(time=200_000, zone="+0100"))
    registry = Registry([undated, ahead, LIGHT._replace(committed=5), *light, *records("m@v2.0.0 B 20")], now=1_000)
    lightweight, future, old = registry.problems(ArtifactName("m"))
    assert lightweight.hint == (
        "To change no stage: git tag -d 'm#prod#2' && git push origin --delete 'refs/tags/m#prod#2'; "
        "git tag -d 'm#prod#3' && git push origin --delete 'refs/tags/m#prod#3'; "
        "git tag -d 'm#prod#4' && git push origin --delete 'refs/tags/m#prod#4'; "
        "git tag -d 'm#prod#5' && git push origin --delete 'refs/tags/m#prod#5'; "
        "git tag -d 'm#prod#6' && git push origin --delete 'refs/tags/m#prod#6'; "
        "for the rest see: gto-action doctor"
    )
    assert future.message == "Tags dated in the future supersede all tags until that date: 'm#dev'."
    assert future.hint == (
        "Make it again, with a date that changes no stage: GIT_COMMITTER_DATE='@1000 +0100' git tag -a -f -m MESSAGE "
        "'m#dev' A && git push --force origin 'refs/tags/m#dev'"
    )
    assert old.hint == (
        "Make it again, with a date that changes no stage: GIT_COMMITTER_DATE='@0 +0000' git tag -a -f -m MESSAGE "
        "'m#prod#1' A && git push --force origin 'refs/tags/m#prod#1'"
    )


def test_without_a_time_nothing_is_in_the_future() -> None:
    assert Registry(records("m@v1.0.0 A 99999999999")).problems(ArtifactName("m")) == ()


def test_no_such_tag() -> None:
    tag = parse_tag("m@v1.0.0")
    assert tag is not None
    with pytest.raises(RegistryError, match=r"no tag 'm@v1\.0\.0'"):
        Registry([]).event(tag)


def test_a_tag_of_a_tree() -> None:
    tag = parse_tag("m@v1.0.0")
    assert tag is not None
    with pytest.raises(RegistryError, match="points to a tree, not to a commit"):
        Registry([TagRecord("m@v1.0.0", "O", "T", "tree", inner_name="m@v1.0.0")]).event(tag)


@pytest.mark.parametrize(
    ("time", "zone", "iso"),
    [
        (0, "+0000", "1970-01-01T00:00:00+00:00"),
        (1669806000, "+0300", "2022-11-30T14:00:00+03:00"),
        (1669806000, "-0930", "2022-11-30T01:30:00-09:30"),
        (1669806000, "", "2022-11-30T11:00:00+00:00"),
        (1669806000, "+9999", "2022-11-30T11:00:00+00:00"),
        (1669806000, "+xx", "2022-11-30T11:00:00+00:00"),
        (10**18, "+0000", ""),
        (None, "+0000", ""),
    ],
)
def test_iso_8601(time: int | None, zone: str, iso: str) -> None:
    assert Signature(time=time, zone=zone).iso == iso
