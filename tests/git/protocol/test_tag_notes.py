"""What people wrote, read from the objects: as `git for-each-ref` reads it (held against it in `wire/test_both_ways`)."""

import pytest

from gto_action.git.object_scan import Scanned, scanned
from gto_action.git.protocol.tag_notes import commit_of, message_of
from gto_action.gto.record import Commit, Signature

HEAD = b"object 1\ntype commit\ntag a\ntagger A <a@b> 1 +0000\n"
MESSAGES = {
    b"": "",
    b"\n": "",
    b"\nm": "m",
    b"\nm\n": "m",
    b"\n\n\nlate\n": "late",
    b"\none\n\ntwo\n": "one\n\ntwo",
    b"\nbefore\0after": "before",
    b"\n\xff": "\ufffd",
    b"\nm\n-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n": "m",
    b"\nno -----BEGIN SSH SIGNATURE----- here": "no -----BEGIN SSH SIGNATURE----- here",
}


@pytest.mark.parametrize("text", MESSAGES)
def test_messages(text: bytes) -> None:
    assert message_of(HEAD + text) == MESSAGES[text]


NOBODY = Commit("", "", Signature(), "")
COMMITS = {
    b"": NOBODY,
    b"\n\nm": Commit("", "", Signature(), "m"),
    b"tree 1\nauthor A <a@b> 1 +0000\ncommitter B <c@d> 2 +0100\n\nm\n": Commit(
        "A", "a@b", Signature("B", "c@d", 2, "+0100"), "m\n"
    ),
    b"tree 1\nauthor A <a@b> 1 +0000\nauthor Z <z> 9 +0000\n\nm": Commit("A", "a@b", Signature(), "m"),
    b"committer B <c@d>\n\n": Commit("", "", Signature("B", "c@d"), ""),
    b"committer B <c@d> -1 +0000\n\n": Commit("", "", Signature("B", "c@d"), ""),
    b"author\ncommitter\n\nauthor A <a@b> 1 +0000\n": Commit("", "", Signature(), "author A <a@b> 1 +0000\n"),
}


@pytest.mark.parametrize("text", COMMITS)
def test_commits(text: bytes) -> None:
    assert commit_of(text) == COMMITS[text]


SCANNED = {
    b"": (b"", False, True),
    b"a\nb": (b"a\nb", False, True),
    b"a\n\n": (b"a", True, True),
    b"a\n\nm": (b"a", True, True),
    b"a\n\n\xff": (b"a", True, False),
    b"\xff\n\nm": (b"\xff", True, True),
    b"a\n\n" + b"x" * 2**17 + b"\xc3": (b"a", True, False),
    b"x" * 2**16 + b"\n\nm": (b"x" * 2**16, False, True),
}


@pytest.mark.parametrize("text", SCANNED, ids=range(len(SCANNED)))
def test_objects_as_they_are(text: bytes) -> None:
    head, has_text, is_utf8 = SCANNED[text]
    assert scanned("1", "tag", text) == Scanned("1", "tag", head, has_text=has_text, is_utf8=is_utf8)
