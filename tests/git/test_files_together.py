"""The files of many commits, expected together: what each is, however it is fetched, and how many gits that takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from gto_action.git import cloned_files
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.tags import Tags
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.ways import ask_by

COMMITS: Final = 20
PATHS: Final = (
    *("dvc.yaml", "params.yaml", "deep/er/dvc.yaml", "w*[i]rd ü", "empty", "binary", "large", "nothing"),
    *("link", "up/link", "dangling", "loop", "outside", "folder", "dvc.yaml/below", "../dvc.yaml"),
)
LINKS: Final = {
    "link": "dvc.yaml",
    "up/link": "../deep/er/dvc.yaml",
    "dangling": "nowhere to go 5",
    "loop": "loop",
    "outside": "../dvc.yaml",
}
KINDS: Final = ("clone", "server", "server without filters", "shared", "wire")


@pytest.fixture
def registry(repo: Repo) -> Repo:
    stream = []
    for number in range(COMMITS):
        files = {
            "dvc.yaml": f"artifacts: {{}} # {number}",
            "params.yaml": "the same",
            "deep/er/dvc.yaml": f"deep {number // 5}",
            "w*[i]rd ü": "literally",
            "empty": "",
            "binary": "\0\n\n\xff",
            "large": "x" * (2**20 + 500),
            "folder/file": "blob 7",
        }
        who = f"A <a@b> {1000 + number} +0000"
        stream.append(f"commit refs/heads/main\nmark :{number + 1}\ncommitter {who}\ndata 1\nm\n")
        stream += [f'M 100644 inline "{path}"\ndata {len(text.encode())}\n{text}\n' for path, text in files.items()]
        stream += [f"M 120000 inline {path}\ndata {len(text)}\n{text}\n" for path, text in LINKS.items()]
        stream.append(f"tag churn@v1.0.{number}\nfrom :{number + 1}\ntagger {who}\ndata 1\nm\n")
    repo.git("fast-import", "--quiet", stdin="".join(stream).encode())
    return repo


@contextmanager
def opened(
    kind: str, registry: Repo, srv: Path, log: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Tags, list[str]]]:
    """The tags of the registry, and every git that was started."""
    gits: list[str] = []
    config = {"uploadpack.allowFilter": "false"} if kind.endswith("without filters") else {}
    with GitServer(srv, config=config) as server:
        url = f"{server.url}/o/r" if kind.startswith("server") else registry.path.as_uri()
        with Repository(Remote(url), log=log, debug=gits.append) as repository:
            tags = repository.share(registry.path, registry.path) if kind == "shared" else repository.fetch()
            yield tags, gits


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_what_git_says(kind: str, registry: Repo, srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_by("wire" if kind == "wire" else "clone", monkeypatch)
    with opened(kind, registry, srv) as (tags, gits):
        records = tags.records
        before = len(gits)
        tags.files.expect_all(dict.fromkeys(records, PATHS))
        together = {(each.target, path): tags.files.read(each.target, path) for each in records for path in PATHS}
        started = gits[before:]
    with opened(kind, registry, srv) as (tags, _):
        alone = {(each.target, path): tags.files.read(each.target, path) for each in records[:2] for path in PATHS}
    assert {pair: together[pair] for pair in alone} == alone
    for number, record in enumerate(sorted(records, key=lambda each: each.order)):
        said = {path: together[record.target, path] for path in PATHS}
        large = said.pop("large") or b""
        assert large.startswith(b"x" * 2**20)
        deep = f"deep {number // 5}".encode()
        assert said == {
            **dict.fromkeys(PATHS[7:8] + PATHS[10:]),
            "dvc.yaml": f"artifacts: {{}} # {number}".encode(),
            "params.yaml": b"the same",
            "deep/er/dvc.yaml": deep,
            "w*[i]rd ü": b"literally",
            "empty": b"",
            "binary": "\0\n\n\xff".encode(),
            "link": f"artifacts: {{}} # {number}".encode(),
            "up/link": deep,
        }
    # The file that is too large is asked for again, since who asks is told; a link that leads nowhere is followed to
    # its end (commit, folder, link), since git takes a dot in it for a name.
    assert len([each for each in started if "cat-file" in each and "--buffer" not in each]) <= 5 * COMMITS


@pytest.mark.parametrize("kind", ["clone", "shared"])
def test_it_takes_few_gits(kind: str, registry: Repo, srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_by("clone", monkeypatch)
    with opened(kind, registry, srv) as (tags, gits):
        records, before = tags.records, len(gits)
        tags.files.expect_all(dict.fromkeys(records, ("dvc.yaml", "params.yaml", "nothing")))
        found = [tags.files.read(record.target, path) for record in records for path in ("dvc.yaml", "nothing")]
    assert found.count(None) == COMMITS
    assert len(gits) - before <= (1 if kind == "shared" else 6), gits[before:]


def test_a_file_that_is_too_large_is_told_of(registry: Repo, srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_by("clone", monkeypatch)
    said: list[str] = []
    with opened("shared", registry, srv, said.append) as (tags, _):
        record = tags.records[0]
        tags.files.expect_all({record: PATHS})
        assert tags.files.read(record.target, "large") == b"x" * (2**20 + 1)
    assert any("'large'" in line for line in said)


def test_no_more_is_held_than_there_is_room_for(registry: Repo, srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_by("clone", monkeypatch)
    monkeypatch.setattr(cloned_files, "_MOST_TOGETHER", 100)
    with opened("shared", registry, srv) as (tags, gits):
        records, before = tags.records, len(gits)
        tags.files.expect_all(dict.fromkeys(records, ("dvc.yaml",)))
        found = {tags.files.read(record.target, "dvc.yaml") for record in records}
    assert found == {f"artifacts: {{}} # {number}".encode() for number in range(COMMITS)}
    assert 1 < len(gits) - before <= COMMITS
