"""Every kind of trouble that a registry can have."""

from collections.abc import Mapping

import pytest

from gto_action.config import Config
from gto_action.doctor import diagnose
from gto_action.errors import Problem
from gto_action.names import StageName
from gto_action.record import Signature, TagRecord

A, B = "a" * 40, "b" * 40


def _tag(name: str, target: str = A, *, time: int = 1) -> TagRecord:
    signature = Signature("Ada", "ada@example.com", time)
    return TagRecord(name, "e" * 40, target, "commit", inner_name=name, signature=signature, committed=0)


GOOD = _tag("churn@v1.0.0")


def _found(
    *records: TagRecord, stages: tuple[str, ...] | None = None, files: Mapping[tuple[str, str], bytes] | None = None
) -> list[Problem]:
    config = Config(None if stages is None else tuple(StageName(each) for each in stages))
    return list(diagnose(records, config, lambda commit, path: (files or {}).get((commit, path))))


@pytest.mark.parametrize(
    ("record", "message", "hint"),
    [
        (
            GOOD._replace(annotated=False, inner_name=""),
            "The tag 'churn@v1.0.0' is a lightweight one, and GTO only knows annotated ones.",
            (
                "Make it again: git tag -a -f -m MESSAGE churn@v1.0.0 aaaaaaa, "
                "then git push --force origin refs/tags/churn@v1.0.0."
            ),
        ),
        (
            _tag("churn#prod!#2")._replace(annotated=False, inner_name=""),
            "The tag 'churn#prod!#2' is a lightweight one, and GTO only knows annotated ones.",
            (
                "Make it again: git tag -a -f -m MESSAGE 'churn#prod!#2' aaaaaaa, "
                "then git push --force origin 'refs/tags/churn#prod!#2'."
            ),
        ),
        (
            GOOD._replace(target_type="tree"),
            "The tag 'churn@v1.0.0' points to a tree, not to a commit, so it does not count.",
            (
                "Make it again on a commit: git tag -a -f -m MESSAGE churn@v1.0.0 COMMIT, "
                "then git push --force origin refs/tags/churn@v1.0.0. Or delete it."
            ),
        ),
        (
            GOOD._replace(inner_name="churn@v2.0.0"),
            "The tag 'churn@v1.0.0' has another name inside, 'churn@v2.0.0', which is the one gto takes.",
            (
                "Make it again: GIT_COMMITTER_DATE='@1 +0000' git tag -a -f -m MESSAGE churn@v1.0.0 aaaaaaa, "
                "then git push --force origin refs/tags/churn@v1.0.0."
            ),
        ),
        (
            GOOD._replace(signature=Signature()),
            "The tag 'churn@v1.0.0' has no date, so it counts as older than all others; gto fails on it.",
            (
                "Make it again: git tag -a -f -m MESSAGE churn@v1.0.0 aaaaaaa, "
                "then git push --force origin refs/tags/churn@v1.0.0."
            ),
        ),
    ],
)
def test_one_tag(record: TagRecord, message: str, hint: str) -> None:
    (problem,) = _found(record)
    assert (problem.message, problem.hint) == (message, hint)


def test_every_fault_of_a_tag_is_told() -> None:
    assert len(_found(GOOD._replace(inner_name="x", signature=Signature()))) == 2


def test_every_tag_is_told() -> None:
    records = [_tag(f"churn@v{number}.0.0", f"{number:040}")._replace(annotated=False) for number in range(20)]
    assert len(_found(*records)) == 20


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("churn@1.0.0", "as 'churn@v1.0.0'"),
        ("churn@V1.0.0", "as 'churn@v1.0.0'"),
        ("churn@1.0.0!", "as 'churn@v1.0.0!'"),
        ("churn@v1.2", "as 'churn@v1.2.0'"),
        ("churn@v1", "as 'churn@v1.0.0'"),
        ("churn@1", "as 'churn@v1.0.0'"),
        ("churn@Deprecated", "as 'churn@deprecated'"),
        ("models:churn@1.0.0", "as 'models=churn@v1.0.0'"),
        ("churn@v01.0.0", "by GTO's grammar, NAME@vX.Y.Z or NAME#STAGE"),
        ("churn@created", "by GTO's grammar, NAME@vX.Y.Z or NAME#STAGE"),
        ("churn#prod!!", "by GTO's grammar, NAME@vX.Y.Z or NAME#STAGE"),
        ("-churn#prod", "by GTO's grammar, NAME@vX.Y.Z or NAME#STAGE"),
    ],
)
def test_look_alikes(name: str, meant: str) -> None:
    (problem,) = _found(_tag(name))
    assert problem.message == f"The tag {name!r} looks like a tag of GTO's, but is none."
    assert problem.hint.startswith(f"Make it again {meant}, and delete it: git push origin --delete ")


@pytest.mark.parametrize("name", ["v1.0.0", "nightly", "release-2024", "someone@example"])
def test_other_tags_are_nobodys_business(name: str) -> None:
    assert not _found(_tag(name), _tag(name + "-2")._replace(annotated=False, target_type="blob"))


def test_two_versions_on_a_commit() -> None:
    (problem,) = _found(GOOD, _tag("churn@v1.1.0"), _tag("other@v1.0.0"), _tag("churn@v2.0.0", B))
    assert problem.message == (
        "Several versions of 'churn' are registered at commit aaaaaaa: v1.0.0, v1.1.0. "
        "Nobody can tell which one a stage there holds; gto fails."
    )
    assert problem.hint


def test_a_version_that_is_registered_again_is_one() -> None:
    assert not _found(GOOD, _tag("churn@v1.0.0!", time=2), _tag("churn@v1.0.0#3", time=3))


def test_stages_that_are_not_allowed() -> None:
    records = (GOOD, _tag("churn#qa"), _tag("churn#qa#2"), _tag("other#qa"), _tag("churn#prod"), _tag("churn#dev!"))
    (problem,) = _found(*records, stages=("prod",))
    assert problem.message == (
        "The stage 'qa' is not among those that GTO's configuration allows: 'prod'. "
        "It is in the tag 'churn#qa' and 2 more."
    )
    assert problem.hint == "Correct the tag, or add the stage to '.gto'."
    assert [each.message[-28:] for each in _found(_tag("churn#qa"), stages=())] == ["It is in the tag 'churn#qa'."]


def test_any_stage_is_allowed_where_nothing_is_said() -> None:
    assert not _found(GOOD, _tag("churn#qa"))


def test_an_annotation_that_does_not_parse_at_the_latest_version() -> None:
    bad = b"artifacts:\n  churn: {path: x, type: [1]}\n"
    (problem,) = _found(GOOD, _tag("churn@v2.0.0", B, time=2), files={(B, "dvc.yaml"): bad})
    assert (problem.file, problem.line) == ("dvc.yaml", 2)
    assert problem.message.endswith("(Seen at commit bbbbbbb, churn v2.0.0.)")


@pytest.mark.parametrize(
    "files",
    [
        {},
        {(A, "dvc.yaml"): b"artifacts: {}"},
        {(A, "dvc.yaml"): b"artifacts: {churn: {path: x}}"},
        {(B, "dvc.yaml"): b"["},
    ],
)
def test_an_annotation_that_is_not_there_is_no_fault(files: Mapping[tuple[str, str], bytes]) -> None:
    assert not _found(GOOD, files=files)


@pytest.mark.parametrize("end", ["churn@v1.0.0!", "churn@deprecated"])
def test_what_is_over_is_not_read(end: str) -> None:
    assert not _found(GOOD, _tag(end, time=2), files={(A, "dvc.yaml"): b"["})


def test_nothing_is_wrong_with_nothing() -> None:
    assert not _found()
    assert not _found(GOOD, files={(A, "dvc.yaml"): b"artifacts: {churn: {path: a}}"})
