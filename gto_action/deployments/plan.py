"""Which deployments an event requires: one to create, and others to end."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.event import Assignment, Deregistration, Event, Unassignment
from gto_action.gto.names import ArtifactName, StageName
from gto_action.gto.record import TagRecord
from gto_action.gto.standing import Standing

TASK: Final = "deploy:"
"""The prefix of the task of every deployment that this action creates."""
FAILED: Final = frozenset({"failure", "error"})
"""The states of a failed deployment."""
_DESCRIPTION: Final = 140
"""How many characters of a description GitHub accepts."""
_PAYLOAD: Final = 32_000
"""From how many bytes on long parts of a payload are left out; GitHub's limit is not documented."""
# The parts to leave out, in this order.
_LONG: Final = ("meta", "message", "labels", "description", "pull", "stages")

TagAtCommit = tuple[str, str, str | None]
"""A tag name, the commit that the tag points to, and the tag's own date as `Signature.iso`.

A tag that was made again has another date. The date is None if a deployment does not record it.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """The deployments that an event requires."""

    environment: str = ""
    """The environment for a new deployment; empty if none is to be created."""
    kept: Mapping[str, frozenset[TagAtCommit]] = field(default_factory=dict)
    """The environments in which to end deployments, with the tags whose deployments stay."""
    before: Mapping[str, frozenset[TagAtCommit]] = field(default_factory=dict)
    """The same environments, with the tags whose deployments were active before the event."""


def plan(
    event: Event, standing: Standing, artifact: Artifact, pattern: str, covers: Callable[[StageName], bool]
) -> Plan:
    """The deployments that an event requires.

    A stage has only the deployment of the assignment that gives it its version now. A superseded event creates none,
    but it still ends those that it made obsolete: the run for the later event may not find them, because it looks only
    as far as `over` does.

    Args:
        event: what happened.
        standing: what was and is in the registry.
        artifact: as it is now.
        pattern: the pattern for names of environments, with `{name}` and `{stage}`.
        covers: whether a stage's deployments are handled.
    """
    before, now = _assignments(standing.before.stages), _assignments(standing.now.stages)
    stages = {stage for stage, assigned in before.items() if now.get(stage) != assigned}
    if isinstance(event, Assignment | Unassignment):
        stages = {event.stage}
    elif isinstance(event, Deregistration):  # it may undo an assignment that has a later date, but happened earlier
        stages |= {
            each.stage
            for each in artifact.events.values()
            if isinstance(each, Assignment) and each.commit == event.commit and each.moment > event.moment
        }
    wanted = sorted({environment_of(pattern, event.artifact, stage) for stage in stages if covers(stage)})
    makes = wanted and standing.is_current and isinstance(event, Assignment)
    made = wanted[0] if makes else ""
    kept, earlier = (
        {
            each: frozenset(of for stage, of in held.items() if environment_of(pattern, event.artifact, stage) == each)
            for each in wanted
        }
        for held in (now, before)
    )
    return Plan(made, kept, earlier)


def _assignments(stages: Mapping[StageName, VersionState]) -> dict[StageName, TagAtCommit]:
    """The assignments that gave the stages their versions."""
    found = ((stage, state.stages[stage].assigned) for stage, state in stages.items())
    return {stage: of_tag(assigned) for stage, assigned in found if assigned}


def of_tag(record: TagRecord) -> tuple[str, str, str]:
    """What a deployment of this tag records about it."""
    return record.name, record.target, record.signature.iso


def environment_of(pattern: str, name: ArtifactName, stage: StageName) -> str:
    """The name of the environment for an artifact's stage.

    >>> environment_of("{name}-{stage}", ArtifactName("churn", "models"), StageName("prod"))
    'models:churn-prod'
    """
    values = {"name": str(name), "stage": str(stage)}
    parts = pattern.replace("}", "{").split("{")
    return "".join(values[part] if odd % 2 else part for odd, part in enumerate(parts))


def task_of(name: ArtifactName) -> str:
    """The task of an artifact's deployments.

    >>> task_of(ArtifactName("churn"))
    'deploy:churn'
    """
    return f"{TASK}{name}"


def payload_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The `json` document, without its long parts if it is too large."""
    found = dict(document)
    for key in _LONG:
        if len(json.dumps(found)) <= _PAYLOAD:  # in ASCII, as it is sent
            break
        found.pop(key, None)
    return found


def described(sentence: str) -> str:
    """A sentence, cut to GitHub's limit for descriptions."""
    return sentence if len(sentence) <= _DESCRIPTION else f"{sentence[: _DESCRIPTION - 1]}…"


def over(
    listed: Iterable[tuple[int, TagAtCommit]],
    state: Callable[[int], str],
    kept: frozenset[TagAtCommit],
    before: frozenset[TagAtCommit],
) -> list[int]:
    """The deployments to end: obsolete, but still active; oldest first.

    They are ended in this order, so all deployments older than an inactive one are inactive too, and the search can
    stop there. There is one exception: a deployment that was ended and became active again when its stage fell back to
    it. Just before the event the stage had its version from that one, so the search continues until all in `before`
    are found.

    Args:
        listed: numbers of deployments, and what they deploy, newest first; read one by one.
        state: returns the state of a deployment, given its number.
        kept: the tags whose deployments stay.
        before: the tags whose deployments were active before the event.
    """
    found: list[int] = []
    sought, past = {*before} - kept, False
    known = {of[:2]: of for of in (*before, *kept)}
    for number, said in listed:
        of = known.get(said[:2], said) if said[2] is None else said
        if of in kept or (past and of not in sought):
            continue
        sought.discard(of)
        found_state = state(number)
        past = past or found_state == "inactive"
        if found_state not in FAILED | {"inactive"}:
            found.append(number)
        if past and not sought:
            break
    return found[::-1]
