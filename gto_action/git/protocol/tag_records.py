"""Every tag of a remote, from its refs and the objects that have come for them."""

from collections.abc import Iterable, Mapping

from gto_action.git.objects import commit_time, head_of, parse_object, target_of
from gto_action.git.protocol.faults import LacksError, ProtocolError, TooMuchError
from gto_action.git.protocol.pack import Sent
from gto_action.git.protocol.ref_lists import Ref
from gto_action.gto.record import TagRecord

_TAGS = "refs/tags/"
_READ = {"tag", "commit"}
Heads = dict[str, tuple[str, bytes]]
"""Of each object its kind, and what stands in it before its message."""


def heads_of(objects: Iterable[Sent], most: int) -> Heads:
    """What matters of objects, while they come: nothing of a file or a folder.

    :raises TooMuchError: if it is more than `most` bytes, or a tag or a commit has not come as a whole.
    """
    heads: Heads = {}
    left = most
    for oid, kind, size, text in objects:
        head = b""
        if kind in _READ:
            head = head_of(text + b"\n")
            left -= len(head)
        if left < 0:
            raise TooMuchError(f"The server sends more than {most:,} bytes of tags.")
        if head and size > len(text):
            raise TooMuchError(
                f"The server sends a tag or a commit of {size:,} bytes, and at most {len(text):,} are read."
            )
        heads[oid] = kind, head
    return heads


def records_of(refs: Iterable[Ref], heads: Heads) -> list[TagRecord]:
    """Every tag, in the order of the names.

    :raises ProtocolError: if an object of theirs has not come, or a name is there twice.
    """
    by_name: dict[str, Ref] = {}
    for ref in refs:
        if by_name.setdefault(ref.name, ref).oid != ref.oid:
            raise ProtocolError(f"Its answer has the ref {ref.name!r} twice.")
    ends: dict[str, tuple[str, str]] = {}
    committed: dict[str, int] = {}
    records = []
    for name in sorted(by_name, key=lambda each: each.encode("utf-8", "surrogateescape")):
        oid = by_name[name].oid
        kind, text = _head(heads, oid)
        end = None
        if kind == "tag":
            target, target_type = target_of(text)
            if target_type == "tag":
                target, target_type = _end(heads, oid, ends)
            if target_type == "commit" and target not in committed:
                committed[target] = commit_time(_head(heads, target)[1])
            end = (target, target_type) if target else None
        shown = name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        records.append(parse_object((oid, kind, shown.removeprefix(_TAGS), text), end, committed))
    return records


def _head(heads: Mapping[str, tuple[str, bytes]], oid: str) -> tuple[str, bytes]:
    try:
        return heads[oid]
    except KeyError:
        raise LacksError(f"Its answer lacks the object {oid}.") from None


def _end(heads: Heads, oid: str, ends: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """What a tag object leads to, through others (R10), and its kind; nothing where it is not as git makes them."""
    chain: dict[str, None] = {}
    end = oid, "tag"
    while end[1] == "tag" and end[0]:
        if known := ends.get(end[0]):
            end = known
            break
        if end[0] in chain:  # nobody can make one, but who breaks the hash
            raise ProtocolError(f"Its answer has tags in a circle, {oid} among them.")
        chain[end[0]] = None
        end = target_of(_head(heads, end[0])[1])
    ends |= dict.fromkeys(chain, end)
    return end
