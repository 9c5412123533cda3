"""Lists of refs: what counts, what is left out, what is no list."""

from itertools import islice

import pytest

from gto_action.git.protocol.capabilities import Capabilities
from gto_action.git.protocol.faults import ProtocolError, SaidError, TooMuchError
from gto_action.git.protocol.object_names import SHA1, SHA256
from gto_action.git.protocol.ref_lists import MOST_REFS, Ref, ask_for_refs
from tests.support.packs import lines, packets, read_refs

OLD = Capabilities(SHA1, names_algorithm=False)
PLAIN = Capabilities(SHA1, names_algorithm=True)
LONG = Capabilities(SHA256, names_algorithm=True)
ONE, TWO = "1" * 40, "2" * 40
TAGS = ("refs/tags/",)

ASKED = {
    "all tags": (PLAIN, TAGS, {}, lines("command=ls-refs\n", "object-format=sha1\n", "0001", "ref-prefix refs/tags/\n", "0000")),
    "an older git": (OLD, TAGS, {}, lines("command=ls-refs\n", "0001", "ref-prefix refs/tags/\n", "0000")),
    "SHA-256": (LONG, (), {}, lines("command=ls-refs\n", "object-format=sha256\n", "0001", "0000")),
    "with their ends": (OLD, TAGS, {"peel": True}, lines("command=ls-refs\n", "0001", "peel\n", "ref-prefix refs/tags/\n", "0000")),
    "with their targets": (OLD, ("HEAD",), {"symrefs": True}, lines("command=ls-refs\n", "0001", "symrefs\n", "ref-prefix HEAD\n", "0000")),
    "an artifact": (OLD, ("refs/tags/a@", "refs/tags/a#"), {}, lines("command=ls-refs\n", "0001", "ref-prefix refs/tags/a@\n", "ref-prefix refs/tags/a#\n", "0000")),
    "a name of any letters": (OLD, ("refs/tags/é",), {}, lines("command=ls-refs\n", "0001", "ref-prefix refs/tags/é\n", "0000")),
    "a name of any bytes": (OLD, ("refs/tags/\udcff",), {}, lines("command=ls-refs\n", "0001", b"ref-prefix refs/tags/\xff\n", "0000")),
}  # fmt: skip


@pytest.mark.parametrize("what", ASKED)
def test_the_question(what: str) -> None:
    capabilities, prefixes, options, expected = ASKED[what]
    assert ask_for_refs(capabilities, prefixes, **options) == expected


LISTED: dict[str, tuple[list[bytes | str], list[Ref]]] = {
    "none": ([], []),
    "one": ([f"{ONE} refs/tags/a@v1.0.0\n"], [Ref("refs/tags/a@v1.0.0", ONE)]),
    "without a line's end": ([f"{ONE} refs/tags/a"], [Ref("refs/tags/a", ONE)]),
    "with its end": ([f"{ONE} refs/tags/a peeled:{TWO}\n"], [Ref("refs/tags/a", ONE, TWO)]),
    "with its target": ([f"{ONE} refs/tags/a symref-target:refs/tags/b\n"], [Ref("refs/tags/a", ONE, "", "refs/tags/b")]),
    "with both": ([f"{ONE} refs/tags/a symref-target:x peeled:{TWO}\n"], [Ref("refs/tags/a", ONE, TWO, "x")]),
    "with what nobody knows": ([f"{ONE} refs/tags/a new:thing other\n"], [Ref("refs/tags/a", ONE)]),
    "in any order": ([f"{ONE} refs/tags/b\n", f"{TWO} refs/tags/a\n"], [Ref("refs/tags/b", ONE), Ref("refs/tags/a", TWO)]),
    "twice, which others judge": ([f"{ONE} refs/tags/a\n"] * 2, [Ref("refs/tags/a", ONE)] * 2),
    "to nothing": ([f"{'0' * 40} refs/tags/a\n", f"{ONE} refs/tags/b\n"], [Ref("refs/tags/b", ONE)]),
    "in folders": ([f"{ONE} refs/tags/a/b/c\n"], [Ref("refs/tags/a/b/c", ONE)]),
    "a name that is not UTF-8": ([f"{ONE} refs/tags/".encode() + b"\xff\n"], [Ref("refs/tags/\udcff", ONE)]),
    "any letters": ([f"{ONE} refs/tags/é@v1\n"], [Ref("refs/tags/é@v1", ONE)]),
    "an @": ([f"{ONE} refs/tags/a@\n"], [Ref("refs/tags/a@", ONE)]),
    "no such prefix": ([f"{ONE} refs/heads/main\n", f"{ONE} HEAD\n"], []),
    "the prefix itself": ([f"{ONE} refs/tags\n"], []),
    "a branch not yet born": (["unborn HEAD symref-target:refs/heads/main\n"], []),
    "a tag not yet born": (["unborn refs/tags/a\n"], []),
    **{
        f"no name of a ref: {name!r}": ([f"{ONE} refs/tags/{name}\n"], [])
        for name in ("", "a..b", "a//b", "/a", ".a", "a/.b", "a.lock", "a.lock/b", "a@{b", "a/", "a.", "a~", "a^", "a:", "a?", "a*", "a[", "a\\", "a\tb", "a\x7f", "a\rb", "a\nb", "../../x")
    },
}  # fmt: skip


@pytest.mark.parametrize("what", LISTED)
def test_a_list(what: str) -> None:
    given, expected = LISTED[what]
    assert list(read_refs(packets(lines(*given, "0000")), PLAIN, TAGS)) == expected


REFUSED: dict[str, tuple[list[bytes | str], str]] = {
    "no end": ([f"{ONE} refs/tags/a\n"], "breaks off"),
    "an empty line": (["", "0000"], "where a ref should be"),
    "a name alone": (["refs/tags/a\n", "0000"], "where a ref should be"),
    "a short id": ([f"{ONE[1:]} refs/tags/a\n", "0000"], "where a ref should be"),
    "a long id": ([f"{ONE}1 refs/tags/a\n", "0000"], "where a ref should be"),
    "an id of the other hash": ([f"{'1' * 64} refs/tags/a\n", "0000"], "where a ref should be"),
    "capital digits": ([f"{'A' * 40} refs/tags/a\n", "0000"], "where a ref should be"),
    "no digits": ([f"{'g' * 40} refs/tags/a\n", "0000"], "where a ref should be"),
    "a wrong id of another ref": (["x refs/heads/a\n", "0000"], "where a ref should be"),
    "a tab": ([f"{ONE}\trefs/tags/a\n", "0000"], "where a ref should be"),
    "an end that is none": ([f"{ONE} refs/tags/a peeled:x\n", "0000"], "where an object's name should be"),
    "an empty end": ([f"{ONE} refs/tags/a peeled:\n", "0000"], "where an object's name should be"),
    "an end of the other hash": ([f"{ONE} refs/tags/a peeled:{'1' * 64}\n", "0000"], "where an object's name should be"),
    "a delimiter": (["0001"], "delimiter"),
    "the end of what came": (["0002"], "end"),
    "a page": (["<html>\n", "0000"], "where a ref should be"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_list(what: str) -> None:
    given, says = REFUSED[what]
    with pytest.raises(ProtocolError, match=says):
        list(read_refs(packets(lines(*given)), PLAIN, TAGS))


def test_a_server_that_says_that_something_is_wrong() -> None:
    found = read_refs(packets(lines(f"{ONE} refs/tags/a\n", "ERR not today\n")), PLAIN, TAGS)
    assert next(found).name == "refs/tags/a"
    with pytest.raises(SaidError, match=r"^not today$"):
        next(found)


def test_ids_of_sha256() -> None:
    assert list(read_refs(packets(lines(f"{'1' * 64} refs/tags/a\n", "0000")), LONG, TAGS)) == [
        Ref("refs/tags/a", "1" * 64)
    ]


def test_who_has_enough_reads_no_further() -> None:
    endless = packets(lines(*(f"{ONE} refs/tags/{number:04}\n" for number in range(1_000))))
    assert len(list(islice(read_refs(endless, PLAIN, TAGS), 10))) == 10
    assert next(endless) == f"{ONE} refs/tags/0010\n".encode()


@pytest.mark.parametrize("name", ["refs/tags/a", "refs/heads/a"])
def test_a_list_that_is_too_long(name: str) -> None:
    with pytest.raises(TooMuchError):
        list(read_refs(packets(lines(*[f"{ONE} {name}\n"] * 100)), PLAIN, TAGS, most=2_000))


def test_a_list_of_too_many_refs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others than the wanted ones are not kept."""
    given = [f"{ONE} refs/tags/{number}\n" for number in range(10)]
    others = [f"{ONE} refs/heads/{number}\n" for number in range(10)]
    monkeypatch.setattr("gto_action.git.protocol.ref_lists.MOST_REFS", 10)
    assert len(list(read_refs(packets(lines(*given, *others, "0000")), PLAIN, TAGS))) == 10
    monkeypatch.setattr("gto_action.git.protocol.ref_lists.MOST_REFS", 9)
    with pytest.raises(TooMuchError, match="more than 9 refs"):
        list(read_refs(packets(lines(*given, "0000")), PLAIN, TAGS))


def test_a_million_tags_are_taken() -> None:
    assert MOST_REFS >= 1_000_000


def test_several_prefixes() -> None:
    given = [f"{ONE} refs/tags/{name}\n" for name in ("a", "a#prod#1", "a@v1", "ab@v1", "b@v1")]
    found = read_refs(packets(lines(*given, "0000")), PLAIN, ("refs/tags/a@", "refs/tags/a#"))
    assert [ref.name for ref in found] == ["refs/tags/a#prod#1", "refs/tags/a@v1"]
