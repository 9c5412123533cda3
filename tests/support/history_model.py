"""What happens to tags and to the runs of a workflow, in the order of time, and which tag each run saw.

It knows what GitHub does not say: which tag object was there when a run looked. It is written without a look at the
code, and shares nothing with it. Times are seconds; those of tags are by the clocks of whoever made them.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final

HOUR: Final = 3_600
DAY: Final = 24 * HOUR
START: Final = 100 * DAY
LENGTH: Final = 16 * DAY
WORST: Final = 2 * DAY
"""By how much a clock may be wrong."""
NAMES: Final = ("m@v1.0.0", "m#prod#1", "m#prod#2", "m#dev!#3", "d=n#prod", "d=n@v0.1.0")
COMMITS: Final = "abc"
CANCELLED: Final = {"cancelled", "stale"}
NOT_COUNTED: Final = {
    "none": set[str](),
    "cancelled": CANCELLED,
    "failed": CANCELLED | {"failure", "timed_out", "startup_failure"},
}


@dataclass(frozen=True)
class Made:
    """A tag object."""

    number: int
    name: str
    commit: str
    at: int
    """When it was made in truth."""
    date: int
    """When its maker's clock said that was."""


@dataclass(frozen=True)
class Attempt:
    """A run, or the same run once more."""

    began: int
    looked: int
    """When it asked for the tags."""
    ended: int
    conclusion: str


@dataclass
class Run:
    """A run of the workflow."""

    name: str
    commit: str
    event: str
    attempts: list[Attempt]

    @property
    def created(self) -> int:
        return self.attempts[0].began

    def until(self, now: int) -> list[Attempt]:
        return [each for each in self.attempts if each.began <= now]

    def over(self, now: int) -> bool:
        return self.until(now)[-1].ended <= now

    def conclusion(self, now: int) -> str:
        """As GitHub says it; empty while it runs."""
        return self.until(now)[-1].conclusion if self.over(now) else ""

    def counts(self, now: int, retry: str) -> bool:
        return self.conclusion(now) not in NOT_COUNTED[retry] and self.event != "pull_request"


@dataclass
class History:
    """Everything that happens, from START on."""

    random: Random
    retry: str = "none"
    pushes: list[tuple[int, str, Made | None]] = field(default_factory=list)
    """When what was there of a name; None if nothing any more."""
    runs: list[Run] = field(default_factory=list)
    made: int = 0

    def there(self, name: str, time: int) -> Made | None:
        """The tag of a name on GitHub at a time."""
        before = [(at, place, tag) for place, (at, of, tag) in enumerate(self.pushes) if of == name and at <= time]
        return max(before, key=lambda each: each[:2])[2] if before else None

    def all_there(self, time: int) -> list[Made]:
        return [tag for name in NAMES if (tag := self.there(name, time))]

    def is_handled(self, tag: Made, now: int) -> bool:
        """Whether a run that counts has seen just this tag, or is about to."""
        return any(
            self.there(run.name, attempt.looked) == tag
            for run in self.runs
            if run.created <= now and (run.name, run.commit) == (tag.name, tag.commit) and run.counts(now, self.retry)
            for attempt in run.until(now)
        )

    def like(self, tag: Made, now: int) -> list[Run]:
        """The runs that count of a tag's name at its commit."""
        runs = [run for run in self.runs if run.created <= now and run.counts(now, self.retry)]
        return [run for run in runs if (run.name, run.commit) == (tag.name, tag.commit)]

    # What may happen

    def start(self, name: str, commit: str, time: int, event: str) -> None:
        """A run begins."""
        self.runs.append(Run(name, commit, event, [self._attempt(time)]))

    def _attempt(self, time: int) -> Attempt:
        waits = self.random.choice([*[20] * 8, self.random.randrange(6 * DAY), self.random.randrange(HOUR)])
        conclusion = self.random.choice(["success"] * 6 + ["failure", "cancelled", "timed_out", "stale"])
        looked = time + 1 + waits
        return Attempt(time, looked, looked + self.random.choice([30, 600, 3 * HOUR]), conclusion)

    def push(self, name: str, commit: str, made: int, pushed: int, skew: int) -> None:
        """A tag is made, pushed, and starts a run or does not."""
        self.made += 1
        self.pushes.append((pushed, name, Made(self.made, name, commit, made, made + skew)))
        if self.random.random() < 0.55:
            self.start(name, commit, pushed + self.random.randrange(1, 6), "push")

    def happen(self, time: int, skews: list[int]) -> None:
        """One thing happens, or nothing if it cannot."""
        draw = self.random
        name = draw.choice(NAMES)
        tag = self.there(name, time)
        late = draw.choice([*[draw.randrange(2, 60)] * 5, draw.randrange(2 * DAY)])
        skew = draw.choice(skews)
        what = draw.choice(
            ("make", "make", "make", "remake", "remake", "delete", "move", "hand", "again", "pull request")
        )
        if what == "make" and not tag:
            self.push(name, draw.choice(COMMITS), time - late, time, skew)
        elif what == "remake" and tag:
            self.pushes.append((time, name, None))
            made = time + draw.choice([1, 60, draw.randrange(HOUR), draw.randrange(5 * DAY)])
            if not any(of == name and at > time for at, of, _ in self.pushes):
                self.push(name, tag.commit, made, made + late, skew)
        elif what == "delete" and tag:
            self.pushes.append((time, name, None))
        elif what == "move" and tag:
            self.push(name, draw.choice(COMMITS), time - late, time, skew)
        elif what in {"hand", "pull request"} and tag:
            self.start(name, tag.commit, time, "workflow_dispatch" if what == "hand" else "pull_request")
        elif what == "again":
            over = [run for run in self.runs if run.created <= time and run.attempts[-1].ended < time]
            if over:
                draw.choice(over).attempts.append(self._attempt(time))


def history(seed: int) -> tuple[History, list[int]]:
    """What has happened before anybody catches up, and when somebody does; what is started then is to be added."""
    random = Random(seed)
    skews = [0] * random.choice([1, 3, 30]) + [random.randrange(-WORST, WORST + 1) for _ in range(2)]
    found = History(random, random.choice(list(NOT_COUNTED)))
    for time in sorted(random.randrange(START, START + LENGTH) for _ in range(random.choice([5, 15, 40]))):
        found.happen(time, skews)
    looks = sorted(random.randrange(START, START + LENGTH) for _ in range(12))
    return found, looks
