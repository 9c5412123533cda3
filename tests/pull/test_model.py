"""Generated commits in every state of workspace: what `pull` delivers is the commit's tree, or it refuses.

`make test` tries 30, `make test-deep` 500; each prints its seed, and what was refused.
"""

import os
import random
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.figures import FIGURE
from tests.support.generated_commits import generate
from tests.support.naive_pull import EMPTY, TAG, found_at
from tests.support.pulls import run_pull_at
from tests.support.repo import Repo
from tests.support.workspaces import STATES, fill_cache, fill_lfs

COUNT: Final = int(os.environ.get("GTO_ACTION_PULL_COUNT", "30"))
SEED: Final = int(os.environ.get("GTO_ACTION_PULL_SEED", "20261126"))
OUTSIDE: Final = Path("/etc/passwd")
"""A file of this machine, to which links of the generated commits lead."""
PRISTINE: Final = OUTSIDE.read_bytes()
BATCH: Final = 5
"""How many cases are one test."""


def everything(workspace: Path) -> dict[str, object]:
    """What there is, but for what git and DVC have for themselves."""
    found = found_at(workspace).items()
    files = {name: each for name, each in found if each[0] != EMPTY}
    return {name: each for name, each in files.items() if not name.startswith(".git/") and ".dvc/cache/" not in name}


@pytest.mark.parametrize("batch", range((COUNT + BATCH - 1) // BATCH))
def test_what_is_delivered_is_the_commits(batch: int, tmp_path: Path, record_property: Any) -> None:  # noqa: ANN401 - pytest's
    refusals: dict[str, int] = {}
    delivered = 0
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        seed = f"{SEED}/{number}"
        reason = one_case(random.Random(seed), tmp_path / "case", seed)
        refusals[reason] = refusals.get(reason, 0) + 1
        shutil.rmtree(tmp_path / "case")
    delivered = refusals.pop("", 0)
    record_property(FIGURE, f"pull, seed {SEED}, batch {batch}: {delivered} delivered, refused: {refusals}")


def one_case(rng: random.Random, base: Path, seed: str) -> str:
    """Holds one commit and one workspace against the model; gives why nothing is delivered, or nothing."""
    commit = generate(rng)
    repo = Repo(base / "srv/o/r")
    commit.make(repo, base / "store")
    workspace = base / "workspace"
    workspace.mkdir()
    state = rng.choice(list(STATES))
    STATES[state](workspace, commit, repo.path, rng)
    caches = rng.choice(["", "", "true", "lies"]) if (workspace / ".git").is_dir() else ""
    if caches:
        fill_cache(workspace, commit, rng, lies=caches == "lies")
    has = fill_lfs(workspace, commit, rng)
    before, outside = everything(workspace), OUTSIDE.read_bytes()
    assert outside == PRISTINE, f"seed {seed}, workspace {state}"
    expected = commit.expected(has)
    run = run_pull_at(repo.path, TAG, workspace, base / "run", INPUT_TOKEN="a-token-of-the-tests")
    about = f"seed {seed}, workspace {state}, cache {caches!r}\n{run.log}\n{expected}\n{commit}"
    assert "Traceback" not in run.log, about
    assert not (base / "ran").exists(), about
    assert OUTSIDE.read_bytes() == outside, about
    after = everything(workspace)
    if isinstance(expected, str):
        assert run.code == 1, about
        assert _MESSAGES.get(expected, expected) in run.told("error")[0] or expected == "no such path", about
        assert after == before, about
        return expected
    assert run.code == 0, about
    assert found_at(workspace / commit.path) == expected, about
    own = (commit.path, f"{commit.path}/")
    rest = {name: each for name, each in before.items() if name != own[0] and not name.startswith(own[1])}
    assert {name: each for name, each in after.items() if name != own[0] and not name.startswith(own[1])} == rest, about
    found = run.document["pull"]
    expected = {way: each for way, each in expected.items() if each[0] != EMPTY}
    assert {each["path"] for each in found["files"]} == {way or Path(commit.path).name for way in expected}, about
    assert found["count"] == len(expected), about
    assert found["size"] == sum(len(content) for _, content in expected.values()), about
    return ""


_MESSAGES: Final = {
    "link": "link",
    "both": "both track",
    "leads out": "leads out of",
    "does nothing": "refuses to continue",
}
