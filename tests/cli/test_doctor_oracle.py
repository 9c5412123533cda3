"""What kills gto, and what `doctor` says of it: each is asked about the same real repositories, both ways."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.doctor import doctor, says_so
from tests.support.figures import FIGURE
from tests.support.gto_process import Gto
from tests.support.repo import PERSON, Repo

COUNT = int(os.environ.get("GTO_ACTION_ORACLE_COUNT", "200"))
SEED = int(os.environ.get("GTO_ACTION_ORACLE_SEED", "20261123"))
BATCH = 20
"""How many generated registries are one test."""

ADA = b"Ada <ada@example.com>"
COMMIT = f"tree TREE\nauthor {PERSON} 900 +0000\ncommitter {PERSON} 900 +0000\n\nmessage\n".encode()
Fault = Callable[[Repo, str], object]
"""Makes something of a registry, with a tag of this name if it is about one."""


@pytest.fixture(scope="module")
def gto() -> Iterator[Gto]:
    gto = Gto()
    yield gto
    gto.close()


def tagger(line: bytes) -> Fault:
    return lambda repo, name: repo.tag(name, tagger=line)


def message(text: bytes) -> Fault:
    return lambda repo, name: repo.tag(name, time=2000, message=text)


def raw(text: str) -> Fault:
    """A tag object as it is written here, which need not be one."""

    def make(repo: Repo, name: str) -> None:
        text_of_tag = text.replace("COMMIT", repo.git("rev-parse", "main")).replace("NAME", name).encode("latin-1")
        oid = repo.git("hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=text_of_tag)
        file = repo.path / "refs/tags" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(oid + "\n")  # `git update-ref` would look into it

    return make


def on(target: str, kind: str) -> Fault:
    return lambda repo, name: repo.tag(name, target, kind=kind, time=2000)


def commit(old: bytes, new: bytes) -> Fault:
    """A tag on a commit that is odd in one way."""

    def make(repo: Repo, name: str) -> None:
        text = COMMIT.replace(old, new).replace(b"TREE", repo.git("rev-parse", "main^{tree}").encode())
        oid = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text)
        repo.tag(name, oid, time=2000)

    return make


def named(inner: str) -> Fault:
    return lambda repo, name: repo.tag(name, time=2000, inner_name=inner)


def tags(*names: str) -> Fault:
    """Tags at the same commit, one after the other."""

    def make(repo: Repo, _: str) -> None:
        for number, name in enumerate(names):
            repo.tag(name, time=3000 + number)

    return make


def dot_gto(text: str) -> Fault:
    def make(repo: Repo, _: str) -> None:
        repo.commit({".gto": text.encode("latin-1"), "README.md": "."}, time=950)
        (repo.path / ".gto").write_bytes(text.encode("latin-1"))  # where gto looks in a bare repository

    return make


HEAD = "object COMMIT\ntype commit\ntag NAME\ntagger Ada <a@b> 2000 +0000\n"
FATAL: dict[str, Fault] = {
    "no tagger": tagger(b""),
    "a tagger without a name": tagger(b" <ada@example.com> 2000 +0000"),
    "a tagger without an address": tagger(b"Ada <> 2000 +0000"),
    "a tagger without a space": tagger(b"Ada<a@b> 2000 +0000"),
    "a tagger in Latin-1": tagger(b"Ad\xe9 <a@b> 2000 +0000"),
    "half a character": tagger(b"A\xed\xa0\x80 <a@b> 2000 +0000"),
    "zone +9999": tagger(ADA + b" 2000 +9999"),
    "zone -2400": tagger(ADA + b" 2000 -2400"),
    "zone +2360": tagger(ADA + b" 2000 +2360"),
    "no zone": tagger(ADA + b" 2000"),
    "a zone without a sign": tagger(ADA + b" 2000 0000"),
    "no date": tagger(ADA),
    "no date but a space": tagger(ADA + b" "),
    "a date in words": tagger(ADA + b" yesterday +0000"),
    "more than a date": tagger(ADA + b" 2000 +0000 x"),
    "year 9999 and an hour": tagger(ADA + b" 253402300799 +0100"),
    "year 10000": tagger(ADA + b" 253402300800 +0000"),
    "more than a number": tagger(ADA + b" 100000000000000000000 +0000"),
    "before the year 1": tagger(ADA + b" -72135596800 +0000"),
    "a message in Latin-1": message(b"caf\xe9"),
    "half a character in the message": message(b"\xed\xa0\x80"),
    "a long message in Latin-1": message(b"e" * 200_000 + b"\xe9"),
    "a character cut off": message("é".encode()[:1]),
    "no message at all": raw(HEAD),
    "another name, not GTO's": named("foo"),
    "another name, created": named("x@created"),
    "another name, in Latin-1": raw(HEAD.replace("NAME", "\xe9") + "\nx\n"),
    "no name": raw(HEAD.replace("NAME", "") + "\nx\n"),
    "created": tags("x@created"),
    "created with a counter": tags("d/e=x@created#1"),
    "created, lightweight": lambda repo, _: repo.lightweight("x@created"),
    "a tree": on("main^{tree}", "tree"),
    "a file": on("main:README.md", "blob"),
    "two versions in a stage": tags("x@v1.0.0", "x@v2.0.0", "x#prod"),
    "two versions taken from a stage": tags("x@v1.0.0", "x@v2.0.0", "x#prod!"),
    "two versions, one deregistered": tags("x@v1.0.0", "x@v1.0.0!", "x@v2.0.0", "x#prod"),
    "two versions, one never registered": tags("x@v1.0.0!", "x@v2.0.0", "x#prod"),
    "two versions of a deprecated one": tags("x@v1.0.0", "x@v2.0.0", "x#prod", "x@deprecated"),
    "a commit of the year 10000": commit(b"900 +0000\n\n", b"253402300800 +0000\n\n"),
    "a commit without an author": commit(f"author {PERSON} 900 +0000\n".encode(), b""),
    "a commit without a committer": commit(f"committer {PERSON} 900 +0000\n".encode(), b""),
    "a commit with too large a date": commit(b"900 +0000\n\n", b"100000000000000000000 +0000\n\n"),
    "a commit in an unknown encoding": commit(b"\n\nmessage", b"\nencoding klingon\n\ncaf\xe9"),
    ".gto in Latin-1": dot_gto("# \xe9"),
    ".gto with a repeated key": dot_gto("stages: [dev]\nstages: [prod]"),
    ".gto with a key repeated deep inside": dot_gto("enrichments: [{type: gto, config: {a: 1, a: 2}}]"),
    ".gto with an unknown key": dot_gto("stage: [dev]"),
    ".gto with a number as a key": dot_gto("1: 2"),
    ".gto that is a text": dot_gto("dev"),
    ".gto that is a list": dot_gto("[dev]"),
    ".gto that is two documents": dot_gto("---\n---\n"),
    ".gto that is not YAML": dot_gto("stages: ["),
    ".gto with stages that is a text": dot_gto("stages: dev"),
    ".gto with a bad stage": dot_gto("stages: [dev, _]"),
    ".gto with a number as a type": dot_gto("types: [1]"),
    ".gto with debug: perhaps": dot_gto("debug: perhaps"),
    ".gto with emojis: 2": dot_gto("emojis: 2"),
    ".gto with emojis that is nothing": dot_gto("emojis:"),
    ".gto with log_level: 1": dot_gto("log_level: 1"),
    ".gto with index: [a]": dot_gto("index: [a]"),
    ".gto with enrichments that is nothing": dot_gto("enrichments:"),
    ".gto with an enrichment that is a text": dot_gto("enrichments: [gto]"),
    ".gto with an enrichment of no type": dot_gto("enrichments: [{}]"),
    ".gto with an enrichment that gto has not": dot_gto("enrichments: [{type: dvc}]"),
    ".gto with an enrichment of numbers": dot_gto("enrichments: [{type: gto, config: {1: 2}}]"),
    ".gto without any enrichment": dot_gto("autoload_enrichments: no"),
    ".gto with a tag of YAML": dot_gto("stages: !mine [dev]\ndebug: !mine yes"),
}  # fmt: skip
HARMLESS: dict[str, Fault] = {
    "nothing": lambda _, __: None,
    "a lightweight tag": lambda repo, name: repo.lightweight(name),
    "a lightweight tag of a tree": lambda repo, name: repo.git("update-ref", f"refs/tags/{name}", "main^{tree}"),
    "date -5": tagger(ADA + b" -5 +0000"),
    "zone +1460": tagger(ADA + b" 2000 +1460"),
    "zone +2359": tagger(ADA + b" 2000 +2359"),
    "zone +00000": tagger(ADA + b" 2000 +00000"),
    "zone --500": tagger(ADA + b" 2000 --500"),
    "the end of the year 9999": tagger(ADA + b" 253402300799 +0000"),
    "an odd address": tagger(b"Ada <a<b>> 2000 +0000"),
    "an empty message": message(b""),
    "a long message": message("é".encode() * 100_000),
    "NUL in the message": message(b"a\0b"),
    "more headers": raw(HEAD + "encoding latin-1\n\nx\n"),
    "two taggers": raw(HEAD + "tagger Bob\n\nx\n"),
    "another name of another artifact": named("z@v1.0.0"),
    "a tag of a tag": on("refs/tags/other@v1.0.0", "tag"),
    "look-alikes of nobody": tags("@babel/core@7.0.0", "app@2024-01-01", "node@18", "docs/v1.0#draft", "c#-interop"),
    "look-alikes of ours": tags("other@1.0.0", "other@vv1.0.0", "other@V1.0.0", "other#prod#", "other@created!"),
    "two versions without a stage": tags("x@v1.0.0", "x@v2.0.0"),
    "two versions of another artifact in a stage": tags("x@v1.0.0", "y@v2.0.0", "x#prod"),
    "a version that is registered again": tags("x@v1.0.0", "x@v1.0.0!", "x@v1.0.0#2", "x#prod"),
    "a commit in Latin-1": commit(b"message", b"caf\xe9"),
    "a commit without a date": commit(b"900 +0000\n\n", b"\n\n"),
    "a commit before 1970": commit(b"900 +0000\n\n", b"-5 +0000\n\n"),
    "an author of the year 10000": commit(b"900 +0000\ncommitter", b"253402300800 +0000\ncommitter"),
    ".gto of []": dot_gto("[]"),
    ".gto of 0": dot_gto("0"),
    ".gto in capitals": dot_gto("STAGES: [dev]\nDebug: ON\nLOG_LEVEL: ''"),
    ".gto of everything": dot_gto("stages: [dev]\ntypes:\nemojis: 'no'\ndebug: 1\nindex: a\nenrichments: [{type: gto}]"),
    ".gto with its own name": dot_gto("config_file_name: 1"),
    ".gto with merged settings": dot_gto("<<: {debug: true}\nstages: [a]"),
}  # fmt: skip
DEPRECATED_ON = {kind: on(target, kind) for kind, target in (("tree", "main^{tree}"), ("blob", "main:README.md"))}


def registry(path: Path) -> Repo:
    """One with something in it that is right."""
    repo = Repo(path)
    repo.commit(time=1000)
    repo.tag("other@v1.0.0", time=1500)
    repo.tag("other#dev", time=1600)
    return repo


def dies(gto: Gto, repo: Repo) -> bool:
    """Whether every command of gto fails that reads the tags; one without the other is a fault of this test."""
    answers = gto.ask(repo.path, [("history", ""), ("show", "")])
    failed = {isinstance(each, dict) and set(each) == {"error"} for each in answers}
    assert len(failed) == 1, answers
    return failed.pop()


@pytest.mark.parametrize("case", FATAL)
def test_what_kills_gto_is_found(gto: Gto, tmp_path: Path, case: str) -> None:
    repo = registry(tmp_path / "r")
    FATAL[case](repo, "churn#prod#1")
    found = doctor(repo)
    assert (dies(gto, repo), says_so(found)) == (True, True), found


@pytest.mark.parametrize("case", HARMLESS)
def test_what_does_not_is_not_said_to(gto: Gto, tmp_path: Path, case: str) -> None:
    repo = registry(tmp_path / "r")
    HARMLESS[case](repo, "churn#prod#1")
    found = doctor(repo)
    assert (dies(gto, repo), says_so(found)) == (False, False), found


@pytest.mark.parametrize("kind", DEPRECATED_ON)
def test_a_deprecation_may_be_on_anything(gto: Gto, tmp_path: Path, kind: str) -> None:
    repo = registry(tmp_path / "r")
    DEPRECATED_ON[kind](repo, "churn@deprecated")
    found = doctor(repo)
    assert (dies(gto, repo), says_so(found), len(found)) == (False, False, 1), found


@pytest.mark.parametrize("case", [
    "nothing", "zone +1460", "an empty message", "look-alikes of nobody", "two versions without a stage", ".gto of []",
    ".gto in capitals", "a version that is registered again",
])  # fmt: skip
def test_what_is_right_is_no_problem(tmp_path: Path, case: str) -> None:
    repo = registry(tmp_path / "r")
    HARMLESS[case](repo, "churn#prod#1")
    assert doctor(repo) == []


@pytest.mark.parametrize("batch", range((COUNT + BATCH - 1) // BATCH))
def test_generated(gto: Gto, tmp_path: Path, batch: int, record_property: Any) -> None:  # noqa: ANN401 - pytest's
    choose = random.Random(f"doctor {SEED} {batch}")
    cases = {**FATAL, **HARMLESS}
    kinds = ("#prod#1", "@v3.0.0", "@v3.0.0!", "#prod!#2", "@deprecated", "@v3.0.0#7", "#dev")
    died = 0
    for number in range(BATCH):
        repo = registry(tmp_path / str(number))
        names = [f"{choose.choice(['churn', 'other', 'd/e=m'])}{choose.choice(kinds)}" for _ in range(3)]
        chosen = choose.sample(sorted(cases if choose.random() < 0.5 else HARMLESS), 3)
        for case, name in zip(chosen, names, strict=True):
            cases[case](repo, name)
        found = doctor(repo)
        verdict = dies(gto, repo)
        assert verdict == says_so(found), (chosen, names, found)
        died += verdict
    record_property(FIGURE, f"doctor oracle, seed {SEED}, batch {batch}: {BATCH} registries, {died} kill gto")
