"""Servers that lie: never a wrong answer, an end in time, little memory, and one sentence."""

import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from gto_action.errors import GitError
from gto_action.git.protocol.faults import CannotError
from tests.support.action import ROOT
from tests.support.asked import ask
from tests.support.git_server import Fault, GitServer
from tests.support.packs import BLOB, COMMIT, TAG, entry, head, insert, lines, oid, pack, ref_delta
from tests.support.peak import watched
from tests.support.repo import Repo
from tests.support.wire import RESULT, TOKEN, within
from tests.support.wire_faults import ENDLESS, SQUEEZED

CAPABILITIES = ("version 2\n", "ls-refs=unborn\n", "fetch=shallow filter\n")
C = f"tree {'0' * 40}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nm\n".encode()
C_OID = oid(COMMIT, C)
T = f"object {C_OID}\ntype commit\ntag a@v1.0.0\ntagger A <a> 1 +0000\n\nm\n".encode()
T_OID = oid(TAG, T)
REFS = lines(f"{T_OID} refs/tags/a@v1.0.0\n", "0000")


def fetched(data: bytes, *before: str) -> bytes:
    pieces = [b"\1" + data[place : place + 60_000] for place in range(0, len(data), 60_000)]
    return lines(*before, "packfile\n", *pieces, "0000")


GOOD = fetched(pack(entry(TAG, T), entry(COMMIT, C)))
ZEROS = zlib.compress(bytes(2**20)) * 3
# what is answered: the capabilities, the list of refs, the objects; and what is said of it
LIES: dict[str, tuple[tuple[str, ...], bytes, bytes, str]] = {
    "another object than was asked for": (CAPABILITIES, REFS, fetched(pack(entry(BLOB, b"x"))), f"lacks the object {T_OID}"),
    "a tag with another text": (CAPABILITIES, REFS, fetched(pack(entry(TAG, T + b"x"), entry(COMMIT, C))), f"lacks the object {T_OID}"),
    "a text of another kind": (CAPABILITIES, REFS, fetched(pack(entry(BLOB, T), entry(COMMIT, C))), f"lacks the object {T_OID}"),
    "no commit": (CAPABILITIES, REFS, fetched(pack(entry(TAG, T))), f"lacks the object {C_OID}"),
    "an empty pack": (CAPABILITIES, REFS, fetched(pack()), f"lacks the object {T_OID}"),
    "no pack": (CAPABILITIES, REFS, lines("packfile\n", "0000"), "breaks off before a pack"),
    "a false hash": (CAPABILITIES, REFS, fetched(pack(entry(TAG, T), entry(COMMIT, C))[:-1] + b"\0"), "damaged"),
    "deltas of one another": (CAPABILITIES, REFS, fetched(pack(ref_delta("1" * 40, insert(1, b"x")), ref_delta("2" * 40, insert(1, b"x")))), "not in the pack"),
    "a million objects of one byte": (CAPABILITIES, REFS, fetched(pack(entry(BLOB, b"x") * 10, count=10**6)), "sends 1,000,000 objects"),
    "an object of 10 GB": (CAPABILITIES, REFS, fetched(pack(head(TAG, 10 * 2**30) + ZEROS)), "sends objects of more than"),
    "an object of 200 MB": (CAPABILITIES, REFS, fetched(pack(head(TAG, 200 * 2**20) + ZEROS)), "smaller than it says"),
    "a ref twice": (CAPABILITIES, lines(f"{T_OID} refs/tags/a@v1.0.0\n", f"{C_OID} refs/tags/a@v1.0.0\n", "0000"), GOOD, "twice"),
    "refs of another hash": (CAPABILITIES, lines(f"{'1' * 64} refs/tags/a@v1.0.0\n", "0000"), GOOD, "where a ref should be"),
    "another hash than is used": ((*CAPABILITIES, "object-format=sha256\n"), REFS, GOOD, "where a ref should be|mismatched object format"),
    "objects in place of refs": (CAPABILITIES, GOOD, GOOD, "where a ref should be"),
    "refs in place of objects": (CAPABILITIES, REFS, REFS, "where a pack should begin"),
    "more after the end of a list": (CAPABILITIES, REFS + REFS, GOOD, "after its end"),
    "more after the end of objects": (CAPABILITIES, REFS, GOOD + GOOD, "after its end"),
    "megabytes after the end of a list": (CAPABILITIES, REFS + b"0000" * 5 * 2**20, GOOD, "after its end"),
    "megabytes after the end of objects": (CAPABILITIES, REFS, GOOD + b"0000" * 5 * 2**20, "after its end"),
    "a section of a later git": (CAPABILITIES, REFS, lines("promisor-info\n", "x\n", "0001") + GOOD, "a section 'promisor-info'"),
    "no end of a list": (CAPABILITIES, REFS[:-4], GOOD, "mark .end. where a line should be"),
    "an error in the middle": (CAPABILITIES, lines(f"{T_OID} refs/tags/a@v1.0.0\n", "ERR ::error::no\n"), GOOD, "remote error: ::error::no$"),
    "an error instead of objects": (CAPABILITIES, REFS, lines("ERR upload-pack: not our ref 1\n"), "not our ref 1"),
    "an error among objects": (CAPABILITIES, REFS, lines("packfile\n", b"\1PACK", b"\3out\nof\nluck\n"), "remote error: out of luck"),
    "a full disk": (CAPABILITIES, REFS, lines("packfile\n", b"\3fatal: write error: No space left on device\n"), "^Fetching from the remote"),
    "no memory": (CAPABILITIES, lines("ERR Out of memory\n"), GOOD, "^Fetching from the remote"),
}  # fmt: skip


def lie(server: GitServer, capabilities: tuple[str, ...], refs: bytes, objects: bytes) -> None:
    advertised = lines("# service=git-upload-pack\n", "0000", *capabilities, "0000")
    headers = {"Content-Type": "application/x-git-upload-pack-advertisement"}
    server.fault(Fault(path="/info/refs", status=200, headers=headers, body=advertised))
    server.fault(Fault(asks=b"command=ls-refs", status=200, headers=RESULT, body=refs))
    server.fault(Fault(asks=b"command=fetch", status=200, headers=RESULT, body=objects))


@pytest.mark.parametrize("what", LIES)
def test_a_server_that_lies(srv: Path, what: str) -> None:
    capabilities, refs, objects, says = LIES[what]
    with GitServer(srv) as server, within(60):
        lie(server, capabilities, refs, objects)
        with pytest.raises((GitError, CannotError), match=says) as raised:
            ask(server)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 2_000


LATER = ("agent=git/3.1.4\n", "ls-refs=unborn next-thing\n", "fetch=shallow filter next-thing\n", "next-thing=a b,c\n")
HONEST = {
    "what nobody asked for": fetched(pack(entry(BLOB, b"x"), entry(TAG, T), entry(BLOB, b"y"), entry(COMMIT, C), entry(TAG, T + b"x"))),
    "the same twice": fetched(pack(entry(TAG, T), entry(COMMIT, C), entry(TAG, T), entry(COMMIT, C))),
    "where history is cut": fetched(pack(entry(TAG, T), entry(COMMIT, C)), "shallow-info\n", f"shallow {C_OID}\n", "0001"),
}  # fmt: skip


@pytest.mark.parametrize("what", HONEST)
def test_a_server_that_says_more_than_it_must(srv: Path, what: str) -> None:
    more = lines(
        f"{'1' * 40} HEAD\n", f"{T_OID} refs/heads/main next-thing:x\n", "unborn HEAD\n", f"{T_OID} refs/tags/..\n"
    )
    with GitServer(srv) as server:
        lie(server, ("version 2\n", *LATER), more + REFS, HONEST[what])
        found = ask(server, tag="a@v1.0.0", paths=())
    assert [(record.name, record.oid, record.target) for record in found.records] == [("a@v1.0.0", T_OID, C_OID)]
    assert found.target == T_OID  # as nobody has said what the tag leads to


@pytest.mark.parametrize(
    ("name", "squeezed"), [*((name, False) for name in ENDLESS), *((name, True) for name in SQUEEZED)]
)
def test_an_answer_without_end(srv: Path, registry: Repo, name: str, squeezed: bool) -> None:
    """In a process of its own, whose memory is watched."""
    assert registry.git("rev-parse", "main")
    fault = ENDLESS[name]
    fault.squeezed = squeezed
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from gto_action.errors import GitError\n"
        "from gto_action.git.protocol.faults import CannotError\n"
        "from tests.support.asked import ask\n"
        "try: ask(sys.argv[1], timeout=4)\n"
        "except (GitError, CannotError) as error: print(error)\n"
    )
    with GitServer(srv, token=TOKEN) as server, within(60), watched() as peak:
        server.fault(fault)
        command = [sys.executable, "-c", program, f"{server.url}/o/r"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert peak.megabytes < 300, peak.of
