"""What happened, in words."""

import pytest

from gto_action.gto.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.gto.names import ArtifactName, StageName, Version
from gto_action.gto.record import TagRecord
from gto_action.gto.words import sentence, short

SHA = "8a1eb65" + "0" * 33


def record(name: str) -> TagRecord:
    return TagRecord(name, "o", SHA, "commit", inner_name=name)


CHURN, V3, PROD = ArtifactName("churn"), Version("v3.1.0"), StageName("prod")
SENTENCES: list[tuple[Event, str]] = [
    (
        Registration(artifact=CHURN, record=record("churn@v3.1.0"), version=V3),
        "churn v3.1.0 was registered (tag churn@v3.1.0, commit 8a1eb65)",
    ),
    (
        Deregistration(artifact=CHURN, record=record("churn@v3.1.0!#6"), version=V3),
        "churn v3.1.0 was deregistered (tag churn@v3.1.0!#6, commit 8a1eb65)",
    ),
    (
        Assignment(
            artifact=ArtifactName("churn", "models"), record=record("models=churn#prod#4"), version=V3, stage=PROD
        ),
        "models:churn v3.1.0 was assigned to stage prod (tag models=churn#prod#4, commit 8a1eb65)",
    ),
    (
        Assignment(artifact=CHURN, record=record("churn#prod"), version=None, stage=PROD),
        "churn at a commit without a version, 8a1eb65, was assigned to stage prod (tag churn#prod, commit 8a1eb65)",
    ),
    (
        Unassignment(artifact=CHURN, record=record("churn#prod!#5"), version=V3, stage=PROD),
        "churn v3.1.0 was unassigned from stage prod (tag churn#prod!#5, commit 8a1eb65)",
    ),
    (
        Deprecation(artifact=CHURN, record=record("churn@deprecated")),
        "churn was deprecated (tag churn@deprecated, commit 8a1eb65)",
    ),
]


@pytest.mark.parametrize(("event", "text"), SENTENCES, ids=[event.record.name for event, _ in SENTENCES])
def test_sentence(event: Event, text: str) -> None:
    assert sentence(event) == text


@pytest.mark.parametrize("digits", [40, 64])
def test_a_commit_is_cut(digits: int) -> None:
    assert short("8a1eb65".ljust(digits, "0")) == "8a1eb65"


@pytest.mark.parametrize("text", ["v1.0.0", "v1.0.0-" + "0" * 33, "-", ""])
def test_all_else_stays_as_it_is(text: str) -> None:
    assert short(text) == text
