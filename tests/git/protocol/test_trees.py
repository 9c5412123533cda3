"""The way to a file of a commit: real git is the judge of where it leads."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

from gto_action.git.protocol.faults import ProtocolError
from gto_action.git.protocol.trees import Tree, TreeEntry, Wanted, find_file, parse_tree, tree_of
from tests.support.repo import Repo

FILES = {
    "dvc.yaml": "top",
    "models/dvc.yaml": "in models",
    "models/deep/er/dvc.yaml": "deep",
    "models/deep/empty": "",
    "run.sh": "#!/bin/sh",
}
LINKS = {
    "to-file": "dvc.yaml",
    "to-folder": "models",
    "to-folder-slash": "models/",
    "to-deep": "models/deep/er",
    "to-link": "to-file",
    "to-links": "to-folder/up/to-link",
    "models/up": "..",
    "models/up-file": "../dvc.yaml",
    "models/out": "../../etc/passwd",
    "models/in-and-out": "deep/../../dvc.yaml",
    "root": "/etc/passwd",
    "dangling": "nothing/at/all",
    "circle": "circle",
    "one": "other",
    "other": "one",
    "double": "models//deep//er/dvc.yaml",
    "through-file": "dvc.yaml/..",
    "through-folder": "models/..",
    "back-and-forth": "models/../dvc.yaml",
    "up": "..",
    "up-and-in": "../dvc.yaml",
    "file-slash": "dvc.yaml/",
    "to-submodule": "module",
    "spaces": "a b",
    "a b": "dvc.yaml",
}
# which git itself does not follow
DOTTED = {
    "dot": "./dvc.yaml",
    "dots": "././models/./dvc.yaml",
    "models/dot-up": ".././dvc.yaml",
    "models/here": ".",
    "to-dotted": "models/here/here/dot-up",
}
CHAINS = {f"chain{number:02}": f"chain{number + 1:02}" for number in range(60)} | {"chain60": "dvc.yaml"}
PATHS = [
    *FILES,
    *LINKS,
    *(f"chain{number:02}" for number in (0, 18, 19, 20, 21, 22, 23, 59, 60)),
    "models",
    "models/",
    "models//dvc.yaml",
    "models/deep",
    "dvc.yaml/",
    "dvc.yaml/x",
    "nothing",
    "models/nothing",
    "to-folder/dvc.yaml",
    "to-folder-slash/dvc.yaml",
    "to-folder/deep/er/dvc.yaml",
    "to-folder/up/dvc.yaml",
    "to-folder/up-file",
    "to-deep/dvc.yaml",
    "to-deep/../empty",
    "models/../dvc.yaml",
    "models/up/models/up/dvc.yaml",
    "models/deep/../up-file",
    "to-file/x",
    "to-file/",
    "circle/x",
    "root/x",
    "up/x",
    "module",
    "module/x",
    "MODELS/dvc.yaml",
    "é",
]


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Repo(tmp_path_factory.mktemp("trees") / "r")
    lines = ["commit refs/heads/main\ncommitter A <a> 1 +0000\ndata 1\n.\n"]
    for modes, files in (("100644", FILES), ("120000", LINKS | DOTTED | CHAINS)):
        lines += [f'M {modes} inline "{path}"\ndata {len(text)}\n{text}\n' for path, text in files.items()]
    lines.append(f"M 160000 {'1' * 40} module\n")
    repo.git("fast-import", "--quiet", stdin="".join(lines).encode())
    return repo


def raw(repo: Repo, kind: str, oid: str) -> bytes:
    return subprocess.run(["git", "-C", repo.path, "cat-file", kind, oid], check=True, capture_output=True).stdout


def found_by_git(repo: Repo, path: str) -> str | None:
    asked = f"main:{path}\n".encode()
    answer = repo.git("cat-file", "--batch-check=%(objecttype) %(objectname)", "--follow-symlinks", stdin=asked)
    kind, _, oid = answer.partition("\n")[0].partition(" ")
    return oid if kind == "blob" else None


@pytest.mark.parametrize("path", PATHS)
def test_a_file_is_where_git_finds_it(repo: Repo, path: str) -> None:
    assert found_here(repo, path) == found_by_git(repo, path)


@pytest.mark.parametrize("path", [*DOTTED, "models/here/here/dvc.yaml", "models/./here/./dvc.yaml", "./dot"])
def test_a_file_is_where_a_checkout_has_it(repo: Repo, tmp_path: Path, path: str) -> None:
    repo.git(f"--work-tree={tmp_path}", "checkout", "-qf", "main", "--", ".")
    found = found_here(repo, path)
    if path == "models/here":  # a folder
        assert found is None
    else:
        assert found == repo.git("hash-object", str(tmp_path / path))


def found_here(repo: Repo, path: str) -> str | None:
    root = tree_of(raw(repo, "commit", "main"))
    links: dict[str, bytes] = {}

    @cache
    def tree(oid: str) -> Tree:
        return parse_tree(raw(repo, "tree", oid), 20)

    while isinstance(found := find_file(root, path.encode(), tree, links), Wanted):
        assert found.oid not in links
        links[found.oid] = raw(repo, "blob", found.oid)
    return found and found.oid


ONE, TWO = TreeEntry(0o100644, "11" * 20), TreeEntry(0o40000, "22" * 20)
PARSED = {
    "nothing": (b"", {}),
    "a file": (b"100644 a\0" + b"\x11" * 20, {b"a": ONE}),
    "a folder": (b"40000 a\0" + b"\x22" * 20, {b"a": TWO}),
    "a folder as old gits wrote it": (b"040000 a\0" + b"\x22" * 20, {b"a": TWO}),
    "both": (b"100644 a\0" + b"\x11" * 20 + b"40000 b\0" + b"\x22" * 20, {b"a": ONE, b"b": TWO}),
    "one name twice": (b"100644 a\0" + b"\x11" * 20 + b"40000 a\0" + b"\x22" * 20, {b"a": ONE}),
    "any bytes": (b"100644 \xff\n \0" + b"\x11" * 20, {b"\xff\n ": ONE}),
    "an id that looks like an entry": (b"100644 a\0" + b"100644 b\0 100644 c\0.", {b"a": TreeEntry(0o100644, b"100644 b\0 100644 c\0.".hex())}),
}  # fmt: skip


@pytest.mark.parametrize("what", PARSED)
def test_a_folder(what: str) -> None:
    text, expected = PARSED[what]
    assert parse_tree(text, 20) == expected


def test_a_folder_of_sha256() -> None:
    assert parse_tree(b"100644 a\0" + b"\x11" * 32, 32) == {b"a": TreeEntry(0o100644, "11" * 32)}


DAMAGED = {
    "no id": b"100644 a\0",
    "a short id": b"100644 a\0" + b"\x11" * 19,
    "no name": b"100644 \0" + b"\x11" * 20,
    "no mode": b" a\0" + b"\x11" * 20,
    "no octal mode": b"100648 a\0" + b"\x11" * 20,
    "a long mode": b"00100644 a\0" + b"\x11" * 20,
    "no NUL": b"100644 a" + b"\x11" * 20,
    "a name without end": b"100644 " + b"a" * 10_000,
    "a byte more": b"100644 a\0" + b"\x11" * 21,
    "text": b"tree",
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_folder_that_is_none(what: str) -> None:
    with pytest.raises(ProtocolError, match="tree that is damaged"):
        parse_tree(DAMAGED[what], 20)


@pytest.mark.parametrize("text", [b"", b"tree \n", b"tree xyz\n", b"parent 1\ntree 1\n", b"tree 1"])
def test_a_commit_without_a_folder(text: bytes) -> None:
    with pytest.raises(ProtocolError, match="commit without a tree"):
        tree_of(text)


LEADS = {
    "longer than any": b"a/../" * 20_000 + b"file",
    "a NUL behind the name": b"file\0more",
}


@pytest.mark.parametrize("what", LEADS)
def test_a_link_that_no_system_makes(what: str) -> None:
    tree = {b"link": TreeEntry(0o120000, "3"), b"file": ONE, b"a": TreeEntry(0o40000, "0")}
    found = find_file("0", b"link", lambda _: tree, {"3": LEADS[what]})
    assert found == (ONE if "NUL" in what else None)


def test_links_that_lead_on_and_on() -> None:
    """Each is as long as may be, and leads through others of the kind."""
    tree = {b"l": TreeEntry(0o120000, "3"), b"a": TreeEntry(0o40000, "0")}
    text = b"a/../" * 13_000 + b"l/x"
    assert find_file("0", b"l", lambda _: tree, {"3": text}) is None
