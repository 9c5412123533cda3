"""What the wire brings of any registry is what clones bring, and what the action makes of it is the same to the byte.

`make test-deep` holds more registries; a failure names the seed, with which GTO_ACTION_WAYS_SEED makes it again.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.tags import Tags
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import Notes
from gto_action.step.main import main
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.runner_files import parse_outputs
from tests.support.ways import WAYS, ask_by

SEED: Final = int(os.environ.get("GTO_ACTION_WAYS_SEED", "19"))
COUNT: Final = int(os.environ.get("GTO_ACTION_WAYS_COUNT", "8"))
NAMES: Final = ("churn", "models=churn", "a/b=x-1", "other")
EVENTS: Final = (
    "@v1.0.0",
    "@v1.0.1",
    "@v2.0.0-rc.1",
    "@v1.0.0!",
    "#prod",
    "#prod#2",
    "#dev#1",
    "#prod!#3",
    "@deprecated",
)
STRANGE: Final = ("v1", "churn", "node@18", "é/ü", "x.y@1", "churn@v1", "a@b#c")
MESSAGES: Final[tuple[bytes, ...]] = (
    *(b"", b"m", b"\n\nlate\n\n", b"one\n\ntwo\n", b"nul\0after", b"\xff\xfe", "é☃".encode()),
    b"signed\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n",
)
TAGGERS: Final[tuple[bytes, ...]] = (
    *(b"", b"<a@b> 5 +0000", b"A", b"A <a@b>", b"A <a@b> 9 +9999", b"\xc9 <a@b> 7 -0330", b"A <a@b> -5 +0000"),
    *(b"A < a> 99999999999999999999 +0000", b"A <a<b>> 3 +0100", b"A U Thor <a@b> 1700000000 +0530"),
    b"A <a@b> " + b"9" * 5_000 + b" +0000",
)
FILES: Final = ("dvc.yaml", "models/dvc.yaml", "a/b/dvc.yaml", "params.yaml", ".gto", "link", "models")
PLACES: Final = (
    *("n", "none", "n/", "/n", "./n", "././n", ".//n", "n/.", "models/../n", "models/./../n", "models/..//./n"),
    *("../n", "./../n", "models/../../n", "none/../n", "n/../n", "link/../n", "", ".", "./", "..", "/", "n\n", "n\0"),
)
YAML: Final = (
    "artifacts:\n  churn: {path: models/churn.pkl, type: model, desc: '${d}', labels: [a]}\n  x-1: {path: x}\n"
)


def generated(path: Path, seed: int) -> Repo:
    """A registry of commits, links, and tags of every kind, as nobody would make it and everybody does."""
    some = random.Random(seed)
    repo = Repo(path, object_format=some.choice(["sha1", "sha1", "sha256"]))
    commits: list[str] = []
    for number in range(some.randint(1, 5)):
        files: dict[str, str | bytes] = {
            "dvc.yaml": some.choice([YAML, YAML, "artifacts: {", "[]", ""]),
            "n": f"{number}",
        }
        files |= {
            name: some.choice(["d: text\n", "stages: [prod, dev]\n", YAML])
            for name in FILES[2:5]
            if some.random() < 0.6
        }
        if some.random() < 0.5:
            files["models/dvc.yaml"] = YAML
        message = some.choice(MESSAGES).replace(b"\0", b" ").decode("utf-8", "replace")
        commits.append(repo.commit(files, time=some.randint(0, 2_000_000_000), message=message))
    tags: list[str] = []
    for _ in range(some.randint(0, 25)):
        name = some.choice(NAMES) + some.choice(EVENTS) if some.random() < 0.8 else some.choice(STRANGE)
        target, kind = some.choice(commits), "commit"
        if some.random() < 0.1 and tags:
            target, kind = f"refs/tags/{some.choice(tags)}", "tag"
            kind = repo.git("cat-file", "-t", target)
        elif some.random() < 0.1:
            target, kind = f"{target}^{{tree}}", "tree"
        if some.random() < 0.15 and kind == "commit":
            repo.lightweight(name, target)
        else:
            inner = some.choice([None, None, None, "another@v1.0.0"])
            repo.tag(
                name, target, message=some.choice(MESSAGES), tagger=some.choice(TAGGERS), inner_name=inner, kind=kind
            )
        tags.append(name)
    if some.random() < 0.5:
        repo.git("repack", "-adfq", "--depth=50", "--window=50")
    if some.random() < 0.5:
        repo.git("pack-refs", "--all")
    if some.random() < 0.2:
        repo.git("symbolic-ref", "HEAD", "refs/heads/none")
    return repo


@contextmanager
def fetched(way: str, url: str, monkeypatch: pytest.MonkeyPatch, only: tuple[ArtifactName, ...] = ()) -> Iterator[Tags]:
    with monkeypatch.context() as patch, Repository(Remote(url), log=print) as repository:
        ask_by(way, patch)
        yield repository.start(only=only).finish()


def comparable(notes: Notes, tags: Tags) -> tuple[dict[str, str], dict[str, object]]:
    """What a clone has of tags of tags differs from one git to the next."""
    plain = {record.target for record in tags.records if record.target_type == "commit"}
    return notes.messages, {oid: commit for oid, commit in notes.commits.items() if oid in plain}


@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT))
def test_the_same_by_both_ways(
    srv: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo, some = generated(srv / "o/r", seed), random.Random(seed)
    with GitServer(srv) as server:
        url = some.choice([f"{server.url}/o/r", repo.path.as_uri()])
        with fetched("wire", url, monkeypatch) as wire, fetched("clone", url, monkeypatch) as clone:
            records = clone.records
            assert wire.records == records
            oids = [oid for record in records for oid in (record.oid, record.target)]
            oids = [oid for oid in oids if repo.git("cat-file", "-t", oid) in {"tag", "commit"}]
            assert [wire.message(oid) for oid in oids] == [clone.message(oid) for oid in oids]
            assert list(wire.scan(oids)) == list(clone.scan(oids))
            assert comparable(wire.notes(), wire) == comparable(clone.notes(), clone)
            commits = ["HEAD", *sorted({record.target for record in records if record.target_type == "commit"})]
            wanted = [(commit, path) for commit in commits for path in (*FILES, *PLACES)]
            assert [wire.files.read(*each) for each in wanted] == [clone.files.read(*each) for each in wanted]
        for artifacts in (("churn",), ("nobody",), ("churn", "nobody", "other")):
            only = tuple(map(ArtifactName, artifacts))
            with (
                fetched("wire", url, monkeypatch, only=only) as wire,
                fetched("clone", url, monkeypatch, only=only) as clone,
            ):
                assert wire.records == clone.records
        names = sorted({record.name for record in records})
        for ref in some.sample(names, min(4, len(names))):
            runs = [run(server.url, ref, way, tmp_path, monkeypatch) for way in WAYS]
            assert runs[0] == runs[1], ref
            said = capfd.readouterr().out
            assert "Traceback" not in said
            assert "::error ::" not in said or runs[0][0] == 1


def run(
    url: str, ref: str, way: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, dict[str, str], bytes]:
    """The exit code of the action, its outputs and its summary."""
    output, summary = folder / "output", folder / "summary"
    environ = {"GITHUB_SERVER_URL": url, "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": f"refs/tags/{ref}"}
    environ |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "INPUT_LIGHTWEIGHT": "accept"}
    for path in (output, summary):
        path.write_bytes(b"")
    with monkeypatch.context() as patch:
        ask_by(way, patch)
        patch.setattr("time.time", lambda: 1_800_000_000.0)
        code = main(environ)
    return code, parse_outputs(output.read_bytes()), summary.read_bytes()
