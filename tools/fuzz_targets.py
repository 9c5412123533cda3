"""The parsers of git's protocol, each as a function that takes any bytes and says when something is wrong with it.

What a parser refuses is right, if it is by an error of its own (`REFUSALS`); everything else that is raised is a fault.
"""

import random
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final

import atheris

from gto_action.git.object_scan import scanned
from gto_action.git.protocol.capabilities import Capabilities, read_capabilities
from gto_action.git.protocol.deltas import apply_delta
from gto_action.git.protocol.faults import CannotError, ProtocolError
from gto_action.git.protocol.fetches import read_pack_data
from gto_action.git.protocol.object_names import SHA1, SHA256, Algorithm
from gto_action.git.protocol.pack import Pack, Sent
from gto_action.git.protocol.packed_bytes import Limits
from gto_action.git.protocol.packets import Mark, Packet, packet, read_packets
from gto_action.git.protocol.ref_lists import Ref
from gto_action.git.protocol.tag_notes import commit_of, message_of
from gto_action.git.protocol.tag_records import heads_of, records_of
from gto_action.git.protocol.trees import Wanted, find_file, parse_tree, tree_of
from tests.support.packs import (
    BLOB,
    KINDS,
    OFS,
    REF,
    TAG,
    back,
    entry,
    head,
    insert,
    lines,
    number,
    ofs_delta,
    oid,
    pack,
    read_refs,
)

REFUSALS: Final = (ProtocolError, CannotError)
_LIMITS: Final = Limits(objects=100, packed=2**18, inflated=2**20, whole=2**14, delta=2**12)
_PREFIXES: Final = ("refs/tags/a@", "refs/tags/a#")
_PLAIN: Final = Capabilities(SHA1, names_algorithm=True)
_MOST: Final = 2**20
_MARKS: Final = {Mark.FLUSH: b"0000", Mark.DELIMITER: b"0001", Mark.END: b"0002"}


def _packets(data: bytes) -> Iterator[Packet]:
    return read_packets(BytesIO(data).read)


def fuzz_packets(data: bytes) -> None:
    """What has been read is what was sent: written again, it is the same."""
    written = b""
    try:
        for each in _packets(data):
            written += _MARKS[each] if isinstance(each, Mark) else packet(each)
    finally:
        _check(data.lower().startswith(written.lower()))


def fuzz_capabilities(data: bytes) -> None:
    """A server that can be asked has said so."""
    read_capabilities(_packets(data))
    _check(b"shallow" in data and b"filter" in data)


def fuzz_refs(data: bytes) -> None:
    """Each ref is one of those that were asked for, and its name is a name."""
    for ref in read_refs(_packets(data), _PLAIN, _PREFIXES, most=_MOST):
        _check(ref.name.startswith(_PREFIXES) and ".." not in ref.name and "\n" not in ref.name)
        _check(len(bytes.fromhex(ref.oid)) == SHA1.size)


def fuzz_fetch(data: bytes) -> None:
    """A pack is a part of what was sent."""
    _check(sum(map(len, read_pack_data(_packets(data)))) < len(data))


def fuzz_delta(data: bytes) -> None:
    """A result is not larger than it may be."""
    base, _, delta = data.partition(b"\xff\xff\xff")
    _check(len(apply_delta(base, delta, _MOST)) <= _MOST)


def fuzz_tree(data: bytes) -> None:
    """Entries have names; a way through folders that are all the same has an end."""
    entries = parse_tree(data, SHA1.size)
    _check(all(name and b"\0" not in name for name in entries))
    links = {each.oid: name for name, each in entries.items()}
    for name in entries:
        _check(not isinstance(find_file("", name + b"/" + name, lambda _: entries, links), Wanted))


def fuzz_records(data: bytes) -> None:
    """Texts of tags and commits, whoever wrote them: a record for each ref."""
    texts = data.split(b"\xff\xfe")
    kinds = ("commit", "tag", "tag")
    sent = [Sent(f"{place:040x}", kinds[place % 3], len(each), each) for place, each in enumerate(texts)]
    records = records_of([Ref(f"refs/tags/{each.oid}", each.oid) for each in sent], heads_of(sent, _MOST))
    _check(len(records) == len(texts))
    tree_of(texts[0])


def fuzz_notes(data: bytes) -> None:
    """What people wrote: text, as far as a NUL."""
    message, commit = message_of(data), commit_of(data)
    _check("\0" not in message + commit.message and message == message.strip())
    _check(scanned("", "tag", data).head in data)


def fuzz_pack(data: bytes) -> None:
    """Bytes as they are: objects have the names of their texts."""
    half = len(data) // 2
    _names(Pack([data], SHA1, _LIMITS), SHA1)
    _names(Pack([data[:half], data[half:]], SHA1, _LIMITS), SHA1)


def fuzz_pack_made(data: bytes) -> None:
    """A pack that is right, of kinds, deltas and bases as they come: it is read to its end, and nothing is missing."""
    given = atheris.FuzzedDataProvider(data)
    algorithm = (SHA1, SHA256)[given.ConsumeBool()]
    made: list[tuple[int, bytes]] = []
    entries: list[bytes] = []
    places = [12]
    while given.remaining_bytes() and len(entries) < _LIMITS.objects:
        kind = given.PickValueInList([*KINDS, OFS, REF])
        text = given.ConsumeBytes(given.ConsumeIntInRange(0, 300))
        base, start = given.ConsumeIntInRange(0, max(len(made) - 1, 0)), b""
        if kind in KINDS or not made:
            kind = kind if kind in KINDS else BLOB
            made.append((kind, text))
        else:
            before, text = made[base], number(len(made[base][1])) + text
            try:
                made.append((before[0], apply_delta(before[1], text, _LIMITS.whole)))
            except REFUSALS:
                continue
            start = (
                back(places[-1] - places[base])
                if kind == OFS
                else bytes.fromhex(oid(before[0], before[1], algorithm.name))
            )
        entries.append(head(kind, len(text)) + start + zlib.compress(text, given.ConsumeIntInRange(0, 9)))
        places.append(places[-1] + len(entries[-1]))
    if not any(each[0] >> 4 & 7 == OFS for each in entries):
        random.Random(len(data)).shuffle(entries)  # noqa: S311 - what is named may come later
    whole = pack(*entries, algorithm=algorithm.name)
    step = given.ConsumeIntInRange(1, 200)
    pieces = [whole[place : place + step] for place in range(0, len(whole), step)]
    _check(
        _names(Pack(pieces, algorithm, _LIMITS), algorithm) == {oid(kind, text, algorithm.name) for kind, text in made}
    )


def _names(reading: Pack, algorithm: Algorithm) -> set[str]:
    kinds = {name: kind for kind, name in KINDS.items()}
    found = list(reading.objects())
    for each in found:
        again = reading.read(each.oid)
        _check(again is not None and again.text == each.text)
        _check(each.size > _LIMITS.whole or each.oid == oid(kinds[each.kind], each.text, algorithm.name))
    return {each.oid for each in found}


def _check(holds: bool) -> None:  # noqa: FBT001 - as with `assert`, which -O would leave out
    if not holds:
        raise AssertionError


PARSERS: Final[dict[str, Callable[[bytes], None]]] = {
    "packets": fuzz_packets,
    "capabilities": fuzz_capabilities,
    "refs": fuzz_refs,
    "fetch": fuzz_fetch,
    "delta": fuzz_delta,
    "tree": fuzz_tree,
    "records": fuzz_records,
    "notes": fuzz_notes,
    "pack": fuzz_pack,
    "pack-made": fuzz_pack_made,
}

_ONE: Final = entry(BLOB, b"one")
_WHO: Final = b"A <a@example.com> 1 +0000"
_COMMIT: Final = b"tree %b\nauthor %b\ncommitter %b\n\nm\n" % (b"1" * 40, _WHO, _WHO)
_TAGS: Final = [b"object %040x\ntype %b\ntag a\ntagger %b\n\nm\n" % (*to, _WHO) for to in ((0, b"commit"), (1, b"tag"))]
EXAMPLES: Final[dict[str, list[bytes]]] = {
    "packets": [lines("version 2\n", "0000", "a", "0001", "b", "0002")],
    "capabilities": [
        lines("version 2\n", "agent=git/2.39.5\n", "ls-refs=unborn\n", "fetch=shallow filter\n", "0000"),
        lines("version 2\n", "ls-refs\n", "fetch=filter shallow\n", "object-format=sha256\n", "0000"),
    ],
    "refs": [lines(f"{'1' * 40} refs/tags/a@v1.0.0 peeled:{'2' * 40}\n", f"{'1' * 40} HEAD symref-target:x\n", "0000")],
    "fetch": [
        lines("acknowledgments\n", "NAK\n", "0001", "shallow-info\n", "0001", "packfile\n", b"\1PACK", "0000"),
        lines("packfile\n", b"\1PACK", b"\2Total 3\n", b"\3no\n", "0000"),
    ],
    "delta": [b"0123456789\xff\xff\xff\x0a\x06\x90\x02\x02ab\x91\x08\x02"],
    "tree": [b"100644 a\0" + b"1" * 20 + b"40000 b\0" + b"2" * 20 + b"120000 c\0" + b"3" * 20],
    "records": [b"\xff\xfe".join([_COMMIT, *_TAGS])],
    "notes": [_COMMIT, *_TAGS],
    "pack": [pack(_ONE, ofs_delta(len(_ONE), insert(3, b"two")), entry(TAG, b"t"))],
    "pack-made": [bytes(range(256))],
}
