"""Packs: what comes of them, and what does not, whoever made them."""

import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from gto_action.git.protocol.allowance import Allowance
from gto_action.git.protocol.faults import CannotError, ProtocolError, TooMuchError
from gto_action.git.protocol.object_names import ALGORITHMS, SHA1
from gto_action.git.protocol.pack import Pack, Sent
from gto_action.git.protocol.packed_bytes import Limits
from tests.support.packs import (
    BLOB,
    COMMIT,
    KINDS,
    TAG,
    TREE,
    entry,
    head,
    insert,
    number,
    ofs_delta,
    oid,
    pack,
    ref_delta,
)

LIMITS = Limits(objects=100, packed=200_000, inflated=1_000_000, whole=10_000, delta=1_000)
TEXT = b"object %b\ntype commit\ntag churn@v1.0.0\ntagger A <a> 1 +0000\n\nm\n" % (b"1" * 40)
ONE = entry(BLOB, b"one")
X = b"x" * 10_000
WHOLE = number(len(X)) + number(len(X)) + b"\xb0\x10\x27"
"""A delta that copies all of it."""
TO_TWO, TO_THREE = insert(3, b"two"), insert(3, b"three")


def read(data: bytes, limits: Limits = LIMITS, step: int = 0, algorithm: str = "sha1") -> list[Sent]:
    pieces = [data[place : place + step] for place in range(0, len(data), step)] if step else [data]
    return list(Pack(pieces, ALGORITHMS[algorithm], limits).objects())


def texts(data: bytes, limits: Limits = LIMITS, step: int = 0) -> list[bytes]:
    found = read(data, limits, step)
    for each in found:
        assert each.oid == oid({name: number for number, name in KINDS.items()}[each.kind], each.text)
        assert each.size == len(each.text)
    return [each.text for each in found]


READ = {
    "nothing": (pack(), []),
    "version 3": (pack(ONE, version=3), [b"one"]),
    "a blob": (pack(ONE), [b"one"]),
    "an empty one": (pack(entry(BLOB, b"")), [b""]),
    "each kind": (pack(entry(COMMIT, b"c"), entry(TREE, b"t"), entry(BLOB, b"b"), entry(TAG, TEXT)), [b"c", b"t", b"b", TEXT]),
    "the same twice": (pack(ONE, ONE), [b"one", b"one"]),
    "a size of two bytes": (pack(entry(BLOB, b"x" * 16)), [b"x" * 16]),
    "a size of three bytes": (pack(entry(BLOB, b"x" * 5_000)), [b"x" * 5_000]),
    "as large as may be": (pack(entry(BLOB, b"x" * 10_000)), [b"x" * 10_000]),
    "pressed badly": (pack(head(BLOB, 9_000) + zlib.compress(b"x" * 9_000, 0)), [b"x" * 9_000]),
    "pressed in small pieces": (pack(head(BLOB, 600) + b"\x78\x9c" + b"".join(b"\0\x01\0\xfe\xffx" for _ in range(600)) + b"\x03\0" + zlib.adler32(b"x" * 600).to_bytes(4, "big")), [b"x" * 600]),
    "a delta of what is before it": (pack(ONE, ofs_delta(len(ONE), TO_TWO)), [b"one", b"two"]),
    "a delta by name": (pack(ONE, ref_delta(oid(BLOB, b"one"), TO_TWO)), [b"one", b"two"]),
    "a delta by name of what comes later": (pack(ref_delta(oid(BLOB, b"one"), TO_TWO), ONE), [b"one", b"two"]),
    "two deltas by one name": (pack(ref_delta(oid(BLOB, b"one"), TO_TWO), ref_delta(oid(BLOB, b"one"), TO_THREE), ONE), [b"one", b"two", b"three"]),
    "a chain by name, the last first": (
        pack(ref_delta(oid(BLOB, b"two"), insert(3, b"three")), ref_delta(oid(BLOB, b"one"), TO_TWO), ONE), [b"one", b"two", b"three"],
    ),
    "a delta of a delta that waits": (
        pack(ref := ref_delta(oid(BLOB, b"one"), TO_TWO), ofs_delta(len(ref), insert(3, b"three")), ONE), [b"one", b"two", b"three"],
    ),
    "a delta of a tag is a tag": (pack(tag := entry(TAG, TEXT), ofs_delta(len(tag), insert(len(TEXT), b"other"))), [TEXT, b"other"]),
    "a delta of nothing": (pack(nothing := entry(BLOB, b""), ofs_delta(len(nothing), insert(0, b"new"))), [b"", b"new"]),
    "a delta that makes nothing": (pack(ONE, ofs_delta(len(ONE), insert(3, b""))), [b"one", b""]),
}  # fmt: skip


@pytest.mark.parametrize("step", [0, 1, 7, 64])
@pytest.mark.parametrize("what", READ)
def test_what_is_read(what: str, step: int) -> None:
    data, expected = READ[what]
    assert texts(data, step=step) == expected


def test_a_chain_of_deltas() -> None:
    entries, texts_made, before = [entry(BLOB, b"0")], [b"0"], b"0"
    for each in range(1, 60):
        after = b"%d" % each
        entries.append(ofs_delta(len(entries[-1]), insert(len(before), after)))
        texts_made.append(after)
        before = after
    assert texts(pack(*entries)) == texts_made


def test_any_object_can_be_read_again() -> None:
    reading = Pack([READ["a chain by name, the last first"][0]], SHA1, LIMITS)
    assert {each.oid: each for each in reading.objects()} == {
        oid(BLOB, text): reading.read(oid(BLOB, text)) for text in (b"one", b"two", b"three")
    }
    assert reading.read(oid(BLOB, b"four")) is None


def test_texts_that_are_forgotten_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gto_action.git.protocol.pack._RECENT", 0)
    assert texts(READ["a chain by name, the last first"][0]) == [b"one", b"two", b"three"]
    test_a_chain_of_deltas()
    test_any_object_can_be_read_again()


def test_of_a_large_object_the_beginning_is_held() -> None:
    text = bytes(range(256)) * 500
    (found,) = read(pack(entry(BLOB, text)))
    assert found == Sent(oid(BLOB, text), "blob", len(text), text[:10_000])
    reading = Pack([pack(entry(BLOB, text))], SHA1, LIMITS)
    assert list(reading.objects()) == [reading.read(found.oid)]


def test_sha256() -> None:
    base = oid(BLOB, b"one", "sha256")
    data = pack(ref_delta(base, TO_TWO), ONE, algorithm="sha256")
    assert [each.oid for each in read(data, algorithm="sha256")] == [base, oid(BLOB, b"two", "sha256")]


GOOD = pack(ONE, ofs_delta(len(ONE), TO_TWO))
# what is known of the base only when all has come: a hash cannot name itself
CIRCLE = (ref_delta("1" * 40, TO_TWO), ref_delta("2" * 40, TO_TWO))
REFUSED = {
    "nothing": (b"", "breaks off before a pack"),
    "half of the beginning": (GOOD[:11], "breaks off before a pack"),
    "another file": (b"GIF89a......", "where a pack should begin"),
    "another magic": (pack(ONE, magic=b"pack"), "where a pack should begin"),
    "version 1": (pack(ONE, version=1), "where a pack should begin"),
    "version 4": (pack(ONE, version=4), "where a pack should begin"),
    "one object less than it says": (pack(ONE, count=2), ""),
    "one object more than it says": (pack(ONE, ONE, count=1), "damaged"),
    "none of what is there": (pack(ONE, count=0), "damaged"),
    "kind 0": (pack(head(0, 3) + zlib.compress(b"one")), "kind 0"),
    "kind 5": (pack(head(5, 3) + zlib.compress(b"one")), "kind 5"),
    "larger than it says": (pack(entry(BLOB, b"one", size=2)), "larger than it says"),
    "larger than nothing": (pack(entry(BLOB, b"one", size=0)), "larger than it says"),
    "smaller than it says": (pack(entry(BLOB, b"one", size=4)), "smaller than it says"),
    "much smaller than it says": (pack(entry(BLOB, b"one", size=9_000)), "smaller than it says"),
    "smaller than it says, and large": (pack(entry(BLOB, b"one", size=90_000)), "smaller than it says"),
    "larger than it says, and large": (pack(entry(BLOB, b"x" * 90_001, size=90_000)), "larger than it says"),
    "a size without end": (pack(b"\xff" * 20), "impossible size"),
    "noise for an object": (pack(head(BLOB, 30) + b"not pressed by anybody at all "), "damaged"),
    "noise for a large object": (pack(head(BLOB, 90_000) + b"not pressed by anybody at all "), "damaged"),
    "a false sum of an object": (pack(ONE[:-1] + b"\0"), "damaged"),
    "a dictionary": (pack(head(BLOB, 3) + zlib.compressobj(zdict=b"one").compress(b"one") + b"x" * 9), "damaged"),
    "gzip": (pack(head(BLOB, 3) + zlib.compressobj(wbits=31).compress(b"one")), "damaged"),
    "a false hash": (GOOD[:-1] + b"\0", "damaged"),
    "a hash of nothing": (GOOD[:-20] + b"\0" * 20, "damaged"),
    "the hash of SHA-256": (pack(ONE, algorithm="sha256"), "damaged"),
    "a byte after the end": (GOOD + b"\0", "goes on"),
    "another pack after the end": (GOOD + GOOD, "goes on"),
    "a delta of itself": (pack(ofs_delta(0, TO_TWO)), "not in the pack"),
    "a delta of what is before the pack": (pack(ofs_delta(500, TO_TWO)), "not in the pack"),
    "a delta of the beginning of the pack": (pack(ofs_delta(3, TO_TWO)), "not in the pack"),
    "a delta of the middle of an object": (pack(ONE, ofs_delta(len(ONE) - 1, TO_TWO)), "not in the pack"),
    "a distance without end": (pack(head(6, 5) + b"\xff" * 20), "not in the pack"),
    "a delta of what nobody has": (pack(ONE, ref_delta("1" * 40, TO_TWO)), "not in the pack"),
    "deltas in a circle": (pack(*CIRCLE), "not in the pack"),
    "a delta of a delta of what nobody has": (pack(CIRCLE[0], ofs_delta(len(CIRCLE[0]), TO_TWO)), "not in the pack"),
    "a name that breaks off": (pack(ref_delta("1" * 40, TO_TWO))[:20], "breaks off within"),
    "a distance that breaks off": (pack(head(6, 5) + b"\xff")[:14], "breaks off within"),
    "a delta of another size": (pack(ONE, ofs_delta(len(ONE), insert(4, b"two"))), "of another object"),
    "a delta that copies too much": (pack(ONE, ofs_delta(len(ONE), b"\x03\x09\x90\x09")), "not there"),
    "a delta that breaks off": (pack(ONE, ofs_delta(len(ONE), b"\x03\x09")), "breaks off"),
    "an empty delta": (pack(ONE, ofs_delta(len(ONE), b"")), "breaks off"),
    "a delta that waits, and is none": (pack(ref_delta(oid(BLOB, b"one"), b"\x03\x09\0"), ONE), "unknown instruction"),
    **{f"{GOOD[:place]!r} alone": (GOOD[:place], "breaks off|damaged") for place in range(12, len(GOOD), 3)},
}  # fmt: skip


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(what: str, step: int) -> None:
    data, says = REFUSED[what]
    with pytest.raises(ProtocolError, match=f"^Its answer .*(?:{says})"):
        read(data, step=step)


@pytest.mark.parametrize("place", range(12, len(GOOD)))
def test_no_bit_can_be_another(place: int) -> None:
    for bit in range(8):
        data = bytearray(GOOD)
        data[place] ^= 1 << bit
        with pytest.raises((ProtocolError, CannotError)):
            read(bytes(data))


MUCH = {
    "10 GB in one object": (pack(head(BLOB, 10 * 2**30) + zlib.compress(b"x")), "more than 1,000,000 bytes"),
    "2^55 bytes in one object": (pack(head(BLOB, 2**55) + zlib.compress(b"x")), "more than 1,000,000 bytes"),
    "many objects": (pack(*[ONE] * 101), "sends 101 objects"),
    "a million objects of one byte": (pack(entry(BLOB, b"x"), count=1_000_000), "sends 1,000,000 objects"),
    "as many as can be said": (pack(count=2**32 - 1), "sends 4,294,967,295 objects"),
    "large objects together": (pack(*[entry(BLOB, b"x" * 9_000)] * 99 + [entry(BLOB, b"x" * 109_001)]), "more than 1,000,000 bytes"),
    "deltas that make much": (pack(*[ref_delta(oid(BLOB, X), WHOLE)] * 99, entry(BLOB, X)), "more than 1,000,000 bytes"),
    "a large pack": (pack(*[head(BLOB, 9_000) + zlib.compress(bytes(9_000), 0)] * 30), "pack of more than 200,000 bytes"),
    "an object that has no end": (pack(head(BLOB, 30) + b"\x78\x9c" + b"\0\0\0\xff\xff" * 50_000), "pack of more than 200,000 bytes"),
    "a large delta": (pack(ONE, ofs_delta(len(ONE), b"\x03" + number(5_000) + bytes(2_000))), "a delta of 2,0"),
    "a delta of a large object": (pack(large := entry(BLOB, b"x" * 20_000), ofs_delta(len(large), insert(20_000, b"two"))), "a delta of an object of 20,000"),
    "a delta that makes a large object": (pack(ONE, ofs_delta(len(ONE), b"\x03" + number(10**10) + b"\x90\x03")), "10,000,000,000 bytes as a delta"),
}  # fmt: skip


@pytest.mark.parametrize("what", MUCH)
def test_what_is_too_much(what: str) -> None:
    data, says = MUCH[what]
    with pytest.raises(TooMuchError, match=says):
        read(data)


def test_deltas_that_make_much_of_little() -> None:
    """Each is inflated once, but what they are deltas of again and again."""
    large = entry(BLOB, b"x" * 9_999)
    entries = [large]
    for each in range(99):
        entries.append(ofs_delta(sum(map(len, entries)), insert(9_999, b"%d" % each)))
    limits = Limits(objects=100, packed=200_000, inflated=20_000, whole=10_000)
    assert len(read(pack(*entries), limits)) == 100
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gto_action.git.protocol.pack._RECENT", 0)
        with pytest.raises(TooMuchError, match="more than 20,000 bytes"):
            read(pack(*entries), limits)


def test_a_chain_longer_than_any_of_gits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gto_action.git.protocol.pack._RECENT", 0)  # but the last text is always remembered
    monkeypatch.setattr("gto_action.git.protocol.pack._DEEPEST", 20)
    links = [ofs_delta(len(ONE), TO_TWO)]
    for each in range(30):
        links.append(ofs_delta(len(links[-1]), insert(3, b"%03d" % each)))
    between = entry(BLOB, b"between")
    assert len(read(pack(ONE, *links, between))) == 33
    with pytest.raises(ProtocolError, match="chain of deltas"):
        read(pack(ONE, *links, between, ofs_delta(len(between) + len(links[-1]), TO_TWO)))


def test_the_time_is_looked_at_for_each_object() -> None:
    looked = 0

    def look() -> None:
        nonlocal looked
        looked += 1
        if looked > 2:
            raise TimeoutError

    found = Pack([pack(ONE, ONE, ONE)], SHA1, LIMITS, look).objects()
    assert [next(found).text, next(found).text] == [b"one", b"one"]
    with pytest.raises(TimeoutError):
        next(found)


def test_objects_come_before_the_pack_is_whole() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[bytes]:
        data = pack(*[entry(BLOB, bytes(range(200)))] * 5)
        for place in range(0, len(data), 100):
            taken.append(place)
            yield data[place : place + 100]

    found = Pack(pieces(), SHA1, LIMITS).objects()
    assert next(found).size == 200
    assert len(taken) < 5


def _long(place: int, letter: bytes) -> bytes:
    """A delta that changes a letter of a million."""
    size = 2**20
    parts = [(0, place), (place + 1, size - place - 1)]
    copies = [b"\xff%b%b" % (start.to_bytes(4, "little"), length.to_bytes(3, "little")) for start, length in parts]
    return number(size) + number(size) + copies[0] + b"\x01" + letter + copies[1]


def test_texts_that_deltas_make_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many deltas wait for one base: what is made of it is given away, one by one."""
    monkeypatch.setattr("gto_action.git.protocol.pack._RECENT", 0)
    base = b"x" * 2**20
    waiting = [ref_delta(oid(BLOB, base), _long(1 + each, b"y")) for each in range(40)]
    data = pack(*waiting, entry(BLOB, base))
    assert len(data) < 10_000
    tracemalloc.start()
    try:
        limits = Limits(objects=100, packed=2**20, inflated=2**29)
        assert sum(each.size for each in Pack([data], SHA1, limits).objects()) == 41 * 2**20
        assert tracemalloc.get_traced_memory()[1] < 12 * 2**20
    finally:
        tracemalloc.stop()


def test_what_is_read_again_has_an_end_too() -> None:
    """By a chain of deltas, each of what the one before it makes: far longer than git makes them of such texts."""
    entries, names, text = [entry(BLOB, b"x" * 2**20)], [], bytearray(b"x" * 2**20)
    for each in range(1, 90):
        entries.append(ofs_delta(len(entries[-1]), _long(each, b"y")))
        text[each] = ord("y")
        names.append(oid(BLOB, bytes(text)))
    reading = Pack([pack(*entries)], SHA1, Limits(objects=100, packed=2**20, inflated=2**29))
    assert [each.oid for each in reading.objects()][1:] == names
    found = reading.read(names[49])
    assert found
    assert found.oid == names[49]
    reading = Pack([pack(*entries)], SHA1, Limits(objects=100, packed=2**20, inflated=2**29))
    assert len(list(reading.objects())) == 90
    with pytest.raises(TooMuchError, match="more than 67,108,864 bytes"):
        reading.read(names[-1])


def test_what_several_packs_have_together_has_an_end() -> None:
    data, allowance = pack(ONE), Allowance(3 * (len(pack(ONE)) + len(b"one")))
    for _ in range(3):
        assert len(list(Pack([data], SHA1, LIMITS, allowance=allowance).objects())) == 1
    with pytest.raises(TooMuchError, match=r"more than \d+ bytes to one run"):
        list(Pack([data], SHA1, LIMITS, allowance=allowance).objects())


def test_what_is_read_again_is_taken_again() -> None:
    reading = Pack([pack(ONE)], SHA1, LIMITS, allowance=Allowance(len(pack(ONE)) + 2 * len(b"one")))
    (found,) = reading.objects()
    assert reading.read(found.oid) == found
    with pytest.raises(TooMuchError, match="to one run"):
        reading.read(found.oid)
