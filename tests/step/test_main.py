"""The main job, and what every bad input gets: the whole program against real repositories."""

import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gto_action.answer import document
from gto_action.step.main import main
from tests.support.action import ENTRYPOINT, Run, run_entrypoint
from tests.support.built import build
from tests.support.git_server import GitServer
from tests.support.repo import Repo

Action = Callable[..., Run]
EMPTY = dict.fromkeys(document.NAMES, "")
DVC_YAML = """\
artifacts:
  churn:
    path: models/churn.pkl
    type: model
    desc: Who leaves
    labels: [tabular, "two words"]
    meta: {threshold: 0.5}
"""


@pytest.fixture
def action(srv: Path, tmp_path: Path) -> Action:
    """Runs the action on `o/r` for a ref, over file:// unless told otherwise."""

    def run(ref: str, *, cwd: Path | None = None, **environ: str) -> Run:
        given = {"GITHUB_SERVER_URL": f"file://{srv}", "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": ref, **environ}
        given = {name.replace("PRINT_OUTPUTS", "PRINT-OUTPUTS"): value for name, value in given.items()}
        return run_entrypoint(tmp_path / "run", given, cwd=cwd)

    return run


@pytest.fixture
def registry(repo: Repo) -> Repo:
    """Every kind of event, and what is around them."""
    repo.commit({"dvc.yaml": DVC_YAML}, time=10)
    repo.tag("churn@v3.0.0", time=11, message="the first\n\nwith a body\n")
    monorepo = "artifacts: {churn: {path: churn.pkl, desc: of the monorepo}}"
    repo.commit({"dvc.yaml": DVC_YAML.replace("Who", "They"), "models/dvc.yaml": monorepo}, time=20)
    repo.tag("churn@v3.1.0", time=21)
    repo.tag("models=churn@v1.0.0", time=22)
    repo.tag("churn#prod#4", time=30)
    repo.tag("models=churn#eu/prod#2", time=31)
    repo.tag("churn#prod!#5", time=40)
    repo.tag("churn@v3.1.0!#6", time=50)
    repo.tag("churn@deprecated#7", time=60)
    repo.commit({"README.md": "no dvc.yaml here"}, time=70)
    repo.tag("other#dev", time=71)
    repo.tag("v1.0.0", time=72)
    repo.tag("third#dev!", time=73)
    return repo


# tag, event, name, version, stage, path, description
EVENTS = [
    ("churn@v3.0.0", "registration", "churn", "v3.0.0", "", "models/churn.pkl", "Who leaves"),
    ("churn@v3.1.0", "registration", "churn", "v3.1.0", "", "models/churn.pkl", "They leaves"),
    ("churn#prod#4", "assignment", "churn", "v3.1.0", "prod", "models/churn.pkl", "They leaves"),
    ("churn#prod!#5", "unassignment", "churn", "v3.1.0", "prod", "models/churn.pkl", "They leaves"),
    ("churn@v3.1.0!#6", "deregistration", "churn", "v3.1.0", "", "models/churn.pkl", "They leaves"),
    ("churn@deprecated#7", "deprecation", "churn", "", "", "models/churn.pkl", "They leaves"),
    ("models=churn@v1.0.0", "registration", "models:churn", "v1.0.0", "", "models/churn.pkl", "of the monorepo"),
    (
        "models=churn#eu/prod#2",
        "assignment",
        "models:churn",
        "v1.0.0",
        "eu/prod",
        "models/churn.pkl",
        "of the monorepo",
    ),
]


@pytest.mark.parametrize(("tag", "event", "name", "version", "stage", "path", "description"), EVENTS, ids=[row[0] for row in EVENTS])  # fmt: skip
def test_event(
    registry: Repo,
    action: Action,
    tag: str,
    event: str,
    name: str,
    version: str,
    stage: str,
    path: str,
    description: str,
) -> None:
    run = action(f"refs/tags/{tag}")
    assert run.code == 0, run.log
    assert run.outputs is not None
    assert list(run.outputs) == list(document.NAMES)
    commit = registry.git("rev-parse", f"refs/tags/{tag}^{{commit}}")
    expected = {
        "event": event,
        "name": name,
        "version": version,
        "stage": stage,
        "path": path,
        "description": description,
    }
    assert run.outputs | expected | {"tag": tag, "sha": commit} == run.outputs
    assert {key: run.document[key] for key in (*expected, "tag", "sha")} == expected | {"tag": tag, "sha": commit}
    sentence = run.log.splitlines()[-1]
    assert sentence.startswith(f"{name} ")
    assert sentence.endswith(f"(tag {tag}, commit {commit[:7]})")
    assert run.told("error") == run.told("warning") == []


@pytest.mark.parametrize("ref", [*(row[0] for row in EVENTS), "other#dev", "third#dev!"])
def test_the_scope_changes_no_output(registry: Repo, action: Action, ref: str) -> None:
    assert registry.git("rev-parse", ref)
    every = action(f"refs/tags/{ref}")
    own = action(f"refs/tags/{ref}", INPUT_SCOPE="artifact")
    assert every.outputs
    assert own.outputs == every.outputs
    assert "::group::Registry" in every.log
    assert "::group::Registry" not in own.log
    assert "::group::History" not in own.log


@pytest.mark.parametrize("selector", ["churn@v3.0.0", "models:churn@latest", "models:churn#eu/prod"])
def test_the_scope_of_a_version(registry: Repo, action: Action, selector: str) -> None:
    assert registry.git("rev-parse", "main")
    every = action("refs/heads/main", INPUT_ARTIFACT=selector)
    own = action("refs/heads/main", INPUT_ARTIFACT=selector, INPUT_SCOPE="artifact")
    assert own.outputs
    assert own.outputs == every.outputs


NO_REF = ["../x:churn", "./m:churn", "a//b:churn", "/m:churn", ".:churn", "a..b:churn", "a.lock/b:churn", ".a/b:churn"]


@pytest.mark.parametrize("name", NO_REF)
def test_the_scope_of_what_no_tag_can_be_named(registry: Repo, action: Action, name: str) -> None:
    assert registry.git("rev-parse", "main")
    every = action("refs/heads/main", INPUT_ARTIFACT=f"{name}@latest")
    own = action("refs/heads/main", INPUT_ARTIFACT=f"{name}@latest", INPUT_SCOPE="artifact")
    assert (own.code, own.outputs) == (every.code, every.outputs)
    assert own.told("error") == every.told("error")


@pytest.mark.parametrize("path", ["p blob", "p blob missing", "p blob 3", "blob", "commit 7"])
def test_a_file_that_is_missing_whatever_it_is_called(repo: Repo, action: Action, path: str) -> None:
    repo.commit({"dvc.yaml": f"vars: ['{path}']\nartifacts: {{churn: {{path: '${{q}}'}}}}\n"})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log
    assert run.outputs
    assert run.outputs["version"] == "v1.0.0"
    assert "Traceback" not in run.log


def test_the_json_document_has_everything(registry: Repo, action: Action) -> None:
    assert action("refs/tags/churn@v3.0.0").document == {
        "schema_version": 1,
        "event": "registration",
        "name": "churn",
        "version": "v3.0.0",
        "stage": "",
        "type": "model",
        "path": "models/churn.pkl",
        "description": "Who leaves",
        "tag": "churn@v3.0.0",
        "sha": registry.git("rev-parse", "churn@v3.0.0^{commit}"),
        "author": "Ada Lovelace",
        "author_email": "ada@example.com",
        "created_at": "1970-01-01T00:00:11+00:00",
        "message": "the first\n\nwith a body",
        "labels": ["tabular", "two words"],
        "meta": {"threshold": 0.5},
        "directory": "",
        "pulled": False,
        "pull": None,
        "semver": {"major": 3, "minor": 0, "patch": 0, "prerelease": "", "build": ""},
        "ambiguous": False,
        "candidates": [],
        "previous_version": "",
        "previous": None,
        "current_version": "",
        "current": None,
        "latest_version": "",
        "latest": None,
        "is_current": False,
        "stages": {},
        "matched": True,
        "deleted": None,
    }


def test_the_version_of_an_unregistered_commit_is_the_commit(registry: Repo, action: Action) -> None:
    run = action("refs/tags/other#dev")
    commit = registry.git("rev-parse", "main")
    assert run.outputs is not None
    assert (run.outputs["version"], run.document["semver"]) == (commit, None)
    assert run.told("notice") != []  # no dvc.yaml


@pytest.mark.parametrize(
    "environ",
    [
        {"GITHUB_REF": "refs/heads/main", "INPUT_REF": "refs/tags/churn#prod#4"},
        {"GITHUB_REF": "refs/heads/main", "INPUT_REF": "churn#prod#4"},
        {"GITHUB_REF": "refs/heads/main", "INPUT_REF": " churn#prod#4\n", "GITHUB_EVENT_NAME": "schedule"},
        {"GITHUB_REF": "refs/tags/churn@v3.0.0", "INPUT_REF": "refs/tags/churn#prod#4", "GITHUB_SHA": "0" * 40},
        {"GITHUB_REF": "refs/tags/churn#prod#4", "INPUT_REF": ""},
    ],
    ids=["full", "short", "with white space", "another tag than the trigger", "empty"],
)
def test_any_tag_can_be_replayed(registry: Repo, action: Action, environ: dict[str, str]) -> None:
    run = action("", **environ)
    assert (run.code, run.outputs and run.outputs["tag"]) == (0, "churn#prod#4"), run.log


# what triggered the run, and what the notice says
NO_EVENT = {
    "a branch": ({"GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_NAME": "push"}, "'refs/heads/main' is not a tag"),
    "a schedule": ({"GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_NAME": "schedule"}, "'refs/heads/main' is not a tag"),
    "a pull request": ({"GITHUB_REF": "refs/pull/1/merge"}, "'refs/pull/1/merge' is not a tag"),
    "no ref": ({"GITHUB_REF": "", "GITHUB_EVENT_NAME": "deployment"}, "'deployment' has no ref"),
    "a tag of somebody else's": ({"GITHUB_REF": "refs/tags/v1.0.0"}, "'v1.0.0' is not a GTO tag"),
    "a look-alike": ({"GITHUB_REF": "refs/tags/churn@1.0.0"}, "'churn@1.0.0' is not a GTO tag"),
    "created": ({"GITHUB_REF": "refs/tags/churn@created"}, "'churn@created' is not a GTO tag"),
    **{
        f"hostile {name}": ({"GITHUB_REF": f"refs/tags/{name}"}, "is not a GTO tag")
        for name in ("$(id)", "`id`", "it's-a-release", 'a"b', "a;b", "a..b", "-x=model@v1.0.0;", "--help", "a%0Ab", "a${{b}}")
    },
}  # fmt: skip


@pytest.mark.parametrize("case", NO_EVENT)
def test_no_event_is_an_answer(registry: Repo, action: Action, case: str) -> None:
    environ, notice = NO_EVENT[case]
    run = action("", **environ)
    assert (run.code, run.outputs) == (0, EMPTY), run.log
    assert len(run.told("notice")) == 1
    assert notice in run.told("notice")[0]
    strict = action("", INPUT_STRICT="true", **environ)
    assert (strict.code, strict.outputs) == (1, None), strict.log
    assert notice in strict.told("error")[0]


# a look-alike, and what the notice says to do: the command is doctor's
MEANT = {
    "churn@1.0.0": (
        "If 'churn@v1.0.0' is meant, delete it, and let gto make that: "
        "git tag -d churn@1.0.0 && git push origin --delete refs/tags/churn@1.0.0"
    ),
    "models:churn#prod": (
        "If 'models=churn#prod' is meant, delete it, and let gto make that: "
        "git tag -d 'models:churn#prod' && git push origin --delete 'refs/tags/models:churn#prod'"
    ),
    "churn@created": "gto fails on it. Delete it: git tag -d churn@created && git push origin --delete refs/tags/churn@created",
    "churn#prod!!": "A GTO tag is written NAME@vX.Y.Z or NAME#STAGE.",
    "v1.0.0": "All outputs are empty.",
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_the_notice_says_what_doctor_says(action: Action, name: str) -> None:
    (notice,) = action(f"refs/tags/{name}").told("notice")
    assert notice.startswith(f"The tag {name!r} is not a GTO tag. All outputs are empty.")
    assert notice.endswith(MEANT[name])


@pytest.mark.parametrize("event", ["push", "delete"])
def test_a_deleted_tag_is_no_event(registry: Repo, action: Action, tmp_path: Path, event: str) -> None:
    payload = tmp_path / "event.json"
    payload.write_text('{"ref": "churn-1", "ref_type": "tag", "deleted": true}')
    environ = {"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(payload)}
    run = action("refs/heads/main", **environ)
    assert (run.code, run.outputs) == (0, EMPTY)
    assert "'churn-1' was deleted" in run.told("notice")[0]
    assert action("refs/heads/main", INPUT_REF="churn#prod!#5", **environ).document["event"] == "unassignment"


@pytest.mark.parametrize("event", ["push", "create", "release", "workflow_dispatch", ""])
def test_a_tag_is_answered_whatever_triggered(registry: Repo, action: Action, event: str) -> None:
    commit = registry.git("rev-parse", "churn#prod#4^{commit}")
    run = action("refs/tags/churn#prod#4", GITHUB_EVENT_NAME=event, GITHUB_SHA=commit)
    assert run.document["event"] == "assignment"


def test_a_tag_moved_since_the_trigger(registry: Repo, action: Action) -> None:
    before = registry.git("rev-parse", "churn@v3.0.0^{commit}")
    run = action("refs/tags/churn#prod#4", GITHUB_EVENT_NAME="push", GITHUB_SHA=before)
    assert (run.code, run.outputs) == (1, None)
    assert re.search(f"'churn#prod#4' has been moved since .* from commit {before[:7]} to ", run.told("error")[0])


# what is wrong, and what the one error says
FAILURES = {
    "no such tag": ({"GITHUB_REF": "refs/tags/churn#prod#99"}, "has no tag 'churn#prod#99'.*Push the tag"),
    "no such repository": ({"GITHUB_REPOSITORY": "o/none"}, "o/none' was not found.*Check the address"),
    "repository": ({"GITHUB_REPOSITORY": "no-slash"}, "GITHUB_REPOSITORY cannot be 'no-slash'.*'OWNER/NAME'"),
    "repository ..": ({"GITHUB_REPOSITORY": "../.."}, r"GITHUB_REPOSITORY cannot be '\.\./\.\.'"),
    "server": ({"GITHUB_SERVER_URL": "ext::sh -c id"}, "GITHUB_SERVER_URL cannot be 'ext::sh -c id'.*https://"),
    "server [": ({"GITHUB_SERVER_URL": "http://[::"}, r"GITHUB_SERVER_URL cannot be 'http://\[::'"),
    "scope: stage": ({"INPUT_SCOPE": "stage"}, "'scope' cannot be 'stage'.*Use 'registry' or 'artifact'"),
    "timeout: 0": ({"INPUT_TIMEOUT": "0"}, "'timeout' cannot be '0'.*from 1 to 99999"),
    "timeout: 1m": ({"INPUT_TIMEOUT": "1m"}, "'timeout' cannot be '1m'.*number of seconds"),
    "timeout: 100000": ({"INPUT_TIMEOUT": "100000"}, "'timeout' cannot be '100000'"),
    "lightweight: maybe": (
        {"INPUT_LIGHTWEIGHT": "maybe"},
        "'lightweight' cannot be 'maybe'.*Use 'fail', 'warn' or 'accept'",
    ),
    "strict: yes": ({"INPUT_STRICT": "yes"}, "'strict' cannot be 'yes'.*'true' or 'false'"),
    "print-outputs: 1": ({"INPUT_PRINT_OUTPUTS": "1"}, "'print-outputs' cannot be '1'.*'true' or 'false'"),
    "no GITHUB_OUTPUT": ({"GITHUB_OUTPUT": ""}, "GITHUB_OUTPUT is not set.*path of a file"),
    "GITHUB_OUTPUT is a folder": ({"GITHUB_OUTPUT": "/"}, "GITHUB_OUTPUT cannot be written at '/'"),
    "the disk is full": ({"GITHUB_OUTPUT": "/dev/full"}, "GITHUB_OUTPUT cannot be written at '/dev/full'"),
    "GITHUB_STEP_SUMMARY is a folder": ({"GITHUB_STEP_SUMMARY": "/"}, "GITHUB_STEP_SUMMARY cannot be written at '/'"),
    "no repository here": ({"GITHUB_REPOSITORY": ""}, "no repository with a remote 'origin'.*GITHUB_REPOSITORY"),
    "no git": ({"PATH": "/nowhere"}, "no 'git' on the PATH.*Install git"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failure(registry: Repo, action: Action, case: str) -> None:
    environ, error = FAILURES[case]
    run = action("", **{"GITHUB_REF": "refs/tags/churn#prod#4", **environ})
    assert (run.code, run.outputs) == (1, None), run.log
    assert len(run.told("error")) == 1
    assert re.search(error, run.told("error")[0])
    assert "Traceback" not in run.log


def test_a_lightweight_tag(registry: Repo, action: Action) -> None:
    commit = registry.lightweight("churn@v4.0.0", "churn@v3.0.0")
    fail = action("refs/tags/churn@v4.0.0")
    assert (fail.code, fail.outputs) == (1, None)
    command = (
        f"GIT_COMMITTER_DATE='@10 +0000' git tag -a -f -m MESSAGE churn@v4.0.0 {commit[:12]} && git push --force origin"
    )
    assert re.search(f"lightweight one.*'accept'.*{re.escape(command)} refs/tags/churn@v4.0.0$", fail.told("error")[0])
    warn = action("refs/tags/churn@v4.0.0", INPUT_LIGHTWEIGHT="warn")
    assert (warn.code, warn.outputs) == (0, EMPTY)
    assert "lightweight one" in warn.told("warning")[0]
    accept = action("refs/tags/churn@v4.0.0", INPUT_LIGHTWEIGHT="accept")
    assert accept.document["event"] == "registration"
    assert (accept.document["author"], accept.document["created_at"]) == ("Ada Lovelace", "1970-01-01T00:00:10+00:00")
    strict = action("refs/tags/churn@v4.0.0", INPUT_LIGHTWEIGHT="warn", INPUT_STRICT="true")
    assert (strict.code, strict.outputs) == (1, None)
    other = action("refs/tags/churn@v3.0.0")
    assert "'churn@v4.0.0'" in other.told("warning")[0]


@pytest.mark.parametrize("count", [2_000, 4_000, 25_000])
def test_thousands_of_stages(repo: Repo, action: Action, count: int) -> None:
    lines = "".join(f"churn#stage-{number} A 3\n" for number in range(count))
    build(repo.path, f"churn@v1.0.0 A 1\nchurn#prod A 2\n{lines}")
    repo.git("pack-refs", "--all")
    run = action("refs/tags/churn#prod", INPUT_HISTORY="false")
    if count > 10_000:
        assert (run.code, run.outputs) == (1, None)
        assert run.told("error")[0].endswith("Unassign the artifact's stages that are no longer used.")
        return
    assert run.outputs
    assert len(json.loads(run.outputs["stages"])) == count + 1
    assert run.document["current_version"] == "v1.0.0"
    if count > 3_000:
        assert run.document["stages"] is None
        (warning,) = run.told("warning")
        assert warning.startswith(f"The output 'json' has no room for the {count + 1:,} stages of the artifact: ")
    else:
        assert len(run.document["stages"]) == count + 1
        assert run.told("warning") == []


def test_several_versions_at_the_commit(repo: Repo, action: Action) -> None:
    repo.commit({"dvc.yaml": DVC_YAML})
    for number, name in enumerate(("churn@v1.0.0", "churn@v1.1.0", "churn#prod")):
        repo.tag(name, time=number)
    run = action("refs/tags/churn#prod")
    assert (run.document["version"], run.document["ambiguous"]) == ("v1.1.0", True)
    assert run.document["candidates"] == ["v1.0.0", "v1.1.0"]
    assert "(v1.0.0, v1.1.0); v1.1.0 was taken" in run.told("warning")[0]
    strict = action("refs/tags/churn#prod", INPUT_STRICT="TRUE")
    assert (strict.code, strict.outputs) == (1, None)
    assert "v1.1.0 was taken" in strict.told("error")[0]


def test_odd_tags_are_answered(repo: Repo, action: Action) -> None:
    """Each of these makes every command of gto's die (R5, R9, R10, R12)."""
    commit = repo.commit({"dvc.yaml": DVC_YAML}, time=5)
    repo.tag("churn@v1.0.0", time=10, inner_name="another")
    repo.tag("churn@v2.0.0", tagger="")
    repo.tag("churn@v3.0.0", tagger="<ada@example.com> 12 +0200")
    repo.tag(
        "churn@v4.0.0", tagger="Ad\xe9 <a@example.com> 13 +0000".encode("latin-1"), message="caf\xe9".encode("latin-1")
    )
    repo.tag("churn@v5.0.0", "churn@v4.0.0", kind="tag", time=14)
    repo.tag("churn@v6.0.0", "churn@v5.0.0", kind="tag", time=15)
    repo.tag("churn@v7.0.0", "main^{tree}", kind="tree", time=16)
    repo.tag("churn@created", time=17)
    repo.tag("churn@v9.0.0", tagger=b"A\rda <a\r@example.com> 19 +0000", inner_name="x\ry", message="a\rb")
    repo.tag("before", tagger="Ada <ada@example.com> -50 +0000")
    repo.tag("churn@v8.0.0", message="signed\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----", time=18)
    found = {n: action(f"refs/tags/churn@v{n}.0.0") for n in range(1, 10)}
    assert [found[n].code for n in range(1, 10)] == [0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert {found[n].document["sha"] for n in (1, 2, 3, 4, 5, 6, 8, 9)} == {commit}
    assert (found[9].document["author"], found[9].document["message"]) == ("A\rda", "a\rb")
    assert [found[n].document["created_at"] for n in (2, 3)] == ["", "1970-01-01T02:00:12+02:00"]
    assert (found[4].document["author"], found[4].document["message"]) == ("Ad\ufffd", "caf\ufffd")
    assert found[8].document["message"] == "signed"
    assert "'churn@v1.0.0 (inside: another)'" in "".join(found[1].told("warning"))
    assert "points to a tree" in found[7].told("error")[0]


# a dvc.yaml that nobody can read, and what the warning says
UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "latin-1": ("artifacts: {churn: {path: caf\xe9}}".encode("latin-1"), "not UTF-8"),
    "not YAML": ("artifacts:\n  churn: [", "is not YAML"),
    "a list of artifacts": ("artifacts: []", "not a mapping"),
    "10 MB": ("#" * 10_000_000, "too large|larger than|long"),
    "an alias bomb": (
        "a: &a [x,x]\n" + "".join(f"{b}: &{b} [*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True))
        + "artifacts: {churn: {path: x, meta: *l}}", "meta",
    ),
    "100,000 brackets": ("artifacts: " + "[" * 100_000, "deep|nest"),
    "a value that cannot be resolved": (DVC_YAML.replace("models/churn.pkl", "${nowhere}"), "nowhere"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_dvc_yaml_that_cannot_be_read(repo: Repo, action: Action, case: str) -> None:
    content, warning = UNREADABLE[case]
    repo.commit({"dvc.yaml": content})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log
    assert run.outputs is not None
    assert (run.outputs["event"], run.outputs["type"] in {"", "model"}) == ("registration", True)
    (told,) = run.told("warning")
    assert re.search(warning, told)
    line = "" if case == "10 MB" else r",line=\d+"
    assert re.search(rf"^::warning title=gto-action,file=dvc\.yaml{line}::", run.log, re.MULTILINE)
    strict = action("refs/tags/churn@v1.0.0", INPUT_STRICT="true")
    assert (strict.code, strict.outputs) == (1, None)
    assert re.search(warning, strict.told("error")[0])


@pytest.mark.parametrize(
    ("files", "notice"),
    [
        ({"README.md": "x"}, "no file 'dvc.yaml' at this commit"),
        ({"dvc.yaml": "stages: {}"}, "no artifact 'churn'"),
        ({"dvc.yaml": "artifacts: {Churn: {path: x}}"}, "It has 'Churn'"),
    ],
    ids=["no dvc.yaml", "no artifacts", "another spelling"],
)
def test_a_missing_annotation(repo: Repo, action: Action, files: dict[str, str], notice: str) -> None:
    repo.commit(files)
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert (run.code, run.document["path"], run.document["meta"]) == (0, "", None)
    assert notice in run.told("notice")[0]
    assert action("refs/tags/churn@v1.0.0", INPUT_STRICT="true").code == 1


def test_templates_are_resolved_at_the_commit(repo: Repo, action: Action) -> None:
    files = {
        "m/dvc.yaml": "vars: [{kind: model}, more.yaml]\nartifacts: {'${who}': {path: '${dir}/x', type: '${kind}', desc: 'v${major}'}}",
        "m/params.yaml": "who: churn\nmajor: 3",
        "m/more.yaml": "dir: ../data",
    }
    repo.commit(files, time=1)
    repo.tag("m=churn@v1.0.0", time=2)
    repo.commit(files | {"m/params.yaml": "who: somebody"}, time=3)
    document = action("refs/tags/m=churn@v1.0.0").document
    assert [document[key] for key in ("path", "type", "description")] == ["data/x", "model", "v3"]


def test_what_was_and_what_is(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4")
    assert run.outputs is not None
    names = ("previous-version", "current-version", "latest-version", "is-current", "stages", "matched")
    assert [run.outputs[name] for name in names] == ["", "", "", "false", "{}", "true"]  # deprecated since
    run = action("refs/tags/models=churn#eu/prod#2", INPUT_EVENTS="assignment", INPUT_STAGES="prod")
    assert run.outputs is not None
    stages = '{"eu/prod": "v1.0.0"}'
    assert [run.outputs[name] for name in names] == ["", "v1.0.0", "v1.0.0", "true", stages, "false"]
    commit = registry.git("rev-parse", "models=churn@v1.0.0^{commit}")
    held = {"version": "v1.0.0", "sha": commit, "tag": "models=churn@v1.0.0"}
    assert (run.document["current"], run.document["stages"]) == (held, {"eu/prod": held})


# what is asked for, and the version, the stage and the tag of the answer
VERSIONS = [
    ("models:churn@latest", "v1.0.0", "", "models=churn@v1.0.0"),
    ("models=churn@greatest", "v1.0.0", "", "models=churn@v1.0.0"),
    ("models:churn@v1.0.0", "v1.0.0", "", "models=churn@v1.0.0"),
    ("models:churn#eu/prod", "v1.0.0", "eu/prod", "models=churn@v1.0.0"),
    ("other@latest", "", "", "other#dev"),
    ("other#dev", "", "dev", "other#dev"),
    ("third@latest", "", "", "third#dev!"),
]


@pytest.mark.parametrize(("artifact", "version", "stage", "tag"), VERSIONS, ids=[row[0] for row in VERSIONS])
@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/churn@v3.0.0", ""])
def test_a_version_that_is_asked_for(
    registry: Repo, action: Action, ref: str, artifact: str, version: str, stage: str, tag: str
) -> None:
    run = action(ref, INPUT_ARTIFACT=artifact)
    assert run.code == 0, run.log
    assert run.outputs is not None
    commit = registry.git("rev-parse", f"refs/tags/{tag}^{{commit}}")
    expected = {"event": "", "version": version or commit, "stage": stage, "tag": tag, "sha": commit}
    assert run.outputs | expected == run.outputs
    assert run.outputs["path"] == ("models/churn.pkl" if version else "")
    assert run.document["current"] == {"version": version or commit, "sha": commit, "tag": tag}


@pytest.mark.parametrize(
    "artifact", ["churn@latest", "models:churn@v9.9.9", "models:churn#dev", "nobody@latest", "models:nobody#prod"]
)
def test_a_version_that_is_not_there(registry: Repo, action: Action, artifact: str) -> None:
    run = action("refs/heads/main", INPUT_ARTIFACT=artifact)
    assert (run.code, run.outputs) == (0, EMPTY), run.log
    assert repr(artifact) in run.told("notice")[0]
    strict = action("refs/heads/main", INPUT_ARTIFACT=artifact, INPUT_STRICT="true")
    assert (strict.code, strict.outputs) == (1, None)


def test_the_log_shows_the_registry_and_the_history(registry: Repo, action: Action) -> None:
    log = action("refs/tags/models=churn@v1.0.0").log.splitlines()
    start = log.index("::group::Registry")
    assert [line.split() for line in log[start + 1 : start + 4]] == [
        ["artifact", "latest", "stages"],
        ["models:churn", "v1.0.0", "eu/prod:", "v1.0.0"],
        ["other", "-", "dev:", registry.git("rev-parse", "main")[:7]],
    ]
    start = log.index("::group::History of models:churn")
    assert [line.split()[1::4] for line in log[start + 1 : start + 4]] == [
        ["event", "tag"],
        ["assignment", "models=churn#eu/prod#2"],
        ["registration", "models=churn@v1.0.0"],
    ]
    quiet = action("refs/tags/models=churn@v1.0.0", INPUT_SHOW="false", INPUT_HISTORY="false").log
    assert "Registry" not in quiet
    assert "History" not in quiet


def test_stages_that_are_not_allowed(repo: Repo, action: Action) -> None:
    repo.commit({".gto": "stages: [dev, prod]", "dvc.yaml": DVC_YAML})
    repo.tag("churn#qa", time=1)
    repo.tag("churn#dev", time=2)
    assert action("refs/tags/churn#dev").told("warning") == []
    run = action("refs/tags/churn#qa")
    assert run.document["stage"] == "qa"  # GTO honours it
    assert "'qa' is not among those" in run.told("warning")[0]
    assert action("refs/tags/churn#qa", INPUT_STRICT="true").code == 1
    assert action("refs/tags/churn#qa", GTO_STAGES='["qa"]').told("warning") == []


def test_a_gto_file_that_cannot_be_read(repo: Repo, action: Action) -> None:
    repo.commit({".gto": "stages: [", "dvc.yaml": DVC_YAML})
    repo.tag("churn#qa")
    run = action("refs/tags/churn#qa")
    assert run.document["stage"] == "qa"
    assert "'.gto' is not YAML" in run.told("warning")[0]
    assert "file=.gto,line=" in run.log


HOSTILE = (
    "two\nlines\r\n::error::no\n##[add-mask]x ##[set-output name=event]no\nevent=no\nevent<<E\nno\nE\n"
    "ghadelimiter_\n%0A%25 \x1b[31mred \u202e| <b>@team</b> ![x](y) $(id) `id` \U0001f600\n"
)


def test_a_hostile_description_stays_text(repo: Repo, action: Action) -> None:
    escaped = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08x}" for c in HOSTILE)
    repo.commit({"dvc.yaml": f'artifacts: {{churn: {{path: "a b\\n;", type: "x\\nname=other", desc: "{escaped}"}}}}'})
    repo.tag("churn@v1.0.0", message=HOSTILE, tagger="##[error]x <x> 1 +0000")
    run = action("refs/tags/churn@v1.0.0")
    assert run.outputs is not None
    assert (run.outputs["event"], run.outputs["name"]) == ("registration", "churn")
    assert run.outputs["description"] == HOSTILE
    assert run.outputs["type"] == "x\nname=other"
    commands = [line for line in run.log.splitlines() if line.lstrip().startswith("::")]
    groups = ("Registry", "History of churn", "Outputs")
    assert commands == [line for group in groups for line in (f"::group::{group}", "::endgroup::")]
    assert "##[" not in run.log
    assert "\x1b" not in run.log
    assert "\x1b" not in run.summary
    assert html.escape("<b>") in run.summary


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_the_log_is_utf_8_in_any_locale(repo: Repo, action: Action, locale: str) -> None:
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: x, desc: déjà vu 🎉}}"})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0", LC_ALL=locale, PYTHONIOENCODING="ascii")
    assert "déjà vu 🎉" in run.log
    assert run.document["description"] == "déjà vu 🎉"


def test_outputs_can_stay_out_of_the_log(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4", INPUT_PRINT_OUTPUTS="false")
    assert "Who leaves" not in run.log
    assert run.document["event"] == "assignment"


def test_the_summary_says_what_happened(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4")
    assert "<code>v3.1.0</code> was assigned to <code>prod</code>" in run.summary
    assert "```mermaid\n" in run.summary
    assert "Registry: " in run.summary


def test_no_summary(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4", INPUT_SUMMARY="false")
    assert run.document["event"] == "assignment"
    assert run.summary == ""


def test_the_summary_of_one_artifact(registry: Repo, action: Action) -> None:
    run = action("refs/tags/churn#prod#4", INPUT_SCOPE="artifact")
    assert "was assigned to" in run.summary
    assert "```mermaid\n" in run.summary
    assert "Registry" not in run.summary
    assert "History" not in run.summary


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"INPUT_STAGES": "staging"}, "Not matched: stage 'prod' is not among `stages`: staging."),
        ({"INPUT_EVENTS": "*registration"}, "Not matched: event 'assignment' is not among `events`: *registration."),
        (
            {"INPUT_ARTIFACT": "churn@latest", "INPUT_STAGES": "prod"},
            "Not matched: there is no stage, and `stages` asks for prod.",
        ),
    ],
    ids=["stages", "events", "artifact"],
)
def test_what_does_not_match_is_said(repo: Repo, action: Action, environ: dict[str, str], why: str) -> None:
    repo.commit(time=1)
    repo.tag("churn@v1.0.0", time=2)
    repo.tag("churn#prod#4", time=3)
    run = action("refs/tags/churn#prod#4", **environ)
    assert run.outputs
    assert run.outputs["matched"] == "false"
    assert run.log.splitlines()[-2] == why
    assert "Not matched: " in run.summary
    assert "Not matched" not in action("refs/tags/churn#prod#4").log


def test_a_tag_dated_in_the_future_is_warned_of(repo: Repo, action: Action) -> None:
    """GTO goes by the dates of tags, so that for a year nothing supersedes it: that is not to be silent."""
    now = int(time.time())
    repo.tag("churn@v1.0.0", repo.commit({"file": "1"}, time=1), time=10)
    repo.tag("churn@v2.0.0", repo.commit({"file": "2"}, time=2), time=20)
    repo.tag("churn#prod#1", "churn@v1.0.0^{}", time=now + 400 * 86_400)
    repo.tag("churn#prod#2", "churn@v2.0.0^{}", time=now)
    run = action("refs/tags/churn#prod#2")
    assert run.outputs
    assert (run.outputs["is-current"], run.outputs["current-version"]) == ("false", "v1.0.0")
    (warning,) = run.told("warning")
    assert warning.startswith("Tags dated in the future supersede all that come before then: 'churn#prod#1'.")
    assert "Since then: prod holds v1.0.0." in run.summary or "now prod holds v1.0.0" in run.summary


def test_the_closing_sentence_stands_out(registry: Repo, action: Action) -> None:
    closing = action("refs/tags/churn#prod#4", NO_COLOR="").log.splitlines()[-1]
    assert re.fullmatch(r"\x1b\[1mchurn v3\.1\.0 was assigned to stage prod .*\x1b\[0m", closing)


def test_debug_logging_says_what_git_does_and_when(registry: Repo, action: Action, srv: Path) -> None:
    with GitServer(srv, token="s3cret") as server:
        environ = {"GITHUB_SERVER_URL": server.url, "INPUT_TOKEN": "s3cret"}
        quiet = action("refs/tags/churn#prod#4", **environ)
        run = action("refs/tags/churn#prod#4", **environ, RUNNER_DEBUG="1")
    assert "::debug::" not in quiet.log
    said = [line for line in run.log.splitlines() if line.startswith("::debug::")]
    assert all(re.match(r"::debug::\d+\.\d{3} s: ", line) for line in said)
    for text in (
        "git clone --quiet --bare",
        "git cat-file",
        "fetched",
        f"read {len(registry.git('tag').splitlines())} tags",
        "answered",
        "delivered",
    ):
        assert any(text in line for line in said), text
    assert "s3cret" not in run.log


def test_ten_annotations_of_a_level_and_the_rest_counted(repo: Repo, action: Action) -> None:
    settings = "".join(f"what{number}: 1\n" for number in range(15))
    repo.commit({"dvc.yaml": DVC_YAML, ".gto": settings})
    repo.tag("churn@v1.0.0")
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log
    assert len(run.told("warning")) == 10
    assert "There are 15 warnings; 10 of them are annotations." in run.log
    for number in range(15):
        assert f"'what{number}'" in run.log
        assert f"&#x27;what{number}&#x27;" in run.summary


def test_without_a_summary_file(registry: Repo, action: Action) -> None:
    assert action("refs/tags/churn#prod#4", GITHUB_STEP_SUMMARY="").code == 0


@pytest.mark.parametrize(
    ("length", "said"),
    [
        pytest.param(400_000, "400,000 characters", id="read whole"),
        pytest.param(600_000, "1,200,001 bytes", id="of which only the beginning is read"),
    ],
)
def test_a_long_message_is_cut(repo: Repo, action: Action, length: int, said: str) -> None:
    repo.commit({"dvc.yaml": DVC_YAML})
    repo.tag("churn@v1.0.0", message="\u00e9" * length)
    run = action("refs/tags/churn@v1.0.0")
    assert run.document["message"] == "\u00e9" * 2**16
    assert f"'churn@v1.0.0' is {said} long" in run.told("warning")[0]


def test_what_is_too_long_in_a_dvc_yaml_is_left_out(repo: Repo, action: Action) -> None:
    fields = {name: "\u00e9" * size for name, size in {"path": 60_000, "type": 70_000, "desc": 60_000}.items()}
    entry = "".join(f"    {name}: {text}\n" for name, text in fields.items())
    labels, meta = ("[" + "\u00e9" * size + "]" for size in (60_000, 130_000))
    repo.commit({"dvc.yaml": f"artifacts:\n  churn:\n{entry}    labels: {labels}\n    meta: {meta}\n"})
    repo.tag("churn@v1.0.0", message="\u00e9" * 60_000)
    run = action("refs/tags/churn@v1.0.0")
    assert run.code == 0, run.log[-1000:]
    assert (len(run.document["path"]), run.document["type"], len(run.document["description"])) == (60_000, "", 60_000)
    assert "'type'" in run.told("warning")[0]
    assert len(run.summary) < 20_000


@pytest.fixture
def http(srv: Path) -> Callable[..., GitServer]:
    return lambda **options: GitServer(srv, **options)


def test_over_http_with_a_token(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http(token="s3cret") as server:
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url, INPUT_TOKEN="s3cret")
    assert run.document["description"] == "They leaves"
    assert {request.tokens for request in server.requests} == {("s3cret",)}
    assert "s3cret" not in run.log


def test_over_http_without_a_token(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http() as server:
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url + "/")
    assert run.document["event"] == "assignment"
    assert {request.authorized for request in server.requests} == {False}


@pytest.mark.parametrize("refusal", [401, 403, 404])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_refused_token(
    registry: Repo, action: Action, http: Callable[..., GitServer], refusal: int, token: str
) -> None:
    with http(token="s3cret", refusal=refusal) as server:
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url, INPUT_TOKEN=token)
    assert (run.code, run.outputs) == (1, None), run.log
    assert len(run.told("error")) == 1
    assert "contents: read" in run.told("error")[0]
    assert len(server.requests) <= 2  # not asked again


def test_an_unreachable_remote(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http() as server:
        url = server.url
    run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=url)
    assert (run.code, run.outputs) == (1, None)
    assert re.search(f"Fetching from the remote '{url}/o/r' failed.*again", run.told("error")[0])
    assert run.log.count("Trying again in") == 3


@pytest.mark.parametrize("fault", ["cut", "503", "429"])
def test_a_fault_that_passes_is_mended(
    registry: Repo, action: Action, http: Callable[..., GitServer], fault: str
) -> None:
    with http() as server:
        if fault == "cut":
            server.cut(100, times=2)  # the clone of all tags, and that of the one tag
        else:
            server.answer(int(fault), times=2)
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url)
    assert run.document["version"] == "v3.1.0", run.log
    assert run.log.count("Trying again in") == 1


def test_a_fetch_that_breaks_off_each_time(registry: Repo, action: Action, http: Callable[..., GitServer]) -> None:
    with http() as server:
        server.cut(300)
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url)
    assert (run.code, run.outputs) == (1, None)
    assert len(run.told("error")) == 1


def test_a_redirect_does_not_take_the_token_along(
    registry: Repo, action: Action, http: Callable[..., GitServer]
) -> None:
    with http() as elsewhere, http() as server:
        server.redirect(elsewhere.url)
        run = action("refs/tags/churn#prod#4", GITHUB_SERVER_URL=server.url, INPUT_TOKEN="s3cret")
    assert run.code == 1
    assert "has moved" in run.told("error")[0]
    assert elsewhere.requests == []


def test_the_origin_of_the_working_directory(registry: Repo, action: Action, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    registry.git("clone", "-q", "--no-tags", str(registry.path), str(clone))
    environ = {"GITHUB_REPOSITORY": "", "GITHUB_SERVER_URL": ""}
    run = action("refs/tags/churn#prod#4", cwd=clone, **environ)
    assert run.document["version"] == "v3.1.0"
    registry.git("-C", str(clone), "remote", "set-url", "origin", "../srv/o/r")
    (clone / "sub").mkdir()
    assert action("refs/tags/churn#prod#4", cwd=clone / "sub", **environ).document["version"] == "v3.1.0"


def test_a_git_environment_of_somebody_elses(registry: Repo, action: Action, tmp_path: Path) -> None:
    """As inside a hook, or set by the job: none of it reaches our git."""
    bad = dict.fromkeys(("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"), "/nowhere")
    bad |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "url.ext::touch x.insteadOf", "GIT_CONFIG_VALUE_0": "file:"}
    bad |= {"GIT_TRACE": "1", "GIT_TRACE_CURL": "1", "GIT_ASKPASS": "/nowhere", "SSH_ASKPASS": "/nowhere"}
    assert action("refs/tags/churn#prod#4", **bad).document["version"] == "v3.1.0"


def test_a_name_of_many_digits(repo: Repo, action: Action) -> None:
    """Git's refs may be that long when they are packed, and Python reads numbers of 4,300 digits at most."""
    commit = repo.commit({"dvc.yaml": DVC_YAML})
    oid = repo.tag("churn@v0.0.1", time=1)
    long, longer = (f"churn@v1.0.{'9' * number}" for number in (4300, 4301))
    packed = "".join(f"{oid} refs/tags/{name}\n^{commit}\n" for name in (long, longer))
    (repo.path / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{packed}")
    run = action(f"refs/tags/{long}")
    assert run.document["semver"]["patch"] == 10**4300 - 1
    assert run.document["latest_version"] == long.removeprefix("churn@")
    assert action(f"refs/tags/{longer}").outputs == EMPTY


def test_a_bug_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("::error::of a stranger's")

    monkeypatch.setattr("gto_action.step.main.trigger_of", broken)
    assert main({"GITHUB_OUTPUT": str(tmp_path / "output")}) == 3
    log = capsys.readouterr().out
    assert "ZeroDivisionError" in log
    assert [line for line in log.splitlines() if line.startswith("::")] == [
        "::error title=gto-action::This is a bug in gto-action. Please report it, with the lines above."
    ]
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("fault", ["stall", "retry"])
def test_sigterm_ends_git_and_leaves_nothing(
    registry: Repo, http: Callable[..., GitServer], tmp_path: Path, fault: str
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    output = tmp_path / "output"
    with http() as server:
        server.stall() if fault == "stall" else server.answer(503)
        environ = {
            "PATH": os.environ["PATH"], "TMPDIR": str(temporary), "GITHUB_SERVER_URL": server.url,
            "GITHUB_REPOSITORY": "o/r", "GITHUB_REF": "refs/tags/churn#prod#4", "GITHUB_OUTPUT": str(output),
        }  # fmt: skip
        process = subprocess.Popen([sys.executable, str(ENTRYPOINT)], env=environ, stdout=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.terminate()
        process.communicate(timeout=5)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(temporary.iterdir()) == []
    assert not output.exists()
