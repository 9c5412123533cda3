"""What a tag says happened, or which version a selector means: from a registry and the files of its commits.

This module knows no runner, no inputs and no repository, so every face of the program can use it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from gto_action.answer.answer import Noted, Nothing, OfEvent, OfVersion
from gto_action.answer.files import files_for
from gto_action.dvc_yaml.annotation import read_annotation
from gto_action.dvc_yaml.places import files_of
from gto_action.errors import Kind, Level, Problem, RegistryError
from gto_action.gto.config import FILE, read_config
from gto_action.gto.event import Assignment
from gto_action.gto.ignored import Ignored
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry, ambiguity
from gto_action.gto.selector import Selector
from gto_action.gto.standing import standing_of
from gto_action.gto.tag import Tag
from gto_action.job.filters import Filters
from gto_action.job.values import Lightweight

_LONG: Final = 2**16
"""How many characters of a message fit beside the other outputs."""


class Source(Protocol):
    """Gives the files of commits and the messages of tags."""

    def expect_files(self, commit: str, paths: Iterable[str]) -> None:
        """Says which files will be read, so that they can come together."""
        ...

    def read_file(self, commit: str, path: str) -> bytes | None:
        """A file's content at a commit; None if there is no such file."""
        ...

    def message(self, oid: str) -> tuple[str, int]:
        """The message of a tag or a commit; and its full length in bytes if it was cut, otherwise 0."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the caller wants to know, and how to treat special cases."""

    filters: Filters = field(default_factory=Filters)
    lightweight: Lightweight = Lightweight.FAIL
    """What to do if the tag itself is lightweight."""
    gto: Mapping[str, str] = field(default_factory=dict)
    """The variables GTO_…, which belong to gto (R28)."""


def explain(tag: Tag, registry: Registry, source: Source, question: Question) -> OfEvent | Nothing:
    """What a tag says happened.

    :raises RegistryError: if there is no such tag, or there can be no answer for it.
    """
    record = registry.record(tag)
    if record is None:
        raise RegistryError(f"There is no tag {str(tag)!r}.")
    if registry.why_ignored(record) is Ignored.LIGHTWEIGHT:
        return _lightweight(record, question.lightweight, registry.cures(tag.artifact).hint(record))
    source.expect_files(record.target, files_for(tag))
    event = registry.event(tag)
    annotation, noted = read_annotation(event.artifact, partial(source.read_file, event.commit))
    config, misconfigured = read_config(source.read_file(event.commit, FILE), question.gto)
    unmatched = question.filters.unmatched(event=event.kind.value, name=str(event.artifact), stage=event.stage_text)
    message, long = _message(source, record)
    unknown_stage = config.problem(event.stage) if isinstance(event, Assignment) else None
    return OfEvent(
        event=event,
        standing=standing_of(event, registry),
        registry=registry,
        noted=Noted(annotation=annotation, message=message),
        unmatched=unmatched,
        problems=(
            *ambiguity(event),
            *([unknown_stage] if unknown_stage else []),
            *registry.problems(event.artifact),
            *misconfigured,
            *noted,
            *long,
        ),
    )


def select(selector: Selector, registry: Registry, source: Source, question: Question) -> OfVersion | Nothing:
    """The version that a selector means."""
    artifact = registry.artifact(selector.artifact)
    state = selector.select(artifact)
    if state is None:
        reason = f"The registry has nothing for the artifact {str(selector)!r}."
        return Nothing(headline=reason, problems=(nothing(reason),), about=(registry, selector.artifact))
    source.expect_files(state.commit, files_of(artifact.name))
    annotation, noted = read_annotation(artifact.name, partial(source.read_file, state.commit))
    message, long = _message(source, state.record)
    return OfVersion(
        selector=selector,
        version=state,
        registry=registry,
        noted=Noted(annotation=annotation, message=message),
        unmatched=question.filters.unmatched(event="", name=str(artifact.name), stage=str(selector.stage or "")),
        problems=(*registry.problems(artifact.name), *noted, *long),
    )


def nothing(reason: str, hint: str = "") -> Problem:
    """The notice for a run without an answer."""
    return Problem(Level.NOTICE, reason, f"All outputs are empty. {hint}".rstrip(), fails_strict=True)


def _message(source: Source, record: TagRecord) -> tuple[str, tuple[Problem, ...]]:
    """A tag's message, cut to what fits beside the other outputs."""
    message, size = source.message(record.oid)
    if len(message) <= _LONG:
        return message, ()
    length = f"{size:,} bytes" if size else f"{len(message):,} characters"
    text = f"The message of the tag {record.name!r} is {length} long; 'json' has only {_LONG:,} characters of it."
    return message[:_LONG], (Problem(Level.WARNING, text, "Write a shorter message."),)


def _lightweight(record: TagRecord, policy: Lightweight, cure: str) -> Nothing:
    """What to say about a lightweight tag: an error, or a warning instead of an answer.

    :raises RegistryError: if the policy says so.
    """
    message = f"The tag {record.name!r} is lightweight, but GTO only knows annotated tags."
    if policy is Lightweight.FAIL:
        raise RegistryError(message, kind=Kind.LIGHTWEIGHT, said=cure)
    problem = Problem(Level.WARNING, message, f"All outputs are empty. {cure}", fails_strict=True)
    return Nothing(headline=problem.message, problems=(problem,))
