"""Each CI system gives the answer of the action: for every tag of a registry such as iterative/example-gto has."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from gto_action.answer.document import NAMES as OUTPUTS
from tests.support.action import run_entrypoint
from tests.support.ci_runs import NAMES, RUNS, run_event
from tests.support.repo import Repo

DVC_YAML = """\
artifacts:
  awesome-model: {path: models/awesome-model.pkl, type: model, desc: Detects what is awesome, labels: [cv]}
  new-artifact: {path: s3://bucket/new, type: dataset}
"""
MONOREPO = "artifacts: {churn: {path: churn.pkl, desc: 'Who leaves #1: it''s = all'}}\n"
HISTORY = (
    ("awesome-model@v0.0.1", "awesome-model#dev#1"),
    ("awesome-model@v0.0.2", "awesome-model#dev#2", "new-artifact@v1.0.0-rc.1+cpu", "new-artifact#stage/eu"),
    (
        "models=churn@v3.1.0",
        "models=churn#prod#1",
        "awesome-model#prod",
        "unnamed#staging",
        "random",
        "awesome-model@0.1",
    ),
    ("models=churn@v3.1.1", "models=churn#prod#2"),
)
LATER = {
    "awesome-model#dev!#3": "awesome-model@v0.0.2",
    "models=churn@v3.1.1!#4": "models=churn@v3.1.1",
    "models=churn#prod!#5": "models=churn@v3.1.1",
    "new-artifact@deprecated#6": "new-artifact@v1.0.0-rc.1+cpu",
}
"""Each at the commit of another tag."""
TAGS = [tag for tags in (*HISTORY, LATER) for tag in tags]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Mapping[str, str]]]:
    """The registry, and what the action gives on GitHub for each of its tags."""
    folder = tmp_path_factory.mktemp("example")
    repo, time = Repo(folder / "srv/o/r"), 1_000
    for number, tags in enumerate(HISTORY):
        commit = repo.commit({"dvc.yaml": DVC_YAML, "models/dvc.yaml": MONOREPO, "n": str(number)}, time=time)
        for tag in tags:
            time += 10
            repo.tag(tag, commit, time=time)
    for tag, of in LATER.items():
        time += 10
        repo.tag(tag, of + "^{commit}", time=time)
    found: dict[str, Mapping[str, str]] = {}
    for tag in TAGS:
        given = {"GITHUB_SERVER_URL": f"file://{folder}/srv", "GITHUB_REPOSITORY": "o/r", "GITHUB_EVENT_NAME": "push"}
        run = run_entrypoint(folder / "run", given | {"GITHUB_REF": f"refs/tags/{tag}"})
        assert run.outputs is not None, run.log
        found[tag] = {f"GTO_{name.replace('-', '_').upper()}": run.outputs[name] for name in OUTPUTS}
    return repo.path, found


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("key", RUNS)
def test_the_answer_is_that_of_the_action(
    key: str, tag: str, example: tuple[Path, dict[str, Mapping[str, str]]], clone: Path
) -> None:
    path, on_github = example
    subprocess.run(["git", "config", "remote.origin.url", path.as_uri()], check=True)
    given = RUNS[key].variables("", tag, clone)
    variables = {name: text for name, text in given.items() if "/o/r" not in text and name != "GITHUB_REPOSITORY"}
    result = run_event(*(each.format(tag=tag) for each in RUNS[key].arguments), variables=variables)
    assert result.exit_code == 0, result.output
    expected = {f"GTO_{name}": on_github[tag][f"GTO_{name}"] for name in NAMES}
    found = dict(RUNS[key].read(clone, result))
    if not found["GTO_EVENT"]:  # outputs are texts, and empty then; the document has false
        found = {name: text.removeprefix("false") for name, text in found.items()}
    if key == "bitbucket" and "'" in expected["GTO_DESCRIPTION"]:  # the only value that a system is not given
        expected["GTO_DESCRIPTION"] = ""
    assert found == expected
