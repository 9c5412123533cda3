"""What people read: sentences by the event, and text of strangers that stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.event import Assignment, Deprecation, Deregistration, Event, Registration, Unassignment
from gto_action.markup import markdown, plain
from gto_action.names import ArtifactName, StageName, Version
from gto_action.outputs import Outputs
from gto_action.record import TagRecord
from gto_action.report import sentence, summary

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


@given(st.text())
def test_plain_text_is_one_line_and_no_command(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert "##[" not in shown
    assert not shown.lstrip().startswith("::")
    shown.encode()


@given(st.text())
def test_text_in_markdown_has_no_markup(text: str) -> None:
    shown = markdown(text)
    for character in "|<>*_`[]@\n\\~":
        assert character not in shown
    assert "://" not in shown
    assert "#" not in shown.replace("&#", "")


def test_an_empty_answer_has_a_summary_of_one_sentence() -> None:
    assert summary("The ref 'x' is not a tag.", Outputs()) == "**The ref 'x' is not a tag.**\n\n"
