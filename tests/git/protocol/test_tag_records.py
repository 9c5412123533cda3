"""Tags, from refs and objects: the same as from a clone."""

import pytest

from gto_action.git.protocol.faults import ProtocolError, TooMuchError
from gto_action.git.protocol.pack import Sent
from gto_action.git.protocol.ref_lists import Ref
from gto_action.git.protocol.tag_records import heads_of, records_of
from gto_action.gto.record import Signature, TagRecord
from tests.support.packs import BLOB, COMMIT, KINDS, TAG, TREE, oid

ADA = Signature("Ada", "ada@example.com", 50, "+0100")
BY_ADA = "Ada <ada@example.com> 50 +0100"


MOST = 10**6


def commit(time: int) -> bytes:
    return f"tree {'0' * 40}\nauthor {BY_ADA}\ncommitter Bob <bob@example.com> {time} +0000\n\nm\n".encode()


def tag(target: str, kind: str = "commit", name: str = "a@v1.0.0") -> bytes:
    return f"object {target}\ntype {kind}\ntag {name}\ntagger {BY_ADA}\n\nobject in the message\n".encode()


C7 = commit(7)
C7_OID, TREE_OID, BLOB_OID = oid(COMMIT, C7), oid(TREE, b""), oid(BLOB, b"x")
T = tag(C7_OID)
OF_TAG = tag(oid(TAG, T), "tag", "b")
OF_TAG_OF_TAG = tag(oid(TAG, OF_TAG), "tag", "c")


def sent(kind: int, text: bytes) -> Sent:
    return Sent(oid(kind, text), KINDS[kind], len(text), text)


RECORDS: dict[str, tuple[list[tuple[int, bytes]], list[tuple[str, str]], list[TagRecord]]] = {
    "none": ([], [], []),
    "a tag": (
        [(TAG, T), (COMMIT, C7)],
        [("refs/tags/a@v1.0.0", oid(TAG, T))],
        [TagRecord("a@v1.0.0", oid(TAG, T), C7_OID, "commit", annotated=True, inner_name="a@v1.0.0", signature=ADA, committed=7)],
    ),
    "a lightweight tag": (
        [(COMMIT, C7)],
        [("refs/tags/a", C7_OID)],
        [TagRecord("a", C7_OID, C7_OID, "commit", annotated=False, signature=Signature("Ada", "ada@example.com", 7, "+0000"), committed=7)],
    ),
    "a tag of a tag of a tag": (
        [(TAG, OF_TAG_OF_TAG), (TAG, T), (COMMIT, C7), (TAG, OF_TAG)],
        [("refs/tags/c", oid(TAG, OF_TAG_OF_TAG))],
        [TagRecord("c", oid(TAG, OF_TAG_OF_TAG), C7_OID, "commit", annotated=True, inner_name="c", signature=ADA, committed=7)],
    ),
    "a tag of a folder, which is left out": (
        [(TAG, tag(TREE_OID, "tree"))],
        [("refs/tags/a", oid(TAG, tag(TREE_OID, "tree")))],
        [TagRecord("a", oid(TAG, tag(TREE_OID, "tree")), TREE_OID, "tree", annotated=True, inner_name="a@v1.0.0", signature=ADA)],
    ),
    "a lightweight tag of a folder": ([(TREE, b"")], [("refs/tags/a", TREE_OID)], [TagRecord("a", TREE_OID, TREE_OID, "tree", annotated=False)]),
    "a lightweight tag of a file": ([(BLOB, b"x")], [("refs/tags/a", BLOB_OID)], [TagRecord("a", BLOB_OID, BLOB_OID, "blob", annotated=False)]),
    "what nobody asked for": ([(BLOB, b"x"), (COMMIT, C7), (TREE, b"")], [], []),
    "a tag that says nothing": (
        [(TAG, b"x")], [("refs/tags/a", oid(TAG, b"x"))], [TagRecord("a", oid(TAG, b"x"), oid(TAG, b"x"), "tag")],
    ),
    "a name that is not UTF-8": (
        [(BLOB, b"x")], [("refs/tags/\udcff", BLOB_OID)], [TagRecord("�", BLOB_OID, BLOB_OID, "blob", annotated=False)],
    ),
    "in the order of the names": (
        [(BLOB, b"x")],
        [("refs/tags/b", BLOB_OID), ("refs/tags/é", BLOB_OID), ("refs/tags/a/b", BLOB_OID), ("refs/tags/a-b", BLOB_OID)],
        [TagRecord(name, BLOB_OID, BLOB_OID, "blob", annotated=False) for name in ("a-b", "a/b", "b", "é")],
    ),
    "the same ref twice": (
        [(BLOB, b"x")],
        [("refs/tags/a", BLOB_OID)] * 2,
        [TagRecord("a", BLOB_OID, BLOB_OID, "blob", annotated=False)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", RECORDS)
def test_records(what: str) -> None:
    objects, refs, expected = RECORDS[what]
    heads = heads_of((sent(*each) for each in objects), MOST)
    assert records_of([Ref(*each) for each in refs], heads) == expected


REFUSED: dict[str, tuple[list[tuple[int, bytes]], list[tuple[str, str]], str]] = {
    "no objects at all": ([], [("refs/tags/a", C7_OID)], f"lacks the object {C7_OID}"),
    "another object": ([(BLOB, b"x")], [("refs/tags/a", C7_OID)], f"lacks the object {C7_OID}"),
    "no commit": ([(TAG, T)], [("refs/tags/a", oid(TAG, T))], f"lacks the object {C7_OID}"),
    "no tag in a tag": ([(TAG, OF_TAG), (COMMIT, C7)], [("refs/tags/b", oid(TAG, OF_TAG))], f"lacks the object {oid(TAG, T)}"),
    "a ref twice": ([(COMMIT, C7), (BLOB, b"x")], [("refs/tags/a", C7_OID), ("refs/tags/a", BLOB_OID)], "has the ref 'refs/tags/a' twice"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_an_answer_that_cannot_be_right(what: str) -> None:
    objects, refs, says = REFUSED[what]
    heads = heads_of((sent(*each) for each in objects), MOST)
    with pytest.raises(ProtocolError, match=says):
        records_of([Ref(*each) for each in refs], heads)


def test_tags_in_a_circle() -> None:
    heads = heads_of(
        [Sent(each, "tag", 9, tag(to, "tag")) for each, to in (("1" * 40, "2" * 40), ("2" * 40, "1" * 40))], MOST
    )
    with pytest.raises(ProtocolError, match="in a circle"):
        records_of([Ref("refs/tags/a", "1" * 40)], heads)


def test_a_long_chain_of_tags_takes_no_long_time() -> None:
    texts = [tag(C7_OID)]
    for _ in range(5_000):
        texts.append(tag(oid(TAG, texts[-1]), "tag"))
    heads = heads_of([sent(COMMIT, C7), *(sent(TAG, text) for text in texts)], MOST)
    refs = [Ref(f"refs/tags/{number:05}", oid(TAG, text)) for number, text in enumerate(reversed(texts))]
    assert {record.target for record in records_of(refs, heads)} == {C7_OID}


def test_of_a_long_tag_the_beginning_counts() -> None:
    text = T.partition(b"\n\n")[0] + b"\nx-more " + b"y" * 2**19
    heads = heads_of([sent(TAG, text), sent(COMMIT, C7)], MOST)
    (record,) = records_of([Ref("refs/tags/a", oid(TAG, text))], heads)
    assert (record.signature, record.committed) == (ADA, 7)
    assert len(heads[record.oid][1]) == 2**18


def test_headers_without_end() -> None:
    texts = (b"%d " % number + b"y" * 2**20 for number in range(100))
    with pytest.raises(TooMuchError):
        heads_of((sent(TAG, text) for text in texts), MOST)
