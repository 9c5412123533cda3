"""Which events count for the author of a workflow."""

from dataclasses import dataclass

from gto_action.job.patterns import Patterns, fits, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Patterns for the kinds of events, the artifacts and the stages; without patterns everything fits."""

    events: Patterns = ()
    names: Patterns = ()
    stages: Patterns = ()

    def match(self, *, event: str, name: str, stage: str) -> bool:
        """Whether an event is one that the workflow's author wants."""
        return fits(self.events, event) and self.covers(name=name, stage=stage)

    def covers(self, *, name: str, stage: str) -> bool:
        """Whether an artifact's stage is one that the workflow's author cares about, whatever happens to it."""
        return fits(self.names, name) and fits(self.stages, stage)

    def unmatched(self, *, event: str, name: str, stage: str) -> str:
        """Why an event is not one that the workflow's author wants, in one sentence; empty if it is."""
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
