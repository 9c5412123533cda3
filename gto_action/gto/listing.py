"""Which versions and stages of an artifact to list, by the options of `gto show` (R23, R25)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gto_action.gto.artifact import Artifact, StageState, VersionState
from gto_action.gto.names import StageName
from gto_action.gto.rules import began_in, last_assigned_first, rank_in

ALL: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What to list; by default the same as `gto show` without options."""

    deprecated: bool = False
    """Whether to list deprecated artifacts and deregistered versions too."""
    registered_only: bool = False
    """Whether to leave out commits without a version."""
    per_version: int = ALL
    """How many stages of a version count; those that it was assigned to first come first."""
    per_stage: int = 1
    """How many versions a stage holds."""
    by_semver: bool = False
    """Whether a stage lists the greatest versions first, not those assigned last."""

    def versions(self, artifact: Artifact) -> list[VersionState]:
        """By SemVer, greatest first, and of equal ones the later registered; then the commits without a version."""
        return _ordered([state for state in artifact.versions if self.deprecated or state.active])

    def stages(self, artifact: Artifact) -> dict[StageName, list[VersionState]]:
        """The versions that each stage holds, in gto's order."""
        found: dict[StageName, list[VersionState]] = {}
        for stage, state in self._assigned(artifact):
            holders = found.setdefault(stage, [])
            room = self.per_stage == ALL or len(holders) < self.per_stage
            if room and str(state) not in map(str, holders):
                holders.append(state)
        return found

    def _assigned(self, artifact: Artifact) -> Iterable[tuple[StageName, VersionState]]:
        """Pairs of a stage and a version in it."""
        if (self.per_version, self.per_stage, self.by_semver) == (ALL, 1, False) and not self.registered_only:
            return artifact.held
        states = [state for state in artifact.versions if state.active and (state.version or not self.registered_only)]
        found = [(state, stage, held) for state in _ordered(states) for stage, held in self._of_version(state)]
        if self.by_semver:
            return [(stage, state) for state, stage, _ in found]
        return last_assigned_first(
            (rank_in(state, held), began_in(held), (stage, state)) for state, stage, held in found
        )

    def _of_version(self, state: VersionState) -> list[tuple[StageName, StageState]]:
        """The stages that a version is in, first assigned first, as many as count.

        To gto each assignment of a commit without a version has its own version, and the last one comes first.
        """
        held = [(stage, each) for stage, each in state.stages.items() if each.active]
        if state.version is None:
            held.sort(key=lambda pair: rank_in(state, pair[1])[-1], reverse=True)
            return held if self.per_version else []
        held.sort(key=lambda pair: pair[1].assignments[-1].order[0])
        return held if self.per_version == ALL else held[: self.per_version]


def _ordered(states: list[VersionState]) -> list[VersionState]:
    registered = [(state.version, state) for state in states if state.version]
    registered.sort(key=lambda pair: pair[0])
    unregistered = [state for state in states if state.version is None]
    unregistered.sort(key=lambda state: state.commit)
    return [*(state for _, state in reversed(registered)), *reversed(unregistered)]
