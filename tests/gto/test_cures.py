"""What `doctor` says to do is done, in a shell, in generated registries: no stage changes, and nothing is left wrong."""

import os
import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.gto.registry import Registry
from tests.support.built import build
from tests.support.doctor import doctor, says_so
from tests.support.figures import FIGURE
from tests.support.gto_process import Gto
from tests.support.repo import Repo

COUNT = int(os.environ.get("GTO_ACTION_CURES_COUNT", "30"))
SEED = int(os.environ.get("GTO_ACTION_ORACLE_SEED", "20261123"))
BATCH = 5
ARTIFACTS = ("m", "d/e=m")
NOW = int(time.time())

Stages = dict[str, tuple[bool, dict[str, str]]]
"""Of each artifact, whether it is active, and which commit each of its stages holds."""


def generated(choose: random.Random, path: Path) -> None:
    """A registry with much that is wrong, and times that are often the same."""
    lines: dict[str, str] = {}
    versions: dict[str, str] = {}
    for number in range(choose.randrange(3, 9)):
        commit = choose.choice("ABC")
        version = versions.setdefault(commit, f"v{len(versions)}.0.0")
        what = choose.choice([f"@{version}", f"@{version}", f"@{version}!", "#dev", "#prod", "#prod!", "@deprecated"])
        name = f"{choose.choice(ARTIFACTS)}{what}{choose.choice(['', f'#{number}'])}"
        lines.setdefault(name, f"{name} {commit} {choose.randrange(choose.choice([2, 5000]))}")
    build(path, "\n".join(lines.values()))
    repo = Repo(path)
    for number in range(choose.randrange(1, 5)):
        wrong(
            choose, repo, f"{choose.choice(ARTIFACTS)}{choose.choice(WHAT).format(choose.randrange(3))}#{100 + number}"
        )


WHAT = ("@v{}.0.0", "@v{}.0.0", "@v{}.0.0!", "#dev", "#prod", "#prod!", "@deprecated")


def wrong(choose: random.Random, repo: Repo, name: str) -> None:
    """A tag with something wrong."""
    target = choose.choice(repo.git("rev-list", "main").split())
    seconds = choose.choice([0, 1, 3000, 3000, 4000])
    who = "Ada <ada@example.com>"
    ahead = NOW + choose.choice([10, 100, 100, 400]) * 86_400
    match choose.randrange(12):
        case 0 | 1:
            repo.lightweight(name, target)
        case 2 | 3:
            repo.tag(name, target, tagger=choose.choice(["", who, f"{who} -5 +0000"]))
        case 4 | 5:
            repo.tag(name, target, tagger=f"{who} {choose.choice([ahead, ahead, 253_402_300_800])} +0000")
        case 6:
            repo.tag(name, target, time=seconds, inner_name=choose.choice(["foo", "m@v9.0.0", "m#prod"]))
        case 7:
            repo.tag(name, target, time=seconds, message=b"caf\xe9")
        case 8:
            repo.tag(name, target, tagger=f"{who} {seconds} +9999")
        case 9:
            repo.tag(name, f"{target}^{{tree}}", time=seconds, kind="tree")
        case 10:
            repo.tag(choose.choice(["m@1.0.0", "m@vv1.0.0", "m#prod#", "x@created"]), target, time=seconds)
        case _:
            repo.tag(name, target, tagger=f" <ada@example.com> {seconds} +0200")


def stages_of(path: Path) -> Stages:
    with Repository(Remote(path.as_uri()), log=print) as repository:
        tags = repository.fetch()
        artifacts = Registry(tags.records).artifacts()
    return {
        str(each.name): (each.active, {str(stage): state.commit for stage, state in each.stages.items()})
        for each in artifacts
        if each.stages
    }


def _what(problem: dict[str, Any]) -> str:
    """What is wrong; of several versions not which, and not what gto makes of it: a name inside a tag may have hidden it."""
    message: str = problem["message"]
    return message.partition(", which has a stage: ")[0]


def shell(work: Path, command: str) -> None:
    options = ("user.name=Cy", "user.email=cy@example.com")
    variables = {f"GIT_CONFIG_{what}_{i}": text for i, pair in enumerate(options) for what, text in zip(("KEY", "VALUE"), pair.split("="), strict=True)}  # fmt: skip
    environment = {**os.environ, "GIT_CONFIG_COUNT": "2", **variables}
    done = subprocess.run(
        ["bash", "-c", command], cwd=work, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stderr)


@pytest.fixture(scope="module")
def gto() -> Any:  # noqa: ANN401 - pytest's
    gto = Gto()
    yield gto
    gto.close()


@pytest.mark.parametrize("batch", range((COUNT + BATCH - 1) // BATCH))
def test_cures(gto: Gto, tmp_path: Path, batch: int, record_property: Any) -> None:  # noqa: ANN401 - pytest's
    choose = random.Random(f"cures {SEED} {batch}")
    run = left_over = 0
    for number in range(BATCH):
        origin, work = tmp_path / f"{number}/origin", tmp_path / f"{number}/work"
        generated(choose, origin)
        subprocess.run(["git", "clone", "-q", str(origin), str(work)], check=True)
        found = doctor(Repo(work / ".git"))
        before = stages_of(work)
        for problem in found:
            if problem["command"]:
                shell(work, problem["command"])
                assert stages_of(work) == before, (found, problem)
                run += 1
        left = doctor(Repo(work / ".git"))
        assert {_what(problem) for problem in left} <= {_what(problem) for problem in found if not problem["command"]}
        assert all(not problem["command"] for problem in left)
        tags = [Repo(path).git("for-each-ref", "refs/tags") for path in (origin, work / ".git")]
        assert tags[0] == tags[1]
        if not says_so(left):
            (answer,) = gto.ask(work, [("show", "")])
            assert "error" not in answer
        left_over += len(left)
    record_property(
        FIGURE, f"cures, seed {SEED}, batch {batch}: {BATCH} registries, {run} commands, {left_over} without"
    )
