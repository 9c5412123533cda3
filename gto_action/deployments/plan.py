"""Which deployments an event asks for: one to be made, and others that are over."""

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
"""How the task of every deployment begins that is made here."""
FAILED: Final = frozenset({"failure", "error"})
"""The states of a deployment that did not come to be."""
_DESCRIPTION: Final = 140
"""The characters that GitHub takes of a description."""
_PAYLOAD: Final = 32_000
"""The bytes of a payload from which what is long is left out of it: nobody says how much GitHub takes."""
# In the order in which they go.
_LONG: Final = ("meta", "message", "labels", "description", "pull", "stages")

TagAtCommit = tuple[str, str, str | None]
"""A tag name, the commit that the tag points to, and the tag's own date as `Signature.iso`.

A tag that was made again has another date. It is None where a deployment does not say it.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an event asks for."""

    environment: str = ""
    """In which a deployment is to be made; empty if none is."""
    kept: Mapping[str, frozenset[TagAtCommit]] = field(default_factory=dict)
    """The environments in which others are over, each with those that are not."""
    before: Mapping[str, frozenset[TagAtCommit]] = field(default_factory=dict)
    """The same environments, each with those that were not over before the event."""


def plan(
    event: Event, standing: Standing, artifact: Artifact, pattern: str, covers: Callable[[StageName], bool]
) -> Plan:
    """What an event asks for.

    A stage has the deployment of the assignment by which it holds its version now, and no other. An event that has been
    superseded makes none; but it ends those that were over when it happened. The run for the later event need not find
    them: it looks only as far as `over` does.

    Args:
        event: what happened.
        standing: what was and is in the registry.
        artifact: as it is now.
        pattern: of the names of environments, with `{name}` and `{stage}`.
        covers: whether the deployments of a stage are looked after.
    """
    before, now = _assignments(standing.before.stages), _assignments(standing.now.stages)
    stages = {stage for stage, assigned in before.items() if now.get(stage) != assigned}
    if isinstance(event, Assignment | Unassignment):
        stages = {event.stage}
    elif isinstance(event, Deregistration):  # it may be dated before an assignment that it came after, and undo it
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
    """The assignment by which each stage has its version."""
    found = ((stage, state.stages[stage].assigned) for stage, state in stages.items())
    return {stage: of_tag(assigned) for stage, assigned in found if assigned}


def of_tag(record: TagRecord) -> tuple[str, str, str]:
    """What a deployment of a tag is of."""
    return record.name, record.target, record.signature.iso


def environment_of(pattern: str, name: ArtifactName, stage: StageName) -> str:
    """The name of the environment of an artifact's stage.

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
    """The `json` document, without what is long in it if that is needed."""
    found = dict(document)
    for key in _LONG:
        if len(json.dumps(found)) <= _PAYLOAD:  # ASCII, as it is sent
            break
        found.pop(key, None)
    return found


def described(sentence: str) -> str:
    """A sentence as GitHub takes it."""
    return sentence if len(sentence) <= _DESCRIPTION else f"{sentence[: _DESCRIPTION - 1]}…"


def over(
    listed: Iterable[tuple[int, TagAtCommit]],
    state: Callable[[int], str],
    kept: frozenset[TagAtCommit],
    before: frozenset[TagAtCommit],
) -> list[int]:
    """The deployments that are over and still active, the oldest first.

    They are ended in that order, so all that are older than an inactive one are over and inactive too: the search stops
    there. One kind of deployment can be active behind it: one that had been ended and came back when its stage fell
    back to it. The stage held its version by that one just before the event, so the search goes on until each in
    `before` is found.

    Args:
        listed: the number of each deployment, and what it is of, the newest first; asked for one by one.
        state: of a deployment, by its number.
        kept: those that are not over.
        before: those that were not over before the event.
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
