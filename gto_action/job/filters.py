"""Which events the author of a workflow wants."""

from dataclasses import dataclass

from gto_action.job.patterns import Patterns, fits, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Patterns for kinds of events, artifacts and stages; without patterns everything matches."""

    events: Patterns = ()
    names: Patterns = ()
    stages: Patterns = ()

    def match(self, *, event: str, name: str, stage: str) -> bool:
        """Whether an event is wanted."""
        return fits(self.events, event) and self.covers(name=name, stage=stage)

    def covers(self, *, name: str, stage: str) -> bool:
        """Whether an artifact's stage is wanted, for any kind of event."""
        return fits(self.names, name) and fits(self.stages, stage)

    def unmatched(self, *, event: str, name: str, stage: str) -> str:
        """One sentence that says why an event is not wanted; empty if it is wanted."""
        wanted = (
            ("event", event, "events", self.events),
            ("artifact", name, "names", self.names),
            ("stage", stage, "stages", self.stages),
        )
        reasons = [
            f"{what} {value!r} is not among `{given}`: {listed(patterns)}"
            if value
            else f"there is no {what}, and `{given}` asks for {listed(patterns)}"
            for what, value, given, patterns in wanted
            if not fits(patterns, value)
        ]
        return f"Not matched: {'; '.join(reasons)}." if reasons else ""
