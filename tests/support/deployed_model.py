"""What happens to the tags of one artifact, which jobs run for them when, and what each stage holds in the end.

It is written without a look at the code, and shares nothing with it: what a stage holds is said by `naive_registry`.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.support.naive_registry import Row, assigned, is_artifact_active, stages

STATES: Final = ("queued", "pending", "in_progress", *["success"] * 4, "failure", "error", "cancelled", "skipped")
PATTERNS: Final = ("{stage}", "{stage}", "{name}-{stage}", "{name}", "all")
# What a tag is named after its artifact, and what it is about.
_KINDS: Final = (
    *[("assignment", "#{}", "prod")] * 6,
    *[("assignment", "#{}", "dev")] * 2,
    *[("unassignment", "#{}!", "prod")] * 3,
    ("unassignment", "#{}!", "dev"),
    *[("registration", "@{}", version) for version in ("v1.0.0", "v2.0.0")],
    *[("deregistration", "@{}!", version) for version in ("v1.0.0", "v2.0.0")],
    ("deprecation", "@deprecated", ""),
)


def holders(rows: list[Row]) -> dict[str, str]:
    """The tag name of the assignment by which each stage has its version."""
    held = stages(rows) if is_artifact_active(rows) else {}
    return {stage: assigned(rows, key, stage)[-1].name for stage, key in held.items()}


def environment(pattern: str, stage: str) -> str:
    return pattern.replace("{name}", "m").replace("{stage}", stage)


@dataclass
class Job:
    """A run of the workflow for one tag: a step that begins, and one that reports."""

    row: Row
    begun: bool = False
    reported: bool = False
    number: str = ""
    """What the first step said; empty if there is nothing to deploy."""


@dataclass
class Life:
    """What one artifact lives through; `steps` and `pushes` are what is left of it."""

    random: Random
    pattern: str
    commits: str
    skewed: float
    """Of how many tags the date is wrong, by up to six tags."""
    rows: list[Row] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    """The tags of which somebody has said that the deploy was skipped."""
    always: set[str] = field(default_factory=set)
    """The tags of the assignments by which stages hold their versions, and have since they were pushed."""

    def push(self) -> Row:
        """Another tag, dated later than all others, if the clock of whoever made it is right."""
        kind, text, what = self.random.choice(_KINDS)
        place = len(self.rows) + 1
        skew = self.random.randrange(-60, 60) if self.random.random() < self.skewed else 0
        commit = self.random.choice(self.commits)
        if kind == "unassignment" and (held := holders(self.rows).get(what)) and self.random.random() < 0.8:
            commit = next(row.commit for row in self.rows if row.name == held)
        row = Row(f"m{text.format(what)}#{place}", kind, what, commit, 1_000 + 10 * place + skew)
        self.rows.append(row)
        self.jobs.append(Job(row))
        now = {*holders(self.rows).values()}
        self.always = (self.always | {row.name}) & now
        return row

    def next_job(self) -> Job:
        """One of the jobs, often the last that still has something to do; or another for a tag that has one."""
        draw = self.random.random()
        if draw < 0.45 and (waiting := [job for job in self.jobs if not job.reported]):
            return waiting[-1]
        job = self.random.choice(self.jobs)
        if draw > 0.7:  # somebody deploys again what holds now
            held = holders(self.rows).values()
            job = self.random.choice([job for job in self.jobs if job.row.name in held] or [job])
        if job.begun and draw > 0.65:
            job = Job(job.row)
            self.jobs.append(job)
        return job

    def allowed(self) -> set[tuple[str, str]]:
        """The environments and the tags of the deployments that may be active in the end."""
        return {(environment(self.pattern, stage), name) for stage, name in holders(self.rows).items()}
