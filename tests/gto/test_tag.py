"""R1 to R7: every rule is a row, every rejection is a row, and its id is the tag."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.gto.names import ArtifactName, InvalidNameError, StageName, Version
from gto_action.gto.tag import EventKind, Tag, looks_like_tag, parse_tag, tag_name_of

REGISTRATION, DEREGISTRATION, ASSIGNMENT, UNASSIGNMENT, DEPRECATION = (
    EventKind.REGISTRATION,
    EventKind.DEREGISTRATION,
    EventKind.ASSIGNMENT,
    EventKind.UNASSIGNMENT,
    EventKind.DEPRECATION,
)

# tag name, artifact for people, kind, version or stage, counter
TAGS = [
    # R1
    ("churn@v3.1.0", "churn", REGISTRATION, "v3.1.0", ""),
    ("c@v1.0.0", "c", REGISTRATION, "v1.0.0", ""),
    ("7@v1.0.0", "7", REGISTRATION, "v1.0.0", ""),
    ("d/e=m@v1.0.0", "d/e:m", REGISTRATION, "v1.0.0", ""),
    ("models=churn@v1.0.0", "models:churn", REGISTRATION, "v1.0.0", ""),
    ("a/b@v1.0.0", "a/b", REGISTRATION, "v1.0.0", ""),
    ("a-b_c/d@v1.0.0", "a-b_c/d", REGISTRATION, "v1.0.0", ""),
    ("..//-=m@v1.0.0", "..//-:m", REGISTRATION, "v1.0.0", ""),
    ("m@v1.0.0#007", "m", REGISTRATION, "v1.0.0", "007"),
    ("m@v1.0.0-rc.1+build.5", "m", REGISTRATION, "v1.0.0-rc.1+build.5", ""),
    ("m@v1.0.0-0a", "m", REGISTRATION, "v1.0.0-0a", ""),
    ("m@v1.0.0--", "m", REGISTRATION, "v1.0.0--", ""),
    ("m@v1.0.0+01", "m", REGISTRATION, "v1.0.0+01", ""),
    ("m@v10.20.30", "m", REGISTRATION, "v10.20.30", ""),
    # R2
    ("churn@v3.1.0!", "churn", DEREGISTRATION, "v3.1.0", ""),
    ("churn@v3.1.0!#6", "churn", DEREGISTRATION, "v3.1.0", "6"),
    ("churn#prod", "churn", ASSIGNMENT, "prod", ""),
    ("churn#prod#4", "churn", ASSIGNMENT, "prod", "4"),
    ("churn#prod!", "churn", UNASSIGNMENT, "prod", ""),
    ("churn#prod!#5", "churn", UNASSIGNMENT, "prod", "5"),
    ("churn@deprecated", "churn", DEPRECATION, "", ""),
    ("churn@deprecated#7", "churn", DEPRECATION, "", "7"),
    # R3
    ("a#1", "a", ASSIGNMENT, "1", ""),
    ("a#1#2", "a", ASSIGNMENT, "1", "2"),
    ("a#dev/eu#3", "a", ASSIGNMENT, "dev/eu", "3"),
    ("a#deprecated", "a", ASSIGNMENT, "deprecated", ""),
    ("a#v1#1", "a", ASSIGNMENT, "v1", "1"),
    # R6
    ("dir/=a#prod", "dir/:a", ASSIGNMENT, "prod", ""),
    ("Dir=A#Prod", "Dir:A", ASSIGNMENT, "Prod", ""),
]

NOT_TAGS = [
    *("", "churn", "v1.0.0", "@v1.0.0", "#prod", "=a@v1.0.0", "m@", "m#", "m@v"),
    # R4
    *("a@1.0.0", "a@v1.0", "a@v01.0.0", "a@v1.0.0-01", "a@deprecated!", "a#prod#", "a.b@v1.0.0", "x_@v1.0.0"),
    *("a=b=c@v1.0.0", "a@v1.0.0#x", "é@v1.0.0", "a@V1.0.0", "a@v1.0.0!!", "a@v1.0.0#1#2", "a#prod#1#2#3", "a@v1.0.0#"),
    *("_x@v1.0.0", "-x@v1.0.0", "/x@v1.0.0", "x/@v1.0.0", "a#_dev", "a#dev/", "a#é", "a@v1.0.0-", "a@v1.0.0+"),
    *("a@v1.0.0-a..b", "a@v1.0.0+a+b", "a@latest", "a b@v1.0.0", "a:b@v1.0.0", "a@v1.0.0 ", " a@v1.0.0"),
    # R5
    *("a@created", "a@created#1"),
    # digits that are not ASCII, and the end of a line that "$" would look past
    *("a@v1.0.٣", "a#prod#٣", "a@v1.0.0\n", "\na@v1.0.0", "a#prod\n", "a#prod#1\n", "a@v1.0.0\r", "a\n@v1.0.0"),
    *("a#$(id)", "a#`id`", "a#'x'", 'a#"x"', "a#x;y", "$(id)@v1.0.0", "a#..", "it's-a-release", "refs/tags/a@v1.0.0\0"),
]


@pytest.mark.parametrize(("name", "artifact", "kind", "what", "counter"), TAGS, ids=[row[0] for row in TAGS])
def test_tag(name: str, artifact: str, kind: EventKind, what: str, counter: str) -> None:
    tag = parse_tag(name)
    assert tag is not None
    assert (str(tag.artifact), tag.kind, tag.counter) == (artifact, kind, counter)
    assert str(tag.version or tag.stage or "") == what
    assert str(tag) == name


@pytest.mark.parametrize("name", NOT_TAGS, ids=ascii)
def test_not_a_tag(name: str) -> None:
    assert parse_tag(name) is None


_alnum = st.sampled_from("abcXYZ019")
_names = st.builds("".join, st.tuples(_alnum, st.text("ab09-_/", max_size=5), _alnum) | st.tuples(_alnum))
_numbers = st.integers(0, 10**30).map(str)
_identifiers = st.from_regex(r"(?:0|[1-9][0-9]{0,3}|[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3})", fullmatch=True)
_versions = st.builds(
    lambda core, pre, build: f"v{'.'.join(core)}{'-' * bool(pre)}{'.'.join(pre)}{'+' * bool(build)}{'.'.join(build)}",
    st.tuples(_numbers, _numbers, _numbers),
    st.lists(_identifiers, max_size=3),
    st.lists(st.from_regex(r"[0-9A-Za-z-]{1,4}", fullmatch=True), max_size=3),
)
_tags = st.builds(
    lambda directory, name, what, counter: Tag(
        ArtifactName(name, directory), counter=counter, **what
    ),
    st.just("") | st.from_regex(r"[A-Za-z0-9_./-]{1,8}", fullmatch=True),
    _names,
    st.builds(lambda kind, version: {"kind": kind, "version": Version(version)}, st.sampled_from([REGISTRATION, DEREGISTRATION]), _versions)
    | st.builds(lambda kind, stage: {"kind": kind, "stage": StageName(stage)}, st.sampled_from([ASSIGNMENT, UNASSIGNMENT]), _names)
    | st.just({"kind": DEPRECATION}),
    st.just("") | st.from_regex(r"[0-9]{1,5}", fullmatch=True),
)  # fmt: skip


@given(_tags)
def test_what_is_written_is_read_back(tag: Tag) -> None:
    assert parse_tag(str(tag)) == tag


@given(st.text(alphabet=st.sampled_from("a1v.0@#!=/-_ \né"), max_size=20))
def test_any_text_is_a_tag_that_spells_it_or_none(text: str) -> None:
    tag = parse_tag(text)
    assert tag is None or str(tag) == text


@pytest.mark.parametrize(
    "build",
    [
        lambda: ArtifactName("a b"),
        lambda: ArtifactName(""),
        lambda: ArtifactName("a", "b:c"),
        lambda: StageName("prod!"),
        lambda: Version("1.0.0"),
        lambda: Version("v1.0.0\n"),
    ],
    ids=["a b", "empty", "b:c", "prod!", "1.0.0", "v1.0.0 and a newline"],
)
def test_a_name_that_cannot_be_is_not_built(build: object) -> None:
    with pytest.raises(InvalidNameError):
        build()  # type: ignore[operator]


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": REGISTRATION},
        {"kind": ASSIGNMENT},
        {"kind": DEPRECATION, "version": Version("v1.0.0")},
        {"kind": REGISTRATION, "version": Version("v1.0.0"), "stage": StageName("prod")},
        {"kind": DEPRECATION, "counter": "x"},
        {"kind": DEPRECATION, "counter": "٣"},
    ],
    ids=str,
)
def test_a_tag_that_cannot_be_is_not_built(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cannot have|not a number"):
        Tag(ArtifactName("a"), **parts)


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("refs/tags/churn#prod#4", "churn#prod#4"),
        ("refs/tags/d/e=m@v1.0.0", "d/e=m@v1.0.0"),
        ("refs/tags/", ""),
        ("refs/heads/main", None),
        ("refs/pull/1/merge", None),
        ("tags/churn#prod", None),
        ("churn#prod", None),
        ("", None),
    ],
)
def test_tag_name_of(ref: str, name: str | None) -> None:
    assert tag_name_of(ref) == name


@pytest.mark.parametrize("name", ["churn@1.0.0", "churn@V1.0.0", "churn@v1", "churn@created", "churn#", "a.b@v1.0.0"])
def test_looks_like_a_tag(name: str) -> None:
    assert looks_like_tag(name)


@pytest.mark.parametrize("name", ["v1.0.0", "release-2026", "me@example.com", "latest"])
def test_does_not_look_like_a_tag(name: str) -> None:
    assert not looks_like_tag(name)


def test_a_version_of_many_digits_has_parts() -> None:
    assert Version(f"v1.0.{'9' * 60}").parts.patch == int("9" * 60)
