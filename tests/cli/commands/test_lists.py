"""`history`, `stages` and `tags`."""

import json

import pytest

from tests.support.command_line import Run, rows_of
from tests.support.repo import Repo


def test_history_is_a_table_newest_first(run: Run, registry: Repo) -> None:
    commit = registry.git("rev-parse", "churn@v1.0.0^{commit}")[:7]
    rows = rows_of(run("history", "churn").stdout)
    assert rows[0] == ["timestamp", "artifact", "event", "version", "stage", "commit", "ref"]
    assert [row[-1] for row in rows[1:]] == ["churn#dev#2", "churn@v1.1.0", "churn#prod#1", "churn@v1.0.0"]
    assert rows[-1] == ["1970-01-01T00:16:41+00:00", "churn", "registration", "v1.0.0", "-", commit, "churn@v1.0.0"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], 8),
        (["old"], 2),
        (["models/nlp:sentiment"], 1),
        (["models/nlp=sentiment"], 1),
        (["nobody"], 0),
        (["churn@latest"], 0),
    ],
)
def test_history_as_json(run: Run, arguments: list[str], expected: int) -> None:
    result = run("history", *arguments, "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)) == expected
    assert len(run("history", *arguments).stdout.splitlines()) == (expected + 1 if expected else 0)


def test_stages_in_use(run: Run) -> None:
    assert run("stages").stdout == "dev\nprod\n"
    assert json.loads(run("stages", "--json").stdout) == ["dev", "prod"]


def test_stages_allowed(run: Run, registry: Repo) -> None:
    registry.commit({".gto": "stages: [prod, qa]"}, time=4000)
    assert run("stages").stdout == "prod\nqa\n"
    assert run("stages", GTO_STAGES='["only"]').stdout == "only\n"
    assert rows_of(run("show").stdout)[0] == ["name", "latest", "#prod", "#qa"]


def test_tags(run: Run, registry: Repo) -> None:
    registry.lightweight("churn@1.0.0")
    assert run("tags", "--other").stdout == "churn@1.0.0\nnightly-7\n"
    ours = run("tags").stdout.splitlines()
    assert ours == sorted({*registry.git("tag").splitlines()} - {"churn@1.0.0", "nightly-7"})
