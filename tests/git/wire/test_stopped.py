"""Questions that nobody waits for any more: they end, and others can be asked afterwards."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gto_action.errors import TransientRemoteError
from gto_action.git.protocol.fetches import NO_TREE
from gto_action.git.protocol.pack import Sent
from gto_action.git.protocol.packed_bytes import Limits
from gto_action.git.wire.connection import Connection
from gto_action.git.wire.reading import read_tags
from tests.git.wire.test_asking_lies import CAPABILITIES, REFS, fetched, lie
from tests.support.asked import asking
from tests.support.git_server import GitServer
from tests.support.packs import BLOB, entry, pack
from tests.support.repo import Repo


def test_other_questions_can_be_asked_after_a_stop(registry: Repo) -> None:
    """Also where the thread had its answer just before, so that nobody has noticed that the helper is killed."""
    with asking(registry.path.as_uri()) as asked:
        assert asked.ask_once(read_tags).records
        asked.stop()
        asked.go_on()
        assert asked.ask_once(read_tags).records


def test_our_own_signal_is_no_failure_of_this_machine(registry: Repo) -> None:
    with asking(registry.path.as_uri()) as asked:
        assert asked.ask_once(read_tags).records
        asked.stop()
        with pytest.raises(TransientRemoteError):
            asked.ask_once(read_tags)
        asked.go_on()
        assert asked.ask_once(read_tags).records


def test_a_stop_is_seen_where_all_has_come(srv: Path) -> None:
    """Little that comes can be much to read."""
    texts = [b"%d" % each for each in range(100)]
    seen: list[bytes] = []

    with GitServer(srv) as server, asking(f"{server.url}/o/r", token="") as asked:
        lie(server, CAPABILITIES, REFS, fetched(pack(*[entry(BLOB, text) for text in texts])))

        def take(objects: Iterator[Sent]) -> None:
            for each in objects:
                seen.append(each.text)
                if len(seen) == 10:
                    time.sleep(0.5)  # all of it comes meanwhile
                    asked.stop()

        def question(connection: Connection) -> None:
            connection.objects(["1" * 40], NO_TREE, Limits(objects=100, packed=2**20, inflated=2**20), take)

        with pytest.raises(TransientRemoteError):
            asked.ask_once(question)
    assert seen == texts[:10]
