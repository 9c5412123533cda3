"""What people read: histories, and text of strangers that stays text."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.cli.gto_json import history_document
from gto_action.gto.history import newest_first
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import Notes
from gto_action.gto.registry import Registry
from gto_action.render.log import history_table
from gto_action.render.markup import code, plain, prose
from gto_action.render.tables import entries
from tests.support.records import records
from tests.support.tag_lists import Written, registry_of, tag_lists


def test_the_history_is_in_the_order_of_gto_history() -> None:
    """As `test_gto_oracle.py` holds `documents.history_document` against the real gto, which has the same order."""
    registry = Registry(records("m@v1.0.0 A 10\nm#prod#1 A 10\nm#dev#2 A 10\nm#dev!#3 A 10\nm@v2.0.0 B 9"))
    artifact = registry.artifact(ArtifactName("m"))
    tags = ["m#dev!#3", "m#prod#1", "m#dev#2", "m@v1.0.0", "m@v2.0.0"]
    assert [entry.tag for entry in entries(artifact, 50)[0]] == tags
    assert [line.split()[-1] for line in history_table(artifact)[1:]] == tags
    assert [each["ref"] for each in history_document([artifact], Notes({}, {}))] == tags
    assert [entry.tag for entry in entries(artifact, 2)[0]] == tags[:2]


@given(tag_lists(), st.integers(1, 8))
def test_the_first_events_of_a_history_are_those_of_all_of_it(tags: list[Written], most: int) -> None:
    artifacts = registry_of(tags).artifacts()
    whole = newest_first(artifacts)
    assert len(whole) == sum(len(artifact.events) for artifact in artifacts)
    assert newest_first(artifacts, most) == whole[:most]


COMMANDS = ["##[", "##vso[", "##VSO[", "##teamcity[", "###vso[", "##v\u200bso[", "#"]


@given(st.text() | st.lists(st.sampled_from([*COMMANDS, "[", "vso", " "]) | st.text(max_size=2)).map("".join))
def test_plain_text_is_one_line_and_no_command(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"##(vso|teamcity)?\[", shown, re.IGNORECASE)
    assert not shown.lstrip().startswith("::")
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a ##[add-mask]x", "a ##\\[add-mask]x"),
        ("a ##vso[task.setvariable variable=PATH]x", "a ##vso\\[task.setvariable variable=PATH]x"),
        ("##VsO[task.complete]", "##VsO\\[task.complete]"),
        ("###teamcity[buildStop]", "###teamcity\\[buildStop]"),
        ("##vso x[", "##vso x["),
        ("::error::x", "\\::error::x"),
    ],
)
def test_a_command_of_a_ci_system_is_broken(text: str, shown: str) -> None:
    assert plain(text) == shown


class _Text(HTMLParser):
    """The elements of a piece of HTML, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


HIDDEN = {
    "nul": "\0",
    "escape": "\x1b",
    "soft hyphen": "\xad",
    "no shape": "\u034f",
    "arabic letter mark": "\u061c",
    "hangul filler": "\u3164",
    "mongolian separator": "\u180e",
    "no width": "\u200b",
    "joiner": "\u200d",
    "left to right": "\u200e",
    "line separator": "\u2028",
    "override": "\u202e",
    "word joiner": "\u2060",
    "isolate": "\u2066",
    "deprecated": "\u206a",
    "braille blank": "\u2800",
    "half of a pair": "\ud800",
    "private use": "\ue000",
    "variation": "\ufe00",
    "byte order mark": "\ufeff",
    "no character": "\uffff",
    "tag": "\U000e0041",
    "tags begin": "\U000e0000",
    "variation of the supplement": "\U000e0100",
    "private plane": "\U0010fffd",
}


@pytest.mark.parametrize("what", HIDDEN)
def test_what_nobody_would_see_is_spelled_out(what: str) -> None:
    character = HIDDEN[what]
    spelled = character.encode("unicode_escape").decode()
    assert spelled.startswith("\\")
    assert plain(f"a{character}b") == f"a{spelled}b"
    assert code(f"a{character}b") in {f"<code>a{spelled}b</code>", "<code>a<br>b</code>"}
    assert spelled in prose(f"a{character}b 'c{character}d'")


def test_what_people_write_stays() -> None:
    for text in (
        "na\u00efve",
        "\u6a21\u578b",
        "\u2764\ufe0f",
        "\U0001f680",
        "a\u0301",
        "1\xa0000",
        "\u0645\u062f\u0644",
    ):
        assert plain(text) == text
        assert code(text) == f"<code>{text}</code>"


@given(st.text())
def test_no_character_that_nobody_sees_is_shown(text: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    for shown in (plain(text), code(text), prose(text)):
        assert not [each for each in shown if unicodedata.category(each) in hidden]


SEEN = st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf", "Co", "Cn"]))
SHAPELESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U0001d159\U000e0100-\U000e01ef]"
)


@given(SEEN.filter(lambda text: not SHAPELESS.search(text)))
def test_code_shows_a_text_as_it_is(text: str) -> None:
    shown = _Text(code(text))
    assert shown.text == text
    assert set(shown.elements) <= {"code"}


@given(st.text())
def test_code_and_prose_are_no_markup(text: str) -> None:
    for markup in (code(text, "https://example.com/?a=1&b=2"), prose(text)):
        assert set(_Text(markup).elements) <= {"a", "code", "br"}
        assert "\n" not in markup  # an empty line would end a block of HTML
        markup.encode()


NOTICED = ["@team", "#1", "GH-1", "https://a.example", "www.a.example", ":tada:", "o/r#1", "a@b.example"]


@pytest.mark.parametrize("text", NOTICED)
def test_what_github_would_notice_is_broken_up(text: str) -> None:
    shown = _Text(prose(f"Ask {text}, please.")).text
    assert text not in shown
    assert shown.replace("\u200b", "") == f"Ask {text}, please."


def test_what_is_quoted_in_a_sentence_can_be_copied() -> None:
    shown = _Text(prose("Make it again: git tag -a -f 'churn#prod' -m MESSAGE"))
    assert "git tag -a -f 'churn#prod' -m MESSAGE" in shown.text
    assert shown.elements == ["code"]


def test_a_long_text_is_cut() -> None:
    assert _Text(code("x" * 2_000)).text == "x" * 1_000 + "\u2026"
    assert len(_Text(prose("x" * 2_000)).text) == 1_001
