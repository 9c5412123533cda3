"""Thousands of runs, events, commits and characters."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from gto_action.gto.artifact import Artifact
from gto_action.gto.fold import fold
from gto_action.gto.names import ArtifactName
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import Tag
from tests.support.built import build
from tests.support.catch_up import HOUR, NAMES, NOW, CatchUp, events, handle, tags
from tests.support.git_server import GitServer
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


def test_thousands_of_runs_of_one_commit(catch_up: CatchUp, github: GitHubServer) -> None:
    handle(github, "churn@v1.0.0", created=NOW - 49 * HOUR)
    for number in range(1_300):
        github.add_run("main", github.commits["churn@v1.0.0"], created=NOW - 40 * HOUR + number)
    assert tags(catch_up()) == NAMES[1:]


def test_thousands_of_runs(catch_up: CatchUp, github: GitHubServer, registry: Repo) -> None:
    """Every page of every search is read, if there is no shorter way."""
    several = [registry.commit({"n": str(number)}, time=NOW) for number in range(40)]
    for number, commit in enumerate(several):
        registry.tag(f"many@v1.{number}.0", commit, time=NOW - 100)
    handle(github, "churn@v1.0.0", created=NOW - 49 * HOUR)
    for number in range(2_350):
        github.add_run(f"branch-{number}", "e" * 40, created=NOW - 40 * HOUR + number // 3)
    github.add_run("many@v1.7.0", several[7], created=NOW - 90)
    found = tags(catch_up(INPUT_LIMIT="256"))
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
    run = catch_up(INPUT_NAMES="many", INPUT_LIMIT="256")
    assert tags(run) == [f"many@v1.{number}.0" for number in range(256)]
    assert "44 of the 300 missed events are left. The next run lists them once" in run.told("warning")[0]
    assert tags(catch_up(INPUT_NAMES="many")) == [f"many@v1.{number}.0" for number in range(20)]


def test_each_artifact_is_folded_once_for_all_of_its_events(
    catch_up: CatchUp, registry: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[str] = []

    def counted(name: ArtifactName, tags: Iterable[tuple[Tag, TagRecord]]) -> Artifact:
        folded.append(str(name))
        return fold(name, tags)

    monkeypatch.setattr("gto_action.gto.registry.fold", counted)
    build(registry.path, "\n".join(f"many#prod#{number} a {NOW - 400 + number}" for number in range(100)))
    found = events(catch_up(INPUT_NAMES="many", INPUT_LIMIT="100"))
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
    assert "3 of the 9 missed events are left" in run.told("warning")[0]


def test_the_annotations_of_many_commits_come_in_two_requests(
    catch_up: CatchUp, registry: Repo, srv: Path, github: GitHubServer
) -> None:
    for number in range(30):
        text = f"artifacts: {{many: {{path: {number}.pkl}}}}"
        commit = registry.commit({"models/dvc.yaml": text, "other": str(number)}, time=NOW)
        registry.tag(f"models=many@v1.{number}.0", commit, time=NOW - 100 + number)
    with GitServer(srv) as server:
        found = events(catch_up(GITHUB_SERVER_URL=server.url, INPUT_NAMES="models:many", INPUT_LIMIT="50"))
        asked = [each for each in server.requests if each.path.endswith("git-upload-pack")]
    assert [each["path"] for each in found] == [f"models/{number}.pkl" for number in range(30)]
    # what the server can do, a list of refs, the tags; the folders of the commits, and the files
    assert len(asked) == 3 + 2
    assert github.received
