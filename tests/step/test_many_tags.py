"""A registry of very many tags: the answer is the same, and the table of other artifacts makes room for a line."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from gto_action.git.wire.fetching import MANY
from tests.support.action import Action, Run
from tests.support.git_server import GitServer
from tests.support.repo import Repo

TAG = "churn#prod#2"
LINE = f"The registry has more than {MANY:,} tags, so only those of 'churn' were read."


@pytest.fixture
def with_tags(repo: Repo) -> Callable[[int], None]:
    """Makes it so many tags, of which all but a few are of others."""
    repo.commit({"dvc.yaml": "artifacts: {churn: {path: models/churn}}\n"}, time=1)
    repo.tag("churn@v1.0.0", time=2)
    repo.tag("churn#prod#1", time=3)
    repo.tag(TAG, time=4)
    repo.tag("other@v1.0.0", time=5)
    repo.git("pack-refs", "--all")
    head, *lines = (repo.path / "packed-refs").read_text().splitlines()
    own = {line[41:]: [line, after] for line, after in pairwise([*lines, ""]) if not line.startswith("^")}
    oid = repo.git("rev-parse", "refs/tags/other@v1.0.0")

    def make(count: int) -> None:
        names = (f"refs/tags/model-{number:05}@v1.0.0" for number in range(count - 4))
        every = own | {name: [f"{oid} {name}", ""] for name in names}
        rows = [row for _, (line, after) in sorted(every.items()) for row in (line, after if after[:1] == "^" else "")]
        (repo.path / "packed-refs").write_text("\n".join([head, *filter(None, rows), ""]))

    return make


@pytest.mark.parametrize("over", ["http", "file"])
def test_outputs_do_not_depend_on_other_artifacts(
    repo: Repo, srv: Path, action: Action, with_tags: Callable[[int], None], over: str
) -> None:
    with GitServer(srv) as server:
        where = {"GITHUB_SERVER_URL": server.url} if over == "http" else {}
        runs: dict[int, Run] = {}
        for count in (MANY, MANY + 1):
            with_tags(count)
            runs[count] = action(f"refs/tags/{TAG}", **where)
            assert runs[count].code == 0, runs[count].log
    few, many = runs.values()
    assert few.outputs == many.outputs
    assert f"model-{MANY - 5:05}" not in many.log
    assert "::group::Registry" in few.log
    assert LINE not in few.log
    assert LINE in many.log
    assert "so only those of" in many.summary
    for said in ("History of", "churn#prod#1"):
        assert said in few.log
        assert said in many.log
        assert said in few.summary
        assert said in many.summary
    assert "Registry: " in few.summary
    assert "Registry: " not in many.summary
