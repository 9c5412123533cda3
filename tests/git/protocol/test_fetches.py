"""Fetches: what is asked, and the pack in the answer."""

import pytest

from gto_action.git.protocol.capabilities import Capabilities
from gto_action.git.protocol.faults import CannotError, ProtocolError, SaidError, TooMuchError
from gto_action.git.protocol.fetches import NO_BLOB, NO_TREE, ask_for_objects, read_pack_data
from gto_action.git.protocol.object_names import SHA1, SHA256
from tests.support.packs import lines, packets

OLD = Capabilities(SHA1, names_algorithm=False)
PLAIN = Capabilities(SHA1, names_algorithm=True)
LONG = Capabilities(SHA256, names_algorithm=True)
ONE, TWO = "1" * 40, "2" * 40
OPTIONS = ("no-progress\n", "ofs-delta\n", "deepen 1\n")

ASKED = {
    "tags": (PLAIN, [ONE, TWO], NO_TREE, ("command=fetch\n", "object-format=sha1\n", "0001", *OPTIONS, "filter tree:0\n", f"want {ONE}\n", f"want {TWO}\n", "done\n", "0000")),
    "a commit": (OLD, [ONE], NO_BLOB, ("command=fetch\n", "0001", *OPTIONS, "filter blob:none\n", f"want {ONE}\n", "done\n", "0000")),
    "SHA-256": (LONG, ["1" * 64], NO_TREE, ("command=fetch\n", "object-format=sha256\n", "0001", *OPTIONS, "filter tree:0\n", f"want {'1' * 64}\n", "done\n", "0000")),
}  # fmt: skip


@pytest.mark.parametrize("what", ASKED)
def test_the_question(what: str) -> None:
    capabilities, oids, leave_out, expected = ASKED[what]
    assert ask_for_objects(capabilities, oids, leave_out) == lines(*expected)


ANSWERED: dict[str, tuple[list[bytes | str], list[bytes]]] = {
    "a pack": (["packfile\n", b"\1PACK", "0000"], [b"PACK"]),
    "in pieces": (["packfile\n", b"\1PA", b"\1CK", "0000"], [b"PA", b"CK"]),
    "no pack at all, which others judge": (["packfile\n", "0000"], []),
    "without a line's end": (["packfile", b"\1PACK", "0000"], [b"PACK"]),
    "signs of life": (["packfile\n", b"\1", b"\1PACK", b"\1", "0000"], [b"", b"PACK", b""]),
    "progress": (["packfile\n", b"\2Counting\r", b"\1PACK", b"\2Total 3\n", "0000"], [b"PACK"]),
    "where history is cut": (["shallow-info\n", f"shallow {ONE}\n", f"unshallow {TWO}\n", "0001", "packfile\n", b"\1PACK", "0000"], [b"PACK"]),
    "no such place": (["shallow-info\n", "0001", "packfile\n", b"\1PACK", "0000"], [b"PACK"]),
    "what both have": (["acknowledgments\n", "NAK\n", "ready\n", "0001", "packfile\n", b"\1PACK", "0000"], [b"PACK"]),
    "both": (["acknowledgments\n", f"ACK {ONE}\n", "0001", "shallow-info\n", "0001", "packfile\n", b"\1PACK", "0000"], [b"PACK"]),
    "any bytes": (["packfile\n", b"\1ERR \0\xff\n", "0000"], [b"ERR \0\xff\n"]),
}  # fmt: skip


@pytest.mark.parametrize("what", ANSWERED)
def test_an_answer(what: str) -> None:
    given, expected = ANSWERED[what]
    assert list(read_pack_data(packets(lines(*given)))) == expected


REFUSED: dict[str, tuple[list[bytes | str], str]] = {
    "nothing": ([], "breaks off"),
    "only a flush": (["0000"], "flush"),
    "a flush before the pack": (["shallow-info\n", "0000"], "flush"),
    "the end of what came": (["packfile\n", b"\1PACK", "0002"], "something else"),
    "a delimiter in a pack": (["packfile\n", b"\1PACK", "0001"], "something else"),
    "no end": (["packfile\n", b"\1PACK"], "breaks off"),
    "no end of a section": (["shallow-info\n", f"shallow {ONE}\n"], "breaks off"),
    "a section with a capital": (["Wanted\n"], "b'Wanted' where a pack should begin"),
    "a section with a number": (["wanted2\n"], "b'wanted2' where a pack should begin"),
    "a section with a space": (["wanted refs\n"], "b'wanted refs' where a pack should begin"),
    "a section of a letter": (["w\n"], "b'w' where a pack should begin"),
    "a long section": (["w" * 50], "b'w{40}' where a pack should begin"),
    "sections in another order": (["shallow-info\n", "0001", "acknowledgments\n", "0001"], "b'acknowledgments' where"),
    "a section twice": (["shallow-info\n", "0001", "shallow-info\n", "0001"], "b'shallow-info' where"),
    "a pack without a section": ([b"\1PACK", "0000"], "where a pack should begin"),
    "a list of refs": ([f"{ONE} refs/tags/a\n", "0000"], "where a pack should begin"),
    "no band": (["packfile\n", "", "0000"], "something else"),
    "the band 0": (["packfile\n", b"\0PACK", "0000"], "band 0"),
    "the band 4": (["packfile\n", b"\4PACK", "0000"], "band 4"),
    "no side-band": (["packfile\n", b"PACK", "0000"], "band 80"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_answer(what: str) -> None:
    given, says = REFUSED[what]
    with pytest.raises(ProtocolError, match=says):
        list(read_pack_data(packets(lines(*given))))


UNKNOWN: dict[str, list[bytes | str]] = {
    "packfile-uris": ["packfile-uris\n", f"{ONE} https://x\n", "0001", "packfile\n", b"\1PACK", "0000"],
    "wanted-refs": ["shallow-info\n", "0001", "wanted-refs\n", f"{ONE} refs/heads/main\n", "0001"],
    "promisor-info": ["promisor-info\n", "x\n", "0001", "packfile\n", b"\1PACK", "0000"],
    "packfiles": ["packfiles", b"\1PACK", "0000"],
}


@pytest.mark.parametrize("section", UNKNOWN)
def test_a_section_that_only_a_later_git_may_know(section: str) -> None:
    with pytest.raises(CannotError, match=f"a section '{section}'"):
        list(read_pack_data(packets(lines(*UNKNOWN[section]))))


SAID: dict[str, list[bytes | str]] = {
    "in place of an answer": ["ERR not our ref\n", "0000"],
    "in place of a pack": ["shallow-info\n", "0001", "ERR not our ref\n"],
    "in a section": ["shallow-info\n", "ERR not our ref\n"],
    "in a pack": ["packfile\n", b"\1PACK", "ERR not our ref\n"],
    "on a band of its own": ["packfile\n", b"\1PACK", b"\3not our ref\n", "0000"],
    "with a line's end of another system": ["packfile\n", b"\3not our\r\nref\n", "0000"],
}


@pytest.mark.parametrize("where", SAID)
def test_a_server_that_says_that_something_is_wrong(where: str) -> None:
    with pytest.raises(SaidError, match=r"^not our ref$"):
        list(read_pack_data(packets(lines(*SAID[where]))))


def test_a_server_that_only_says_what_it_does() -> None:
    with pytest.raises(TooMuchError):
        list(read_pack_data(packets(lines("packfile\n", *[b"\2" + b"x" * 60_000] * 30))))


def test_a_section_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gto_action.git.protocol.fetches._MOST_LINES", 10)
    with pytest.raises(TooMuchError):
        list(read_pack_data(packets(lines("shallow-info\n", *[f"shallow {ONE}\n"] * 20))))
