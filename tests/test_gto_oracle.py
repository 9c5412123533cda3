"""The real gto judges: real repositories, and its `check-ref` beside our answer for every tag."""

import json
import random
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.oracle import oracle_python
from support.repo import Repo

from gto_action.outputs import Outputs
from gto_action.registry import Registry
from gto_action.remote import Remote
from gto_action.repository import Repository
from gto_action.standing import standing_of
from gto_action.tag import parse_tag

Answer = dict[str, Any] | None


class Gto:
    """One process of the real gto that answers many questions."""

    def __init__(self) -> None:
        script = Path(__file__).parent / "support/gto_oracle.py"
        self._process = subprocess.Popen(
            [oracle_python(), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def check_refs(self, repo: Path, refs: list[str]) -> list[Answer]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"repo": str(repo), "refs": refs}) + "\n")
        self._process.stdin.flush()
        answers = json.loads(self._process.stdout.readline())
        assert isinstance(answers, list)
        return answers

    def close(self) -> None:
        self._process.communicate(timeout=20)


@pytest.fixture(scope="module")
def gto() -> Iterator[Gto]:
    gto = Gto()
    yield gto
    gto.close()


def ours(repo: Path, refs: list[str]) -> list[Answer]:
    with Repository(Remote(repo.as_uri()), log=print) as repository:
        repository.fetch_tags()
        records = list(repository.records())
        registry = Registry(records)
        return [_answer(repository, registry, ref) for ref in refs]


def _answer(repository: Repository, registry: Registry, ref: str) -> Answer:
    tag = parse_tag(ref)
    record = registry.record(tag) if tag else None
    if tag is None or record is None or not record.annotated:
        return None
    event, message = registry.event(tag), repository.message(record)
    document = Outputs.of_event(event, standing_of(event, registry), None, message, matched=True).document
    names = ("event", "name", "version", "stage", "sha", "tag", "author", "author_email", "message")
    return {
        **{name: document[name] for name in names},
        "created_at": datetime.fromisoformat(document["created_at"]).timestamp(),
    }


def build(repo: Repo, text: str) -> list[str]:
    """`tag commit time [flag]`, one a line; commits are letters. Gives the tag names."""
    commits: dict[str, str] = {}
    names = []
    for line in text.strip().splitlines():
        name, letter, time, *flags = line.split()
        if letter not in commits:
            commits[letter] = repo.commit({"file": letter}, time=1000 + len(commits))
        if "lightweight" in flags:
            repo.lightweight(name, commits[letter])
        else:
            zone = next((flag for flag in flags if flag[0] in "+-"), "+0000")
            message = f"a {name}\n\nof {letter}\n\n" if "body" in flags else f"a {name}"
            repo.tag(
                name, commits[letter], tagger=f"Ada L\u00f6velace <ada@example.com> {time} {zone}", message=message
            )
        names.append(name)
    return names


WORKED = {
    "W1": "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0#2 B 40\nm#prod#3 B 50\nm#prod!#4 B 60\nm@v1.1.0!#5 B 70",
    "W2": "m@v1.0.0 A 10\nm#prod#1 A 20\nm@v1.1.0 B 40\nm#prod#2 B 50\nm#prod!#3 B 60",
    "W3": "m#prod#1 A 10\nm@v1.0.0 A 20",
    "W4": "m#prod#1 A 10\nm#prod!#2 A 20",
    "W5 without the assignment": "m@v1.0.0 A 10\nm@v1.1.0 A 20\nother@v1.0.0 A 25",
    "W6": "m@v1.0.0 A 10\nm@v1.0.0! B 30",
    "W7": "m@v1.0.0 A 5\nm@v1.0.0!#2 A 6\nm@v1.0.0#3 A 7",
    "W8": "m@v1.0.0 A 5 lightweight\nm#prod#1 A 6",
    "W9": "m@v1.0.0 A 10\nm@deprecated A 20\nm@v1.1.0 B 40",
    "W10": "m@v1.0.0 A 10\nm@deprecated A 10",
    "W11": "m@v1.0.0 A 10\nm@v2.0.0 B 20\nm#p#1 A 30\nm#p#2 B 30",
    "W12": "m@v1.0.0! A 5\nm#p#1 A 6",
    "W13": "m#p#1 A 100000 +0900\nm#p#2 B 100001 -0900",
    "R1 a monorepo": "d/e=m@v1.0.0 A 1\nd/e=m#prod A 2 body\nm#prod A 3",
    "R3": "a#1 A 1\na#1#2 A 2\na#dev/eu#3 A 3\na#prod!#007 A 4",
    "R4": "a@1.0.0 A 1\na@v1.0 A 2\na@v01.0.0 A 3\na@v1.0.0-01 A 4\na#prod# A 5\na.b@v1.0.0 A 6\nx_@v1.0.0 A 7\né@v1.0.0 A 8",
    "R6": "dir/=a@v1.0.0 A 1\ndir=a#prod A 2\nDir=a#prod A 3",
    "example-gto": "churn@v3.0.0 A 1\nchurn@v3.1.0 B 2\nchurn#dev#1 B 3\nchurn#staging#2 B 4\nchurn#prod#3 A 5\nchurn#dev#4 B 6\nsegment@v0.4.1 A 7\nsegment#dev#1 A 8\ncv-class@v0.1.13 A 9",
}


@pytest.mark.parametrize("example", WORKED)
def test_worked_example(gto: Gto, repo: Repo, example: str) -> None:
    names = build(repo, WORKED[example])
    refs = [*names, "nope@v1.0.0"]
    assert ours(repo.path, refs) == gto.check_refs(repo.path, refs)


def generated(seed: int) -> str:
    """A registry of a few artifacts, without what gto dies of: several versions at a commit with an assignment (R15c)."""
    choose = random.Random(seed)
    lines: dict[str, str] = {}
    versions: dict[tuple[str, str], str] = {}
    for number in range(choose.randrange(3, 14)):
        artifact = choose.choice(["m", "d/e=m", "m-2"])
        commit = choose.choice("ABC")
        counter = choose.choice(["", f"#{number}"])
        version = versions.setdefault(
            (artifact, commit), f"v{choose.randrange(3)}.{number}.0{choose.choice(['', '-rc.1', '+b'])}"
        )
        what = choose.choice([f"@{version}", f"@{version}!", "#dev", "#prod", "#prod!", "@deprecated", "@1.0"])
        name = f"{artifact}{what}{counter}"
        flags = choose.choice(["", "", "", "lightweight", "body", "+0530", "-0800"])
        lines.setdefault(name, f"{name} {commit} {choose.randrange(100000, 100010)} {flags}")
    return "\n".join(lines.values())


@pytest.mark.parametrize("seed", range(40))
def test_generated_registry(gto: Gto, repo: Repo, seed: int) -> None:
    names = build(repo, generated(seed))
    assert ours(repo.path, names) == gto.check_refs(repo.path, names)


# What gto dies of, for every tag of every artifact, and what is answered here (DESIGN.md, the table of holes).
DIES = {
    "R5 created": ("x@created A 1\nm@v1.0.0 A 2", "m@v1.0.0", "v1.0.0"),
    "R15c several versions": ("x@v1.0.0 A 1\nx@v1.1.0 A 2\nx#p A 3\nm@v1.0.0 A 2", "m@v1.0.0", "v1.0.0"),
}


@pytest.mark.parametrize("example", DIES)
def test_an_answer_where_gto_dies(gto: Gto, repo: Repo, example: str) -> None:
    text, ref, version = DIES[example]
    build(repo, text)
    (verdict,) = gto.check_refs(repo.path, [ref])
    assert verdict is not None
    assert "error" in verdict
    (answer,) = ours(repo.path, [ref])
    assert answer is not None
    assert answer["version"] == version
