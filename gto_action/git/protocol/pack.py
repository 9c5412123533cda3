"""A pack: objects as git sends them (gitformat-pack), read while they come.

Each object is named by its own hash, so nothing is what it is not: a pack may lack what was asked for, or have what
nobody asked for, but no other text comes by a name.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from gto_action.git.protocol.allowance import Allowance
from gto_action.git.protocol.deltas import apply_delta
from gto_action.git.protocol.faults import ProtocolError, TooMuchError
from gto_action.git.protocol.object_names import KINDS, Algorithm
from gto_action.git.protocol.pack_entries import HEAD, MOST_HEAD, Entry, parse_entry, parse_head
from gto_action.git.protocol.packed_bytes import Head, Limits, PackedBytes

_DEEPEST: Final = 4_096
"""Git makes no longer chain of deltas, whatever it is told."""
_RECENT: Final = 2**23
_MOST_AGAIN: Final = 2**26
"""The bytes that a read may make, though there is time for it: git's own chains of deltas need far fewer."""
_WEIGHT: Final = 8
"""What is done for a byte of a delta takes longer than to copy one."""


class Sent(NamedTuple):
    """An object of a pack."""

    oid: str
    kind: str
    """`commit`, `tree`, `blob` or `tag`."""
    size: int
    text: bytes
    """All of it, or the beginning (`Limits.whole`)."""


class Pack:
    """The objects of a pack: each once, as they come; afterwards any, by its name."""

    def __init__(
        self,
        chunks: Iterable[bytes],
        algorithm: Algorithm,
        limits: Limits,
        check_time: Callable[[], None] = lambda: None,
        allowance: Allowance | None = None,
    ) -> None:
        """Reads nothing yet.

        Args:
            chunks: the pack, in pieces of any size.
            algorithm: by which its objects are named.
            limits: what is taken of it.
            check_time: raises if there is no time left; it is called for each object.
            allowance: what is taken of it and others together; without it, of it alone.
        """
        self._bytes = PackedBytes(iter(chunks), limits, allowance or Allowance())
        self._algorithm, self._limits, self._check_time = algorithm, limits, check_time
        self._places = array("Q")
        """Of the entries, in their order."""
        self._named: dict[bytes, int] = {}
        """The place of each object."""
        self._waiting: dict[int | bytes, list[int]] = {}
        """The places of deltas whose base has no name yet, by the place or the name of the base."""
        self._nameless: set[int] = set()
        """The same places."""
        self._recent = _Recent()
        self._has_ended = False
        """From then on any of it can be read at any time: what is made is counted instead."""

    @property
    def size(self) -> int:
        """Its bytes, as far as they have come; all are kept."""
        return self._bytes.size

    def objects(self) -> Iterator[Sent]:
        """Every object, as soon as it has a name; once.

        :raises ProtocolError: if it is not a pack, or damaged.
        :raises TooMuchError: if it has more than is taken.
        """
        count = parse_head(self._bytes.read(0, HEAD))
        if count > self._limits.objects:
            raise TooMuchError(f"The server sends {count:,} objects, and at most {self._limits.objects:,} are taken.")
        place = HEAD
        for _ in range(count):
            self._check_time()
            start, entry = place, self._entry(place)
            self._places.append(start)
            if entry.base is None:
                sent, place = self._plain(start, entry)
                yield sent
                if self._waiting:
                    yield from self._now_known(start, sent.oid)
            else:
                delta, place = self._delta(entry)
                if self._has_name(entry.base):
                    sent = self._result(start, entry.base, delta)
                    yield sent
                    yield from self._now_known(start, sent.oid)
                else:
                    self._waiting.setdefault(entry.base, []).append(start)
                    self._nameless.add(start)
        if self._nameless:
            raise ProtocolError("Its answer has a delta of what is not in the pack.")
        self._check_end(place)
        self._recent = _Recent()  # little is read again
        self._has_ended = True

    def read(self, oid: str) -> Sent | None:
        """An object that has come; None if it has not.

        :raises TooMuchError: if more has to be made for it than is taken.
        """
        place = self._named.get(bytes.fromhex(oid))
        if place is None:
            return None
        self._bytes.begin_again()
        entry = self._entry(place)
        if entry.base is None:
            return self._plain(place, entry)[0]
        self._bytes.begin_again(_MOST_AGAIN)
        kind, text = self._text_at(place)
        return Sent(oid, KINDS[kind].decode(), len(text), text)

    def _entry(self, place: int) -> Entry:
        return parse_entry(self._bytes.read(place, place + MOST_HEAD), place, self._algorithm.size)

    def _plain(self, start: int, entry: Entry) -> tuple[Sent, int]:
        """An object that is there as it is, and the place after it."""
        kind, size, digest = KINDS[entry.kind], entry.size, self._algorithm.begin(KINDS[entry.kind], entry.size)
        if size <= self._limits.whole:
            text, end = self._bytes.inflate(entry.place, size)
            digest.update(text)
            self._recent.add(start, (entry.kind, text))
        else:
            head = Head(self._limits.whole, digest.update)
            end = self._bytes.inflate_through(entry.place, size, head.take)
            text = bytes(head.text)
        name = digest.digest()
        self._named.setdefault(name, start)
        return Sent(name.hex(), kind.decode(), size, text), end

    def _result(self, start: int, base: int | bytes, delta: bytes) -> Sent:
        """The object that a delta makes."""
        kind, before = self._text_at(self._place_of(base))
        text = apply_delta(before, delta, self._limits.whole)
        self._bytes.count(len(text))
        self._recent.add(start, (kind, text))
        digest = self._algorithm.begin(KINDS[kind], len(text))
        digest.update(text)
        name = digest.digest()
        self._named.setdefault(name, start)
        return Sent(name.hex(), KINDS[kind].decode(), len(text), text)

    def _now_known(self, start: int, oid: str) -> Iterator[Sent]:
        """The objects of the deltas that have waited for this one; none of their texts is kept meanwhile."""
        known = [(start, oid)]
        while known:
            place, base = known.pop()
            for waiting in (*self._waiting.pop(place, ()), *self._waiting.pop(bytes.fromhex(base), ())):
                self._check_time()
                delta, _ = self._delta(self._entry(waiting))
                self._nameless.discard(waiting)
                made = self._result(waiting, place, delta)
                yield made
                known.append((waiting, made.oid))

    def _text_at(self, place: int) -> tuple[int, bytes]:
        """The kind and the text of an entry whose object has a name."""
        chain: list[Entry] = []
        here = place
        while (found := self._recent.get(here)) is None:
            entry = self._entry(here)
            if entry.base is None:
                if entry.size > self._limits.whole:
                    raise TooMuchError(f"The server sends a delta of an object of {entry.size:,} bytes.")
                found = entry.kind, self._bytes.inflate(entry.place, entry.size)[0]
                break
            chain.append(entry)
            if len(chain) > _DEEPEST:
                raise ProtocolError("Its answer has a chain of deltas that is longer than any of git's.")
            here = self._place_of(entry.base)
        kind, text = found
        for entry in reversed(chain):
            if not self._has_ended:
                self._check_time()
            delta, _ = self._delta(entry)
            text = apply_delta(text, delta, self._limits.whole)
            if self._has_ended:
                self._bytes.count(len(text) + _WEIGHT * len(delta))
        self._recent.add(place, (kind, text))
        return kind, text

    def _delta(self, entry: Entry) -> tuple[bytes, int]:
        if entry.size > self._limits.delta:
            raise TooMuchError(f"The server sends a delta of {entry.size:,} bytes.")
        return self._bytes.inflate(entry.place, entry.size)

    def _has_name(self, base: int | bytes) -> bool:
        """Whether the object of an entry is known; of a name, whether it has come.

        :raises ProtocolError: if there is no entry at this place.
        """
        if isinstance(base, bytes):
            return base in self._named
        index = bisect_left(self._places, base)
        if index == len(self._places) or self._places[index] != base:
            raise ProtocolError("Its answer has a delta of what is not in the pack.")
        return base not in self._nameless

    def _place_of(self, base: int | bytes) -> int:
        return self._named[base] if isinstance(base, bytes) else base

    def _check_end(self, place: int) -> None:
        size, digest = self._algorithm.size, self._algorithm.new(b"")
        self._bytes.add_to(digest, place)
        if self._bytes.read(place, place + size) != digest.digest():
            raise ProtocolError("Its answer has a pack that is damaged.")
        if self._bytes.read(place + size, place + size + 1):
            raise ProtocolError("Its answer has a pack that goes on after its end.")


class _Recent:
    """Texts that have been read lately, so many bytes of them: most deltas are of one of these."""

    def __init__(self) -> None:
        self._young: dict[int, tuple[int, bytes]] = {}
        self._old: dict[int, tuple[int, bytes]] = {}
        self._size = 0

    def get(self, place: int) -> tuple[int, bytes] | None:
        """The kind and the text of the entry at a place, if it is among them."""
        return self._young.get(place) or self._old.get(place)

    def add(self, place: int, found: tuple[int, bytes]) -> None:
        """Forgets half of them when there are too many."""
        self._young[place] = found
        self._size += len(found[1])
        if self._size > _RECENT:
            self._old, self._young, self._size = self._young, {}, 0
