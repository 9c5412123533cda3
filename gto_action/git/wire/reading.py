"""What is read of a remote by a connection: its tags, and a few refs of many."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from gto_action.git.protocol.fetches import NO_BLOB, NO_TREE
from gto_action.git.protocol.pack import Pack
from gto_action.git.protocol.packed_bytes import Limits
from gto_action.git.protocol.ref_lists import Ref
from gto_action.git.protocol.tag_records import Heads, heads_of, records_of
from gto_action.git.wire.brought_tags import BroughtTags
from gto_action.git.wire.connection import Connection, Listed

_TAGS: Final = "refs/tags/"
_AT_ONCE: Final = 100_000
"""Objects that are asked for by one question: git's server takes one of 10 MB (git-config, "http.maxRequestBuffer")."""
_OTHERS: Final = 1_000


def read_tags(connection: Connection, prefixes: Iterable[str] = (_TAGS,)) -> BroughtTags:
    """The tags whose refs begin with one of these: by two questions, if they are neither very many nor odd.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    return bring_tags(connection, connection.refs(prefixes).refs)


def bring_tags(connection: Connection, refs: list[Ref]) -> BroughtTags:
    """The tags of refs that are known.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    packs: list[Pack] = []
    heads: Heads = {}
    oids = list(dict.fromkeys(ref.oid for ref in refs))
    _bring_heads(connection, oids, NO_TREE, packs, heads)
    # A folder is left out though it is asked for by its name, where somebody has tagged one.
    _bring_heads(connection, [oid for oid in oids if oid not in heads], NO_BLOB, packs, heads)
    with connection.judged():
        return BroughtTags(records_of(refs, heads), tuple(packs))


def _bring_heads(connection: Connection, oids: list[str], leave_out: str, packs: list[Pack], heads: Heads) -> None:
    for place in range(0, len(oids), _AT_ONCE):
        part = oids[place : place + _AT_ONCE]
        most = len(part)
        # Of each a tag, its commit, and perhaps tags between them: what else comes is not what was asked for.
        limits = Limits(objects=4 * most + _OTHERS, packed=2**25 + 2**10 * most, inflated=2**28 + 2**13 * most)
        pack, found = connection.objects(part, leave_out, limits, partial(heads_of, most=2**25 + 2**10 * most))
        packs.append(pack)
        heads |= found


def list_tags(connection: Connection, most: int) -> Listed:
    """The refs of all tags; none if there are more than so many, which are not read to the end.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    return connection.refs([_TAGS], most=most)


def read_target(connection: Connection, tag_name: str) -> str:
    """What a tag points to in the end; empty if there is no such tag.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    name = f"{_TAGS}{tag_name}"
    found = [ref for ref in connection.refs([name], peel=True).refs if ref.name == name]
    return found[0].peeled or found[0].oid if found else ""


def read_head(connection: Connection) -> str:
    """The commit that the remote is at; empty if it has none.

    :raises RemoteError: if the remote cannot be reached, or refuses, or answers what is no answer.
    :raises CannotError: if it cannot be asked this way.
    """
    return next((ref.oid for ref in connection.refs(["HEAD"]).refs if ref.name == "HEAD"), "")
