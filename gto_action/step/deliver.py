"""Delivers an answer: to the log, the summary and the outputs."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from gto_action.answer.answer import Answer, Missed, Nothing, OfDeleted, OfEvent, OfVersion
from gto_action.answer.document import outputs_of, outputs_of_missed
from gto_action.errors import Level, Problem, StrictError
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.hosts.host import Host
from gto_action.job.inputs import AnswerInputs
from gto_action.render.links import Links
from gto_action.render.log import headline, history_table, lines, registry_table
from gto_action.render.summary import summary, summary_of_missed

_TOLD: Final = 10
"""How many annotations of one level GitHub shows for a step (F4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which parts of an answer to show, and whether warnings are errors."""

    registry: bool
    history: bool
    outputs: bool
    summary: bool
    whole: bool
    """Whether the whole registry is known, not only the artifact."""
    strict: bool
    links: Links
    """The repository's pages."""

    @classmethod
    def by(cls, inputs: AnswerInputs, links: Links | None = None) -> "Shown":
        """As the inputs say; without links if there are no pages."""
        return cls(
            registry=inputs.show,
            history=inputs.history,
            outputs=inputs.print_outputs,
            summary=inputs.summary,
            whole=not inputs.only_artifact,
            strict=inputs.strict,
            links=links or Links(),
        )


def deliver(answer: Answer, shown: Shown, host: Host) -> None:
    """Logs what was found, then writes it. Outputs come last, so a run that fails here has none.

    :raises StrictError: if there is a problem that `strict` turns into an error.
    :raises HostError: if something cannot be written.
    """
    outputs = outputs_of(answer)
    if isinstance(answer, OfEvent | OfVersion | OfDeleted) and not host.fits(outputs):
        outputs = outputs_of(answer, brief=True)
        answer = replace(answer, problems=(*answer.problems, _brief(answer)))
    tell(answer.problems, host, strict=shown.strict)
    if (about := _about(answer)) and shown.registry:
        host.group("Registry", registry_table(*about))
    if about and shown.history:
        registry, name = about
        host.group(f"History of {name}", history_table(registry.artifact(name)))
    if shown.outputs and not isinstance(answer, Nothing):
        host.group("Outputs", lines(outputs))
    if shown.summary:
        host.write_summary(summary(answer, shown.links, int(time.time()), whole=shown.whole))
    host.write_outputs(outputs)
    if isinstance(answer, OfEvent | OfVersion) and answer.unmatched:
        host.log(answer.unmatched)
    host.log(headline(answer), bold=True)


def deliver_missed(missed: Missed, page: str, host: Host, *, summarises: bool) -> None:
    """Logs what was missed, then writes it.

    Args:
        missed: what was found.
        page: the address of the repository's page; empty if it has none.
        host: where to log and write.
        summarises: whether to write a summary.

    :raises HostError: if something cannot be written.
    """
    tell(missed.problems, host)
    if summarises:
        host.write_summary(summary_of_missed(missed, Links(page)))
    host.write_outputs(outputs_of_missed(missed))
    host.log(missed.headline, bold=True)


def _about(answer: Answer) -> tuple[Registry, ArtifactName] | None:
    """The registry and the artifact to show; None if there is nothing to show."""
    match answer:
        case OfEvent() | OfVersion() | OfDeleted():
            return answer.registry, answer.artifact.name
        case Nothing():
            return answer.about


def _brief(answer: OfEvent | OfVersion | OfDeleted) -> Problem:
    """The warning for an artifact with so many thousand stages that GitHub would drop all outputs."""
    stages = answer.artifact.now.stages
    message = f"The output 'json' has no room for the artifact's {len(stages):,} stages, so its 'stages' is null."
    return Problem(Level.WARNING, message, "The output 'stages' has them.")


def tell(problems: Iterable[Problem], host: Host, *, strict: bool = False) -> None:
    """Reports problems as annotations, up to the number that GitHub shows, and the rest as lines in the log.

    :raises StrictError: for the first problem that must be an error, after reporting the others.
    """
    problems = list(problems)
    fatal = next((problem for problem in problems if problem.fails_strict), None) if strict else None
    told: Counter[Level] = Counter()
    for problem in problems:
        if problem is fatal:
            continue
        told[problem.level] += 1
        if told[problem.level] <= _TOLD:
            host.tell(problem)
        else:
            host.log(f"{problem.level.value.capitalize()}: {problem}")
    for level, number in told.items():
        if number > _TOLD:
            host.log(f"Only {_TOLD} of {number} {level.value}s are shown as annotations; the rest are in the log.")
    if fatal:
        hint = f"It is an error because the input 'strict' is true. {fatal.hint}".rstrip()
        raise StrictError(fatal.message, hint, file=fatal.file, line=fatal.line)
