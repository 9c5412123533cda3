"""Objects as git prints them, of any size."""

import io

import pytest

from gto_action.git.object_scan import Scanned, scan_objects

CHUNK = 2**16
HEAD = b"object 1\ntype commit\ntag m@v1.0.0"


@pytest.mark.parametrize(
    ("content", "has_text", "is_utf8"),
    [
        (HEAD, False, True),
        (HEAD + b"\n\n", True, True),
        (HEAD + b"\n\ntext", True, True),
        (HEAD + b"\n\ncaf\xe9", True, False),
        (HEAD + b"\n\ncaf\xc3", True, False),
        (HEAD + b"\n\n" + "é".encode() * CHUNK, True, True),
        (HEAD + b"\n\nx" + "é".encode() * CHUNK, True, True),
        (HEAD + b"\n\n" + b"x" * 3 * CHUNK + b"\xe9" + b"x" * CHUNK, True, False),
        (HEAD + b"\n\n" + b"x" * (CHUNK - len(HEAD) - 2), True, True),
    ],
)
def test_one_object(content: bytes, *, has_text: bool, is_utf8: bool) -> None:
    out = b"aa tag %d\n%s\n" % (len(content), content)
    first, missing, second = scan_objects(io.BytesIO(out + b"bb missing\n" + out))
    assert first == second == Scanned("aa", "tag", HEAD, has_text, is_utf8)
    assert missing == Scanned("bb", "", b"", has_text=False, is_utf8=True)


def test_little_is_held_of_a_large_one() -> None:
    (found,) = scan_objects(io.BytesIO(b"aa blob %d\n%s\n" % (10 * CHUNK, b"x" * 10 * CHUNK)))
    assert len(found.head) == CHUNK
