"""What an event changed, in words."""

import pytest
from test_registry import records

from gto_action.change import changes
from gto_action.registry import Registry
from gto_action.standing import standing_of
from gto_action.tag import parse_tag

TWO = "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#prod#1 A 30\nm#prod#2 B 40\n"
SUPERSEDED = "A later event supersedes this one: "

# the tags, the event, the words
CHANGES = [
    ("m@v1.0.0 A 10", "m@v1.0.0", "v1.0.0 is the first version."),
    ("m@v1.0.0 A 10\nm@v2.0.0 B 20", "m@v2.0.0", "The latest version went from v1.0.0 to v2.0.0."),
    ("m@v2.0.0 A 10\nm@v1.0.1 B 20", "m@v1.0.1", "v2.0.0 still is the latest version."),
    ("m@v1.0.0 A 10\nm#prod#1 A 30", "m#prod#1", "prod held no version before."),
    (TWO, "m#prod#2", "prod went from v1.0.0 to v2.0.0."),
    (TWO + "m#prod#3 A 50", "m#prod#3", "Rollback: prod went back from v2.0.0 to v1.0.0."),
    (TWO + "m#prod#3 B 50", "m#prod#3", "prod held v2.0.0 before, too."),
    (TWO, "m#prod#1", f"prod held no version before. {SUPERSEDED}prod holds v2.0.0 now."),
    (TWO + "m#prod!#3 B 50", "m#prod!#3", "Fallback: prod went back to v1.0.0."),
    (TWO + "m#prod!#3 A 50", "m#prod!#3", "prod still holds v2.0.0."),
    ("m@v1.0.0 A 10\nm#prod#1 A 30\nm#prod!#2 A 40", "m#prod!#2", "prod holds no version now."),
    (TWO + "m#prod!#3 B 50\nm#prod#4 B 60", "m#prod!#3", f"{SUPERSEDED}prod holds v2.0.0 now."),
    (
        TWO + "m@v2.0.0! B 50",
        "m@v2.0.0!",
        "The latest version went back from v2.0.0 to v1.0.0. Fallback: prod went back to v1.0.0.",
    ),
    ("m@v1.0.0 A 10\nm#prod A 20\nm@v1.0.0! A 50", "m@v1.0.0!", "There is no version now. prod holds no version now."),
    (TWO + "m@v2.0.0! B 50\nm@v2.0.0#2 B 60", "m@v2.0.0!", f"{SUPERSEDED}the latest version is v2.0.0 now."),
    (TWO + "m@deprecated C 50", "m@deprecated", "m has no current version and no stages while it is deprecated."),
    (TWO + "m@deprecated C 50\nm#dev B 60", "m@deprecated", f"{SUPERSEDED}m is in use again."),
    (TWO + "m@deprecated#1 C 50\nm@deprecated#2 C 60", "m@deprecated#1", f"{SUPERSEDED}it was deprecated again."),
    (TWO + "m@deprecated C 50", "m#prod#2", f"prod went from v1.0.0 to v2.0.0. {SUPERSEDED}prod holds no version now."),
    (TWO + "m@deprecated C 50", "m@v2.0.0", f"{SUPERSEDED}there is no version now."),
    ("m#prod#1 A 10\nm#prod#2 B 20", "m#prod#2", "prod went from A to B."),
]


@pytest.mark.parametrize("row", CHANGES, ids=[f"{n} {row[1]}" for n, row in enumerate(CHANGES)])
def test_changes(row: tuple[str, str, str]) -> None:
    text, name, words = row
    tag = parse_tag(name)
    assert tag is not None
    registry = Registry(records(text))
    event = registry.event(tag)
    assert " ".join(changes(event, standing_of(event, registry))) == words
