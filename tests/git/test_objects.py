"""What git prints of tags and commits, the odd ones too; real git is the judge of what it reads in them."""

import io
from pathlib import Path

import pytest

from gto_action.git.objects import commit_time, oids_of, parse_commit, parse_object, read_objects, target_of
from gto_action.gto.record import Signature
from tests.support.repo import Repo

OID = "1" * 40
TARGET = "2" * 40
TAGGERS = [
    "A U Thor <a@example.com> 1234567890 +0000",
    "A U Thor <a@example.com> 1234567890 -0930",
    "A U Thor <a@example.com> 1234567890 +1400",
    "A U Thor <a@example.com>",
    "A U Thor <a@example.com> ",
    "A U Thor <a@example.com> 12345",
    "A U Thor <a@example.com> x +0000",
    "A U Thor <a@example.com> 12 +ab",
    "A U Thor <a@example.com> 12 0530",
    "A U Thor <a@example.com> 12 +5",
    "A U Thor <a@example.com> -5 +0000",
    "A U Thor <a@example.com> 18446744073709551615 +0000",
    "A U Thor <a@example.com>  77  +0100",
    "<a@example.com> 5 +0000",
    " <a@example.com> 5 +0000",
    "A <> 5 +0000",
    "A 5 +0000",
    "A <b> <c@example.com> 5 +0000",
    "A <a@example.com 5 +0000",
    "A > B <a@example.com> 5 +0000",
    "É <é@example.com> 5 +0000",
    "tab\there <a@example.com> 5 +0000",
    "cr\rhere <a@example.com> 5 +0000",
]
# Here git's for-each-ref looks behind the first ">", and git's log behind the last.
NOT_GITS = {"A <b> <c@example.com> 5 +0000": (5, "+0000"), "A > B <a@example.com> 5 +0000": (5, "+0000")}


@pytest.mark.parametrize("tagger", TAGGERS)
def test_a_tagger_is_read_as_git_reads_it(tmp_path: Path, tagger: str) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit()
    oid = repo.tag("t", tagger=tagger)
    fields = "%(taggername)%00%(taggeremail:trim)%00%(taggerdate:raw)"
    name, email, date = repo.git("for-each-ref", f"--format={fields}.", "refs/tags/t").removesuffix(".").split("\0")
    time, _, zone = date.partition(" ")
    dated = time.isdigit() and 0 < int(time) < 2**63
    expected = Signature(name, email, int(time), zone) if dated else Signature(name, email, *NOT_GITS.get(tagger, ()))
    text = f"object {TARGET}\ntype commit\ntag t\ntagger {tagger}\n\nmessage\n".encode()
    assert parse_object((oid, "tag", "t", text), None, {}).signature == expected


@pytest.mark.parametrize(
    ("text", "target", "inner_name"),
    [
        (f"object {TARGET}\ntype commit\ntag v1\ntagger A <a> 1 +0000\n\nm\n", (TARGET, "commit"), "v1"),
        (f"object {TARGET}\ntype commit\ntag v1\n\nm\n", (TARGET, "commit"), "v1"),
        (f"object {TARGET}\ntype commit\ntag v1", (TARGET, "commit"), "v1"),
        (f"object {TARGET}\ntype tree\ntag v1\n\ntagger A <a> 1 +0000\n", (TARGET, "tree"), "v1"),
        (f"object {TARGET}\ntype commit\ntag \n\nm\n", (TARGET, "commit"), ""),
        ("nothing that git makes", (OID, "tag"), ""),
        ("", (OID, "tag"), ""),
    ],
)
def test_a_tag_object(text: str, target: tuple[str, str], inner_name: str) -> None:
    record = parse_object((OID, "tag", "churn@v1.0.0", text.encode()), None, {TARGET: 7})
    assert (record.target, record.target_type, record.inner_name) == (*target, inner_name)
    assert record.committed == (7 if target[0] == TARGET else -1)
    assert target_of(text.encode()) == (target if target[0] == TARGET else ("", ""))


def test_a_tag_of_a_tag_ends_where_git_says() -> None:
    text = f"object {OID}\ntype tag\ntag v1\ntagger A <a> 1 +0000\n\nm\n".encode()
    record = parse_object((OID, "tag", "t", text), (TARGET, "commit"), {TARGET: 7})
    assert (record.target, record.target_type, record.committed) == (TARGET, "commit", 7)


COMMITS = {
    "author A <a@example.com> 5 +0100\ncommitter C <c@example.com> 7 +0200\n": (7, "+0200", "A"),
    "author A <a@example.com> 5 +0100\ncommitter C <c@example.com> x\n": (-1, "+0000", "A"),
    "author A <a@example.com> 5 +0100\n": (-1, "+0000", "A"),
    "author A <a@x> 5 +0100\ncommitter C <c@x> 7 +0200\ngpgsig x\n committer D <d@x> 9 +0000\n": (7, "+0200", "A"),
}


@pytest.mark.parametrize("head", COMMITS)
def test_a_commit(head: str) -> None:
    time, zone, author = COMMITS[head]
    whole = f"tree {TARGET}\n{head}\ncommitter Message <m@example.com> 99 +0000\n".encode()
    ((_, _, _, text),) = read_objects(io.BytesIO(f"{OID} commit {len(whole)} light\n".encode() + whole + b"\n"))
    signature, made = parse_commit(text)
    assert commit_time(text) == made == time
    assert (signature.name, signature.zone) == (author, zone)


def test_objects_in_a_row() -> None:
    printed = (
        f"{OID} tag 5 churn@v1.0.0\na\nb\nc\n{TARGET} blob 3000000 big\n".encode()
        + b"x" * 3_000_000
        + f"\n{OID} missing\n{TARGET} commit 0 light\n\n".encode()
    )
    assert list(read_objects(io.BytesIO(printed))) == [
        (OID, "tag", "churn@v1.0.0", b"a\nb\nc\n"),
        (TARGET, "blob", "big", b""),
        (OID, "", "", b""),
        (TARGET, "commit", "light", b"\n"),
    ]


def test_a_message_is_not_kept() -> None:
    text = b"object 1\ntype commit\n\n" + b"x" * 1_000_000
    ((_, _, _, kept),) = read_objects(io.BytesIO(f"{OID} tag {len(text)} t\n".encode() + text + b"\n"))
    assert kept == b"object 1\ntype commit\n"


def test_the_ids_of_files() -> None:
    listing = f"100644 blob {OID}\tdvc.yaml\x00040000 tree {TARGET}\tmodels\x00120000 blob {TARGET}\t.gto\x00".encode()
    assert oids_of(listing, ["dvc.yaml", "models", ".gto", "params.yaml"]) == [OID, TARGET]
