"""What was before an event, what is now, and whether the event still holds: rows of a registry's life."""

import pytest

from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import parse_tag
from tests.support.records import records

W1 = "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0#2 B 40\nm#prod#3 B 50\nm#prod!#4 B 60\nm@v1.1.0!#5 B 70"
TWO = "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#prod#1 A 30\nm#prod#2 B 40\n"

# the tags, the event, previous, current, latest, the stages, whether it is current
STANDINGS = [
    (W1, "m@v1.0.0", "", "v1.0.0", "v1.0.0", "prod:v1.0.0", True),
    (W1, "m#prod#1", "", "v1.0.0", "v1.0.0", "prod:v1.0.0", True),  # GTO fell back to it
    (W1, "m@v1.1.0#2", "v1.0.0", "v1.0.0", "v1.0.0", "prod:v1.0.0", False),
    (W1, "m#prod#3", "v1.0.0", "v1.0.0", "v1.0.0", "prod:v1.0.0", False),
    (W1, "m#prod!#4", "v1.1.0", "v1.0.0", "v1.0.0", "prod:v1.0.0", True),
    (W1, "m@v1.1.0!#5", "v1.1.0", "v1.0.0", "v1.0.0", "prod:v1.0.0", True),
    (TWO, "m#prod#1", "", "v2.0.0", "v2.0.0", "prod:v2.0.0", False),
    (TWO, "m#prod#2", "v1.0.0", "v2.0.0", "v2.0.0", "prod:v2.0.0", True),
    (TWO, "m@v1.0.0", "", "v2.0.0", "v2.0.0", "prod:v2.0.0", True),  # a newer version does not undo it
    (TWO + "m#prod#3 B 50", "m#prod#2", "v1.0.0", "v2.0.0", "v2.0.0", "prod:v2.0.0", False),  # assigned again
    (TWO + "m#dev#3 B 50", "m#prod#2", "v1.0.0", "v2.0.0", "v2.0.0", "dev:v2.0.0 prod:v2.0.0", True),
    (TWO + "m#prod!#3 A 50", "m#prod#2", "v1.0.0", "v2.0.0", "v2.0.0", "prod:v2.0.0", True),
    (TWO + "m#prod!#3 A 50\nm#prod!#4 B 60", "m#prod!#3", "v2.0.0", "", "v2.0.0", "", False),
    (TWO + "m#prod!#3 A 50\nm#prod!#4 B 60", "m#prod!#4", "v2.0.0", "", "v2.0.0", "", True),
    (TWO + "m@v2.0.0! B 50", "m#prod#2", "v1.0.0", "v1.0.0", "v1.0.0", "prod:v1.0.0", False),
    (TWO + "m@v2.0.0! B 50\nm@v2.0.0#2 B 60", "m@v2.0.0!", "v2.0.0", "v2.0.0", "v2.0.0", "prod:v2.0.0", False),
    (TWO + "m@v2.0.0! B 50\nm@v2.0.0#2 B 60", "m@v2.0.0#2", "v1.0.0", "v2.0.0", "v2.0.0", "prod:v2.0.0", True),
    (TWO + "m@deprecated C 50", "m#prod#2", "v1.0.0", "", "", "", False),
    (TWO + "m@deprecated C 50", "m@deprecated", "", "", "", "", True),
    (TWO + "m@deprecated C 50\nm#prod!#9 A 60", "m@deprecated", "", "", "v2.0.0", "prod:v2.0.0", False),
    ("m#prod#1 A 10\nm#prod!#2 A 20", "m#prod#1", "", "", "", "", False),
    ("m#prod#1 A 10\nm#prod!#2 A 20", "m#prod!#2", "A", "", "", "", True),
    ("m#prod#1 A 10\nm@v1.0.0 A 20", "m#prod#1", "", "v1.0.0", "v1.0.0", "prod:v1.0.0", True),
    ("m#prod#1 A 10\nm@v1.0.0 A 20", "m@v1.0.0", "", "v1.0.0", "v1.0.0", "prod:v1.0.0", True),
    # in the same second what takes back wins (R16, R17), whatever the names
    ("m@v1.0.0!#1 A 10\nm@v1.0.0#2 A 10", "m@v1.0.0#2", "", "", "", "", False),
    ("m@v1.0.0!#1 A 10\nm@v1.0.0#2 A 10", "m@v1.0.0!#1", "v1.0.0", "", "", "", True),
    ("m@v1.0.0 A 1\nm#prod#1 A 12\nm#prod!#2 A 12", "m#prod#1", "", "", "v1.0.0", "", False),
    ("m@v1.0.0 A 1\nm#prod#1 A 12\nm#prod!#2 A 12", "m#prod!#2", "v1.0.0", "", "v1.0.0", "", True),
    ("m@v1.0.0 A 10\nm#prod A 10\nm@deprecated A 10", "m#prod", "", "v1.0.0", "v1.0.0", "prod:v1.0.0", True),
    # the latest one is taken back, and comes back when there is a greater one
    (
        "m@v2.0.0 A 1\nm@v2.0.0! A 2\nm@v3.0.0 B 3\nm@v2.0.0#2 A 4\nm@v0.1.0 C 5",
        *("m@v0.1.0", "v3.0.0", "v3.0.0", "v3.0.0", "", True),
    ),
    ("m@v1.0.0 A 1\nm@v1.1.0-rc B 2\nm@v1.1.0 B 3", "m@v1.1.0", "v1.1.0-rc", "v1.1.0", "v1.1.0", "", True),
]


@pytest.mark.parametrize("row", STANDINGS, ids=[f"{n} {row[1]}" for n, row in enumerate(STANDINGS)])
def test_standing(row: tuple[str, str, str, str, str, str, bool]) -> None:
    text, name, *expected = row
    tag = parse_tag(name)
    assert tag is not None
    registry = Registry(records(text))
    standing = standing_of(registry.event(tag), registry)
    texts = [str(state) if state else "" for state in (standing.previous, standing.current, standing.now.latest)]
    stages = " ".join(f"{stage}:{state}" for stage, state in standing.now.stages.items())
    assert [*texts, stages, standing.is_current] == expected
