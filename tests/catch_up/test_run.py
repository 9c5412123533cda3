"""Catching up: the whole program, a real repository, and a server that is held to GitHub's own description."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gto_action.catch_up import run as catching_up
from gto_action.gto.artifact import Artifact, fold
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import Tag
from gto_action.hosts.github import api
from tests.support.action import SCHEMA, Run, run_entrypoint
from tests.support.api_runs import hurry, run_beside, run_here
from tests.support.built import build
from tests.support.git_server import GitServer
from tests.support.github_server import Fault, GitHubServer
from tests.support.repo import Repo

TOKEN = "s3cret"
NOW = int(time.time())
HOUR, DAY = 3_600, 86_400
# tag, commit, hours ago; oldest first
TAGS = (
    ("churn@v1.0.0", "one", 50),
    ("churn#prod#1", "one", 40),
    ("churn@v2.0.0", "two", 30),
    ("churn#prod#2", "two", 20),
    ("models=nlp@v0.1.0", "two", 10),
    ("churn@v2.0.0!", "two", 1),
)
NAMES = [name for name, _, _ in TAGS]

CatchUp = Callable[..., Run]


@pytest.fixture
def registry(repo: Repo) -> Repo:
    commits = {}
    for number, letter in enumerate(("one", "two")):
        text = f"artifacts: {{churn: {{path: {letter}.pkl, meta: {{n: {number}}}}}}}"
        commits[letter] = repo.commit({"dvc.yaml": text}, time=number)
    for name, commit, hours in TAGS:
        repo.tag(name, commits[commit], time=NOW - hours * HOUR)
    repo.tag("churn@v0.1.0", commits["one"], time=NOW - 8 * DAY)
    repo.tag("not-of-gto", time=NOW)
    return repo


@pytest.fixture
def github(registry: Repo) -> Iterator[GitHubServer]:
    with GitHubServer(TOKEN) as server:
        server.commits = {name: registry.git("rev-parse", f"refs/tags/{name}^{{}}") for name in NAMES}
        yield server


GIVEN = {
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_EVENT_NAME": "schedule",
    "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/deploy.yml@refs/heads/main",
    "INPUT_CATCH-UP": "true",
    "INPUT_SUPERSEDED": "true",
}


@pytest.fixture
def catch_up(
    srv: Path,
    github: GitHubServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> CatchUp:
    """Runs the action with `catch-up`, scheduled on the default branch, in a hurry."""
    hurry(monkeypatch)
    return lambda **environ: run_here(github, srv, tmp_path / "run", GIVEN | environ, capfd)


def events(run: Run) -> list[dict[str, Any]]:
    assert run.code == 0, run.log
    assert run.outputs
    found: list[dict[str, Any]] = json.loads(run.outputs["events"])
    for each in found:
        SCHEMA.validate(each)
    assert run.outputs["count"] == str(len(found))
    assert run.outputs["matched"] == ("true" if found else "false")
    rest = {name: value for name, value in run.outputs.items() if name not in {"events", "count", "matched"}}
    assert not any(rest.values()), "no gate of a single event opens"
    return found


def tags(run: Run) -> list[str]:
    return [each["tag"] for each in events(run)]


def handle(github: GitHubServer, *names: str, **given: Any) -> None:  # noqa: ANN401 - as they are
    for name in names:
        github.add_run(name, github.commits[name], **given)


def test_each_missed_event_is_what_a_run_of_its_own_would_have_said(
    catch_up: CatchUp, github: GitHubServer, srv: Path, tmp_path: Path
) -> None:
    found = events(catch_up())
    assert [each["tag"] for each in found] == NAMES
    for each in found:
        given = {"GITHUB_SERVER_URL": f"file://{srv}", "GITHUB_REPOSITORY": "o/r"}
        alone = run_entrypoint(tmp_path / "alone", given | {"GITHUB_REF": f"refs/tags/{each['tag']}"})
        assert alone.document == each
    assert found[0]["path"] == "one.pkl"
    assert found[-2]["path"] == ""
    assert len(github.received) == 1


def test_what_a_run_has_handled_is_not_missed(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, "churn@v1.0.0", "churn#prod#2")
    handle(github, "models=nlp@v0.1.0", conclusion=None)
    github.add_run("churn@v2.0.0!", "f" * 40)
    github.add_run("main", github.commits["churn@v2.0.0"])
    assert tags(catch_up()) == ["churn#prod#1", "churn@v2.0.0", "churn@v2.0.0!"]
    handle(github, "churn#prod#1", "churn@v2.0.0", "churn@v2.0.0!")
    run = catch_up()
    assert tags(run) == []
    assert run.log.splitlines()[-1].startswith("No event since ")


@pytest.mark.parametrize(
    ("retry", "missed"),
    [("none", []), ("cancelled", NAMES[:1]), ("failed", NAMES[:2])],
)
def test_runs_that_did_not_handle_it(catch_up: CatchUp, github: GitHubServer, retry: str, missed: list[str]) -> None:
    handle(github, NAMES[0], conclusion="cancelled")
    handle(github, NAMES[1], conclusion="failure")
    handle(github, *NAMES[2:])
    assert tags(catch_up(INPUT_RETRY=retry)) == missed


@pytest.mark.parametrize(
    ("given", "missed"),
    [
        pytest.param({"INPUT_SINCE": "25h"}, NAMES[3:], id="since, a duration"),
        pytest.param({"INPUT_SINCE": time.strftime("%Y-%m-%d", time.gmtime(NOW - 9 * DAY))}, None, id="since, a day"),
        pytest.param({"INPUT_SINCE": "9d"}, ["churn@v0.1.0", *NAMES], id="since, longer"),
        pytest.param({"INPUT_EVENTS": "*assignment"}, ["churn#prod#1", "churn#prod#2"], id="events"),
        pytest.param({"INPUT_NAMES": "models:*"}, ["models=nlp@v0.1.0"], id="names"),
        pytest.param({"INPUT_STAGES": "prod"}, ["churn#prod#1", "churn#prod#2"], id="stages"),
        pytest.param({"INPUT_EVENTS": "deprecation"}, [], id="none"),
    ],
)
def test_which_events_are_looked_at(catch_up: CatchUp, given: dict[str, str], missed: list[str] | None) -> None:
    assert tags(catch_up(**given)) == (["churn@v0.1.0", *NAMES] if missed is None else missed)


def test_only_what_is_in_force_unless_told_otherwise(catch_up: CatchUp) -> None:
    # v2.0.0 is deregistered, and with it its assignment falls back to that of v1.0.0
    assert tags(catch_up(INPUT_SUPERSEDED="false")) == [
        "churn@v1.0.0",
        "churn#prod#1",
        "models=nlp@v0.1.0",
        "churn@v2.0.0!",
    ]


def test_nothing_is_asked_where_there_is_no_event(catch_up: CatchUp, github: GitHubServer) -> None:
    assert tags(catch_up(INPUT_NAMES="nobody")) == []
    assert github.received == []


def test_a_process_of_its_own(srv: Path, github: GitHubServer, tmp_path: Path) -> None:
    """As the runner starts it: the others here are in this process, in a hurry."""
    handle(github, *NAMES[1:])
    run = run_beside(github, srv, tmp_path / "run", GIVEN | {"INPUT_DISPATCH": "true", "INPUT_TIMEOUT": "20"})
    assert tags(run) == NAMES[:1] == github.dispatched()
    assert re.search(r"^Waiting [0-3] seconds, as 'timeout' leaves no time for (2\d|30): ", run.log, re.MULTILINE)


def test_each_is_dispatched_once(catch_up: CatchUp, github: GitHubServer) -> None:
    github.lag = 2
    handle(github, "churn@v2.0.0")
    run = catch_up(INPUT_DISPATCH="true")
    wanted = [name for name in NAMES if name != "churn@v2.0.0"]
    assert tags(run) == github.dispatched() == wanted
    assert run.log.splitlines()[-1] == "5 missed events were dispatched"
    for name in wanted:
        assert f"Dispatched the workflow for {name}" in run.log
        assert name in run.summary
    assert tags(catch_up(INPUT_DISPATCH="true")) == []
    assert github.dispatched() == wanted


def test_a_limit_and_what_is_left(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="4")
    assert tags(run) == NAMES[:4]
    assert run.told("warning") == [
        "6 events were missed; 2 of them are left. When these are handled the next run goes on with them."
    ]
    assert tags(catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="4")) == NAMES[4:]
    assert github.dispatched() == NAMES


def test_too_little_time_to_start_any(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(INPUT_DISPATCH="true", INPUT_TIMEOUT="15")
    assert tags(run) == github.dispatched() == []
    assert run.told("warning") == [
        "6 events were missed; 6 of them are left. There was no time for them: give more with the input 'timeout'."
    ]


def test_a_commit_whose_workflow_cannot_be_dispatched(catch_up: CatchUp, github: GitHubServer) -> None:
    """Its other tags are not tried, and are named."""
    github.undispatchable = {github.commits[NAMES[0]]}
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES[2:]
    assert run.told("warning") == [
        (
            f"GitHub's API at {github.url!r} refused a run of the workflow 'deploy.yml' for the tag {NAMES[0]!r}: "
            "\"Workflow does not have 'workflow_dispatch' trigger\". "
            f"So it is for the other tags of that commit, {NAMES[1]!r}. "
            "Does the workflow in the tag's commit have the trigger `workflow_dispatch`?"
        )
    ]
    assert github.dispatched() == [NAMES[0], *NAMES[2:]]
    assert catch_up(INPUT_DISPATCH="true", INPUT_STRICT="true").code == 1


def test_a_tag_that_was_deleted_meanwhile_says_nothing_of_its_commit(catch_up: CatchUp, github: GitHubServer) -> None:
    del github.commits[NAMES[0]]
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES[1:]
    (told,) = run.told("warning")
    assert told.endswith("'No ref found for: refs/tags/churn@v1.0.0'. It was deleted meanwhile.")


def test_tags_that_cannot_be_dispatched_do_not_use_up_the_limit(catch_up: CatchUp, github: GitHubServer) -> None:
    github.undispatchable = {github.commits[NAMES[0]]}
    run = catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="1")
    assert tags(run) == [NAMES[2]]
    assert len(run.told("warning")) == 1 + 1
    assert tags(catch_up(INPUT_DISPATCH="true", INPUT_LIMIT="1")) == [NAMES[3]]


def test_newer_tags_are_tried_however_many_older_ones_are_refused(
    catch_up: CatchUp, github: GitHubServer, registry: Repo
) -> None:
    handle(github, *NAMES)
    letters = [f"c{number}" for number in range(123)]
    lines = (f"old@v1.{number}.0 {letter} {NOW - 2_000 + number}" for number, letter in enumerate(letters))
    build(registry.path, "\n".join(lines))
    names = [f"old@v1.{number}.0" for number in range(123)]
    github.commits |= {name: registry.git("rev-parse", f"{name}^{{}}") for name in names}
    github.undispatchable = {github.commits[name] for name in names[:120]}
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == names[120:]
    asked = len(github.dispatched())
    assert asked == 50 + 3
    assert len([line for line in run.log.splitlines() if "refused a run" in line]) == 50
    assert f"{123 - asked} of them are left" in run.log
    assert tags(catch_up(INPUT_DISPATCH="true")) == []
    assert set(github.dispatched()) > set(github.dispatched()[:asked]), "others had their turn"


def test_when_the_time_is_nearly_up_the_rest_is_left(
    catch_up: CatchUp, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_PAUSE", 1.0)
    run = catch_up(INPUT_DISPATCH="true", INPUT_TIMEOUT="18")
    found = tags(run)
    assert 1 <= len(found) < 6
    assert found == github.dispatched()
    assert f"{6 - len(found)} of them are left" in run.told("warning")[-1]


@pytest.mark.parametrize("fault", [Fault(verb="POST"), Fault(502, verb="POST"), Fault(404, verb="POST")])
def test_what_was_dispatched_before_a_failure_is_told(catch_up: CatchUp, github: GitHubServer, fault: Fault) -> None:
    github.faults = [replace(fault, verb="POST", skip=2)]
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES[:2]
    assert len(run.told("warning")) == 2
    assert "4 of them are left" in run.told("warning")[-1]


def test_a_list_that_fails_after_the_dispatches(catch_up: CatchUp, github: GitHubServer) -> None:
    github.faults = [Fault(404, verb="GET", skip=1 + 2)]
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == NAMES
    assert "Let some minutes pass before the next catch-up." in run.told("warning")[0]


def test_a_tag_of_the_future_is_not_dispatched_for_ever(
    catch_up: CatchUp, github: GitHubServer, registry: Repo
) -> None:
    handle(github, *NAMES)
    registry.tag("churn@v9.0.0", time=NOW + 2 * DAY)
    run = catch_up()
    assert tags(run) == []
    assert run.told("warning") == [
        "The tag 'churn@v9.0.0' is dated in the future and is not looked at. 'gto-action doctor' gives the command that cures it."
    ]


def test_thousands_of_runs_of_one_commit(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, "churn@v1.0.0", created=NOW - 49 * HOUR)
    for number in range(1_300):
        github.add_run("main", github.commits["churn@v1.0.0"], created=NOW - 40 * HOUR + number)
    assert tags(catch_up()) == NAMES[1:]


def test_a_run_that_is_never_listed(catch_up: CatchUp, github: GitHubServer) -> None:
    github.lag = 1_000
    run = catch_up(INPUT_DISPATCH="true", INPUT_NAMES="models:*", INPUT_TIMEOUT="22")
    assert tags(run) == ["models=nlp@v0.1.0"]
    assert run.told("warning") == [
        "GitHub has not listed 1 of the runs that were dispatched. Let some minutes pass before the next catch-up."
    ]


def test_a_tag_of_just_now_is_given_time_to_get_its_run(
    catch_up: CatchUp, github: GitHubServer, registry: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "_YOUNG", 30)
    handle(github, *NAMES)
    registry.tag("churn@v3.0.0", time=int(time.time()) - 27)
    github.add_run("churn@v3.0.0", registry.git("rev-parse", "churn@v3.0.0^{}"), lag=1)
    run = catch_up()
    assert tags(run) == []
    assert "Waiting " in run.log


def test_before_a_dispatch_a_tag_of_any_date_is_given_that_time(
    catch_up: CatchUp, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been pushed just now, whatever the clock said when it was made."""
    monkeypatch.setattr(catching_up, "_YOUNG", 2)
    handle(github, *NAMES[1:])
    handle(github, NAMES[0], lag=1)
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == []
    assert github.dispatched() == []
    assert "Waiting 2 seconds" in run.log


def make_again(registry: Repo, name: str, hours: float) -> None:
    """As by `gto … --delete` and then `gto assign`: the name and the commit are those of before."""
    registry.tag(name, f"{name}^{{}}", time=int(NOW - hours * HOUR))


DOUBT = "It cannot be told whether the tag 'churn#prod#2' was handled: it is dated "


# the hours since the tag was made again, those since the runs that there are; whether it is missed, and named
AGAIN = [
    (1, [5 * 24], True, False),
    (1, [5 * 24, 0.5], False, False),
    (1, [2 * 24], False, True),
    (1, [1.01], False, True),
    (1, [1], False, False),
    (20, [10], False, False),
    (-20, [1], False, True),  # by a clock that is ahead
    (6 * 24, [9 * 24], False, True),  # made again, or by a clock that was three days ahead
    (-20, [], True, False),
]


@pytest.mark.parametrize("dispatch", ["true", "false"])
@pytest.mark.parametrize("row", AGAIN, ids=[f"made {made} hours ago, runs {runs}" for made, runs, _, _ in AGAIN])
def test_a_tag_that_was_deleted_and_made_again(
    catch_up: CatchUp, github: GitHubServer, registry: Repo, row: tuple[float, list[float], bool, bool], dispatch: str
) -> None:
    made, runs, missed, named = row
    handle(github, *(name for name in NAMES if name != "churn#prod#2"))
    make_again(registry, "churn#prod#2", made)
    for hours in runs:
        handle(github, "churn#prod#2", created=NOW - hours * HOUR)
    run = catch_up(INPUT_DISPATCH=dispatch)
    assert tags(run) == ["churn#prod#2"] * missed
    assert github.dispatched() == tags(run) * (dispatch == "true")
    assert [each.startswith(DOUBT) for each in run.told("warning")] == [True] * named
    assert tags(catch_up(INPUT_DISPATCH="true", INPUT_SINCE="1w")) == ["churn#prod#2"] * (
        missed and dispatch == "false"
    )
    assert tags(catch_up(INPUT_DISPATCH="true")) == [], "nothing is started twice"
    assert len(github.dispatched()) == missed


def test_a_run_of_long_ago_that_was_run_again_or_still_waits(catch_up: CatchUp, github: GitHubServer) -> None:
    """The list of late runs has neither; they are asked for before anything is started."""
    handle(github, NAMES[0], created=NOW - 60 * DAY, again=NOW - HOUR)
    handle(github, NAMES[1], created=NOW - 60 * DAY, conclusion=None)
    handle(github, NAMES[2], created=NOW - 60 * DAY)
    handle(github, NAMES[3], created=NOW - 60 * DAY, ended=NOW - 22 * HOUR)
    run = catch_up(INPUT_DISPATCH="true")
    assert tags(run) == [NAMES[2], *NAMES[4:]]
    doubts = [each for each in run.told("warning") if "It cannot be told" in each]
    assert [[name for name in NAMES if repr(name) in each] for each in doubts] == [[NAMES[1]], [NAMES[3]]]


def test_a_deployment_of_the_tag_before_it_was_made_again(
    catch_up: CatchUp, github: GitHubServer, registry: Repo
) -> None:
    """It says which tag it is of: no clock matters."""
    handle(github, *(name for name in NAMES if name != "churn#prod#2"))
    first = events(catch_up())[0]
    github.add_deployment("prod", "deploy:churn", first["sha"], first, "success", created=NOW - HOUR)
    assert tags(catch_up(INPUT_DEPLOYMENTS="true")) == []
    make_again(registry, "churn#prod#2", 2)
    assert tags(catch_up(INPUT_DEPLOYMENTS="true")) == ["churn#prod#2"]


PERMISSIONS = {
    "list": (
        {"actions": "none"},
        {},
        (
            "The token may not ask GitHub's API at '{url}' for the runs of the workflow 'deploy.yml'. "
            "Give the job `permissions: actions: read`."
        ),
    ),
    "dispatch": (
        {"actions": "read"},
        {"INPUT_DISPATCH": "true"},
        (
            "The token may not ask GitHub's API at '{url}' for a run of the workflow 'deploy.yml' for the tag "
            "'churn@v1.0.0'. Give the job `permissions: actions: write`."
        ),
    ),
    "deployments": (
        {"actions": "read", "deployments": "none"},
        {"INPUT_DEPLOYMENTS": "true"},
        (
            "The token may not ask GitHub's API at '{url}' for the deployments of the repository. "
            "Give the job `permissions: deployments: read`."
        ),
    ),
}


@pytest.mark.parametrize("case", PERMISSIONS)
def test_a_permission_that_is_missing(catch_up: CatchUp, github: GitHubServer, case: str) -> None:
    github.permissions, given, message = PERMISSIONS[case]
    run = catch_up(**given)
    assert run.code == 1
    assert run.told("error") == [message.format(url=github.url)]
    assert run.outputs is None
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"GITHUB_WORKFLOW_REF": ""}, "Set the input 'workflow' to the file of the workflow"),
        ({"INPUT_WORKFLOW": "gone.yml"}, "Look at the names; without `actions: read` it is the same."),
        ({"INPUT_ARTIFACT": "churn@latest"}, "The inputs 'artifact' and 'catch-up' cannot both be set."),
        ({"GITHUB_API_URL": "ftp://x"}, "GITHUB_API_URL cannot be 'ftp://x'."),
        ({"INPUT_TOKEN": "wrong"}, "The input 'token' needs one that is valid."),
    ],
)
def test_what_cannot_be_answered(catch_up: CatchUp, given: dict[str, str], message: str) -> None:
    run = catch_up(**given)
    assert run.code == 1
    assert [message in each for each in run.told("error")] == [True]
    assert run.outputs is None


def test_a_workflow_that_is_named(catch_up: CatchUp, github: GitHubServer) -> None:
    github.workflows = {"a b.yml"}
    assert tags(catch_up(INPUT_WORKFLOW=".github/workflows/a b.yml")) == NAMES


def test_thousands_of_runs(catch_up: CatchUp, github: GitHubServer, registry: Repo) -> None:
    """Every page of every search is read, if there is no shorter way."""
    several = [registry.commit({"n": str(number)}, time=NOW) for number in range(40)]
    for number, commit in enumerate(several):
        registry.tag(f"many@v1.{number}.0", commit, time=NOW - 100)
    handle(github, "churn@v1.0.0", created=NOW - 49 * HOUR)
    for number in range(2_350):
        github.add_run(f"branch-{number}", "e" * 40, created=NOW - 40 * HOUR + number // 3)
    github.add_run("many@v1.7.0", several[7], created=NOW - 90)
    found = tags(catch_up())
    assert set(found) == {*NAMES[1:], *(f"many@v1.{number}.0" for number in range(40) if number != 7)}
    assert len(github.received) == 10 + 10 + 4


def test_of_thousands_of_runs_only_those_of_the_commits_are_asked_for(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, "churn@v1.0.0", created=NOW - 49 * HOUR)
    for number in range(1_000):
        github.add_run(f"branch-{number}", "e" * 40, created=NOW - 40 * HOUR + number)
    assert tags(catch_up()) == NAMES[1:]
    assert len(github.received) == 1 + 2


def test_more_events_than_a_matrix_takes(srv: Path, catch_up: CatchUp, registry: Repo) -> None:
    assert registry.path == srv / "o/r"
    build(registry.path, "\n".join(f"many@v1.{number}.0 a {NOW - 400 + number}" for number in range(300)))
    run = catch_up(INPUT_NAMES="many")
    assert tags(run) == [f"many@v1.{number}.0" for number in range(256)]
    assert "44 of them are left" in run.told("warning")[0]


def test_each_artifact_is_folded_once_for_all_of_its_events(
    catch_up: CatchUp, registry: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[str] = []

    def counted(name: ArtifactName, tags: Iterable[tuple[Tag, TagRecord]]) -> Artifact:
        folded.append(str(name))
        return fold(name, tags)

    monkeypatch.setattr("gto_action.gto.registry.fold", counted)
    build(registry.path, "\n".join(f"many#prod#{number} a {NOW - 400 + number}" for number in range(100)))
    found = events(catch_up(INPUT_NAMES="many"))
    assert [each["previous"] and each["previous"]["tag"] for each in found] == [
        None,
        *(f"many#prod#{number}" for number in range(99)),
    ]
    assert sorted(folded) == ["churn", "many", "models:nlp"]


def test_more_than_an_output_takes(catch_up: CatchUp, registry: Repo) -> None:
    commit = registry.commit({"dvc.yaml": f"artifacts: {{big: {{path: big, desc: {'x' * 60_000}}}}}"}, time=NOW)
    for number in range(9):
        registry.tag(f"big@v1.{number}.0", commit, time=NOW - 100 + number)
    run = catch_up(INPUT_NAMES="big")
    assert tags(run) == [f"big@v1.{number}.0" for number in range(6)]
    assert "3 of them are left" in run.told("warning")[0]


def test_the_annotations_of_many_commits_come_in_two_requests(
    catch_up: CatchUp, registry: Repo, srv: Path, github: GitHubServer
) -> None:
    for number in range(30):
        text = f"artifacts: {{many: {{path: {number}.pkl}}}}"
        commit = registry.commit({"models/dvc.yaml": text, "other": str(number)}, time=NOW)
        registry.tag(f"models=many@v1.{number}.0", commit, time=NOW - 100 + number)
    with GitServer(srv) as server:
        found = events(catch_up(GITHUB_SERVER_URL=server.url, INPUT_NAMES="models:many"))
        asked = [each for each in server.requests if each.path.endswith("git-upload-pack")]
    assert [each["path"] for each in found] == [f"models/{number}.pkl" for number in range(30)]
    # for the tags and for the commits' folders: what the server can do, a list of refs, a pack; the files need no list
    assert len(asked) == 3 + 3 + 2
    assert github.received


def test_a_run_that_is_counted_and_not_listed(catch_up: CatchUp, github: GitHubServer) -> None:
    """As when somebody deletes it meanwhile."""
    handle(github, *NAMES[1:])
    github.uncounted = 1
    assert tags(catch_up()) == NAMES[:1]


def test_more_runs_are_counted_than_could_be_deleted_meanwhile(catch_up: CatchUp, github: GitHubServer) -> None:
    github.uncounted = 6
    run = catch_up(INPUT_DISPATCH="true")
    assert run.told("error")[0].startswith("GitHub listed only 0 of 6 runs of the workflow 'deploy.yml'.")
    assert github.dispatched() == []


@pytest.mark.parametrize("fault", ["short", "again"])
def test_a_list_that_does_not_add_up(catch_up: CatchUp, github: GitHubServer, fault: str) -> None:
    """A run that is not known would be started again."""
    for number in range(250):
        github.add_run(f"branch-{number}", "e" * 40, created=NOW - HOUR)
    github.short = fault == "short"
    github.again = fault == "again"
    run = catch_up(INPUT_DISPATCH="true", INPUT_SINCE="2d")
    listed = 90 if fault == "short" else 100
    assert run.told("error") == [
        f"GitHub listed only {listed} of 250 runs of the workflow 'deploy.yml'. Run the job again later."
    ]
    assert github.dispatched() == []


def test_assignments_that_have_a_deployment(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, *(name for name in NAMES if "#" not in name))

    def deploy(tag: str, *states: str, task: str = "deploy:churn", sha: str = "", text: bool = False) -> None:
        payload = {"tag": tag}
        of = sha or github.commits[tag]
        github.add_deployment("prod", task, of, json.dumps(payload) if text else payload, *states)

    github.add_deployment("prod", "deploy", "e" * 40, "not json", "success")
    deploy("churn#prod#2", "success", sha="e" * 40)
    deploy("churn#prod#2", "success", task="something else")
    assert tags(catch_up(INPUT_DEPLOYMENTS="true")) == ["churn#prod#1", "churn#prod#2"]
    deploy("churn#prod#1", "in_progress", "failure")
    deploy("churn#prod#2", text=True)
    assert tags(catch_up(INPUT_DEPLOYMENTS="true")) == []
    assert tags(catch_up(INPUT_DEPLOYMENTS="true", INPUT_RETRY="cancelled")) == []
    assert tags(catch_up(INPUT_DEPLOYMENTS="true", INPUT_RETRY="failed")) == ["churn#prod#1"]
    assert tags(catch_up()) == ["churn#prod#1", "churn#prod#2"]


def test_old_deployments_are_not_asked_for(catch_up: CatchUp, github: GitHubServer) -> None:
    for number in range(350):
        github.add_deployment("prod", "deploy:churn", "e" * 40, {}, created=NOW - (400 - number) * DAY)
    assert tags(catch_up(INPUT_DEPLOYMENTS="true")) == NAMES
    assert len([each for each in github.received if each.path.endswith("/deployments")]) == 1


def test_the_summary_has_strangers_text_as_code(catch_up: CatchUp, registry: Repo) -> None:
    registry.tag("<b>@team#prod", time=NOW - 50)
    run = catch_up(INPUT_SINCE="1h")
    assert "<b>@team" not in run.summary.replace("<code>&lt;b&gt;@team", "")
