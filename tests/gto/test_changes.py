"""What an event changed, in words."""

import pytest

from gto_action.gto.changes import changes
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import parse_tag
from tests.support.records import records
from tests.support.tag_lists import ARTIFACTS

TWO = "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#prod#1 A 30\nm#prod#2 B 40\n"
SUPERSEDED = "A later event supersedes this one: now "

# the tags, the event, the words
CHANGES = [
    ("m@v1.0.0 A 10", "m@v1.0.0", "v1.0.0 is the first version."),
    ("m@v1.0.0 A 10\nm@v2.0.0 B 20", "m@v2.0.0", "The latest version went from v1.0.0 to v2.0.0."),
    ("m@v2.0.0 A 10\nm@v1.0.1 B 20", "m@v1.0.1", "v2.0.0 stayed the latest version."),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm@v3.0.0 C 30",
        "m@v1.0.0",
        "v1.0.0 is the first version. Since then: the latest version is v3.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm@v3.0.0 C 30",
        "m@v2.0.0",
        "The latest version went from v1.0.0 to v2.0.0. Since then: the latest version is v3.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v4.0.0 D 30\nm#prod#2 D 40",
        "m@v4.0.0",
        "The latest version went from v1.0.0 to v4.0.0.",
    ),
    ("m@v1.0.0 A 10\nm@v1.0.0! A 20\nm@v2.0.0 B 30", "m@v2.0.0", "No other version was registered at the time."),
    (
        "m@v1.0.0 A 10\nm@v1.0.0#2 B 20",
        "m@v1.0.0#2",
        "The latest version went from v1.0.0 at commit A to v1.0.0 at commit B.",
    ),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm@v1.0.0! A 30",
        "m@v1.0.0",
        f"v1.0.0 is the first version. {SUPERSEDED}v1.0.0 is deregistered; the latest version is v2.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm@v1.0.0#2 A 30",
        "m@v1.0.0",
        f"v1.0.0 is the first version. {SUPERSEDED}v1.0.0 is registered.",
    ),
    ("m@v1.0.0 A 10\nm#prod#1 A 30", "m#prod#1", "prod held no version before."),
    (TWO, "m#prod#2", "prod went from v1.0.0 to v2.0.0."),
    (TWO + "m#prod#3 A 50", "m#prod#3", "Rollback: prod went back from v2.0.0 to v1.0.0."),
    (TWO + "m#prod#3 B 50", "m#prod#3", "prod already held v2.0.0."),
    (TWO, "m#prod#1", f"prod held no version before. {SUPERSEDED}prod holds v2.0.0."),
    (TWO + "m#prod#3 B 50", "m#prod#2", f"prod went from v1.0.0 to v2.0.0. {SUPERSEDED}prod holds v2.0.0."),
    (TWO + "m#prod!#3 B 50", "m#prod!#3", "Fallback: prod went from v2.0.0 to v1.0.0."),
    (TWO + "m#prod!#3 A 50", "m#prod!#3", "prod still held v2.0.0."),
    ("m@v1.0.0 A 10\nm#prod#1 A 30\nm#prod!#2 A 40", "m#prod!#2", "prod was left without a version."),
    ("m@v1.0.0 A 10\nm#prod!#2 A 40", "m#prod!#2", "prod held no version."),
    (
        TWO + "m#prod!#3 B 50\nm#prod#4 B 60",
        "m#prod!#3",
        f"Fallback: prod went from v2.0.0 to v1.0.0. {SUPERSEDED}prod holds v2.0.0.",
    ),
    (
        TWO + "m#prod!#3 B 50\nm@v1.0.0! A 60",
        "m#prod!#3",
        "Fallback: prod went from v2.0.0 to v1.0.0. Since then: prod holds no version.",
    ),
    (
        TWO + "m@v2.0.0! B 50",
        "m@v2.0.0!",
        "The latest version went back from v2.0.0 to v1.0.0. Fallback: prod went from v2.0.0 to v1.0.0.",
    ),
    (
        "m@v1.0.0 A 10\nm#prod A 20\nm@v1.0.0! A 50",
        "m@v1.0.0!",
        "No version was left. prod was left without a version.",
    ),
    ("m@v1.0.0! A 50", "m@v1.0.0!", "There was no version."),
    (
        TWO + "m@v2.0.0! B 50\nm@v2.0.0#2 B 60",
        "m@v2.0.0!",
        (
            "The latest version went back from v2.0.0 to v1.0.0. Fallback: prod went from v2.0.0 to v1.0.0. "
            f"{SUPERSEDED}v2.0.0 is registered; the latest version is v2.0.0; prod holds v2.0.0."
        ),
    ),
    (
        TWO + "m@v2.0.0! B 50\nm@v2.0.0#2 B 60",
        "m@v2.0.0#2",
        "The latest version went from v1.0.0 to v2.0.0. prod went from v1.0.0 to v2.0.0.",
    ),
    (
        "m@v1.0.0! A 5\nm#prod#1 A 6",
        "m#prod#1",
        "It had no effect: v1.0.0 was deregistered. prod held no version.",
    ),
    (
        "m@v1.0.0! A 5\nm#prod#1 A 6\nm@v1.0.0 A 7",
        "m#prod#1",
        "It had no effect: v1.0.0 was deregistered. prod held no version. Since then: prod holds v1.0.0.",
    ),
    (
        "m@v1.0.0! A 5\nm#prod#1 A 6\nm@v1.0.0 A 7",
        "m@v1.0.0",
        "v1.0.0 is the first version. prod held no version before, and held v1.0.0 after.",
    ),
    (
        "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#prod#1 A 30\nm#prod#2 B 30",
        "m#prod#2",
        "It had no effect: prod was given v1.0.0 in the same second, and that counts. prod already held v1.0.0.",
    ),
    (TWO + "m@deprecated C 50", "m@deprecated", "m has no current version and no stages while it is deprecated."),
    (
        TWO + "m@deprecated C 50\nm#dev B 60",
        "m@deprecated",
        f"m has no current version and no stages while it is deprecated. {SUPERSEDED}m is in use again.",
    ),
    (
        TWO + "m@deprecated C 50\nm#dev B 60",
        "m#dev",
        (
            "m had been deprecated; this put it back in use. dev held no version before. "
            "prod held no version before, and held v2.0.0 after."
        ),
    ),
    (
        TWO + "m@deprecated C 50\nm@v2.1.0 C 60",
        "m@v2.1.0",
        (
            "m had been deprecated; this put it back in use. The latest version was v2.1.0 then. "
            "prod held no version before, and held v2.0.0 after."
        ),
    ),
    (
        TWO + "m@deprecated#1 C 50\nm@deprecated#2 C 60",
        "m@deprecated#1",
        f"m has no current version and no stages while it is deprecated. {SUPERSEDED}m is deprecated.",
    ),
    (TWO + "m@deprecated#1 C 50\nm@deprecated#2 C 60", "m@deprecated#2", "m was already deprecated."),
    (TWO + "m@deprecated C 50", "m#prod#2", f"prod went from v1.0.0 to v2.0.0. {SUPERSEDED}m is deprecated."),
    (
        TWO + "m@deprecated C 50",
        "m@v2.0.0",
        f"The latest version went from v1.0.0 to v2.0.0. {SUPERSEDED}m is deprecated.",
    ),
    ("m#prod#1 A 10\nm#prod#2 B 20", "m#prod#2", "prod went from A to B."),
    ("m#prod#1 A 10\nm@v1.0.0 A 20", "m#prod#1", "prod held no version before."),
    (
        "m#prod#1 A 10\nm@v1.0.0 A 20",
        "m@v1.0.0",
        "v1.0.0 is the first version. prod still held commit A, which became v1.0.0.",
    ),
    (
        "m#prod#1 A 10\nm@v1.0.0 A 20\nm@v2.0.0 A 30",
        "m@v2.0.0",
        "The latest version went from v1.0.0 to v2.0.0. prod still held commit A, as v2.0.0 instead of v1.0.0.",
    ),
]


@pytest.mark.parametrize("row", CHANGES, ids=[f"{n} {row[1]}" for n, row in enumerate(CHANGES)])
def test_changes(row: tuple[str, str, str]) -> None:
    text, name, words = row
    tag = parse_tag(name)
    assert tag is not None
    registry = Registry(records(text))
    event = registry.event(tag)
    assert " ".join(map(str, changes(event, standing_of(event, registry), registry))) == words


def test_of_thousands_of_stages_ten_are_spoken_of() -> None:
    lines = ["m@v1.0.0 A 1", *(f"m#s{number:04} A 2" for number in range(2_000)), "m@v1.0.0! A 3"]
    registry = Registry(records("\n".join(lines)))
    tag = parse_tag("m@v1.0.0!")
    assert tag is not None
    event = registry.event(tag)
    said = changes(event, standing_of(event, registry), registry)
    assert len(said) == 12
    assert str(said[-1]) == "1990 more stages changed."
    assert registry.artifact(ARTIFACTS["m"]).stages == {}
