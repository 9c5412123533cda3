"""What the command line says about a ref, or why it says nothing; and about problems and failures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from gto_action.errors import GtoActionError, Kind, Problem
from gto_action.gto.artifact import Artifact
from gto_action.gto.event import Event
from gto_action.gto.names import ArtifactName
from gto_action.gto.registry import Registry
from gto_action.gto.tag import correction_of, looks_like_tag, parse_tag, tag_name_of
from gto_action.gto.words import sentence, short

_FEW: Final = 5
ADVICE: Final[Mapping[Kind, str]] = {
    Kind.REFUSED: "It uses git's own credentials; make sure that 'git ls-remote' can read the repository.",
    Kind.MISSING: "Check the address; without the right credentials, a private repository cannot be found either.",
    Kind.MOVED: "Use the new address.",
    Kind.LATER: "Try again later.",
    Kind.SLOW: "Try again later.",
    Kind.HURRIED: "Run it in a clone, or in a smaller repository.",
    Kind.FULL: "Free space or memory, or set TMPDIR to a folder with more space.",
    Kind.MEMORY: "Free space or memory, or set TMPDIR to a folder with more space.",
    Kind.UNKNOWN: "Run it in a clone, or name the repository with --repo.",
    Kind.LIGHTWEIGHT: "To accept it as it is, use --lightweight accept.",
}


def part_of(event: Event, form: str) -> str:
    """One part of an event, empty if it has none; or one sentence about the whole event."""
    match form:
        case "name":
            return str(event.artifact)
        case "event":
            return event.kind.value
        case "version":
            return event.version_text
        case "stage":
            return event.stage_text
    return sentence(event)


def why_nothing(ref: str, registry: Registry) -> str:
    """Why there is no answer for a ref; empty if there is one."""
    name = tag_name_of(ref) or ref
    tag = parse_tag(name)
    if tag is None:
        meant = correction_of(name) if looks_like_tag(name) else None
        return f"{ref!r} is not a GTO tag{f'; {meant!r} would be one' if meant else ''}."
    record = registry.record(tag)
    if record is None:
        return f"There is no tag {name!r}."
    if record.annotated:  # GTO sees it; if it does not count anyway, that is an error
        return ""
    hint = registry.cures(tag.artifact).hint(record)
    return f"The tag {name!r} is lightweight, but GTO only knows annotated tags. {hint}"


def of_event(event: Event) -> Iterator[tuple[ArtifactName, str]]:
    """An event's artifact and commit, if it put a commit without a version in a stage."""
    if event.stage_text and not event.version:
        yield event.artifact, event.commit


def of_artifacts(artifacts: Iterable[Artifact]) -> Iterator[tuple[ArtifactName, str]]:
    """The artifacts and commits without a version that are in a stage."""
    for artifact in artifacts:
        yield from ((artifact.name, state.commit) for _, state in artifact.held if not state.version)


def without_version(commits: Iterable[tuple[ArtifactName, str]]) -> str:
    """The warning about commits without a version in stages, as a clone may lack tags; empty if there are none."""
    found = [f"{str(name)!r} at commit {short(commit)}" for name, commit in dict.fromkeys(commits)]
    if not found:
        return ""
    more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return (
        f"warning: No version is registered for {', '.join(found[:_FEW])}{more}. "
        "If this clone lacks tags, fetch them: git fetch --tags"
    )


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """The problems, with their places in files, and how many there are."""
    for each in problems:
        yield f"{each.file}:{each.line}: {each}" if each.file and each.line else str(each)
    count = len(problems)
    yield f"{count} problem{'s' if count > 1 else ''} found." if problems else "No problems found."


def failure_text(error: GtoActionError, advice: Mapping[Kind, str] = ADVICE) -> str:
    """What failed, and what to do about it in a terminal."""
    return f"{error.message} {error.with_advice(advice)}".rstrip()
