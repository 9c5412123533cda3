"""Deployments, held against a model: whatever happens when, in the end only what the stages hold is active.

`make test-deep` tries 1,000 lives; `GTO_ACTION_DEPLOYMENTS_SEED` begins with another one.
"""

import os
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

import pytest

from gto_action.answer.answer import OfEvent
from gto_action.deployments.run import Reporter
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import DeploymentInputs
from tests.support.api_runs import HURRY
from tests.support.deployed_model import PATTERNS, STATES, Job, Life
from tests.support.deployments import TOKEN, parsed, record
from tests.support.figures import FIGURE
from tests.support.github_server import GitHubServer
from tests.support.runner_files import parse_outputs

COUNT: Final = int(os.environ.get("GTO_ACTION_DEPLOYMENTS_COUNT", "30"))
SEED: Final = int(os.environ.get("GTO_ACTION_DEPLOYMENTS_SEED", "20261127"))
OVER: Final = {"inactive", "failure", "error"}


class World:
    """The tags of a life, and GitHub."""

    def __init__(self, life: Life, github: GitHubServer, folder: Path) -> None:
        self.life, self.github = life, github
        self.now = 1_700_000_000.0
        github.clock = lambda: self.now
        github.commits = {each: each * 40 for each in "abc"}
        self._output = folder / "output"

    def step(self, job: Job, state: str, number: str) -> None:
        """A step of a job, at a time of its own."""
        self.now += 10
        self._output.write_bytes(b"")
        environ = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_OUTPUT": str(self._output),
            "INPUT_TOKEN": TOKEN,
            "INPUT_STATE": state,
            "INPUT_ENVIRONMENT": self.life.pattern,
        }
        registry = Registry([record(row.name, row.time, row.commit) for row in self.life.rows])
        tag = parsed(job.row.name)
        reporter = Reporter(
            read_inputs(DeploymentInputs, environ), read_environment(environ), Runner(environ, HURRY), 60
        )
        if number:
            reporter.go_on(tag, int(number), registry, self.now)
            return
        event = registry.event(tag)
        reporter.begin(OfEvent(event=event, standing=standing_of(event, registry), registry=registry), self.now)
        job.number = parse_outputs(self._output.read_bytes())["deployment-id"]


def live(seed: int, github: GitHubServer, folder: Path) -> Counter[str]:
    """One life; gives how often what was the case."""
    random = Random(seed)
    life = Life(random, random.choice(PATTERNS), random.choice(["a", "ab", "ab", "abc"]), random.choice([0, 0, 0.2]))
    haste = random.choice([0.15, 0.3, 0.6])
    world = World(life, github, folder)
    pushes = random.choice([3, 6, 10, 15])
    while pushes:
        if not life.jobs or random.random() < haste:
            life.push()
            pushes -= 1
        else:
            go_on(world, life.next_job())
    while left := [job for job in life.jobs if not job.reported]:
        go_on(world, random.choice(left))
    return judge(life, github)


def go_on(world: World, job: Job) -> None:
    """The next step of a job, or its last once more."""
    state = world.life.random.choice(STATES)
    if state == "skipped":
        world.life.skipped.add(job.row.name)
    if not job.begun:
        world.step(job, state, "")
        job.begun = True
    else:
        if job.number:
            world.step(job, state, job.number)
        job.reported = True


def judge(life: Life, github: GitHubServer) -> Counter[str]:
    told: Counter[str] = Counter()
    for each in github.deployments:
        name, states = each["payload"]["tag"], [status["state"] for status in github.statuses[each["id"]]]
        story = f"{each['id']} of {name} in {each['environment']}: {states}; {life.allowed()}, {life.rows}"
        if states[-1] not in OVER:
            assert (each["environment"], name) in life.allowed(), f"still active: {story}"
            told["active"] += 1
        elif states[-1] == "inactive":
            told["inactive"] += 1
        else:
            told["failed"] += 1
        assert name not in life.always - life.skipped or "inactive" not in states, f"ended: {story}"
        told["revived"] += any(one == "inactive" != two for one, two in pairwise(states))
    names = [each["payload"]["tag"] for each in github.deployments]
    assert len({*names}) == len(names), "made twice"
    return told


@pytest.mark.parametrize("part", range(2))
def test_lives(part: int, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    told: Counter[str] = Counter()
    for seed in range(SEED, SEED + COUNT)[part::2]:
        with GitHubServer(TOKEN) as github:
            github.checked = COUNT <= 30
            try:
                told += live(seed, github, tmp_path)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {error}") from error
    record_property(FIGURE, f"deployments, {COUNT} lives from seed {SEED}, part {part}: {dict(sorted(told.items()))}")
    assert all(told[each] for each in ("active", "inactive", "failed")), told
