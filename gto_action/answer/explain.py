"""The answer to a job: what is found in the registry, and how it is told and written.

`main` imports this while git works.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from gto_action.answer.answer import Answer
from gto_action.answer.deleted import explain_deleted
from gto_action.answer.document import Outputs
from gto_action.dvc_yaml.annotation import files_of, read_annotation
from gto_action.errors import Level, Problem, RegistryError, StrictError
from gto_action.git.repository import Repository
from gto_action.gto.config import FILE as CONFIG
from gto_action.gto.config import read_config
from gto_action.gto.cures import delete
from gto_action.gto.event import Assignment
from gto_action.gto.ignored import Ignored
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry, ambiguity
from gto_action.gto.selector import Selector
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import Tag, breaks_gto, correction_of, looks_like_tag
from gto_action.gto.words import sentence, short
from gto_action.hosts.github import runner
from gto_action.job.inputs import Inputs, Job, Lightweight, Scope
from gto_action.job.trigger import Trigger
from gto_action.render.links import Links
from gto_action.render.log import history_table, lines, registry_table
from gto_action.render.summary import summary

_LONG: Final = 2**16
_TOLD: Final = 10
"""How many annotations of a level GitHub shows of a step (F4)."""


def registry_of(job: Job, repository: Repository) -> Registry:
    """The registry of the tags that have been fetched."""
    accept = job.inputs.lightweight is Lightweight.ACCEPT
    return Registry(repository.records(), accept_lightweight=accept, now=time.time())


def explain(tag: Tag, trigger: Trigger, job: Job, repository: Repository, registry: Registry) -> Answer:
    """What the tag says happened, or had said before it was deleted.

    :raises RegistryError: if the remote has no such tag, or one that cannot be answered for.
    """
    if trigger.deleted:
        return explain_deleted(tag, job.inputs, registry)
    record = registry.record(tag)
    if record is None:
        raise RegistryError(
            f"The remote {repository.remote.shown!r} has no tag {str(tag)!r}: it was deleted, or never pushed.",
            "Push the tag, or ask for another in the input 'ref'.",
        )
    trigger.check(record)
    if registry.why_ignored(record) is Ignored.LIGHTWEIGHT:
        problem = _lightweight(record, job.inputs, registry.cures(tag.artifact).hint(record))
        return Answer(problem.message, problems=(problem,))
    repository.expect_files(record.target, (CONFIG, *files_of(tag.artifact)))
    if (job.inputs.show or job.summary_path) and job.inputs.scope is Scope.REGISTRY:
        registry.artifacts()  # what the tables will show, while git fetches
    event = registry.event(tag)
    annotation, noted = read_annotation(event.artifact, partial(repository.read_file, event.commit))
    config, misconfigured = read_config(repository.read_file(event.commit, CONFIG), job.environment.gto)
    unmatched = job.inputs.unmatched(event=event.kind.value, name=str(event.artifact), stage=event.stage_text)
    standing = standing_of(event, registry)
    message, long = _message(repository, record)
    outputs = Outputs.of_event(event, standing, annotation, message, matched=not unmatched)
    unknown_stage = config.problem(event.stage) if isinstance(event, Assignment) else None
    problems = (
        *ambiguity(event),
        *([unknown_stage] if unknown_stage else []),
        *registry.problems(event.artifact),
        *misconfigured,
        *noted,
        *long,
    )
    return Answer(
        sentence(event),
        outputs,
        problems,
        registry,
        event.artifact,
        event=event,
        standing=standing,
        annotation=annotation,
        unmatched=unmatched,
    )


def select(selector: Selector, job: Job, repository: Repository, registry: Registry) -> Answer:
    """The version that the input `artifact` asks for."""
    artifact = registry.artifact(selector.artifact)
    state = selector.select(artifact)
    if state is None:
        reason = f"The registry has nothing for the artifact {str(selector)!r}."
        return Answer(reason, problems=(_nothing(reason),), registry=registry, artifact=selector.artifact)
    repository.expect_files(state.commit, files_of(artifact.name))
    annotation, noted = read_annotation(artifact.name, partial(repository.read_file, state.commit))
    unmatched = job.inputs.unmatched(event="", name=str(artifact.name), stage=str(selector.stage or ""))
    message, long = _message(repository, state.record)
    outputs = Outputs.of_version(artifact, state, selector.stage, annotation, message, matched=not unmatched)
    headline = f"{selector} is {artifact.name} {state} (tag {state.record.name}, commit {short(state.commit)})"
    return Answer(
        headline,
        outputs,
        (*registry.problems(artifact.name), *noted, *long),
        registry,
        artifact.name,
        version=state,
        asked=str(selector),
        annotation=annotation,
        unmatched=unmatched,
    )


def with_data(now: Answer, pulled: Answer) -> Answer:
    """The answer of now, with the data that was brought for the one before.

    :raises RegistryError: if it is about another commit, whose data it is not.
    """
    before, after = pulled.record, now.record
    if before and after and after.target == before.target:
        return replace(now, outputs=now.outputs.with_pull(pulled.outputs.document["pull"], pulled=True))
    if pulled.asked:
        versions = (str(answer.version or "nothing") for answer in (pulled, now))
        text = f"{pulled.asked!r} has changed while its data was pulled, from {' to '.join(versions)}."
    else:
        commits = (short(record.target) if record else "none" for record in (before, after))
        name = before.name if before else ""
        text = f"The tag {name!r} has been moved while its data was pulled, from commit {' to '.join(commits)}."
    raise RegistryError(text, "The data in the workspace is that of before: start a new run.")


def deliver(job: Job, answer: Answer, page: str = "") -> None:
    """Tells what was found, then writes it: a run that fails here has written no output.

    Args:
        job: what the run is to do.
        answer: what it has found.
        page: the address of the repository's page; empty if it has none.
    """
    answer = _fitted(answer)
    fatal = next((each for each in answer.problems if each.fails_strict), None) if job.inputs.strict else None
    _tell(each for each in answer.problems if each is not fatal)
    if fatal:
        hint = f"It is an error because the input 'strict' is true. {fatal.hint}".rstrip()
        raise StrictError(fatal.message, hint, file=fatal.file, line=fatal.line)
    if answer.registry and answer.artifact and job.inputs.scope is Scope.REGISTRY:
        if job.inputs.show:
            runner.log_group("Registry", registry_table(answer.registry, answer.artifact))
        if job.inputs.history:
            history = history_table(answer.registry.artifact(answer.artifact))
            runner.log_group(f"History of {answer.artifact}", history)
    if job.inputs.print_outputs and answer.outputs:
        runner.log_group("Outputs", lines(answer.outputs))
    if job.summary_path:
        whole = job.inputs.scope is Scope.REGISTRY
        runner.write_summary(job.summary_path, summary(answer, Links(page), int(time.time()), whole=whole))
    runner.write_outputs(job.environment.output_path, answer.outputs.texts())
    if answer.unmatched:
        runner.log(answer.unmatched)
    runner.log(answer.headline, bold=job.environment.colour)


def _fitted(answer: Answer) -> Answer:
    """The answer without the stages in `json` where GitHub would drop all outputs, some thousand stages being many."""
    if not answer.outputs.document or runner.fits(answer.outputs.texts()):
        return answer
    count = len(answer.outputs.document["stages"])
    message = f"The output 'json' has no room for the {count:,} stages of the artifact: 'stages' in it is null."
    problem = Problem(Level.WARNING, message, "The output 'stages' has them.")
    return replace(answer, outputs=replace(answer.outputs, brief=True), problems=(*answer.problems, problem))


def left_out(repository: Repository) -> tuple[Problem, ...]:
    """What is wrong where tags of other artifacts have not been read."""
    if not (error := repository.too_large):
        return ()
    message = f"{error.message} Only the tags of the artifact itself have been read."
    return (Problem(Level.WARNING, message, error.hint, fails_strict=True),)


def _tell(problems: Iterable[Problem]) -> None:
    """Each problem as an annotation, as long as GitHub shows them; the rest as lines, counted."""
    told: Counter[Level] = Counter()
    for problem in problems:
        told[problem.level] += 1
        if told[problem.level] <= _TOLD:
            runner.tell(problem)
        else:
            runner.log(f"{problem.level.value.capitalize()}: {problem}")
    for level, number in told.items():
        if number > _TOLD:
            runner.log(f"There are {number} {level.value}s; {_TOLD} of them are annotations.")


def no_event(trigger: Trigger) -> Answer:
    """The answer where the run is not about a GTO tag."""
    reason = trigger.reason or f"The tag {trigger.tag_name!r} is not a GTO tag."
    return Answer(reason, problems=(_nothing(reason, _meant(trigger.tag_name)),))


def _meant(name: str) -> str:
    """What to do if a GTO tag was meant, as `doctor` says it; nobody knows here whose tag it is."""
    if breaks_gto(name):
        return f"gto fails on it. Delete it: {delete(name)}"
    if meant := correction_of(name):
        return f"If {meant!r} is meant, delete it, and let gto make that: {delete(name)}"
    return "A GTO tag is written NAME@vX.Y.Z or NAME#STAGE." if looks_like_tag(name) else ""


def _nothing(reason: str, hint: str = "") -> Problem:
    return Problem(Level.NOTICE, reason, f"All outputs are empty. {hint}".rstrip(), fails_strict=True)


def _message(repository: Repository, record: TagRecord) -> tuple[str, tuple[Problem, ...]]:
    """A tag's message, cut if it is longer than what fits beside the other outputs."""
    message, size = repository.tags.message(record.oid)
    if len(message) <= _LONG:
        return message, ()
    length = f"{size:,} bytes" if size else f"{len(message):,} characters"
    text = f"The message of the tag {record.name!r} is {length} long; 'json' has {_LONG:,} characters of it."
    return message[:_LONG], (Problem(Level.WARNING, text, "Write a shorter one."),)


def _lightweight(record: TagRecord, inputs: Inputs, hint: str) -> Problem:
    """A lightweight triggering tag: an error, or a warning and empty outputs.

    :raises RegistryError: unless the input `lightweight` says otherwise.
    """
    message = f"The tag {record.name!r} is a lightweight one, and GTO only knows annotated ones."
    if inputs.lightweight is Lightweight.FAIL:
        raise RegistryError(message, f"To take it as it is, set the input 'lightweight' to 'accept'. {hint}")
    return Problem(Level.WARNING, message, f"All outputs are empty. {hint}", fails_strict=True)
