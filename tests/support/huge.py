"""Objects of any size for a repository, made in a second: what packs well is packed block by block, the same each time."""

import hashlib
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Final

from tests.support.repo import Repo

_BLOCK: Final = 2**20
_TYPES: Final = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


def add_huge(repo: Repo, kind: str, head: bytes, megabytes: int, filler: bytes = b"x\n") -> str:
    """Adds an object that begins with `head` and goes on for some megabytes, in a pack of its own; gives its id.

    The server sends what is in the pack as it is. Nothing of that size is in memory here.
    """
    block = (filler * (_BLOCK // len(filler) + 1))[: _BLOCK - 1] + b"\n"
    size = len(head) + megabytes * _BLOCK
    oid = hashlib.sha1(f"{kind} {size}\0".encode() + head)  # noqa: S324 - git's
    check = zlib.adler32(head)
    for _ in range(megabytes):
        oid.update(block)
        check = zlib.adler32(block, check)
    pressed = zlib.compressobj(wbits=-15)
    first = pressed.compress(head) + pressed.flush(zlib.Z_FULL_FLUSH)
    again = pressed.compress(block) + pressed.flush(zlib.Z_FULL_FLUSH)  # stands for itself after any other
    entry = (
        _entry(_TYPES[kind], size) + b"\x78\x9c" + first + again * megabytes + b"\x03\x00" + struct.pack(">I", check)
    )
    pack = b"PACK" + struct.pack(">II", 2, 1) + entry
    checksum = hashlib.sha1(pack).digest()  # noqa: S324
    name = bytes.fromhex(oid.hexdigest())
    fanout = b"".join(struct.pack(">I", int(name[0] <= first_byte)) for first_byte in range(256))
    index = b"\xfftOc" + struct.pack(">I", 2) + fanout + name + struct.pack(">II", zlib.crc32(entry), 12) + checksum
    folder = repo.path / "objects/pack"
    path = folder / f"pack-{checksum.hex()}"
    Path(f"{path}.pack").write_bytes(pack + checksum)
    Path(f"{path}.idx").write_bytes(index + hashlib.sha1(index).digest())  # noqa: S324
    return oid.hexdigest()


def _entry(kind: int, size: int) -> bytes:
    """What stands before an object in a pack: its type, and its size seven bits at a time."""
    parts = [kind << 4 | size & 15]
    size >>= 4
    while size:
        parts[-1] |= 128
        parts.append(size & 127)
        size >>= 7
    return bytes(parts)


def tag_huge(repo: Repo, name: str, megabytes: int, *, time: int = 1000, header: bool = False) -> str:
    """A tag whose message, or whose header, is that large; gives the tag object's id."""
    target = repo.git("rev-parse", "main")
    head = f"object {target}\ntype commit\ntag {name}\ntagger A U Thor <a@example.com> {time} +0000\n".encode()
    filler = b"x-more y\n" if header else b"x\n"
    oid = add_huge(repo, "tag", head + (b"" if header else b"\n"), megabytes, filler)
    repo.git("update-ref", f"refs/tags/{name}", oid)
    return oid


def commit_huge(repo: Repo, path: str, megabytes: int, *, time: int = 1000) -> str:
    """A commit on `main` that has the file of that size beside the others; gives the commit's id."""
    blob = add_huge(repo, "blob", b"# large\n", megabytes)
    script = (
        f"commit refs/heads/main\ncommitter A U Thor <a@example.com> {time} +0000\ndata 1\n.\nfrom refs/heads/main^0\n"
    )
    repo.git("fast-import", "--quiet", stdin=f"{script}M 100644 {blob} {path}\n".encode())
    return repo.git("rev-parse", "main")


def verify(repo: Repo) -> None:
    """Holds all that was made against git."""
    subprocess.run(["git", "-C", str(repo.path), "fsck", "--full"], check=True, capture_output=True)
