"""Packs that git makes: every object as git has it; and what is left of them when any byte is another."""

import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gto_action.git.protocol.faults import CannotError, ProtocolError
from gto_action.git.protocol.object_names import ALGORITHMS, SHA1
from gto_action.git.protocol.pack import Pack
from gto_action.git.protocol.packed_bytes import Limits
from tests.support.repo import Repo

LIMITS = Limits(objects=1_000, packed=2**20, inflated=2**24)
WAYS = {
    "deltas by place": ("--delta-base-offset",),
    "deltas by name": (),
    "no deltas": ("--depth=0",),
    "chains": ("--delta-base-offset", "--window=200", "--depth=200"),
    "hardly pressed": ("--compression=0", "--delta-base-offset"),
}


@pytest.fixture(scope="module", params=["sha1", "sha256"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Thirty versions of files that grow, with tags of many kinds."""
    choose = random.Random(7)
    repo = Repo(tmp_path_factory.mktemp("made") / "r", object_format=request.param)
    lines = [f"line {number} {choose.random()}\n" for number in range(300)]
    for number in range(30):
        lines[choose.randrange(300)] = f"changed {number}\n"
        files: dict[str, str | bytes] = {
            "dvc.yaml": "".join(lines),
            f"models/{number}/x": f"{number}",
            "empty": "",
            "big": b"\0" * 3_000,
        }
        repo.commit(files, time=number)
        repo.tag(f"churn@v1.0.{number}", time=number, message=f"Version {number}\n" * number)
    repo.tag("of-a-tag", "churn@v1.0.1", kind="tag")
    return repo


def packed(repo: Repo, *options: str) -> bytes:
    command = ["git", "-C", str(repo.path), "pack-objects", "--all", "--stdout", "-q", *options]
    return subprocess.run(command, check=True, capture_output=True, input=b"").stdout


def objects_of(repo: Repo) -> dict[str, tuple[str, bytes]]:
    command = ["git", "-C", str(repo.path), "cat-file", "--batch", "--batch-all-objects"]
    out = subprocess.run(command, check=True, capture_output=True).stdout
    found, place = {}, 0
    while place < len(out):
        line, _, _ = out[place:].partition(b"\n")
        oid, kind, size = line.decode().split()
        start = place + len(line) + 1
        found[oid] = kind, out[start : start + int(size)]
        place = start + int(size) + 1
    return found


@pytest.mark.parametrize("way", WAYS)
def test_every_object_is_as_git_has_it(made: Repo, way: str) -> None:
    data, expected = packed(made, *WAYS[way]), objects_of(made)
    algorithm = next(each for each in ALGORITHMS.values() if 2 * each.size == len(next(iter(expected))))
    reading = Pack([data[place : place + 999] for place in range(0, len(data), 999)], algorithm, LIMITS)
    assert {each.oid: (each.kind, each.text) for each in reading.objects()} == expected
    for oid, (kind, text) in expected.items():
        again = reading.read(oid)
        assert again
        assert (again.kind, again.text) == (kind, text)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    repo = Repo(tmp_path_factory.mktemp("small") / "r")
    for number in range(4):
        repo.commit({"dvc.yaml": "a line\n" * (20 + number)}, time=number)
        repo.tag(f"a@v1.0.{number}", time=number)
    return packed(repo, "--delta-base-offset")


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4),
    cut=st.none() | st.integers(0, 10**6),
    twice=st.booleans(),
)
def test_a_pack_that_is_not_as_it_was_sent(
    small: bytes, changes: list[tuple[int, int]], cut: int | None, twice: bool
) -> None:
    data = bytearray(small)
    for place, by in changes:
        data[place % len(data)] ^= by
    changed = bytes(data) * (1 + twice)
    changed = changed if cut is None else changed[: cut % len(changed)]
    if changed != small:
        with pytest.raises((ProtocolError, CannotError)):
            list(Pack([changed], SHA1, LIMITS).objects())


def test_a_wrong_sum_is_seen_last(small: bytes, tmp_path: Path) -> None:
    """Git judges the same."""
    index = ["git", "index-pack", "--strict", "-o", "x.idx", "x.pack"]
    for place in (-1, -20):
        data = bytearray(small)
        data[place] ^= 1
        (tmp_path / "x.pack").write_bytes(data)
        assert subprocess.run(index, capture_output=True, check=False, cwd=tmp_path).returncode
        with pytest.raises(ProtocolError, match="damaged"):
            list(Pack([bytes(data)], SHA1, LIMITS).objects())
