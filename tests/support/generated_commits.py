"""Commits that nobody would make, and everybody makes: generated, small, and full of names that clash."""

import random
from typing import Final

from tests.support.naive_pull import FILE, LINK, PROGRAM, SUBMODULE, Commit, Data

_GIT: Final = (
    *("m/readme", "m/run.sh", "m/a/v.tmp", "m/a/b/c.txt", "m/a/k.bin", "m/a/b/run.sh", "m/odd é☃ #'.txt", "m/-x"),
    *("other.txt", "code/train.py", "sub/m/readme", "sub/m/a/k.bin", "m2/readme", "m/x.gitattributes"),
)
_DVC: Final = (
    "m/w.bin",
    "m/a/x.tmp",
    "m/a/k.bin",
    "m/d",
    "m/a/d",
    "data",
    "data/d",
    "sub/m/w.bin",
    "sub/m/d",
    "m/b",
    "m",
)
_TARGETS: Final = (
    "readme",
    "a/b/c.txt",
    "../other.txt",
    "a",
    "/etc/passwd",
    "l",
    "gone",
    "../m/readme",
    "a/../../m/a",
    "d",
)
_PATHS: Final = (
    "m",
    "m",
    "m",
    "m",
    "m/a",
    "m/a",
    "m/w.bin",
    "m/run.sh",
    "m/d",
    "m/d/s",
    "m/l",
    "m/l/b",
    "data",
    "data/one",
)
_IGNORED: Final = ("*.tmp", "readme", "/m/a/", "w.bin", "w.bin.dvc", "*.bin", "*.txt", "/code/", "*.sh", "d")


def generate(rng: random.Random) -> Commit:
    """A commit, mostly one that has something at the path."""
    commit = _generate(rng)
    while str(commit.expected()) in {"no such path", "does nothing"} and rng.randrange(8):
        commit = _generate(rng)
    return commit


def _generate(rng: random.Random) -> Commit:  # noqa: C901, PLR0912 - one thing after the other
    """A commit."""
    path = rng.choice((*_PATHS, "sub/m", "sub", "m/gone", "m/b", "m/big.onnx"))
    roots = rng.choice([("",), ("",), ("",), ("", "sub"), ("", "sub"), ("", "m/inner"), ()])
    commit = Commit(path, roots=roots)
    for name in _GIT:
        if rng.randrange(2):
            mode = PROGRAM if name.endswith(".sh") and rng.randrange(4) else FILE
            commit.git[name] = (mode, _content(rng))
    for name in _DVC if roots else ():
        if not rng.randrange(3) and _is_free(name, commit, clashes=not rng.randrange(30)):
            commit.dvc[name] = _data(name, rng)
            if not rng.randrange(4):
                commit.legacy.add(name)
            elif isinstance(commit.dvc[name], bytes) and not rng.randrange(4):
                commit.programs.add(name)
    if rng.randrange(2):
        for name in rng.sample(["m/l", "m/a/l", "m/b"], rng.randint(1, 2)):
            if _is_free(name, commit, clashes=False):
                commit.git[name] = (LINK, rng.choice(_TARGETS).encode())
    if not rng.randrange(15) and _is_free("m/mod", commit, clashes=False):
        commit.git["m/mod"] = (SUBMODULE, b"")
    if not rng.randrange(12) and path.startswith("m/") and not any(name.startswith("m/") for name in commit.files()):
        commit.git["m"] = (LINK, b"sub/m")
    if rng.randrange(2):
        commit.ignored = rng.sample(_IGNORED, rng.randint(1, 2))
    if not rng.randrange(4) and _is_free("m/big.onnx", commit, clashes=False):
        commit.lfs["m/big.onnx"] = _content(rng)
    return commit


def _is_free(name: str, commit: Commit, *, clashes: bool) -> bool:
    """Whether nothing is at a path, above or below it; with clashes, whether DVC does not have such."""
    taken = [*commit.dvc, *([] if clashes else [*commit.git, *commit.lfs])]
    return not any(f"{each}/".startswith(f"{name}/") or f"{name}/".startswith(f"{each}/") for each in taken)


def _data(name: str, rng: random.Random) -> Data:
    if name.endswith(("d", "data", "m")) and rng.randrange(8):
        names = rng.sample(["one", "s/two", "s/deep/three.bin", "four é.tmp", "k.bin"], rng.randint(0, 4))
        return {each: _content(rng) for each in names}
    return _content(rng)


def _content(rng: random.Random) -> bytes:
    return rng.choice(
        [b"", b"one\ntwo\n", b"one\r\ntwo\r\n", rng.randbytes(20), b"\0" + rng.randbytes(8) * 9, b"x" * 70_000]
    )
