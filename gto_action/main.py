"""The composition: inputs to tag to event to outputs. The only place that catches, and that knows exit codes."""

import signal
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

from gto_action import runner
from gto_action.annotation import read_annotation
from gto_action.config import FILE as CONFIG
from gto_action.config import read_config
from gto_action.errors import GtoActionError, Level, Problem, RegistryError, StrictError
from gto_action.event import Assignment, Unassignment
from gto_action.inputs import Environment, Inputs, Lightweight
from gto_action.names import ArtifactName
from gto_action.outputs import Outputs
from gto_action.record import TagRecord
from gto_action.registry import Registry, ambiguity
from gto_action.remote import Remote
from gto_action.report import history_table, lines, registry_table, sentence, summary
from gto_action.repository import Repository, origin
from gto_action.selector import Selector
from gto_action.standing import standing_of
from gto_action.tag import Tag, looks_like_tag, parse_tag
from gto_action.trigger import Trigger, trigger_of

_LONG = 2**16
_EXPECTED = 1
_BUG = 3


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do."""

    inputs: Inputs
    environment: Environment


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run has found: written and told at its end, all at once."""

    headline: str
    """One sentence."""
    outputs: Outputs = field(default_factory=Outputs)
    problems: tuple[Problem, ...] = ()
    registry: Registry | None = None
    """None if the tags were not asked for."""
    artifact: ArtifactName | None = None


def main(environ: Mapping[str, str]) -> int:
    """Runs the action; gives its exit code: 0 an answer, 1 a failure that was foreseen, 3 a bug."""
    # the first process of a container has no default for SIGTERM
    previous = {each: signal.signal(each, _terminate) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        _run(Job(Inputs.from_env(environ), Environment.from_env(environ)))
    except GtoActionError as failure:
        runner.error(failure)
        return _EXPECTED
    except Exception:  # noqa: BLE001 - whatever nobody foresaw is told as a bug
        with suppress(OSError, AttributeError):  # standard output itself may be what fails
            for line in traceback.format_exc().splitlines():
                runner.log(line)
            runner.error(GtoActionError("This is a bug in gto-action.", "Please report it, with the lines above."))
        return _BUG
    except SystemExit:
        runner.log("The run was cancelled.")
        raise
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)
    return 0


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _run(job: Job) -> None:
    if job.inputs.artifact:
        with _fetched(job) as (repository, registry):
            _answer(job, _select(job.inputs.artifact, job, repository, registry))
        return
    trigger = trigger_of(job.inputs, job.environment, runner.read_payload(job.environment.event_path))
    tag = parse_tag(trigger.tag_name)
    if tag is None:
        hint = "See the README for how such a tag is written." if looks_like_tag(trigger.tag_name) else ""
        reason = trigger.reason or f"The tag {trigger.tag_name!r} is not a tag of GTO's."
        _answer(job, Answer(reason, problems=(_nothing(reason, hint),)))
        return
    with _fetched(job) as (repository, registry):
        _answer(job, _explain(tag, trigger, job, repository, registry))


@contextmanager
def _fetched(job: Job) -> Iterator[tuple[Repository, Registry]]:
    """The registry with every tag of the remote, and the repository to read more from."""
    own = not job.environment.repository_url
    remote = Remote(origin(Path.cwd()) if own else job.environment.repository_url, job.inputs.token)
    with Repository(remote, log=runner.log, own_config=own) as repository:
        runner.log(f"Fetching the tags of {remote.shown}")
        repository.fetch_tags()
        accept = job.inputs.lightweight is Lightweight.ACCEPT
        yield repository, Registry(repository.records(), accept_lightweight=accept)


def _explain(tag: Tag, trigger: Trigger, job: Job, repository: Repository, registry: Registry) -> Answer:
    """What the tag says happened.

    :raises RegistryError: if the remote has no such tag, or one that cannot be answered for.
    """
    record = registry.record(tag)
    if record is None:
        raise RegistryError(
            f"The remote {repository.remote.shown!r} has no tag {str(tag)!r}: it was deleted, or never pushed.",
            "Push the tag, or ask for another in the input 'ref'.",
        )
    trigger.check(record)
    if record.target_type == "commit" and not record.annotated and job.inputs.lightweight is not Lightweight.ACCEPT:
        problem = _lightweight(record, job.inputs)
        return Answer(problem.message, problems=(problem,))
    event = registry.event(tag)
    annotation, noted = read_annotation(event.artifact, partial(repository.read_file, event.commit))
    config, misconfigured = read_config(repository.read_file(event.commit, CONFIG), job.environment.gto)
    stage = event.stage if isinstance(event, Assignment | Unassignment) else None
    matched = job.inputs.match(event=event.kind.value, name=str(event.artifact), stage=str(stage or ""))
    standing = standing_of(event, registry)
    message, long = _message(repository, record)
    outputs = Outputs.of_event(event, standing, annotation, message, matched=matched)
    unknown_stage = config.problem(stage) if stage and isinstance(event, Assignment) else None
    problems = (
        *ambiguity(event),
        *([unknown_stage] if unknown_stage else []),
        *registry.problems(event.artifact),
        *misconfigured,
        *noted,
        *long,
    )
    return Answer(sentence(event), outputs, problems, registry, event.artifact)


def _select(selector: Selector, job: Job, repository: Repository, registry: Registry) -> Answer:
    """The version that the input `artifact` asks for."""
    artifact = registry.artifact(selector.artifact)
    state = selector.select(artifact)
    if state is None:
        reason = f"The registry has nothing for the artifact {str(selector)!r}."
        return Answer(reason, problems=(_nothing(reason),), registry=registry, artifact=selector.artifact)
    annotation, noted = read_annotation(artifact.name, partial(repository.read_file, state.commit))
    matched = job.inputs.match(event="", name=str(artifact.name), stage=str(selector.stage or ""))
    message, long = _message(repository, state.record)
    outputs = Outputs.of_version(artifact, state, selector.stage, annotation, message, matched=matched)
    headline = f"{selector} is {artifact.name} {state} (tag {state.record.name}, commit {state.commit[:7]})"
    return Answer(headline, outputs, (*registry.problems(artifact.name), *noted, *long), registry, artifact.name)


def _answer(job: Job, answer: Answer) -> None:
    """Tells what was found, then writes it: a run that fails here has written no output."""
    fatal = next((each for each in answer.problems if each.fails_strict), None) if job.inputs.strict else None
    for problem in answer.problems:
        if problem is not fatal:
            runner.tell(problem)
    if fatal:
        hint = f"{fatal.hint} It is an error because the input 'strict' is true.".lstrip()
        raise StrictError(fatal.message, hint, file=fatal.file, line=fatal.line)
    if answer.registry and answer.artifact:
        if job.inputs.show:
            runner.log_group("Registry", registry_table(answer.registry, answer.artifact))
        if job.inputs.history:
            history = history_table(answer.registry.artifact(answer.artifact))
            runner.log_group(f"History of {answer.artifact}", history)
    if job.inputs.print_outputs and answer.outputs:
        runner.log_group("Outputs", lines(answer.outputs))
    if job.environment.summary_path:
        runner.write_summary(job.environment.summary_path, summary(answer.headline, answer.outputs))
    runner.write_outputs(job.environment.output_path, answer.outputs.texts())
    runner.log(answer.headline)


def _nothing(reason: str, hint: str = "") -> Problem:
    return Problem(Level.NOTICE, reason, f"All outputs are empty. {hint}".rstrip(), fails_strict=True)


def _message(repository: Repository, record: TagRecord) -> tuple[str, tuple[Problem, ...]]:
    """A tag's message, cut if it is longer than what fits beside the other outputs."""
    message = repository.message(record)
    if len(message) <= _LONG:
        return message, ()
    text = f"The message of the tag {record.name!r} is {len(message):,} characters long; 'json' has {_LONG:,} of them."
    return message[:_LONG], (Problem(Level.WARNING, text, "Write a shorter one."),)


def _lightweight(record: TagRecord, inputs: Inputs) -> Problem:
    """A lightweight triggering tag: an error, or a warning and empty outputs.

    :raises RegistryError: unless the input `lightweight` says otherwise.
    """
    message = f"The tag {record.name!r} is a lightweight one, and GTO only knows annotated ones."
    hint = (
        f"Make it annotated: git tag -a -f {record.name!r} -m MESSAGE {record.target[:7]}, "
        f"then git push --force origin {record.name!r}."
    )
    if inputs.lightweight is Lightweight.FAIL:
        raise RegistryError(message, f"{hint} Or set the input 'lightweight' to 'accept'.")
    return Problem(Level.WARNING, message, f"All outputs are empty. {hint}", fails_strict=True)
