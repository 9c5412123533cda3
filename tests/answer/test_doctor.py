"""Every kind of trouble that a registry can have."""

from collections.abc import Mapping

import pytest

from gto_action.answer.doctor import diagnose
from gto_action.errors import Problem
from gto_action.gto.config import Config
from gto_action.gto.limits import Raw
from gto_action.gto.names import StageName
from gto_action.gto.record import Signature, TagRecord

A, B = "a" * 40, "b" * 40
NOW = 1_700_000_000
DAY = 86_400


def _tag(name: str, target: str = A, *, time: int = 1) -> TagRecord:
    signature = Signature("Ada", "ada@example.com", time)
    return TagRecord(name, "e" * 40, target, "commit", inner_name=name, signature=signature, committed=0)


GOOD = _tag("churn@v1.0.0")


def _found(
    *records: TagRecord,
    stages: tuple[str, ...] | None = None,
    files: Mapping[tuple[str, str], bytes] | None = None,
    faults: Mapping[str, str] | None = None,
) -> list[Problem]:
    config = Config(None if stages is None else tuple(StageName(each) for each in stages))
    raw = {record.name: Raw(record.target, (faults or {}).get(record.name, "")) for record in records}
    return list(diagnose(records, config, lambda commit, path: (files or {}).get((commit, path)), raw, NOW))


AGAIN = "git tag -a -f -m MESSAGE churn@v1.0.0 aaaaaaaaaaaa && git push --force origin refs/tags/churn@v1.0.0"
GONE = "git tag -d churn@v1.0.0 && git push origin --delete refs/tags/churn@v1.0.0"


@pytest.mark.parametrize(
    ("record", "fault", "message", "hint", "command"),
    [
        (
            GOOD._replace(annotated=False, inner_name=""),
            "",
            "is lightweight, but GTO only knows annotated tags.",
            "Make it again, with its commit's date: ",
            f"GIT_COMMITTER_DATE='@0 +0000' {AGAIN}",
        ),
        (
            _tag("churn#prod!#2")._replace(annotated=False, inner_name=""),
            "",
            "is lightweight, but GTO only knows annotated tags.",
            "Delete it, and if it is meant make it with gto: ",
            "git tag -d 'churn#prod!#2' && git push origin --delete 'refs/tags/churn#prod!#2'",
        ),
        (
            GOOD._replace(target_type="tree"),
            "",
            "points to a tree, not to a commit, so it does not count; gto fails on it.",
            "Delete it, and if it is meant make it with gto: ",
            GONE,
        ),
        (
            GOOD._replace(inner_name="churn@v2.0.0"),
            "",
            "has another name inside, 'churn@v2.0.0', which is the one gto uses.",
            "Make it again, with its date: ",
            f"GIT_COMMITTER_DATE='@1 +0000' {AGAIN}",
        ),
        (
            GOOD._replace(inner_name="churn"),
            "",
            "has another name inside, 'churn', and gto fails on it.",
            "Make it again, with its date: ",
            f"GIT_COMMITTER_DATE='@1 +0000' {AGAIN}",
        ),
        (
            GOOD._replace(signature=Signature("Ada", "ada@example.com", 1, "+0530")),
            "has a message that is not UTF-8",
            "has a message that is not UTF-8; gto fails on it.",
            "Make it again, with its date: ",
            f"GIT_COMMITTER_DATE='@1 +0530' {AGAIN}",
        ),
        (
            GOOD._replace(signature=Signature("Ada", "ada@example.com", 1, "+9999")),
            "has the time zone '+9999'",
            "has the time zone '+9999'; gto fails on it.",
            "Make it again, with its date: ",
            f"GIT_COMMITTER_DATE='@1 +0000' {AGAIN}",
        ),
        (
            GOOD._replace(signature=Signature()),
            "has no tagger",
            "has no date since 1970, so it counts as older than all others; gto fails on 'churn@v1.0.0'.",
            "Make it again, with a date that changes no stage: ",
            f"GIT_COMMITTER_DATE='@0 +0000' {AGAIN}",
        ),
        (
            _tag("churn@v1.0.0", time=NOW + 2 * DAY),
            "",
            "has a date in the future, so it supersedes all tags until that date.",
            "Make it again, with a date that changes no stage: ",
            f"GIT_COMMITTER_DATE='@{NOW} +0000' {AGAIN}",
        ),
    ],
)
def test_one_tag(record: TagRecord, fault: str, message: str, hint: str, command: str) -> None:
    (problem,) = _found(record, faults={record.name: fault})
    assert (problem.message, problem.command) == (f"The tag {record.name!r} {message}", command)
    assert problem.hint == hint + command


def test_a_clock_may_be_wrong_by_a_day() -> None:
    assert not _found(_tag("churn@v1.0.0", time=NOW + DAY))


def test_dates_that_are_cured_together_are_one_problem() -> None:
    records = [_tag(f"churn#prod#{number}")._replace(signature=Signature()) for number in range(7)]
    (problem,) = _found(GOOD, *records)
    assert problem.message == (
        "The tags 'churn#prod#0', 'churn#prod#1', 'churn#prod#2', 'churn#prod#3', 'churn#prod#4' and 2 more have no date "
        "since 1970, so they count as older than all others."
    )
    assert problem.command.count("GIT_COMMITTER_DATE='@0 +0000' git tag") == 7


def test_what_would_change_a_stage_is_not_said_to_be_run() -> None:
    registered = _tag("churn@v2.0.0", B)
    old, older = _tag("churn#prod#1", time=0), _tag("churn#prod#2", B)._replace(signature=Signature())
    (problem,) = _found(GOOD, registered, old, older)  # of the same time the version registered first would hold it
    assert problem.command
    (problem,) = _found(GOOD._replace(signature=Signature("", "", 2)), registered, old, older)
    assert not problem.command
    assert problem.hint == ("Make it again with the correct date, set in GIT_COMMITTER_DATE; this may change a stage.")


def test_a_lightweight_registration_that_would_change_a_stage_is_deleted() -> None:
    deregistered, staged = _tag("churn@v1.0.0!", time=3), _tag("churn#prod", time=2)
    again = _tag("churn@v1.0.0#2")._replace(annotated=False, inner_name="", committed=4)
    (problem,) = _found(GOOD, staged, deregistered, again)
    assert problem.command.startswith("git tag -d 'churn@v1.0.0#2' && ")
    (problem,) = _found(GOOD, staged, deregistered, again._replace(committed=2))
    assert problem.command.startswith("GIT_COMMITTER_DATE='@2 +0000' git tag -a ")


def test_a_lightweight_registration_that_would_make_gto_fail_is_deleted() -> None:
    second = _tag("churn@v2.0.0")._replace(annotated=False, inner_name="")
    (problem,) = _found(GOOD, _tag("churn#prod", time=2), second)
    assert problem.command.startswith("git tag -d churn@v2.0.0 && ")


def test_many_lightweight_registrations_are_cured_at_once() -> None:
    many = [_tag(f"churn@v{n}.0.0", f"{n:040}", time=n) for n in range(200)]
    light = [
        _tag(f"churn@v{n}.0.0", f"{n:040}")._replace(annotated=False, inner_name="", committed=n)
        for n in range(200, 400)
    ]
    assert all(problem.command.startswith("GIT_COMMITTER_DATE=") for problem in _found(*many, *light))
    staged = _tag("churn#prod", many[0].target, time=500)
    crowding = light[0]._replace(target=many[0].target)  # and so gto would fail
    assert all(problem.command.startswith("git tag -d ") for problem in _found(*many, *light[1:], crowding, staged))


def test_a_name_that_git_tag_does_not_take() -> None:
    (problem,) = _found(_tag("-x=churn@v1.0.0")._replace(annotated=False, inner_name=""))
    assert problem.command.startswith("git update-ref -d refs/tags/-x=churn@v1.0.0 && ")
    (problem,) = _found(_tag("-x=churn@v1.0.0")._replace(inner_name="x"))
    assert not problem.command


def test_every_fault_of_a_tag_is_told() -> None:
    assert len(_found(GOOD._replace(inner_name="x", signature=Signature()))) == 2
    assert len(_found(GOOD._replace(inner_name="x"), faults={GOOD.name: "has no tagger"})) == 2


def test_every_tag_is_told() -> None:
    records = [_tag(f"churn@v{number}.0.0", f"{number:040}")._replace(annotated=False) for number in range(20)]
    assert len(_found(*records)) == 20


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("churn@1.0.0", "churn@v1.0.0"),
        ("churn@V1.0.0", "churn@v1.0.0"),
        ("churn@vv1.0.0", "churn@v1.0.0"),
        ("churn@1.0.0!", "churn@v1.0.0!"),
        ("churn@v1.2", "churn@v1.2.0"),
        ("churn@v1", "churn@v1.0.0"),
        ("churn@1", "churn@v1.0.0"),
        ("churn@Deprecated", "churn@deprecated"),
        ("models:churn@1.0.0", "models=churn@v1.0.0"),
        ("churn@v01.0.0", ""),
        ("churn@created!", ""),
        ("churn#prod!!", ""),
    ],
)
def test_look_alikes(name: str, meant: str) -> None:
    (problem,) = _found(GOOD, _tag("models=churn@v1.0.0"), _tag(name))
    assert problem.message == f"The tag {name!r} looks like a GTO tag, but is not one."
    made = f", and make {meant!r} with gto if you meant that" if meant else ""
    assert problem.hint.startswith(f"Delete it{made}: git tag -d ")
    assert problem.hint.endswith(problem.command)


def test_a_look_alike_of_what_dvc_yaml_has() -> None:
    files = {("HEAD", "dvc.yaml"): b"artifacts: {churn: {path: x}}"}
    assert len(_found(_tag("churn@1.0.0"), _tag("churn@2.0.0"), _tag("node@18"), files=files)) == 2


@pytest.mark.parametrize("name", ["x@created", "d/e=x@created#1"])
def test_a_tag_that_breaks_gto(name: str) -> None:
    (problem,) = _found(_tag(name)._replace(annotated=False))
    assert problem.message == f"The tag {name!r} is not a GTO tag, and gto fails on it."
    assert problem.command.startswith("git tag -d ")


@pytest.mark.parametrize("name", [
    *("v1.0.0", "nightly", "release-2024", "someone@example", "@babel/core@7.0.0", "app@2024-01-01", "node@18"),
    *("docs/v1.0#draft", "c#-interop", "-churn#prod"),
])  # fmt: skip
def test_other_tags_are_nobodys_business(name: str) -> None:
    assert not _found(_tag(name), _tag(name + "-2")._replace(annotated=False, target_type="blob"))


def test_two_versions_on_a_commit_that_has_a_stage() -> None:
    staged = _tag("churn#prod")
    (problem,) = _found(GOOD, _tag("churn@v1.1.0"), _tag("other@v1.0.0"), _tag("churn@v2.0.0", B), staged)
    assert problem.message == (
        "Several versions of 'churn' are registered at commit aaaaaaa, which has a stage: v1.0.0, v1.1.0. "
        "It is unclear which one it is; gto fails on it."
    )
    assert problem.hint


def test_two_versions_that_gto_does_not_see() -> None:
    staged, second = _tag("churn#prod"), _tag("churn@v1.1.0")._replace(inner_name="other@v1.1.0")
    misnamed, crowded = _found(GOOD, staged, second)
    assert "another name inside" in misnamed.message
    assert crowded.message.endswith("It is unclear which one it is.")


def test_two_versions_without_a_stage_are_no_problem() -> None:
    assert not _found(GOOD, _tag("churn@v1.1.0"), _tag("churn#prod", B))


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
